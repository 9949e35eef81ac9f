//! What paying hears.

use super::{Decline, Method};
use crate::ids::RiderId;
use crate::money::Paise;

/// What the provider says about an attempt, by webhook or in answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// It waits for the customer.
    Pending,
    /// The money is held for us.
    Authorised,
    /// It failed. Not final.
    Declined(Decline),
    /// The money is ours.
    Captured,
    /// The money that was held could not be taken.
    CaptureFailed,
    /// The hold was let go.
    Voided,
    /// Money went back.
    Refunded {
        /// All that has gone back of this attempt so far, not only the last part of it: so the
        /// word may come twice.
        total: Paise,
    },
    /// The last refund did not go through. It is asked for again when its timer says so.
    RefundFailed,
}

events! {
    /// What paying hears.
    pub enum Input {
        /// Begin.
        Start {
            /// How the customer pays.
            method: Method,
            /// What the order comes to.
            amount: Paise,
        } = "payment_start",
        /// The provider spoke. Words about an attempt not made yet are ignored: the shell parks
        /// them until it is.
        Heard {
            /// The attempt it spoke about.
            attempt: u8,
            /// What it said.
            word: Word,
        } = "payment_heard",
        /// The customer tries again. Ignored unless they were asked.
        Retry {
            /// How, this time.
            method: Method,
        } = "payment_retry",
        /// The customer leaves. Ignored once a capture is under way.
        GiveUp = "payment_give_up",
        /// Part of the amount shall go back although the order stands.
        Refund {
            /// All that shall have gone back, earlier parts included: so the input may come
            /// twice.
            amount: Paise,
        } = "payment_refund",
        /// The order is undone: everything goes back, also what comes later.
        End = "payment_end",
        /// The rider took the cash that was due.
        CashTaken {
            /// Who has it.
            rider: RiderId,
        } = "payment_cash_taken",
        /// The rider handed this order's cash in.
        CashHandedIn {
            /// Who had it.
            rider: RiderId,
        } = "payment_cash_handed_in",
        /// A timer went off.
        Wake {
            /// Which.
            timer: Timer,
        } = "payment_wake",
    }
}

/// What a timer is for. One that no longer fits the state is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The customer's time to pay is over.
    Window,
    /// A capture is awaited no longer.
    HardWindow,
    /// Look after an attempt: ask how it stands, or send again what was not answered.
    Follow {
        /// The attempt.
        attempt: u8,
        /// Which of the attempt's follow-ups.
        nth: u8,
    },
    /// Look after a refund.
    Refund {
        /// The attempt that is refunded.
        attempt: u8,
        /// The refund, named by the total that has gone back after it.
        total: Paise,
        /// How many times it was sent again before.
        retry: u8,
    },
}
