//! I2: the shelf's own count agrees with what came and went.
//!
//! On hand = listed + received − committed ± adjusted. A refusal is where a shelf says how many
//! units it counts as free; that is compared with the sum of the facts.

use domain::facts::Fact;
use domain::stock::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I2";
    const LAW: &'static str = "free units told by a shelf are those that came and did not go";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Opening(_) | Fact::Stock(_))
    }

    #[inline]
    fn stock(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let Event::Refused { store, sku, free_units, .. } = *event else {
            return Ruling::NotMine;
        };
        let free = case.world.shelf(store, sku).free;
        ensure!(
            i64::from(free) == i64::from(free_units),
            Subject::Shelf(store, sku),
            "the shelf says {free_units} units are free, the facts add up to {free}"
        );
        Ruling::Kept
    }
}
