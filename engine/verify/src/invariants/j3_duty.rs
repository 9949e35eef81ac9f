//! J3: a trip is offered to, taken and picked up by riders on duty, and offered within their shift.
//!
//! A rider without any rostered shift is held to coming on and going off alone.

use domain::delivery::Event;
use domain::facts::{Fact, opening};
use domain::ids::RiderId;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "J3";
    const LAW: &'static str = "no order is given to a rider who is off duty or outside their shift";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Opening(opening::Event::Shift { .. })
                | Fact::Rider(_)
                | Fact::Delivery(
                    Event::Offered { .. } | Event::Accepted { .. } | Event::PickedUp { .. }
                )
        )
    }

    #[inline]
    fn delivery(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        match *event {
            Event::Offered { rider, .. } => rule(case, rider, "offered a trip", true),
            Event::Accepted { rider, .. } => rule(case, rider, "takes a trip", false),
            Event::PickedUp { rider, .. } => rule(case, rider, "picks up a bag", false),
            Event::OrderJoined { .. }
            | Event::Rejected { .. }
            | Event::OfferTimedOut { .. }
            | Event::Dropped { .. }
            | Event::OrderLeft { .. }
            | Event::AtStore { .. }
            | Event::LegRidden { .. }
            | Event::Arrived { .. }
            | Event::Delivered { .. }
            | Event::Failed { .. }
            | Event::Stranded { .. }
            | Event::Returned { .. }
            | Event::Ended { .. } => Ruling::NotMine,
        }
    }
}

fn rule(case: &Case<'_>, rider: RiderId, what: &str, is_offer: bool) -> Ruling {
    let Some(row) = case.world.riders.get(rider.index()) else { return Ruling::NotMine };
    let (at, subject) = (case.record.at, Subject::Rider(rider));
    ensure!(row.on_duty, subject, "{what} at {at}, off duty");
    if is_offer {
        ensure!(!row.resting, subject, "{what} at {at}, on a break");
        ensure!(case.world.is_rostered(row, at), subject, "{what} at {at}, outside their shifts");
    }
    Ruling::Kept
}
