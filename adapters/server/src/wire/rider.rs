//! Riders and their trips on the wire.

use domain::ids::{OrderId, RiderId, TripId};
use domain::outside::Input;
use domain::place::Place;
use domain::rider::Duty;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use shell::Rider;
use utoipa::ToSchema;

use super::{Decimal, WirePlace};

/// The body of `on` and `lost`: where the rider is.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Here {
    pub(crate) place: WirePlace,
}

/// The body of `picked-up`: whose bag.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Bag {
    pub(crate) order_id: Decimal<u64>,
}

/// The body of `arrived` and `returned`: the ride that has ended.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Ridden {
    /// When the rider set off, microseconds since the Unix epoch.
    from_us: u64,
    /// Where from: where the ride before ended.
    origin: WirePlace,
    /// Where they are.
    place: WirePlace,
    /// How far along the road.
    leg_m: u32,
}

impl Ridden {
    /// The word it is.
    pub(crate) fn input(&self, trip: TripId) -> Input {
        let Self { from_us, origin, place, leg_m } = *self;
        let (from, origin, place) = (Timestamp(from_us), origin.into(), place.into());
        Input::Reached { trip, from, origin, place, leg_m }
    }
}

/// What a rider is to do now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Todo {
    pub(crate) trip_id: Decimal<u32>,
    /// `answer`, `ride_to_store`, `wait`, `take_bag`, `ride_to_door`, `knock` or `ride_back`.
    pub(crate) what: &'static str,
    pub(crate) store_id: Decimal<u32>,
    /// The orders of the trip, in the order of their doors.
    pub(crate) orders: Vec<Decimal<u64>>,
    /// Whose bag, or whose door.
    pub(crate) order_id: Option<Decimal<u64>>,
    /// Where to ride, or where the rider is wanted.
    pub(crate) place: Option<WirePlace>,
    /// An offer is answered by then.
    pub(crate) answer_by_us: Option<u64>,
}

/// A rider as they see themselves.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RiderShown {
    rider_id: Decimal<u32>,
    /// `off`, `on` or `break`.
    duty: &'static str,
    place: WirePlace,
    todo: Option<Todo>,
}

impl RiderShown {
    pub(crate) fn of(id: RiderId, row: &Rider, todo: Option<Todo>) -> Self {
        let duty = match row.state.duty {
            Duty::Off => "off",
            Duty::On => "on",
            Duty::Break => "break",
        };
        Self { rider_id: Decimal(id.0), duty, place: row.place.into(), todo }
    }
}

/// The offers that a rider has not answered: at most one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OffersShown {
    pub(crate) offers: Vec<Todo>,
}

/// A place and an order, where a rider is wanted.
pub(crate) fn wanted(order: OrderId, door: Place) -> (Option<Decimal<u64>>, Option<WirePlace>) {
    (Some(Decimal(order.0)), Some(door.into()))
}
