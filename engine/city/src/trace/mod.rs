//! Recorded days: orders and couriers of a real delivery company, played as a city.
//!
//! Two layouts are understood. In one, each order carries its pick-up point and the distinct
//! points become the stores; in the other, orders name a store of a third table. What a recorded
//! day does not have is made up: baskets are taken whole from a table of real grocery baskets,
//! each category of it is one SKU, shelves hold enough for the day, and every store has enough
//! pickers that no recorded order waits for one.
//!
//! Real days are untidy. What can be understood is kept and counted ([`TraceReport`]); what
//! cannot is refused with its row ([`TraceError`]).

mod baskets;
mod build;
mod read;
mod report;
mod rows;
#[cfg(test)]
mod tests;

use std::io::Read;

use domain::ids::CityId;
use domain::money::Paise;

pub use read::{FILE_LIMIT_BYTES, File, ID_LIMIT_BYTES, ROW_LIMIT, ROW_LIMIT_BYTES, TraceError};
pub use report::{FAR_ORDER_M, TraceReport};

use crate::{City, Demand, MethodMix, Straight};

/// The tables of a recorded day, as comma-separated text with a header.
pub struct TraceFiles<'a> {
    /// `order_id, drop_off_lat, drop_off_lng, placement_time, preparation_time, ready_time,
    /// expected_drop_off_time` and either `store_id` or `pick_up_lat, pick_up_lng`.
    pub orders: &'a mut dyn Read,
    /// `courier_id, vehicle, on_lat, on_lng, on_time, off_time`.
    pub couriers: &'a mut dyn Read,
    /// `store_id, pick_up_lat, pick_up_lng`; needed when orders name their store.
    pub stores: Option<&'a mut dyn Read>,
    /// `Person, item`: one row for each line of each basket.
    pub baskets: &'a mut dyn Read,
}

/// How a recorded day becomes a city.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSetup {
    /// The city's id.
    pub id: CityId,
    /// The city's name.
    pub name: String,
    /// What baskets, prices and payment methods are drawn with.
    pub seed: u64,
    /// How couriers travel.
    pub travel: Straight,
    /// What an order is worth on average (A8: ₹600).
    pub order_value: Paise,
    /// How orders are paid.
    pub methods: MethodMix,
}

impl Default for TraceSetup {
    /// Motorcycles at 23 km/h, the speed that the days' own simulator gives them (mdrp-sim,
    /// `models/vehicle.py`), on roads 1.35 times the straight line (A13).
    fn default() -> Self {
        Self {
            id: CityId(0),
            name: "recorded day".to_owned(),
            seed: 1,
            travel: Straight { circuity: 1.35, speed_m_per_h: 23_000 },
            order_value: Paise::rupees(600),
            methods: MethodMix::default(),
        }
    }
}

/// A recorded day, ready to run.
#[derive(Clone, Debug)]
pub struct TraceDay {
    /// Stores, couriers as riders, and made-up shelves and pickers.
    pub city: City,
    /// The orders.
    pub demand: Demand,
    /// What was found.
    pub report: TraceReport,
}

/// Reads a recorded day.
///
/// Memory is bounded by [`FILE_LIMIT_BYTES`], [`ROW_LIMIT`] and [`ROW_LIMIT_BYTES`].
///
/// # Errors
/// [`TraceError`] for the first row that cannot be understood.
pub fn import(files: TraceFiles<'_>, setup: &TraceSetup) -> Result<TraceDay, TraceError> {
    let mut report = TraceReport::default();
    let baskets = baskets::read(files.baskets, &mut report)?;
    let stores = files.stores.map(rows::stores).transpose()?;
    let orders = rows::orders(files.orders, stores, &mut report)?;
    let couriers = rows::couriers(files.couriers, &mut report)?;
    Ok(build::day(setup, &baskets, orders, couriers, report))
}
