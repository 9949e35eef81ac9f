//! I11: an attempt is captured once, and of several captured attempts at most one is kept.
//!
//! The first is judged on every capture, the second at the end for every order that paid.

use domain::facts::Fact;
use domain::payment::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::{AttemptState, World};

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I11";
    const LAW: &'static str = "an order keeps at most one captured payment";

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
        let (order, attempt) = match *event {
            Event::Captured { order, attempt, .. } => (order, Some(attempt)),
            Event::CashCollected { order, .. } if case.order.cash_due => {
                (order, case.world.attempts(case.order).next().map(|row| row.number))
            }
            Event::Initiated { .. }
            | Event::Pending { .. }
            | Event::Authorised { .. }
            | Event::Declined { .. }
            | Event::Voided { .. }
            | Event::RefundAsked { .. }
            | Event::Refunded { .. }
            | Event::Expired { .. }
            | Event::CashDue { .. }
            | Event::CashCollected { .. }
            | Event::CashRemitted { .. } => return Ruling::NotMine,
        };
        let mut attempts = case.world.attempts(case.order);
        let row = attempts.find(|row| Some(row.number) == attempt);
        let taken = row.map_or(0, |row| row.captured);
        let is_fresh = row.is_none_or(|row| row.state != AttemptState::Captured);
        ensure!(
            is_fresh,
            Subject::Order(order),
            "attempt {} is captured again after {taken} paise",
            attempt.unwrap_or(0)
        );
        Ruling::Kept
    }

    fn end(&mut self, world: &World, rule: &mut dyn FnMut(Ruling)) {
        for (id, order) in world.orders() {
            let (mut captured, mut kept) = (0_u32, 0_u32);
            for attempt in world.attempts(order) {
                captured += u32::from(attempt.captured != 0);
                kept += u32::from(attempt.captured > attempt.refunded);
            }
            if captured > 0 {
                rule(if kept <= 1 {
                    Ruling::Kept
                } else {
                    Ruling::broken(Subject::Order(id), || format!("{kept} captures are kept"))
                });
            }
        }
    }
}
