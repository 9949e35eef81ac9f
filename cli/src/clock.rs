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
