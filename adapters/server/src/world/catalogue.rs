//! Who and what there is in a world, by ids that count from zero.

use domain::ids::SkuId;
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
    /// Their names, by their ids; empty where none was given.
    pub(crate) names: Vec<String>,
    /// Dark stores, by their ids.
    pub(crate) sites: Vec<Site>,
    /// Where riders begin, by their ids.
    pub(crate) riders: Vec<Place>,
}

impl Catalogue {
    /// What a SKU is called: its name, or its number where none was given.
    pub(crate) fn name(&self, sku: SkuId) -> String {
        match self.names.get(sku.index()) {
            Some(name) if !name.is_empty() => name.clone(),
            Some(_) | None => format!("SKU {}", sku.0),
        }
    }
}
