//! Shelf stock of one dark store: reserve, commit, release, receive, adjust.
//!
//! Reservations are all-or-nothing over the lines of one order. A unit is always in exactly
//! one of three places, which gives the conservation law the tests check: only receiving and
//! adjusting change `free + reserved + sold`.

mod shelf;
#[cfg(test)]
mod tests;

pub use shelf::{Command, Hold, Reads, Refusal, Shelves, Slot, decide};

use crate::ids::{OrderId, SkuId, StoreId};
use crate::time::{Millis, Timestamp};

/// How long after its end a hold is swept: the sweep runs every second. Assumed, grade E.
pub const SWEEP: Millis = Millis::from_s(1);

choices! {
    /// Why a count on the shelf was changed by hand.
    pub enum Adjustment {
        /// A picker found fewer than recorded.
        ShortPick = "short_pick",
        /// A count found another number.
        CycleCount = "cycle_count",
        /// Spoiled or past its date.
        Dumped = "dumped",
        /// A cancelled or returned order went back on the shelf.
        PutBack = "put_back",
    }
}

events! {
    /// What happened on a shelf.
    pub enum Event {
        /// Units of one line moved from free to reserved.
        LineHeld {
            /// For whom.
            order: OrderId,
            /// The store.
            store: StoreId,
            /// The SKU.
            sku: SkuId,
            /// How many.
            units: u32,
        } = "stock_line_held",
        /// All lines of an order are held.
        Held {
            /// For whom.
            order: OrderId,
            /// The store.
            store: StoreId,
            /// The hold ends then unless it is extended or committed.
            expires_at: Timestamp,
        } = "stock_held",
        /// A hold could not be made; nothing was held.
        Refused {
            /// For whom.
            order: OrderId,
            /// The store.
            store: StoreId,
            /// The first line that could not be held.
            sku: SkuId,
            /// What it asked for.
            wanted_units: u32,
            /// What was free.
            free_units: u32,
        } = "stock_refused",
        /// A hold stands longer.
        Extended {
            /// For whom.
            order: OrderId,
            /// The store.
            store: StoreId,
            /// The new end.
            expires_at: Timestamp,
        } = "stock_hold_extended",
        /// A hold no longer ends by itself: the order is confirmed.
        Secured {
            /// For whom.
            order: OrderId,
            /// The store.
            store: StoreId,
        } = "stock_hold_secured",
        /// Units of one line moved from reserved to sold.
        Committed {
            /// For whom.
            order: OrderId,
            /// The store.
            store: StoreId,
            /// The SKU.
            sku: SkuId,
            /// How many.
            units: u32,
        } = "stock_committed",
        /// Units of one line moved from reserved back to free.
        LineReleased {
            /// For whom.
            order: OrderId,
            /// The store.
            store: StoreId,
            /// The SKU.
            sku: SkuId,
            /// How many.
            units: u32,
        } = "stock_line_released",
        /// An order holds nothing any more.
        Released {
            /// For whom.
            order: OrderId,
            /// The store.
            store: StoreId,
        } = "stock_released",
        /// A hold ran out; its lines were released.
        Expired {
            /// For whom.
            order: OrderId,
            /// The store.
            store: StoreId,
        } = "stock_hold_expired",
        /// Units arrived.
        Received {
            /// The store.
            store: StoreId,
            /// The SKU.
            sku: SkuId,
            /// How many.
            units: u32,
        } = "stock_received",
        /// The recorded free units were corrected.
        Adjusted {
            /// The store.
            store: StoreId,
            /// The SKU.
            sku: SkuId,
            /// Units added, or taken away when negative.
            delta_units: i32,
            /// Why.
            adjustment: Adjustment,
        } = "stock_adjusted",
    }
}

impl Event {
    /// The shelf whose units it moves; none if it moves none.
    #[must_use]
    pub const fn moves(&self) -> Option<(StoreId, SkuId)> {
        match *self {
            Self::LineHeld { store, sku, .. }
            | Self::Committed { store, sku, .. }
            | Self::LineReleased { store, sku, .. }
            | Self::Received { store, sku, .. }
            | Self::Adjusted { store, sku, .. } => Some((store, sku)),
            Self::Held { .. }
            | Self::Refused { .. }
            | Self::Extended { .. }
            | Self::Secured { .. }
            | Self::Released { .. }
            | Self::Expired { .. } => None,
        }
    }
}
