//! Whether a run says anything about its target.
//!
//! A driver that was late, dropped arrivals or lost its evidence measured itself. Such a run is
//! invalid, whatever its figures are: neither green nor a slow target.

use std::fmt;

use crate::clock::ThreadTime;
use crate::history::Written;
use crate::record::Record;

/// What a run may fall short by and still be valid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budgets {
    /// Schedule error that 99 of 100 operations of counted phases do not exceed, µs.
    pub schedule_error_us_p99: u64,
    /// Share of counted phases' arrivals that were dropped or never sent.
    pub undelivered_share: f64,
    /// Share of the run's time that a lane was ready to run and something else had the processor.
    pub waiting_share: f64,
}

impl Default for Budgets {
    /// A millisecond (a tenth of what a fast endpoint takes), one arrival in a thousand, a quarter
    /// of the time: assumed, grade E.
    fn default() -> Self {
        Self { schedule_error_us_p99: 1_000, undelivered_share: 0.001, waiting_share: 0.25 }
    }
}

/// Why a run says nothing about its target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// Operations began too late.
    ScheduleError {
        /// Schedule error at p99, µs.
        us_p99: u64,
        /// What was allowed, µs.
        budget_us: u64,
    },
    /// Arrivals were not delivered.
    Undelivered {
        /// Turned away since too many were under way.
        dropped: u64,
        /// Given up since the driver was behind.
        never_sent: u64,
        /// Of how many.
        scheduled: u64,
    },
    /// The driver did not get the processor when it needed it.
    Starved {
        /// Share of the run's time that the worst lane waited.
        waiting_share: f64,
        /// What was allowed.
        budget_share: f64,
    },
    /// This machine ran out of ports or descriptors.
    Exhausted {
        /// Operations that failed for that.
        operations: u64,
    },
    /// Lines of the history are missing.
    EvidenceLost {
        /// How many, as far as known; zero when only opening or closing are missing.
        lines: u64,
    },
    /// No operation of a counted phase was sent.
    NothingCounted,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ScheduleError { us_p99, budget_us } => {
                write!(f, "schedule error p99 {us_p99} µs, at most {budget_us} µs")
            }
            Self::Undelivered { dropped, never_sent, scheduled } => {
                write!(f, "of {scheduled} arrivals {dropped} dropped, {never_sent} never sent")
            }
            Self::Starved { waiting_share, budget_share } => {
                let (waited, budget) = (waiting_share * 100.0, budget_share * 100.0);
                write!(f, "waited {waited:.0} % of the time for a processor, at most {budget:.0} %")
            }
            Self::Exhausted { operations } => {
                write!(f, "{operations} operations found no port or descriptor on this machine")
            }
            Self::EvidenceLost { lines } => write!(f, "{lines} lines of the history are missing"),
            Self::NothingCounted => f.write_str("nothing was sent outside the warm-up"),
        }
    }
}

/// What a run is worth.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Its figures are the target's.
    Valid,
    /// Its figures are the driver's.
    Invalid(Vec<Reason>),
    /// The target stopped answering, and the run stopped for that.
    TargetDown,
}

impl Verdict {
    /// Gives the exit code of a command that ends so.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid(_) => 14,
            Self::TargetDown => 20,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid => f.write_str("valid"),
            Self::Invalid(reasons) => {
                let reasons: Vec<_> = reasons.iter().map(Reason::to_string).collect();
                write!(f, "INVALID: {}", reasons.join("; "))
            }
            Self::TargetDown => f.write_str("target down: nothing succeeded any more"),
        }
    }
}

/// Judges a run that was not stopped for its target.
pub(crate) fn judge(
    record: &Record,
    lanes: &[ThreadTime],
    lasted_us: u64,
    history: Option<&Written>,
    budgets: &Budgets,
) -> Verdict {
    let mut reasons = Vec::new();
    let row = record.counted_all();
    let arrivals = record.arrivals_counted();
    let us_p99 = row.schedule_error_us.quantile(0.99);
    if us_p99 > budgets.schedule_error_us_p99 {
        reasons.push(Reason::ScheduleError { us_p99, budget_us: budgets.schedule_error_us_p99 });
    }
    let undelivered = arrivals.dropped + arrivals.never_sent;
    if undelivered as f64 > budgets.undelivered_share * arrivals.scheduled as f64 {
        let (dropped, never_sent) = (arrivals.dropped, arrivals.never_sent);
        reasons.push(Reason::Undelivered { dropped, never_sent, scheduled: arrivals.scheduled });
    }
    let waited_us = lanes.iter().map(|lane| lane.waited_us).max().unwrap_or(0);
    let waiting_share = waited_us as f64 / lasted_us.max(1) as f64;
    if waiting_share > budgets.waiting_share {
        reasons.push(Reason::Starved { waiting_share, budget_share: budgets.waiting_share });
    }
    let exhausted = record.whole().operations.exhausted;
    if exhausted > 0 {
        reasons.push(Reason::Exhausted { operations: exhausted });
    }
    if let Some(history) = history.filter(|history| history.lost > 0 || history.error.is_some()) {
        reasons.push(Reason::EvidenceLost { lines: history.lost });
    }
    if row.operations.sent == 0 {
        reasons.push(Reason::NothingCounted);
    }
    if reasons.is_empty() { Verdict::Valid } else { Verdict::Invalid(reasons) }
}
