//! How an invariant rules on a fact, and the count it keeps.

use domain::facts::Record;

use super::Invariant;
use crate::Subject;
use crate::verdict::{Break, Finding, KEPT_BREAKS};
use crate::world::World;

/// What an invariant says of a fact.
pub(crate) enum Ruling {
    /// The fact does not bear on it.
    NotMine,
    /// The fact keeps it.
    Kept,
    /// The fact breaks it: for whom, and how.
    Broken(Box<(Subject, String)>),
}

/// Rules a fact broken unless a condition holds: `ensure!(condition, subject, "how {broken}")`.
macro_rules! ensure {
    ($condition:expr, $subject:expr, $($how:tt)*) => {
        let is_kept: bool = $condition;
        if !is_kept {
            return $crate::invariants::Ruling::broken($subject, || format!($($how)*));
        }
    };
}

pub(crate) use ensure;

impl Ruling {
    /// The next ruling on the same fact, unless this one found it broken.
    #[inline]
    pub(crate) fn and(self, next: impl FnOnce() -> Self) -> Self {
        if let Self::Broken(_) = self { self } else { next() }
    }

    #[cold]
    pub(crate) fn broken(subject: Subject, how: impl FnOnce() -> String) -> Self {
        Self::Broken(Box::new((subject, how())))
    }
}

/// What an invariant has ruled so far.
#[derive(Default)]
pub(crate) struct Tally {
    judged: u64,
    broken: u64,
    breaks: Vec<Break>,
}

impl Tally {
    #[inline(always)]
    pub(super) fn note<I: Invariant>(
        &mut self,
        world: &World,
        record: Option<&Record>,
        ruling: Ruling,
    ) {
        match ruling {
            Ruling::NotMine => {}
            Ruling::Kept => self.judged += 1,
            Ruling::Broken(broken) => self.note_break::<I>(world, record, *broken),
        }
    }

    #[cold]
    #[inline(never)]
    fn note_break<I: Invariant>(
        &mut self,
        world: &World,
        record: Option<&Record>,
        (subject, sentence): (Subject, String),
    ) {
        self.judged += 1;
        self.broken += 1;
        if self.breaks.len() < KEPT_BREAKS {
            self.breaks.push(Break {
                id: I::ID,
                city: world.city,
                subject,
                at: record.map_or(world.now, |record| record.at),
                seq: record.map_or(world.next_seq.wrapping_sub(1), |record| record.seq),
                record: record.copied(),
                sentence,
            });
        }
    }

    pub(super) fn finding<I: Invariant>(self) -> Finding {
        Finding::new((I::ID, I::LAW), self.judged, self.broken, self.breaks)
    }
}
