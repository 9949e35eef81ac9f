//! Work on the store's floor: queue, collect, pack, hand over, put back.

mod floor;
mod task;
#[cfg(test)]
mod tests;

pub use floor::{Floor, Parts as FloorParts};
pub use task::{Effect, Input, State, Status, sought, step};

use crate::ids::{OrderId, PickerId, RiderId, SkuId, StoreId};
use crate::money::Paise;

events! {
    /// What happened to a pick list.
    pub enum Event {
        /// It waits for a picker.
        Queued {
            /// The order.
            order: OrderId,
            /// The store.
            store: StoreId,
        } = "pick_queued",
        /// A picker took it.
        Started {
            /// The order.
            order: OrderId,
            /// Who.
            picker: PickerId,
        } = "pick_started",
        /// A line was found in full.
        LinePicked {
            /// The order.
            order: OrderId,
            /// Which line, from zero.
            line: u16,
            /// The SKU.
            sku: SkuId,
            /// How many.
            units: u32,
        } = "pick_line_picked",
        /// Fewer were found than held.
        LineShort {
            /// The order.
            order: OrderId,
            /// Which line, from zero.
            line: u16,
            /// The SKU.
            sku: SkuId,
            /// How many were held.
            wanted_units: u32,
            /// How many were found.
            units: u32,
            /// What the customer pays less.
            reduction: Paise,
        } = "pick_line_short",
        /// In its bag, waiting for a rider.
        Packed {
            /// The order.
            order: OrderId,
            /// Who packed it; free again.
            picker: PickerId,
            /// Whether any unit was found at all.
            anything: bool,
        } = "pick_packed",
        /// The rider has the bag.
        HandedOver {
            /// The order.
            order: OrderId,
            /// Who took it.
            rider: RiderId,
        } = "pick_handed_over",
        /// Stopped before it was packed, or taken back out of its bag.
        Aborted {
            /// The order.
            order: OrderId,
            /// Whether something has to go back on the shelf.
            put_back: bool,
        } = "pick_aborted",
        /// All of it is back on the shelf; nothing more to do.
        Closed {
            /// The order.
            order: OrderId,
        } = "pick_closed",
    }
}
