//! Paying for an order: attempts, late words of the provider, capture, void, refund.
//!
//! A process manager: [`step`] takes a [`State`] and an [`Input`] and gives the next state with
//! [`Effect`]s. What the provider says about one attempt is merged upwards along [`Phase`], so
//! words may come twice, late or out of order. The law the tests check: once the order has
//! ended and the provider has answered, nothing is kept.
//!
//! ```text
//! New → Paying ⇄ Asking            one attempt after another, the customer asked in between
//!        │  └→ Overtime            the window is over, a capture is still awaited
//!        ├→ Kept                   the money is ours, or cash is due at the door
//!        └→ Failed                 nothing more is tried
//! any → Ended → Closed             everything goes back; what comes late goes back at once
//! ```

mod effect;
mod fields;
mod follow;
mod input;
mod refund;
mod rules;
mod state;
mod step;
#[cfg(test)]
mod tests;

pub use effect::Effect;
pub use fields::{TimerKind, WordKind};
pub use follow::MAX_FOLLOW_UPS;
pub use input::{Input, Timer, Word};
pub use rules::Rules;
pub use state::{Attempt, MAX_ATTEMPTS, Phase, Stage, State};
pub use step::step;

use crate::ids::{OrderId, RiderId};
use crate::money::Paise;

choices! {
    /// How a customer pays.
    pub enum Method {
        /// Unified Payments Interface: a push from the customer's bank.
        Upi = "upi",
        /// Credit or debit card.
        Card = "card",
        /// Money the customer keeps with us.
        Wallet = "wallet",
        /// Cash at the door.
        Cash = "cash",
    }
}

choices! {
    /// Why an attempt did not succeed.
    pub enum Decline {
        /// The bank or the customer said no.
        Business = "business",
        /// Something between us and the bank broke.
        Technical = "technical",
        /// Nobody answered in time. Not final: an authorisation may follow.
        TimeOut = "time_out",
    }
}

events! {
    /// What happened to an order's money.
    pub enum Event {
        /// An attempt was sent to the provider.
        Initiated {
            /// The order.
            order: OrderId,
            /// Attempts count from one.
            attempt: u8,
            /// How.
            method: Method,
            /// How much.
            amount: Paise,
        } = "payment_initiated",
        /// The provider waits for the customer.
        Pending {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
        } = "payment_pending",
        /// The provider holds the money for us.
        Authorised {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
            /// How much.
            amount: Paise,
            /// Whether the attempt had already failed or been given up.
            late: bool,
        } = "payment_authorised",
        /// The attempt failed.
        Declined {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
            /// Why.
            decline: Decline,
        } = "payment_declined",
        /// The money is ours.
        Captured {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
            /// How it was paid.
            method: Method,
            /// How much.
            amount: Paise,
        } = "payment_captured",
        /// An authorisation was let go uncaptured.
        Voided {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
        } = "payment_voided",
        /// A refund was asked of the provider.
        RefundAsked {
            /// The order.
            order: OrderId,
            /// The attempt that is refunded.
            attempt: u8,
            /// How much.
            amount: Paise,
        } = "payment_refund_asked",
        /// A refund reached the customer.
        Refunded {
            /// The order.
            order: OrderId,
            /// The attempt.
            attempt: u8,
            /// How it was paid, and goes back.
            method: Method,
            /// How much.
            amount: Paise,
        } = "payment_refunded",
        /// Nothing more will be tried; what comes late is refunded.
        Expired {
            /// The order.
            order: OrderId,
        } = "payment_expired",
        /// Cash is due at the door.
        CashDue {
            /// The order.
            order: OrderId,
            /// How much.
            amount: Paise,
        } = "payment_cash_due",
        /// The rider took the cash.
        CashCollected {
            /// The order.
            order: OrderId,
            /// Who holds it.
            rider: RiderId,
            /// How much.
            amount: Paise,
        } = "payment_cash_collected",
        /// The rider handed in cash at the store.
        CashRemitted {
            /// Who.
            rider: RiderId,
            /// How much.
            amount: Paise,
        } = "payment_cash_remitted",
    }
}

impl Event {
    /// The order whose customer's money moved; none when no customer's did.
    #[must_use]
    pub const fn paid_for(&self) -> Option<OrderId> {
        if let Self::Captured { order, .. }
        | Self::Refunded { order, .. }
        | Self::CashCollected { order, .. } = *self
        {
            Some(order)
        } else {
            None
        }
    }
}
