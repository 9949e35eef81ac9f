//! A trip: one rider takes one or two orders from a store to their doors.

#[cfg(test)]
mod tests;
mod trip;

pub use trip::{Effect, Input, MAX_BATCH, Phase, State, Stop, StopStatus, step};

use crate::ids::{OrderId, RiderId, StoreId, TripId};
use crate::place::Place;
use crate::time::{Millis, Timestamp};

/// Limits of trips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long a rider has to answer an offer. 30 s (domain.md section 5).
    pub offer: Millis,
    /// A hand-over counts as at the door within this distance, metres. 150 m (C11, vendor).
    pub geofence_m: u32,
    /// No ride is believed to be faster than this, metres an hour. 60 km/h, assumed, grade E.
    pub speed_cap_m_per_h: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { offer: Millis::from_s(30), geofence_m: 150, speed_cap_m_per_h: 60_000 }
    }
}

events! {
    /// What happened on a trip.
    pub enum Event {
        /// A trip was put to a rider.
        Offered {
            /// The trip.
            trip: TripId,
            /// To whom.
            rider: RiderId,
            /// Where it starts.
            store: StoreId,
            /// They answer by then.
            expires_at: Timestamp,
        } = "trip_offered",
        /// An order is part of an offered trip.
        OrderJoined {
            /// The trip.
            trip: TripId,
            /// The order.
            order: OrderId,
        } = "trip_order_joined",
        /// The rider took it.
        Accepted {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
        } = "trip_accepted",
        /// The rider said no; its orders wait again.
        Rejected {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
        } = "trip_rejected",
        /// The rider did not answer; its orders wait again.
        OfferTimedOut {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
        } = "trip_offer_timed_out",
        /// The rider gave it up before the first pick-up; its orders wait again.
        Dropped {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
        } = "trip_dropped",
        /// An order left the trip before it was picked up.
        OrderLeft {
            /// The trip.
            trip: TripId,
            /// The order.
            order: OrderId,
        } = "trip_order_left",
        /// The rider stands at the store.
        AtStore {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
            /// Where they stand.
            place: Place,
        } = "trip_at_store",
        /// The rider has an order's bag.
        PickedUp {
            /// The trip.
            trip: TripId,
            /// The order.
            order: OrderId,
            /// Who.
            rider: RiderId,
        } = "trip_picked_up",
        /// The rider rode from one place to another; told on arrival.
        LegRidden {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
            /// When they set off.
            from: Timestamp,
            /// Where from.
            origin: Place,
            /// Where to.
            place: Place,
            /// How far along the road, metres.
            leg_m: u32,
        } = "leg_ridden",
        /// The rider is at an order's door.
        Arrived {
            /// The trip.
            trip: TripId,
            /// The order.
            order: OrderId,
            /// Who.
            rider: RiderId,
            /// Where they stand.
            place: Place,
        } = "trip_arrived",
        /// The customer has it.
        Delivered {
            /// The trip.
            trip: TripId,
            /// The order.
            order: OrderId,
            /// Who.
            rider: RiderId,
        } = "trip_delivered",
        /// Nobody took it; it goes back.
        Failed {
            /// The trip.
            trip: TripId,
            /// The order.
            order: OrderId,
            /// Who.
            rider: RiderId,
        } = "trip_order_failed",
        /// The rider was lost with the bag; another must fetch it there.
        Stranded {
            /// The trip.
            trip: TripId,
            /// The order.
            order: OrderId,
            /// Who.
            rider: RiderId,
            /// Where the bag is.
            place: Place,
        } = "trip_order_stranded",
        /// It is back at the store.
        Returned {
            /// The trip.
            trip: TripId,
            /// The order.
            order: OrderId,
            /// Who brought it.
            rider: RiderId,
        } = "trip_order_returned",
        /// The trip is over; the rider is free.
        Ended {
            /// The trip.
            trip: TripId,
            /// Who.
            rider: RiderId,
        } = "trip_ended",
    }
}
