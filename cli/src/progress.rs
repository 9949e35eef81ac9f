//! How far a run is: a line that is drawn over in a terminal, a new line now and then elsewhere.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

use crate::clock::Stopwatch;
use crate::console;

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Time left is not guessed before this much of the work is done.
const GUESS_FROM: f64 = 0.02;

/// Work done out of work to do; shared by threads.
pub(crate) struct Meter {
    bar: Option<ProgressBar>,
    to_do: u64,
    done: AtomicU64,
    clock: Stopwatch,
    told: Mutex<Duration>,
    quiet: bool,
}

impl Meter {
    /// Begins. The unit of work is an order that arrives.
    pub(crate) fn start(to_do: u64, quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(Some(to_do), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let told = Mutex::new(Duration::ZERO);
        Self { bar, to_do, done: AtomicU64::new(0), clock: Stopwatch::start(), told, quiet }
    }

    /// Adds work that was done.
    pub(crate) fn add(&self, work: u64) {
        let done = self.done.fetch_add(work, Ordering::Relaxed) + work;
        if self.quiet {
            return;
        }
        let spent = self.clock.wall();
        if let Some(bar) = &self.bar {
            bar.set_position(done.min(self.to_do));
            bar.set_message(left(spent, done, self.to_do));
        } else if let Ok(mut told) = self.told.try_lock()
            && spent >= *told + LINE_EVERY
        {
            *told = spent;
            console::complain(&line(spent, done, self.to_do));
        }
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// One line for where there is no terminal.
fn line(spent: Duration, done: u64, to_do: u64) -> String {
    let percent = (done.saturating_mul(100) / to_do.max(1)).min(100);
    format!("{percent} % simulated, {}", left(spent, done, to_do))
}

/// Time left if all work takes as long as the work done so far.
#[expect(clippy::cast_precision_loss, reason = "a guess")]
fn left(spent: Duration, done: u64, to_do: u64) -> String {
    let part = done as f64 / to_do.max(1) as f64;
    if part < GUESS_FROM {
        return "time left not yet known".to_owned();
    }
    let left_s = (spent.as_secs_f64() * (1.0 - part).max(0.0) / part).ceil();
    if left_s < 60.0 {
        format!("{left_s:.0} s left")
    } else {
        format!("{:.0} min {:.0} s left", (left_s / 60.0).floor(), left_s % 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_follows_from_all_time_spent() {
        let check = |spent_s, done, to_do, expected: &str| {
            assert_eq!(line(Duration::from_secs(spent_s), done, to_do), expected);
        };
        check(1, 0, 100, "0 % simulated, time left not yet known");
        check(10, 50, 100, "50 % simulated, 10 s left");
        check(60, 25, 100, "25 % simulated, 3 min 0 s left");
        check(60, 120, 100, "100 % simulated, 0 s left");
        check(1, 5, 0, "100 % simulated, 0 s left");
    }
}
