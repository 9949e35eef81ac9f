//! I7: a confirmed order is paid, or will be at the door, and its stock is held.

use domain::facts::Fact;
use domain::order::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::{AttemptState, Hold};

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I7";
    const LAW: &'static str = "a confirmed order is paid or in cash, and held";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Order(_) | Fact::Payment(_) | Fact::Stock(_))
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let Event::Confirmed { order, .. } = *event else { return Ruling::NotMine };
        let hold = case.live.hold;
        ensure!(
            matches!(hold, Hold::Held | Hold::Secured),
            Subject::Order(order),
            "confirmed with its hold {hold:?}"
        );
        let mut attempts = case.world.attempts(case.order);
        let is_paid = attempts.any(|attempt| match attempt.state {
            AttemptState::Authorised | AttemptState::CashDue => true,
            AttemptState::Captured => attempt.captured > attempt.refunded,
            AttemptState::Initiated
            | AttemptState::Pending
            | AttemptState::Declined
            | AttemptState::Voided => false,
        });
        let due = case.order.due;
        ensure!(is_paid || due == 0, Subject::Order(order), "confirmed with {due} paise unpaid");
        Ruling::Kept
    }
}
