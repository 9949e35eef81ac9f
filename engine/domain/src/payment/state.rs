//! What is known about an order's money.

use super::{Event, Method};
use crate::money::Paise;

/// Attempts for which a [`State`] has room.
pub const MAX_ATTEMPTS: usize = 3;

choices! {
    /// How far an attempt is known to have come, in the order of how much a word weighs.
    ///
    /// What is heard only ever raises it, so words may come twice, late or out of order. A
    /// decline is no barrier: an authorisation weighs more. Money taken weighs most, because
    /// it must not be forgotten.
    pub enum Phase {
        /// Sent to the provider; nothing heard.
        Asked = "asked",
        /// The provider waits for the customer.
        Pending = "pending",
        /// Nobody answered in time; an authorisation may still come.
        TimedOut = "timed_out",
        /// The bank or the provider said no.
        Declined = "declined",
        /// The money is held for us. For cash: it is due at the door.
        Authorised = "authorised",
        /// The money was held, but could not be taken.
        CaptureFailed = "capture_failed",
        /// The hold was let go. For cash: it is due no longer.
        Voided = "voided",
        /// The money was taken. For cash: the rider has it.
        Captured = "captured",
        /// The rider handed the cash in.
        Remitted = "remitted",
    }
}

choices! {
    /// Where paying for an order stands.
    pub enum Stage {
        /// Not begun.
        New = "new",
        /// An attempt is under way.
        Paying = "paying",
        /// The customer is asked whether to try again.
        Asking = "asking",
        /// The window is over; a capture already asked for is still awaited.
        Overtime = "overtime",
        /// The money is ours, or cash is due: the order may be confirmed.
        Kept = "kept",
        /// Nothing more is tried.
        Failed = "failed",
        /// The order is undone; something has yet to go back.
        Ended = "ended",
        /// The order is undone and nothing is known to be outstanding.
        Closed = "closed",
    }
}

/// One attempt. Amounts are whole paise in 32 bits, to keep the state within a cache line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Of the captured amount, what has been asked back so far. More than
    /// [`Attempt::refunded_paise`] while a refund is under way.
    pub refund_asked_paise: u32,
    /// Of the captured amount, what has gone back. For cash it counts what was let off before
    /// the rider took any.
    pub refunded_paise: u32,
    /// How it is paid.
    pub method: Method,
    /// How far it has come.
    pub phase: Phase,
    /// Counts up by one when a follow-up timer is set and when it goes off: odd while one runs.
    pub follow: u8,
    /// How many times the refund under way has been asked for again.
    pub refund_retries: u8,
}

impl Attempt {
    pub(super) const fn new(method: Method) -> Self {
        Self {
            refund_asked_paise: 0,
            refunded_paise: 0,
            method,
            phase: Phase::Asked,
            follow: 0,
            refund_retries: 0,
        }
    }

    /// Whether the money was taken, given back since or not.
    #[must_use]
    pub fn is_captured(&self) -> bool {
        self.phase >= Phase::Captured
    }

    /// Whether it could still be authorised.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.phase <= Phase::TimedOut
    }
}

/// What is known about an order's money. Changed by [`super::step`] alone; the fields are public
/// so that they can be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// What the order comes to; every attempt is for all of it.
    pub amount_paise: u32,
    /// Of that, what shall go back in all although the order stands (short lines).
    pub refund_wanted_paise: u32,
    /// Of that, what was taken off the cash due before the rider took it.
    pub let_off_paise: u32,
    /// Where paying stands.
    pub stage: Stage,
    /// The attempt whose money is kept or is being captured to be kept, from one; zero if none.
    pub chosen: u8,
    /// Attempts made.
    pub made: u8,
    /// The attempts; only the first [`State::made`] mean anything.
    pub attempts: [Attempt; MAX_ATTEMPTS],
}

impl Default for State {
    fn default() -> Self {
        Self::NEW
    }
}

