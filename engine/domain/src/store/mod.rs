//! A store's door to orders: open, throttled, paused or closed, and which store takes an order.
//!
//! The door is an aggregate: a review looks at the backlog and may throttle or pause it, and
//! opens it again step by step when the backlog has gone. What was let in is finished, whatever
//! the door does later. Which store is asked is a policy.

mod door;
mod policies;
#[cfg(test)]
mod tests;

pub use door::{Ask, Command, Limits, Ops, Params, Refusal, decide};
pub use policies::{Because, Nearby, NotServed, Policy, View, choose};

use crate::ids::StoreId;

choices! {
    /// What a store's door does with new orders.
    pub enum Door {
        /// Takes orders.
        Open = "open",
        /// Takes fewer: nearer addresses, larger baskets, a later promise.
        Throttled = "throttled",
        /// Takes none for a while; what it has it finishes.
        Paused = "paused",
        /// Takes none.
        Closed = "closed",
    }
}

events! {
    /// What happened to a store's door.
    pub enum Event {
        /// The door changed. Stores begin open.
        DoorSet {
            /// The store.
            store: StoreId,
            /// The door from now on.
            door_state: Door,
        } = "store_door_set",
    }
}
