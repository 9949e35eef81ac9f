//! The clocks of the machine. Nothing else reads them, and nothing they say reaches a journal.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cpu_time::{ProcessTime, ThreadTime};

/// Seconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "this is the one module that reads clocks")]
pub(crate) fn unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Time since something began, on the wall and of the processors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch {
    wall: Instant,
    cpu: Option<ProcessTime>,
}

impl Stopwatch {
    /// Begins now.
    #[expect(clippy::disallowed_methods, reason = "this is the one module that reads clocks")]
    pub(crate) fn start() -> Self {
        Self { wall: Instant::now(), cpu: ProcessTime::try_now().ok() }
    }

    /// Time on the wall.
    pub(crate) fn wall(&self) -> Duration {
        self.wall.elapsed()
    }

    /// Processor time of all threads, seconds; zero where the system does not tell.
    pub(crate) fn cpu_s(&self) -> f64 {
        self.cpu.and_then(|start| start.try_elapsed().ok()).map_or(0.0, |spent| spent.as_secs_f64())
    }
}

/// Processor time of this thread, split between two things that it does by turns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turns {
    since: Option<ThreadTime>,
    aside: Duration,
}

impl Turns {
    /// Begins now.
    pub(crate) fn start() -> Self {
        Self { since: ThreadTime::try_now().ok(), aside: Duration::ZERO }
    }

    /// Does something whose time is kept aside.
    pub(crate) fn aside<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begun = ThreadTime::try_now().ok();
        let done = work();
        self.aside += spent(begun);
        done
    }

    /// What was spent on everything else, seconds; zero where the system does not tell.
    pub(crate) fn spent_s(&self) -> f64 {
        spent(self.since).saturating_sub(self.aside).as_secs_f64()
    }
}

fn spent(since: Option<ThreadTime>) -> Duration {
    since.and_then(|begun| begun.try_elapsed().ok()).unwrap_or_default()
}

/// What all processors of this machine did since they were started, in the system's ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Processors {
    idle: u64,
    all: u64,
}

impl Processors {
    /// Reads it; nothing where the system does not tell.
    ///
    /// The first line holds ticks of: user, nice, system, idle, iowait, irq, softirq, steal
    /// (<https://docs.kernel.org/filesystems/proc.html>, 1.7).
    pub(crate) fn now() -> Self {
        let told = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = told.lines().next().unwrap_or_default();
        let ticks: Vec<u64> =
            line.split_whitespace().skip(1).take(8).filter_map(|tick| tick.parse().ok()).collect();
        let idle = ticks.iter().skip(3).take(2).sum();
        Self { idle, all: ticks.iter().sum() }
    }

    /// The share of the time since then that they were busy; none where the system does not tell.
    pub(crate) fn busy_share_since(self, then: Self) -> Option<f64> {
        let all = self.all.saturating_sub(then.all);
        let idle = self.idle.saturating_sub(then.idle);
        (all > 0).then(|| 1.0 - idle as f64 / all as f64)
    }
}
