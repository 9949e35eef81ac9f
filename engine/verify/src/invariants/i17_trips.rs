//! I17: a rider has one trip at a time, a trip few orders, an order one trip.
//!
//! A trip counts from its offer, so two dispatchers that want the same rider are seen at once.

use domain::delivery::Event;
use domain::facts::{Fact, opening};

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I17";
    const LAW: &'static str =
        "a rider has one trip, a trip at most max_batch orders, an order one trip";

    fn shows(fact: &Fact) -> bool {
        match fact {
            Fact::Opening(opening::Event::Limits { .. }) => true,
            Fact::Delivery(event) => !matches!(event, Event::LegRidden { .. }),
            Fact::Opening(_)
            | Fact::Store(_)
            | Fact::Pricing(_)
            | Fact::Order(_)
            | Fact::Stock(_)
            | Fact::Payment(_)
            | Fact::Ledger(_)
            | Fact::Picking(_)
            | Fact::Dispatch(_)
            | Fact::Rider(_) => false,
        }
    }

    #[inline]
    fn delivery(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let world = case.world;
        if let Event::Offered { trip, rider, .. } = *event {
            let other = world.riders.get(rider.index()).and_then(|row| row.trip);
            if let Some(other) = other {
                return Ruling::broken(Subject::Rider(rider), || {
                    format!("{trip} is offered to a rider who has trip{other}")
                });
            }
            return Ruling::Kept;
        }
        let Event::OrderJoined { trip, order } = *event else { return Ruling::NotMine };
        let row = world.trip(trip.0);
        let (joined, most) = (row.joined, world.limits.max_batch);
        ensure!(
            joined < most,
            Subject::Trip(trip),
            "{order} joins a trip that has {joined} of at most {most} orders"
        );
        let other = case.live.trip;
        ensure!(
            !world.is_on_a_trip(case.live),
            Subject::Order(order),
            "it joins {trip} while it is on trip{other}"
        );
        Ruling::Kept
    }
}
