//! What paying asks for.

use super::{Event, Method, Timer};
use crate::money::Paise;
use crate::time::Timestamp;

/// What paying asks the outside to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write a fact.
    Publish(Event),
    /// Ask the provider to get the money from the customer. The wallet is a provider of our
    /// own: the books answer with `Authorised` and hold the amount, or with `Declined`.
    AskProvider {
        /// The attempt; with the order it is the request's idempotency key.
        attempt: u8,
        /// How.
        method: Method,
        /// How much.
        amount: Paise,
    },
    /// Ask the provider how an attempt stands.
    AskStatus {
        /// The attempt.
        attempt: u8,
    },
    /// Take the money that is held. May be asked twice; the provider does it once.
    Capture {
        /// The attempt.
        attempt: u8,
        /// How much.
        amount: Paise,
    },
    /// Let go what is held. If a capture was quicker, the provider says so and a refund follows.
    Void {
        /// The attempt.
        attempt: u8,
    },
    /// Give money back. May be asked twice; the provider does it once for each total.
    /// Cash goes back into the customer's wallet.
    Refund {
        /// The attempt.
        attempt: u8,
        /// How much this time.
        amount: Paise,
        /// How much of the attempt has gone back after it; with order and attempt it is the
        /// request's idempotency key.
        total: Paise,
    },
    /// Tell the customer that it failed, and ask: try again, or leave?
    AskCustomer,
    /// Hand this timer back then.
    WakeAt(Timer, Timestamp),
    /// The money is ours, or cash is due: the order may be confirmed.
    Settled,
    /// Nothing more is tried: the order must be undone.
    Failed,
    /// The order is undone, nothing is kept and nothing is known to be outstanding. Said once;
    /// what still comes later goes back without saying it again.
    Closed,
    /// The provider has not answered a void or a refund for a day: a person must look.
    Review {
        /// The attempt.
        attempt: u8,
    },
}
