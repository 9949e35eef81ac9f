//! What a city is made of; all of it stands still.

use domain::ids::{CityId, StoreId};
use domain::money::{Bps, Paise};
use domain::place::Place;
use domain::time::Timestamp;
use roads::NodeId;

use crate::setup::Weather;
use crate::{Homes, Supply, Travel};

/// One city: stores, shelves, people and the ways between them.
#[derive(Clone, Debug)]
pub struct City {
    /// Its id.
    pub id: CityId,
    /// Its name, for people.
    pub name: String,
    /// The catalogue, by SKU; the most popular first.
    pub skus: Vec<Sku>,
    /// The dark stores, by store.
    pub stores: Vec<Store>,
    /// Free units at the start, store by store: `stock[store * skus.len() + sku]`.
    pub stock: Vec<u32>,
    /// How shelves are filled again; none in a recorded day, whose shelves last.
    pub supply: Option<Supply>,
    /// The pickers, by picker; those of one store stand together.
    pub pickers: Vec<Picker>,
    /// The riders, by rider.
    pub riders: Vec<Rider>,
    /// How long ways take.
    pub travel: Travel,
    /// Where customers live; nothing in a recorded day, which names its doors.
    pub homes: Homes,
    /// When it rains.
    pub weather: Weather,
}

/// One sellable item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sku {
    /// Maximum retail price of one unit, tax included.
    pub mrp: Paise,
    /// What one unit sells for, tax included; never above the MRP.
    pub price: Paise,
    /// Rate of goods and services tax.
    pub gst: Bps,
    /// Whether it spoils within days.
    pub fresh: bool,
    /// How often it is ordered, relative to the others.
    pub weight: f64,
}

/// One dark store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Store {
    /// Its door.
    pub place: Place,
    /// The junction its door opens to, in a city with roads.
    pub node: Option<NodeId>,
    /// It serves addresses within this straight-line distance, metres.
    pub radius_m: u32,
    /// Its share of the city's demand, relative to the other stores.
    pub weight: f64,
}

/// One picker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picker {
    /// Where they work.
    pub store: StoreId,
    /// When they are on duty, in order of time.
    pub shifts: Vec<Shift>,
}

/// One rider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rider {
    /// The store they belong to; none if they serve the whole city.
    pub home: Option<StoreId>,
    /// Where they begin.
    pub place: Place,
    /// When they are on duty, in order of time.
    pub shifts: Vec<Shift>,
}

/// A stretch of time on duty; it has no length when `from` equals `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    /// Duty begins.
    pub from: Timestamp,
    /// Duty ends.
    pub to: Timestamp,
}

impl City {
    /// Free units of one store at the start, by SKU.
    ///
    /// # Panics
    /// If the store is not of this city.
    #[must_use]
    pub fn shelf(&self, store: StoreId) -> &[u32] {
        let skus = self.skus.len();
        &self.stock[store.index() * skus..][..skus]
    }
}
