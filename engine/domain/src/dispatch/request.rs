//! One order's wait for a rider, from asked to brought or withdrawn.

#[cfg(test)]
mod tests;

use super::Event;
use crate::ids::{OrderId, StoreId, TripId};
use crate::time::Timestamp;

/// Where an order's wait stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Nobody asked.
    #[default]
    None,
    /// It waits for a rider.
    Waiting,
    /// It is part of a trip, offered or taken.
    OnTrip(TripId),
    /// Nothing more is wanted of a rider.
    Closed,
}

/// The wait's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Where it stands.
    pub status: Status,
    /// Whether the bag is packed.
    pub packed: bool,
    /// Whether the saga wants it no more.
    pub unwanted: bool,
    /// How many riders said no, did not answer, or gave up.
    pub refusals: u8,
}

events! {
    /// What the wait hears.
    pub enum Input {
        /// A rider is wanted.
        Ask {
            /// Where to pick up.
            store: StoreId,
            /// When it is expected to be packed.
            ready_at: Timestamp,
        } = "request_ask",
        /// The bag is packed.
        BagPacked = "request_bag_packed",
        /// A dispatch round made it part of a trip.
        Assigned {
            /// Which.
            trip: TripId,
        } = "request_assigned",
        /// The trip came to nothing for this order.
        TripLost {
            /// Which.
            trip: TripId,
        } = "request_trip_lost",
        /// The order left the trip because it is not wanted.
        LeftTrip {
            /// Which.
            trip: TripId,
        } = "request_left_trip",
        /// The customer has it.
        Delivered = "request_delivered",
        /// It came back to the store.
        Returned = "request_returned",
        /// The saga wants it no more.
        Withdraw = "request_withdraw",
    }
}

/// What the wait asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell what happened.
    Publish(Event),
    /// Stand in the pool that dispatch rounds choose from.
    JoinPool,
    /// Leave the pool.
    LeavePool,
    /// Tell the trip that the bag is packed.
    TellPacked(TripId),
    /// Have the trip go without it.
    LeaveTrip(TripId),
    /// Tell the saga that no rider has anything of it.
    Closed,
}

/// Takes the next step of an order's wait. Total: what does not fit is ignored.
#[must_use]
pub fn step(order: OrderId, mut state: State, input: Input, effects: &mut Vec<Effect>) -> State {
    match (state.status, input) {
        (Status::None, Input::Ask { store, ready_at }) => {
            effects.push(Effect::Publish(Event::Requested { order, store, ready_at }));
            effects.push(Effect::JoinPool);
            state.status = Status::Waiting;
        }
        (Status::Waiting, Input::Assigned { trip }) => {
            effects.push(Effect::LeavePool);
            if state.packed {
                effects.push(Effect::TellPacked(trip));
            }
            state.status = Status::OnTrip(trip);
        }
        (status, Input::BagPacked) if !state.packed => {
            state.packed = true;
            if let Status::OnTrip(trip) = status {
                effects.push(Effect::TellPacked(trip));
            }
        }
        (Status::OnTrip(current), Input::TripLost { trip }) if current == trip => {
            state.refusals = state.refusals.saturating_add(1);
            if state.unwanted {
                return close(order, state, effects);
            }
            effects.push(Effect::JoinPool);
            state.status = Status::Waiting;
        }
        (Status::OnTrip(current), Input::LeftTrip { trip }) if current == trip => {
            return close(order, state, effects);
        }
        (Status::OnTrip(_), Input::Delivered) => state.status = Status::Closed,
        (Status::OnTrip(_), Input::Returned) => {
            effects.push(Effect::Closed);
            state.status = Status::Closed;
        }
        (Status::Waiting, Input::Withdraw) => {
            state.unwanted = true;
            effects.push(Effect::LeavePool);
            return close(order, state, effects);
        }
        (Status::OnTrip(trip), Input::Withdraw) if !state.unwanted => {
            state.unwanted = true;
            effects.push(Effect::LeaveTrip(trip));
        }
        (Status::None | Status::Closed, Input::Withdraw) if !state.unwanted => {
            state.unwanted = true;
            effects.push(Effect::Closed);
            state.status = Status::Closed;
        }
        _ => {}
    }
    state
}

fn close(order: OrderId, state: State, effects: &mut Vec<Effect>) -> State {
    effects.push(Effect::Publish(Event::Withdrawn { order }));
    effects.push(Effect::Closed);
    State { status: Status::Closed, ..state }
}
