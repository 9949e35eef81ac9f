//! J1: records are numbered from zero without gaps, and time never goes back.

use domain::facts::Fact;

use super::{Case, Evidence, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "J1";
    const LAW: &'static str = "records are numbered without gaps, and time never goes back";
    const EVIDENCE: Evidence = Evidence { records: 2, same_area: false };

    fn shows(_: &Fact) -> bool {
        true
    }

    #[inline]
    fn any(&mut self, case: &Case<'_>) -> Ruling {
        let (seq, expected) = (case.record.seq, case.world.next_seq);
        ensure!(seq == expected, Subject::Journal, "record {seq} where {expected} is due");
        let (at, before) = (case.record.at, case.world.now);
        ensure!(at >= before, Subject::Journal, "told at {at}, the record before it at {before}");
        Ruling::Kept
    }
}
