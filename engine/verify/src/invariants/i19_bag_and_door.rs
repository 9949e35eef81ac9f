//! I19: a bag is picked up packed, where it is, and handed over at its own door.
//!
//! A rider counts as there within the geofence of the place. A bag is at its store, or where an
//! earlier rider left it.

use domain::delivery::Event;
use domain::facts::{Fact, opening};
use domain::ids::OrderId;
use domain::order::{Event as Order, Stage};
use domain::place::Place;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I19";
    const LAW: &'static str =
        "no pick-up before packing; pick-up and hand-over within the geofence";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Order(Order::Placed { .. } | Order::Packed { .. })
                | Fact::Opening(opening::Event::Limits { .. } | opening::Event::Store { .. })
                | Fact::Delivery(
                    Event::OrderJoined { .. }
                        | Event::AtStore { .. }
                        | Event::PickedUp { .. }
                        | Event::Stranded { .. }
                        | Event::Arrived { .. }
                )
        )
    }

    #[inline]
    fn delivery(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        if let Event::Arrived { order, place, .. } = *event {
            return near(case, order, place, case.live.door, "its door");
        }
        let Event::PickedUp { order, rider, .. } = *event else { return Ruling::NotMine };
        let stage = case.order.stage;
        ensure!(
            matches!(stage, Stage::Packed | Stage::OutForDelivery | Stage::Arrived),
            Subject::Order(order),
            "picked up while it is {stage}"
        );
        let place = case.world.riders.get(rider.index()).and_then(|row| row.place);
        let store = case.world.stores.get(case.live.store.index());
        let bag = case.live.stranded_at.or(store.map(|row| row.place));
        match (place, bag) {
            (Some(place), Some(bag)) => near(case, order, place, bag, "its bag"),
            (_, None) | (None, _) => Ruling::Kept,
        }
    }
}

fn near(case: &Case<'_>, order: OrderId, rider: Place, place: Place, what: &str) -> Ruling {
    if rider == place {
        return Ruling::Kept;
    }
    let (apart_m, limit_m) = (rider.straight_m(place), case.world.limits.geofence_m);
    ensure!(
        apart_m <= f64::from(limit_m),
        Subject::Order(order),
        "the rider is {apart_m:.0} m from {what}, at most {limit_m} m are allowed"
    );
    Ruling::Kept
}
