//! The clocks of the driver: the only module of this crate that reads any.
//!
//! Time in a run is microseconds since its start on the system's monotonic clock, the one that
//! timerfd deadlines are set on.

use std::fs;

use rustix::time::{ClockId, Timespec, clock_gettime};

const NS_PER_US: u64 = 1_000;
const NS_PER_S: u64 = 1_000_000_000;

/// The clock of one run. Copies agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    start_ns: u64,
    start_unix_us: u64,
}

impl Clock {
    /// Makes the clock of a run that starts a little later.
    #[must_use]
    pub fn start_in(lead_us: u64) -> Self {
        let unix = ns(clock_gettime(ClockId::Realtime));
        let now_ns = ns(clock_gettime(ClockId::Monotonic));
        Self { start_ns: now_ns + lead_us * NS_PER_US, start_unix_us: unix / NS_PER_US + lead_us }
    }

    /// Gives the microseconds since the start; zero before it.
    #[must_use]
    pub fn now_us(self) -> u64 {
        ns(clock_gettime(ClockId::Monotonic)).saturating_sub(self.start_ns) / NS_PER_US
    }

    /// Gives when the run started, µs since the Unix epoch.
    #[must_use]
    pub fn start_unix_us(self) -> u64 {
        self.start_unix_us
    }

    /// Gives an instant of the run as the monotonic clock tells it.
    pub(crate) fn deadline(self, at_us: u64) -> Timespec {
        let at_ns = self.start_ns + at_us * NS_PER_US;
        Timespec {
            tv_sec: i64::try_from(at_ns / NS_PER_S).expect("seconds since boot fit"),
            tv_nsec: i64::try_from(at_ns % NS_PER_S).expect("below a second"),
        }
    }
}

/// What the system spent on one thread, and what it made the thread wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreadTime {
    /// Processor time used, µs.
    pub cpu_us: u64,
    /// Time spent ready to run while something else had the processor, µs; zero where the system
    /// does not tell.
    pub waited_us: u64,
}

impl ThreadTime {
    /// Reads the calling thread's.
    #[must_use]
    pub fn now() -> Self {
        let cpu_us = ns(clock_gettime(ClockId::ThreadCPUTime)) / NS_PER_US;
        // The second number is nanoseconds on a run queue:
        // https://docs.kernel.org/scheduler/sched-stats.html
        let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let waited_ns = told.split(' ').nth(1).and_then(|ns| ns.parse::<u64>().ok());
        Self { cpu_us, waited_us: waited_ns.unwrap_or(0) / NS_PER_US }
    }

    /// Gives what was added since an earlier reading.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            cpu_us: self.cpu_us.saturating_sub(earlier.cpu_us),
            waited_us: self.waited_us.saturating_sub(earlier.waited_us),
        }
    }
}

/// Nanoseconds of a clock's reading; clocks are not before their epoch.
fn ns(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * NS_PER_S + u64::try_from(time.tv_nsec).unwrap_or(0)
}
