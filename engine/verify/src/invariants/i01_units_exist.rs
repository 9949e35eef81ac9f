//! I1: on every shelf, free and reserved units never go below zero.
//!
//! Judged on every fact that takes units from somewhere. On hand is free + reserved, so reserved
//! never exceeds on hand as long as free is not negative.

use domain::facts::Fact;
use domain::stock::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I1";
    const LAW: &'static str = "free and reserved units are never below zero";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Opening(_) | Fact::Stock(_))
    }

    #[inline]
    fn stock(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let (store, sku, taken, from_free) =
            if let Event::LineHeld { store, sku, units, .. } = *event {
                (store, sku, units, true)
            } else if let Event::Adjusted { store, sku, delta_units: delta @ ..=-1, .. } = *event {
                (store, sku, delta.unsigned_abs(), true)
            } else if let Event::Committed { store, sku, units, .. }
            | Event::LineReleased { store, sku, units, .. } = *event
            {
                (store, sku, units, false)
            } else {
                return Ruling::NotMine;
            };
        let shelf = case.world.shelf(store, sku);
        let (there, kind) =
            if from_free { (shelf.free, "free") } else { (shelf.reserved, "reserved") };
        ensure!(
            i64::from(there) >= i64::from(taken),
            Subject::Shelf(store, sku),
            "{taken} units are taken where {there} are {kind}"
        );
        Ruling::Kept
    }
}
