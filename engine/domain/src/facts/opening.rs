//! What the world was when a journal began: everything a checker needs to know beforehand.

use crate::ids::{PickerId, RiderId, SkuId, StoreId};
use crate::money::{Bps, Paise};
use crate::place::Place;
use crate::time::{Millis, Timestamp};

events! {
    /// A fact that opens a journal. All of them stand before any other fact.
    pub enum Event {
        /// The stretch of time that is measured: warm-up before, drain after.
        Window {
            /// The measured window begins; orders placed from here on count.
            from: Timestamp,
            /// The measured window ends; arrivals end with it.
            to: Timestamp,
        } = "window",
        /// Limits that facts are judged by.
        Limits {
            /// Orders that one trip may carry.
            max_batch: u8,
            /// How long after its end a hold may still stand before the sweep takes it.
            sweep: Millis,
            /// An order must be in a terminal state this long after it was placed.
            order_limit: Millis,
            /// The surge multiplier is never below this.
            surge_floor: Bps,
            /// The surge multiplier is never above this.
            surge_cap: Bps,
            /// A rider hands over or picks up within this distance of the door, metres.
            geofence_m: u32,
            /// No leg is faster than this, metres an hour.
            speed_cap_m_per_h: u32,
        } = "limits",
        /// What riders are paid.
        Pay {
            /// For each order that they deliver.
            per_order: Paise,
        } = "pay",
        /// A SKU in the catalogue.
        Sku {
            /// The SKU.
            sku: SkuId,
            /// Maximum retail price of one unit, tax included.
            mrp: Paise,
            /// Rate of goods and services tax.
            gst: Bps,
        } = "sku_listed",
        /// A dark store.
        Store {
            /// The store.
            store: StoreId,
            /// Its door.
            place: Place,
            /// It serves addresses within this straight-line distance, metres.
            radius_m: u32,
        } = "store_listed",
        /// Units on a shelf.
        Stock {
            /// The store.
            store: StoreId,
            /// The SKU.
            sku: SkuId,
            /// Free units.
            units: u32,
        } = "stock_listed",
        /// A picker of a store.
        Picker {
            /// The picker.
            picker: PickerId,
            /// Where they work.
            store: StoreId,
        } = "picker_listed",
        /// A stretch of time that a picker is rostered for.
        PickerShift {
            /// The picker.
            picker: PickerId,
            /// Duty begins.
            from: Timestamp,
            /// Duty ends.
            to: Timestamp,
        } = "picker_shift_listed",
        /// A rider.
        Rider {
            /// The rider.
            rider: RiderId,
            /// Where they begin.
            place: Place,
        } = "rider_listed",
        /// A stretch of time that a rider is rostered for.
        Shift {
            /// The rider.
            rider: RiderId,
            /// Duty begins.
            from: Timestamp,
            /// Duty ends; equal to `from` for a shift without length.
            to: Timestamp,
        } = "shift_listed",
    }
}
