//! Who and what there is in a world, by ids that count from zero.

use domain::money::{Bps, Paise};
use domain::place::Place;

/// A SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sku {
    /// Maximum retail price of one unit, tax included.
    pub(crate) mrp: Paise,
    /// What one unit sells for, tax included.
    pub(crate) price: Paise,
    /// Rate of goods and services tax.
    pub(crate) gst: Bps,
}

/// A dark store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Its door.
    pub(crate) place: Place,
    /// It serves addresses within this straight-line distance, metres.
    pub(crate) radius_m: u32,
}

impl Site {
    /// Whether it serves an address.
    pub(crate) fn serves(&self, door: Place) -> bool {
        self.place.straight_m(door) <= f64::from(self.radius_m)
    }
}

/// Who and what there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Catalogue {
    /// SKUs, by their ids.
    pub(crate) skus: Vec<Sku>,
    /// Dark stores, by their ids.
    pub(crate) sites: Vec<Site>,
    /// Where riders begin, by their ids.
    pub(crate) riders: Vec<Place>,
}
