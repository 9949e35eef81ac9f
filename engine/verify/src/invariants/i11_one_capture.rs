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
        let newest = case.world.attempts(case.order).next();
        let (order, attempt) = if let Event::Captured { order, attempt, .. } = *event {
            (order, Some(attempt))
        } else if let Event::CashCollected { order, .. } = *event {
            (order, newest.map(|row| row.number))
        } else {
            return Ruling::NotMine;
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
