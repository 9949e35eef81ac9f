//! Quotes: prices, fees and a promise that are locked for a while; and surge.
//!
//! A [`Policy`] chooses unit prices and fees, [`quote`] makes them a quote and locks it, and
//! [`surge`] follows each store's load. Goods are never sold above their maximum retail price
//! (Legal Metrology (Packaged Commodities) Rules 2011, rule 18), so demand moves fees alone.

mod policies;
pub mod quote;
mod rules;
pub mod surge;
#[cfg(test)]
mod tests;
mod view;

pub use policies::{Policy, choose};
pub use rules::{DeliveryTier, MAX_TIERS, Rules, SurgeTier};
pub use view::{Choice, Fees, Item, Params, Scratch, View};

use crate::ids::{OrderId, SkuId, StoreId};
use crate::money::{Bps, Paise};
use crate::time::Timestamp;

choices! {
    /// A part of a quote that is not goods. Discounts are negative.
    pub enum Fee {
        /// For bringing it.
        Delivery = "delivery",
        /// For handling it.
        Handling = "handling",
        /// For a small cart.
        SmallCart = "small_cart",
        /// When riders are scarce.
        Surge = "surge",
        /// When it rains.
        Rain = "rain",
        /// Taken off.
        Discount = "discount",
    }
}

events! {
    /// What happened to quotes and surge. A quote is named by the order it may become.
    pub enum Event {
        /// A line of the cart was not on the shelf; the customer goes on without it.
        LineUnavailable {
            /// The quote.
            order: OrderId,
            /// Which line of the cart, from zero.
            line: u16,
            /// The store.
            store: StoreId,
            /// The SKU.
            sku: SkuId,
            /// How many were wanted.
            wanted_units: u32,
            /// How many were free.
            free_units: u32,
        } = "quote_line_unavailable",
        /// A line was priced.
        LinePriced {
            /// The quote.
            order: OrderId,
            /// Which line, from zero.
            line: u16,
            /// The SKU.
            sku: SkuId,
            /// How many.
            units: u32,
            /// For one unit, tax included; never above the maximum retail price.
            unit_price: Paise,
            /// The tax within `units × unit_price`.
            tax: Paise,
        } = "quote_line_priced",
        /// A fee was added, tax included. Only those that are not zero.
        FeeAdded {
            /// The quote.
            order: OrderId,
            /// Which.
            fee: Fee,
            /// How much.
            amount: Paise,
            /// The tax within the amount.
            tax: Paise,
        } = "quote_fee_added",
        /// The quote is complete.
        Issued {
            /// The quote.
            order: OrderId,
            /// Which store would fulfil it.
            store: StoreId,
            /// Lines and fees.
            total: Paise,
            /// The surge multiplier it was made with.
            surge: Bps,
            /// The rider will be at the door by then.
            promise_by: Timestamp,
            /// It can be locked until then.
            valid_until: Timestamp,
        } = "quote_issued",
        /// The order took it; this is what will be charged.
        Locked {
            /// The quote and order.
            order: OrderId,
            /// What will be charged.
            total: Paise,
        } = "quote_locked",
        /// It was too old to lock.
        Expired {
            /// The quote.
            order: OrderId,
        } = "quote_expired",
        /// The order it was for is confirmed; it cannot be used again.
        Consumed {
            /// The quote and order.
            order: OrderId,
        } = "quote_consumed",
        /// It no longer holds: the order ended, or must be quoted anew.
        Invalidated {
            /// The quote.
            order: OrderId,
        } = "quote_invalidated",
        /// A store's surge multiplier changed. Stores begin at 1.00×.
        SurgeSet {
            /// The store.
            store: StoreId,
            /// The multiplier from now on.
            surge: Bps,
        } = "surge_set",
    }
}
