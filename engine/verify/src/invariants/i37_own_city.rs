//! I37: every record of a journal, and every order in it, is of one city.

use domain::facts::Fact;

use super::{Case, Evidence, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I37";
    const LAW: &'static str = "records and orders of a journal are of its own city";
    const EVIDENCE: Evidence = Evidence { records: 1, same_area: false };

    fn shows(_: &Fact) -> bool {
        true
    }

    #[inline]
    fn any(&mut self, case: &Case<'_>) -> Ruling {
        let Some(order) = case.id else { return Ruling::NotMine };
        let (city, home) = (case.record.city, case.world.city);
        ensure!(
            city == home && order.city() == home,
            Subject::Order(order),
            "{order} is told by {city} in the journal of {home}"
        );
        Ruling::Kept
    }
}
