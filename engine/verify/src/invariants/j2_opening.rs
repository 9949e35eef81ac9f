//! J2: a journal opens with its window and limits, once each, and all opening facts come first.

use domain::facts::Fact;
use domain::facts::opening::Event;

use super::{Case, Evidence, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law {
    windows: u32,
    limits: u32,
}

impl Invariant for Law {
    const ID: &'static str = "J2";
    const LAW: &'static str = "opening facts come first, with one window and one set of limits";
    const EVIDENCE: Evidence = Evidence { records: 3, same_area: false };

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Opening(_))
    }

    #[inline]
    fn any(&mut self, case: &Case<'_>) -> Ruling {
        if case.world.begun || matches!(case.record.fact, Fact::Opening(_)) {
            return Ruling::NotMine;
        }
        let (windows, limits) = (self.windows, self.limits);
        ensure!(
            windows == 1 && limits == 1,
            Subject::Journal,
            "it opens with {windows} windows and {limits} sets of limits"
        );
        Ruling::Kept
    }

    fn opening(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let subject = Subject::Journal;
        ensure!(!case.world.begun, subject, "{} comes after the journal has begun", case.kind());
        if let Event::Window { from, to } = *event {
            self.windows += 1;
            ensure!(from <= to, subject, "the window from {from} ends at {to}");
        }
        if let Event::Limits { .. } = event {
            self.limits += 1;
        }
        Ruling::Kept
    }
}
