//! Judging from the outside: what clients saw and what the payment provider wrote down, each held
//! against what a journal tells.
//!
//! These checks share nothing with the judge of journals: a deployment that writes a sound journal
//! and does something else is found here. Each is one file and one row in a list.

mod recorded;

use crate::verdict::{KEPT_BREAKS, Status};

pub use recorded::{Attempt, Deed, Life, Recorded, shelf_key};

/// Lines of a counterexample at most.
pub const LINES_LIMIT: usize = 24;
/// How far apart the clocks of a deployment and of who watches it may be, µs. 50 ms: both read the
/// clock of one machine; the rest is what a clock is set by within a run. Assumed, grade E.
pub const CLOCKS_APART_US: u64 = 50_000;

/// A law broken once, and what shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What is wrong, with the numbers.
    pub sentence: String,
    /// What shows it, in order of time, at most [`LINES_LIMIT`] lines.
    pub lines: Vec<String>,
}

/// How one check fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, such as `H1`.
    pub id: &'static str,
    /// What must hold.
    pub law: &'static str,
    /// How many it judged.
    pub judged: u64,
    /// How many of them broke it.
    pub broken: u64,
    /// How it fared.
    pub status: Status,
    /// The first that broke it.
    pub breaks: Vec<Shown>,
}

/// What a check has ruled so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    judged: u64,
    broken: u64,
    breaks: Vec<Shown>,
}

impl Tally {
    /// Rules on one: whether it is kept, and what shows that it is not. Lines come with their times
    /// and are put in order.
    pub(crate) fn rule(
        &mut self,
        is_kept: bool,
        show: impl FnOnce() -> (String, Vec<(u64, String)>),
    ) {
        self.judged += 1;
        if is_kept {
            return;
        }
        self.broken += 1;
        if self.breaks.len() < KEPT_BREAKS {
            let (sentence, mut lines) = show();
            lines.sort();
            lines.dedup();
            self.breaks.push(Shown { sentence, lines: shorten(lines) });
        }
    }
}

/// The lines without their times; of too many the first few and the last.
fn shorten(lines: Vec<(u64, String)>) -> Vec<String> {
    let (count, first) = (lines.len(), LINES_LIMIT / 3);
    let last = LINES_LIMIT - first - 1;
    if count <= LINES_LIMIT {
        return lines.into_iter().map(|(_, line)| line).collect();
    }
    let left_out = format!("… {} more …", count - first - last);
    let mut lines = lines.into_iter().map(|(_, line)| line);
    let mut kept: Vec<String> = lines.by_ref().take(first).collect();
    kept.push(left_out);
    kept.extend(lines.skip(count - first - last));
    kept
}

/// Lets a law rule.
pub(crate) fn check(id: &'static str, law: &'static str, rule: impl FnOnce(&mut Tally)) -> Check {
    let mut tally = Tally::default();
    rule(&mut tally);
    let Tally { judged, broken, breaks } = tally;
    Check { id, law, judged, broken, status: Status::of(judged, broken), breaks }
}

/// A time after a run's start in words.
pub(crate) fn seconds(at_us: u64) -> String {
    format!("{:>4}.{:06} s", at_us / 1_000_000, at_us % 1_000_000)
}
