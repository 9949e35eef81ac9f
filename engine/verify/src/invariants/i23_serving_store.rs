//! I23: an order is taken by a store that was open and served its door when it was placed.
//!
//! Noted when the order is placed and judged when its stock is reserved: an order that nobody
//! serves may be placed, and is then rejected. Served is within the store's straight-line radius.

use domain::facts::{Fact, opening};
use domain::order::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I23";
    const LAW: &'static str = "a reserved order's store was open and served its door when placed";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Opening(opening::Event::Store { .. })
                | Fact::Store(_)
                | Fact::Order(Event::Placed { .. } | Event::Reserved { .. })
        )
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let Event::Reserved { order, .. } = *event else { return Ruling::NotMine };
        let live = case.live;
        let store = case.world.stores.get(live.store.index());
        ensure!(
            live.served,
            Subject::Order(order),
            "{} was shut to it when it was placed, or its door is {:.0} m away",
            live.store,
            store.map_or(0.0, |row| row.place.straight_m(live.door))
        );
        Ruling::Kept
    }
}
