//! What is out of the ordinary: a holiday, a match, a sale.

use domain::ids::SkuId;
use domain::place::Place;
use domain::time::{Millis, Timestamp};

/// More (or less) demand for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// It begins.
    pub from: Timestamp,
    /// It ends.
    pub to: Timestamp,
    /// What demand is multiplied by.
    pub factor: f64,
    /// Where; none for the whole city. Within an area the factor is at least one.
    pub area: Option<Area>,
    /// What more of the lines are for.
    pub hot: Option<Hot>,
    /// Everybody wants one SKU at once.
    pub flash: Option<Flash>,
}

/// A disc on the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Its centre.
    pub centre: Place,
    /// Its radius, metres.
    pub radius_m: u32,
}

/// The most popular SKUs become more so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hot {
    /// How many SKUs, from the most popular down.
    pub skus: u32,
    /// Share of lines that are for one of them, beyond their usual share.
    pub share: f64,
}

/// A sale of one SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flash {
    /// What is sold; every buyer wants one unit of it and nothing else.
    pub sku: SkuId,
    /// How many there are to begin with, in each store.
    pub units: u32,
    /// How many buyers come, in the whole city.
    pub buyers: u32,
    /// How long it takes until they have come, from the event's beginning.
    pub within: Millis,
}

impl Event {
    /// An event for the whole city.
    #[must_use]
    pub const fn of_demand(from: Timestamp, to: Timestamp, factor: f64) -> Self {
        Self { from, to, factor, area: None, hot: None, flash: None }
    }

    /// Whether the event is on.
    #[must_use]
    pub fn is_on(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}
