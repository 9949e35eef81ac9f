//! I10: no more is refunded of an attempt than was captured by it.

use domain::facts::Fact;
use domain::payment::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I10";
    const LAW: &'static str = "refunded is at most captured, for each attempt";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Payment(
                Event::Captured { .. } | Event::CashCollected { .. } | Event::Refunded { .. }
            )
        )
    }

    #[inline]
    fn payment(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let Event::Refunded { order, attempt, amount, .. } = *event else {
            return Ruling::NotMine;
        };
        let row = case.world.attempts(case.order).find(|row| row.number == attempt);
        let (captured, before) = row.map_or((0, 0), |row| (row.captured, row.refunded));
        let refunded = before.wrapping_add(amount.0);
        ensure!(
            amount.0 > 0 && refunded <= captured,
            Subject::Order(order),
            "attempt {attempt}: {refunded} paise refunded of {captured} captured"
        );
        Ruling::Kept
    }
}