impl State {
    /// Nothing was tried yet.
    pub const NEW: Self = Self {
        amount_paise: 0,
        refund_wanted_paise: 0,
        let_off_paise: 0,
        stage: Stage::New,
        chosen: 0,
        made: 0,
        attempts: [Attempt::new(Method::Upi); MAX_ATTEMPTS],
    };

    /// The attempts made.
    #[must_use]
    pub fn made(&self) -> &[Attempt] {
        &self.attempts[..usize::from(self.made)]
    }

    /// What was taken from the customer, by any method.
    #[must_use]
    pub fn captured(&self) -> Paise {
        let of = |attempt: &Attempt| match (attempt.is_captured(), attempt.method) {
            (true, Method::Cash) => self.amount_paise - self.let_off_paise,
            (true, Method::Upi | Method::Card | Method::Wallet) => self.amount_paise,
            (false, _) => 0,
        };
        self.made().iter().map(|attempt| paise(of(attempt))).sum()
    }

    /// What went back to the customer.
    #[must_use]
    pub fn refunded(&self) -> Paise {
        let of = |attempt: &Attempt| match (attempt.is_captured(), attempt.method) {
            (true, Method::Cash) => attempt.refunded_paise - self.let_off_paise,
            (true, Method::Upi | Method::Card | Method::Wallet) => attempt.refunded_paise,
            (false, _) => 0,
        };
        self.made().iter().map(|attempt| paise(of(attempt))).sum()
    }

    /// What we hold of the customer's: captured less refunded.
    #[must_use]
    pub fn kept(&self) -> Paise {
        self.captured() - self.refunded()
    }

    /// The cash that the rider shall take at the door; zero unless it is due.
    #[must_use]
    pub fn cash_due(&self) -> Paise {
        let is_due = |attempt: &Attempt| {
            attempt.method == Method::Cash && attempt.phase == Phase::Authorised
        };
        if self.made().iter().any(is_due) {
            paise(self.amount_paise - self.let_off_paise)
        } else {
            Paise::ZERO
        }
    }

    /// How an attempt is paid; none if it was not made.
    #[must_use]
    pub fn method_of(&self, attempt: u8) -> Option<Method> {
        let index = usize::from(attempt).checked_sub(1)?;
        self.made().get(index).map(|attempt| attempt.method)
    }

    /// What the customer's wallet holds no longer because of an event: it was taken or let go.
    #[must_use]
    pub fn let_go_by(&self, event: &Event) -> Option<Paise> {
        let (Event::Captured { attempt, .. } | Event::Voided { attempt, .. }) = *event else {
            return None;
        };
        (self.method_of(attempt)? == Method::Wallet).then(|| paise(self.amount_paise))
    }

    /// Whether the order may still come to be paid.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Paying | Stage::Asking | Stage::Overtime)
    }

    /// Whether nothing is under way: no capture, void or refund waits for an answer, and no
    /// attempt could still be authorised while the order is open.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        !self.is_open() && self.made().iter().all(|attempt| !self.is_owing(attempt))
    }

    /// Whether an attempt still has something to be let go or given back.
    pub(super) fn is_owing(&self, attempt: &Attempt) -> bool {
        let is_cash = attempt.method == Method::Cash;
        match attempt.phase {
            Phase::Asked | Phase::Pending | Phase::TimedOut | Phase::Declined | Phase::Voided => {
                false
            }
            Phase::Authorised | Phase::CaptureFailed => !is_cash,
            Phase::Captured | Phase::Remitted => {
                attempt.refunded_paise < attempt.refund_asked_paise
            }
        }
    }
}

/// An amount as money.
pub(super) fn paise(amount: u32) -> Paise {
    Paise(i64::from(amount))
}

/// An amount in the state's form.
pub(super) fn packed(amount: Paise) -> u32 {
    u32::try_from(amount.0).expect("an order's amount is between zero and u32::MAX paise")
}
