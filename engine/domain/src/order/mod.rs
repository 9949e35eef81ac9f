//! An order: its lines, its stages, and who may cancel it when.

use crate::ids::{CustomerId, OrderId, SkuId, StoreId};
use crate::money::Paise;
use crate::payment::Method;
use crate::place::Place;
use crate::time::Timestamp;

/// One SKU and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is ordered.
    pub sku: SkuId,
    /// How many units; at least one.
    pub units: u32,
}

choices! {
    /// Why an order was refused.
    pub enum Rejection {
        /// A line was out of stock.
        OutOfStock = "out_of_stock",
        /// No open store serves the address.
        Unserviceable = "unserviceable",
        /// It was not paid.
        Payment = "payment",
        /// The quote was no longer valid.
        PriceChanged = "price_changed",
    }
}

choices! {
    /// Who ended an order early.
    pub enum Canceller {
        /// The customer changed their mind.
        Customer = "customer",
        /// The store could not fulfil it.
        Store = "store",
        /// The platform gave up: no rider, or a step that never ended.
        Platform = "platform",
    }
}

choices! {
    /// The stage an order is in. The edges between stages are the order's state machine.
    pub enum Stage {
        /// Not yet placed.
        Draft = "draft",
        /// Accepted from the customer; stock not yet held.
        Placed = "placed",
        /// Stock is held.
        Reserved = "reserved",
        /// Waiting for the money.
        PaymentPending = "payment_pending",
        /// Paid, or to be paid at the door; the store may begin.
        Confirmed = "confirmed",
        /// A picker is on it.
        Picking = "picking",
        /// In its bag.
        Packed = "packed",
        /// With a rider.
        OutForDelivery = "out_for_delivery",
        /// The rider is at the door.
        Arrived = "arrived",
        /// The customer has it. Terminal.
        Delivered = "delivered",
        /// Refused before it was confirmed. Terminal.
        Rejected = "rejected",
        /// Ended early. Terminal.
        Cancelled = "cancelled",
        /// Could not be handed over, and came back. Terminal.
        Undelivered = "undelivered",
    }
}

impl Stage {
    /// Whether the order's life is over.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Delivered | Self::Rejected | Self::Cancelled | Self::Undelivered)
    }
}

events! {
    /// A stage of an order's life. Each carries the order's version: one more than the last.
    pub enum Event {
        /// The customer placed the order.
        Placed {
            /// The order.
            order: OrderId,
            /// One for this event.
            version: u16,
            /// The arrival's own name: its index, or the number a recorded day gave it.
            client_ref: u64,
            /// Who ordered.
            customer: CustomerId,
            /// Which store will fulfil it.
            store: StoreId,
            /// Where it goes.
            door: Place,
            /// Number of lines.
            lines: u16,
            /// How it will be paid.
            method: Method,
            /// What the customer was promised.
            promise_by: Timestamp,
        } = "order_placed",
        /// All lines are held.
        Reserved {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
        } = "order_reserved",
        /// The payment provider was asked.
        PaymentPending {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
        } = "order_payment_pending",
        /// Paid or payable at the door: the pivot of the saga.
        Confirmed {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
        } = "order_confirmed",
        /// Picking began.
        PickingBegun {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
        } = "order_picking",
        /// Packed, with what was found.
        Packed {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
            /// What the customer pays after short lines were taken off.
            payable: Paise,
        } = "order_packed",
        /// The rider left with it.
        LeftStore {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
        } = "order_out_for_delivery",
        /// The rider is at the door. On time means: by the promise.
        Arrived {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
        } = "order_arrived",
        /// Handed over.
        Delivered {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
        } = "order_delivered",
        /// Refused before confirmation.
        Rejected {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
            /// Why.
            rejection: Rejection,
        } = "order_rejected",
        /// Somebody asked for it to end; compensation begins.
        CancelAsked {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
            /// Who asked.
            canceller: Canceller,
        } = "order_cancel_asked",
        /// Ended early, all compensation done.
        Cancelled {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
            /// Who ended it.
            canceller: Canceller,
            /// The stage it had reached.
            stage: Stage,
        } = "order_cancelled",
        /// Could not be handed over and is back at the store, all compensation done.
        Undelivered {
            /// The order.
            order: OrderId,
            /// The order's version.
            version: u16,
        } = "order_undelivered",
    }
}
