//! A store's door to orders: open, throttled, paused or closed, and which store takes an order.

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
