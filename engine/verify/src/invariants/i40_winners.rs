//! I40: of those who want the last units as many win as there are units.
//!
//! Whoever is held was there to be held, and whoever is refused wanted more than was free.

use domain::facts::Fact;
use domain::stock::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I40";
    const LAW: &'static str = "holds take free units only, and only what is not free is refused";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Opening(_) | Fact::Stock(_))
    }

    #[inline]
    fn stock(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        if let Event::LineHeld { order, store, sku, units } = *event {
            let free = case.world.shelf(store, sku).free;
            ensure!(
                i64::from(units) <= i64::from(free),
                Subject::Shelf(store, sku),
                "{order} wins {units} units of {free} free"
            );
            return Ruling::Kept;
        }
        let Event::Refused { order, store, sku, wanted_units, .. } = *event else {
            return Ruling::NotMine;
        };
        let free = case.world.shelf(store, sku).free;
        ensure!(
            i64::from(wanted_units) > i64::from(free),
            Subject::Shelf(store, sku),
            "{order} is refused {wanted_units} units of {free} free"
        );
        Ruling::Kept
    }
}
