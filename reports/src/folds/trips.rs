//! One row a leg: who rode from where to where, when, and what for.

use std::sync::LazyLock;

use domain::ids::{CityId, OrderId, RiderId, StoreId, TripId};
use domain::place::Place;
use domain::time::Timestamp;

use super::columns::{Column, number, schema, us};
use crate::table::Schema;

/// The table's columns as Parquet has them.
pub(super) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| schema("trips", COLUMNS));

/// A trip that is going on.
#[derive(Debug)]
pub(super) struct Trip {
    pub(super) store: StoreId,
    pub(super) orders: Vec<OrderId>,
    pub(super) is_accepted: bool,
    /// Bags the rider has, for their doors.
    pub(super) bags: u32,
    /// Whether a bag was picked up before.
    pub(super) has_picked_up: bool,
}

impl Trip {
    pub(super) const fn new(store: StoreId) -> Self {
        Self { store, orders: Vec::new(), is_accepted: false, bags: 0, has_picked_up: false }
    }

    /// What the leg that ends now was for.
    pub(super) const fn purpose(&self) -> Purpose {
        match (self.bags, self.has_picked_up) {
            (0, false) => Purpose::ToStore,
            (0, true) => Purpose::Back,
            _ => Purpose::ToDoor,
        }
    }
}

/// What a leg is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    ToStore,
    ToDoor,
    Back,
    Repositioning,
}

const PURPOSES: &[&str] = &["to_store", "to_door", "back", "repositioning"];

/// A leg that was ridden.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) city: CityId,
    pub(super) trip: Option<TripId>,
    pub(super) store: Option<StoreId>,
    pub(super) rider: RiderId,
    pub(super) purpose: Purpose,
    pub(super) bags: u32,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) origin: Place,
    pub(super) place: Place,
    pub(super) leg_m: u32,
}

type Col = Column<Leg>;

/// The table's columns.
pub(super) const COLUMNS: &[Col] = &[
    Col::number("city", "id", "The city.", |l| Some(l.city.0.into())),
    Col::number("rider_id", "id", "Who rode.", |l| Some(l.rider.0.into())),
    Col::number("trip_id", "id", "The trip, if it was one.", |l| Some(l.trip?.0.into())).optional(),
    Col::number("store_id", "id", "Where the trip starts.", |l| Some(l.store?.0.into())).optional(),
    Col::text("purpose", PURPOSES, "What it was for.", |l| Some(l.purpose as i64)),
    Col::number("bags", "orders", "Orders carried to their doors.", |l| number(l.bags.into())),
    Col::time("from_us", "The rider set off.", |l| us(Some(l.from))),
    Col::time("to_us", "The rider was there.", |l| us(Some(l.to))),
    Col::number("origin_lat_e7", "1e-7 degree", "Latitude of where from.", |l| {
        Some(l.origin.lat_e7.into())
    }),
    Col::number("origin_lon_e7", "1e-7 degree", "Longitude of where from.", |l| {
        Some(l.origin.lon_e7.into())
    }),
    Col::number("place_lat_e7", "1e-7 degree", "Latitude of where to.", |l| {
        Some(l.place.lat_e7.into())
    }),
    Col::number("place_lon_e7", "1e-7 degree", "Longitude of where to.", |l| {
        Some(l.place.lon_e7.into())
    }),
    Col::number("leg_m", "metres", "How far along the road.", |l| Some(l.leg_m.into())),
];
