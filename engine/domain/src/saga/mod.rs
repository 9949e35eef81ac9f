//! The life of an order, from placed to one of four ends: the saga that holds everything together.
//!
//! Forward, one step after another: lock the quote, hold the stock, take the money, confirm,
//! have it picked, have it brought. What was begun is remembered in [`State::open`]; when the
//! order must end early, it is undone from the last to the first, one at a time, and only then
//! is the end told. Confirmation is the pivot: before it an order is rejected, after it cancelled.
//!
//! ```text
//! Draft > Placed > Reserved > PaymentPending > Confirmed > Picking > Packed
//!                                        > OutForDelivery > Arrived > DELIVERED
//! any stage > (undo rider, pick, hold, money) > REJECTED | CANCELLED | UNDELIVERED
//! ```

#[cfg(test)]
mod tests;

use crate::ids::{CustomerId, OrderId, StoreId};
use crate::money::Paise;
use crate::order::{Canceller, Event, Rejection, Stage};
use crate::payment::Method;
use crate::place::Place;
use crate::time::{Millis, Timestamp};

/// Limits of an order's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long stock is held for an order that is not yet paid. 6 min: longer than the payment
    /// window and its last status poll (domain.md section 5).
    pub hold_ttl: Millis,
    /// An order that is not with a rider by then is cancelled by the platform. 90 min, assumed,
    /// grade E.
    pub give_up: Millis,
    /// The last stage in which a customer may cancel. Picking (domain.md section 5: later is
    /// a matter of policy).
    pub cancel_until: Stage,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            hold_ttl: Millis::from_min(6),
            give_up: Millis::from_min(90),
            cancel_until: Stage::Picking,
        }
    }
}

impl Rules {
    /// When a hold ends that was asked for until a time and is made now: then, unless the wish was
    /// taken up so late that the time is over. Such a hold gets its whole length from now.
    #[must_use]
    pub fn hold_end(&self, asked_until: Timestamp, now: Timestamp) -> Timestamp {
        if asked_until > now { asked_until } else { now + self.hold_ttl }
    }
}

choices! {
    /// What a timer is for.
    pub enum Timer {
        /// Nobody came for the order.
        GiveUp = "give_up",
    }
}

events! {
    /// What the saga hears.
    pub enum Input {
        /// A customer accepts a quote.
        Place {
            /// The arrival's own name.
            client_ref: u64,
            /// Who.
            customer: CustomerId,
            /// The store of the quote.
            store: StoreId,
            /// Where it goes.
            door: Place,
            /// Number of lines.
            lines: u16,
            /// How it will be paid.
            method: Method,
            /// The quote's total.
            total: Paise,
            /// The quote's promise.
            promise_by: Timestamp,
        } = "saga_place",
        /// The quote is locked.
        QuoteLocked = "saga_quote_locked",
        /// The quote was too old.
        QuoteExpired = "saga_quote_expired",
        /// All lines are held.
        StockHeld = "saga_stock_held",
        /// They could not be held.
        StockRefused = "saga_stock_refused",
        /// The hold ran out.
        HoldExpired = "saga_hold_expired",
        /// The hold was released.
        HoldReleased = "saga_hold_released",
        /// Another attempt to pay began.
        PaymentRetried = "saga_payment_retried",
        /// The money is ours, or is due at the door.
        PaymentSettled = "saga_payment_settled",
        /// There will be no money.
        PaymentFailed = "saga_payment_failed",
        /// Nothing of the customer's money is kept.
        PaymentClosed = "saga_payment_closed",
        /// A picker took the pick list.
        PickStarted = "saga_pick_started",
        /// A line was short.
        LineShort {
            /// What the customer pays less.
            reduction: Paise,
        } = "saga_line_short",
        /// It is in its bag.
        PickPacked {
            /// Whether anything was found at all.
            anything: bool,
        } = "saga_pick_packed",
        /// Nothing of it is on the floor any more.
        PickClosed = "saga_pick_closed",
        /// The rider has the bag.
        PickedUp = "saga_picked_up",
        /// The rider is at the door.
        RiderArrived = "saga_rider_arrived",
        /// The customer has it.
        HandedOver = "saga_handed_over",
        /// Nobody took it; it comes back.
        DoorFailed = "saga_door_failed",
        /// No rider has, or will have, anything of it.
        RiderClosed = "saga_rider_closed",
        /// Somebody wants it to end.
        CancelAsked {
            /// Who.
            canceller: Canceller,
        } = "saga_cancel_asked",
        /// A timer rang.
        TimedOut {
            /// Which.
            timer: Timer,
        } = "saga_timed_out",
        /// No store that takes orders serves the door.
        Unserved = "saga_unserved",
    }
}

/// What the saga asks of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell what happened.
    Publish(Event),
    /// Lock the quote.
    LockQuote,
    /// Hold all lines until a time.
    Reserve {
        /// The end of the hold.
        until: Timestamp,
    },
    /// Let the hold stand until a later time.
    ExtendHold {
        /// The new end.
        until: Timestamp,
    },
    /// Let the hold stand until it is picked.
    SecureHold,
    /// Release what is held.
    ReleaseHold,
    /// Take the money.
    Pay {
        /// How.
        method: Method,
        /// How much.
        amount: Paise,
    },
    /// Give a part of the money back, or ask for less.
    ReducePayment {
        /// How much less than the quote in all, so that it can be said twice.
        amount: Paise,
    },
    /// Give all the money back and take no more.
    ClosePayment,
    /// Have it picked.
    QueuePick,
    /// Stop picking and put everything back.
    AbortPick,
    /// Have it brought.
    RequestRider,
    /// Have it not brought.
    WithdrawRider,
    /// Send [`Input::TimedOut`] at a time.
    WakeAt(Timer, Timestamp),
}

/// How an order that ends early ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Refused before confirmation.
    Rejected(Rejection),
    /// Ended after the customer, the store or the platform asked.
    Cancelled {
        /// Who asked.
        canceller: Canceller,
        /// The stage it had reached.
        stage: Stage,
    },
    /// It could not be handed over.
    Undelivered,
}

/// What an order has begun and not ended: a set of these bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open(u8);

impl Open {
    /// Stock was asked for; no answer yet.
    pub const ASKED: Self = Self(1);
    /// Stock is held.
    pub const HOLD: Self = Self(2);
    /// A payment was begun.
    pub const MONEY: Self = Self(4);
    /// A pick list exists.
    pub const PICK: Self = Self(8);
    /// A rider was requested.
    pub const RIDER: Self = Self(16);
    /// The hold was extended; it is extended once.
    pub const EXTENDED: Self = Self(32);

    /// The set as bits, so that it can be stored.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set of stored bits; bits that mean nothing are dropped.
    #[must_use]
    pub const fn of_bits(bits: u8) -> Self {
        Self(bits & 63)
    }

    const fn has(self, bit: Self) -> bool {
        self.0 & bit.0 != 0
    }

    const fn with(self, bit: Self) -> Self {
        Self(self.0 | bit.0)
    }

    const fn without(self, bit: Self) -> Self {
        Self(self.0 & !bit.0)
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The stage.
    pub stage: Stage,
    /// The version: how many events the order has had.
    pub version: u16,
    /// What must be undone if it ends early.
    pub open: Open,
    /// How it will be paid.
    pub method: Method,
    /// Whether the money is ours or due at the door.
    pub settled: bool,
    /// What the customer pays.
    pub payable: Paise,
    /// How much of the quote's total short lines have taken off.
    pub reduced: Paise,
    /// How it ends, once that is decided; from then on it is being undone.
    pub ending: Option<Ending>,
}

impl State {
    /// An order that has not been placed.
    pub const NEW: Self = Self {
        stage: Stage::Draft,
        version: 0,
        open: Open(0),
        method: Method::Upi,
        settled: false,
        payable: Paise::ZERO,
        reduced: Paise::ZERO,
        ending: None,
    };
}

/// Takes the next step of an order's life.
///
/// Total: what does not fit the state is ignored, so a duplicate or a late word is harmless.
#[must_use]
pub fn step(
    rules: &Rules,
    order: OrderId,
    state: State,
    input: Input,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> State {
    if state.stage.is_terminal() {
        return state;
    }
    if state.ending.is_some() {
        return unwind(order, state, input, effects);
    }
    let mut life = Life { rules, order, now, state, effects };
    life.hear(input);
    life.state
}

/// One step being taken.
struct Life<'a> {
    rules: &'a Rules,
    order: OrderId,
    now: Timestamp,
    state: State,
    effects: &'a mut Vec<Effect>,
}

impl Life<'_> {
    fn hear(&mut self, input: Input) {
        match (self.state.stage, input) {
            (Stage::Draft, Input::Place { .. }) => self.place(input),
            (Stage::Draft, _) => {}
            (Stage::Placed, Input::QuoteLocked) if !self.state.open.has(Open::ASKED) => {
                self.reserve();
            }
            (Stage::Placed, Input::QuoteExpired) => self.reject(Rejection::PriceChanged),
            (Stage::Placed, Input::Unserved) if !self.state.open.has(Open::ASKED) => {
                self.reject(Rejection::Unserviceable);
            }
            (Stage::Placed, Input::StockHeld) => self.held(),
            (Stage::Placed, Input::StockRefused) => {
                self.close(Open::ASKED);
                self.reject(Rejection::OutOfStock);
            }
            (Stage::Reserved | Stage::PaymentPending, _) => self.hear_while_paying(input),
            (Stage::Confirmed, Input::PickStarted) => {
                self.advance(Stage::Picking, |order, version| Event::PickingBegun {
                    order,
                    version,
                });
            }
            (Stage::Confirmed | Stage::Picking, Input::LineShort { reduction }) => {
                self.state.payable -= reduction;
                self.state.reduced += reduction;
                self.effects.push(Effect::ReducePayment { amount: self.state.reduced });
            }
            (Stage::Picking, Input::PickPacked { anything: false }) => {
                self.cancel(Canceller::Store)
            }
            (Stage::Picking, Input::PickPacked { anything: true }) => {
                self.close(Open::HOLD);
                let payable = self.state.payable;
                self.advance(Stage::Packed, |order, version| Event::Packed {
                    order,
                    version,
                    payable,
                });
            }
            (Stage::Packed, Input::PickedUp) => {
                self.advance(Stage::OutForDelivery, |order, version| Event::LeftStore {
                    order,
                    version,
                });
            }
            (Stage::OutForDelivery, Input::RiderArrived) => {
                self.advance(Stage::Arrived, |order, version| Event::Arrived { order, version });
            }
            (Stage::Arrived, Input::HandedOver) => {
                self.advance(Stage::Delivered, |order, version| Event::Delivered {
                    order,
                    version,
                });
            }
            (Stage::OutForDelivery | Stage::Arrived, Input::DoorFailed) => {
                self.end(Ending::Undelivered);
            }
            (_, Input::CancelAsked { canceller }) => self.cancel_if_allowed(canceller),
            (stage, Input::TimedOut { timer: Timer::GiveUp }) if stage < Stage::OutForDelivery => {
                self.cancel(Canceller::Platform);
            }
            _ => {}
        }
    }

    fn place(&mut self, input: Input) {
        let Input::Place { client_ref, customer, store, door, lines, method, total, promise_by } =
            input
        else {
            return;
        };
        self.state.method = method;
        self.state.payable = total;
        self.advance(Stage::Placed, |order, version| Event::Placed {
            order,
            version,
            client_ref,
            customer,
            store,
            door,
            lines,
            method,
            promise_by,
        });
        self.effects.push(Effect::LockQuote);
        self.effects.push(Effect::WakeAt(Timer::GiveUp, self.now + self.rules.give_up));
    }

    fn reserve(&mut self) {
        self.open(Open::ASKED);
        self.effects.push(Effect::Reserve { until: self.now + self.rules.hold_ttl });
    }

    /// The lines are held: ask for the money.
    fn held(&mut self) {
        self.close(Open::ASKED);
        self.open(Open::HOLD);
        self.advance(Stage::Reserved, |order, version| Event::Reserved { order, version });
        let State { method, payable: amount, .. } = self.state;
        self.open(Open::MONEY);
        if method != Method::Cash {
            self.advance(Stage::PaymentPending, |order, version| Event::PaymentPending {
                order,
                version,
            });
        }
        self.effects.push(Effect::Pay { method, amount });
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "what does not fit is ignored")]
    fn hear_while_paying(&mut self, input: Input) {
        match input {
            Input::PaymentRetried => self.extend_hold(),
            Input::PaymentSettled => {
                self.state.settled = true;
                self.confirm_when_held();
            }
            Input::HoldExpired => self.close(Open::HOLD),
            Input::StockHeld if self.state.open.has(Open::ASKED) => {
                self.close(Open::ASKED);
                self.open(Open::HOLD);
                self.confirm_when_held();
            }
            Input::StockRefused if self.state.open.has(Open::ASKED) => {
                self.close(Open::ASKED);
                self.reject(Rejection::OutOfStock);
            }
            Input::PaymentFailed => self.reject(Rejection::Payment),
            Input::TimedOut { timer: Timer::GiveUp } => self.cancel(Canceller::Platform),
            Input::CancelAsked { canceller } => self.cancel_if_allowed(canceller),
            _ => {}
        }
    }

    fn extend_hold(&mut self) {
        let open = self.state.open;
        if open.has(Open::HOLD) && !open.has(Open::EXTENDED) {
            self.open(Open::EXTENDED);
            self.effects.push(Effect::ExtendHold { until: self.now + self.rules.hold_ttl });
        }
    }

    /// Confirms if the hold stands; if it ran out while the customer paid, asks for it again.
    fn confirm_when_held(&mut self) {
        if !self.state.settled || self.state.open.has(Open::ASKED) {
            return;
        }
        if !self.state.open.has(Open::HOLD) {
            self.reserve();
            return;
        }
        self.advance(Stage::Confirmed, |order, version| Event::Confirmed { order, version });
        self.open(Open::PICK);
        self.open(Open::RIDER);
        self.effects.extend([Effect::SecureHold, Effect::QueuePick, Effect::RequestRider]);
    }

    fn cancel_if_allowed(&mut self, canceller: Canceller) {
        if self.state.stage <= self.rules.cancel_until {
            self.cancel(canceller);
        }
    }

    fn cancel(&mut self, canceller: Canceller) {
        let stage = self.state.stage;
        self.tell(|order, version| Event::CancelAsked { order, version, canceller });
        self.end(Ending::Cancelled { canceller, stage });
    }

    fn reject(&mut self, rejection: Rejection) {
        self.end(Ending::Rejected(rejection));
    }

    fn end(&mut self, ending: Ending) {
        self.state.ending = Some(ending);
        self.state = undo(self.order, self.state, self.effects);
    }

    fn open(&mut self, bit: Open) {
        self.state.open = self.state.open.with(bit);
    }

    fn close(&mut self, bit: Open) {
        self.state.open = self.state.open.without(bit);
    }

    fn advance(&mut self, stage: Stage, event: impl FnOnce(OrderId, u16) -> Event) {
        self.state.stage = stage;
        self.tell(event);
    }

    fn tell(&mut self, event: impl FnOnce(OrderId, u16) -> Event) {
        self.state.version += 1;
        self.effects.push(Effect::Publish(event(self.order, self.state.version)));
    }
}

/// What undoes what, from the last step to the first.
const UNDO: [(Open, Effect); 4] = [
    (Open::RIDER, Effect::WithdrawRider),
    (Open::PICK, Effect::AbortPick),
    (Open::HOLD, Effect::ReleaseHold),
    (Open::MONEY, Effect::ClosePayment),
];

impl Open {
    /// What must be over before anything else can be undone.
    fn awaited(self) -> Option<Self> {
        if self.has(Self::ASKED) {
            return Some(Self::ASKED);
        }
        UNDO.iter().map(|(bit, _)| *bit).find(|bit| self.has(*bit))
    }
}

/// Hears an answer of one that was asked to undo its part.
#[expect(clippy::wildcard_enum_match_arm, reason = "what does not fit is ignored")]
fn unwind(order: OrderId, mut state: State, input: Input, effects: &mut Vec<Effect>) -> State {
    let over = match input {
        Input::RiderClosed => Open::RIDER,
        Input::PickClosed => Open::PICK,
        Input::HoldReleased | Input::HoldExpired => Open::HOLD,
        Input::PaymentClosed => Open::MONEY,
        Input::StockHeld | Input::StockRefused => Open::ASKED,
        _ => return state,
    };
    if !state.open.has(over) {
        return state;
    }
    let was_awaited = state.open.awaited() == Some(over);
    state.open = state.open.without(over);
    if input == Input::StockHeld {
        state.open = state.open.with(Open::HOLD);
    }
    if was_awaited { undo(order, state, effects) } else { state }
}

/// Asks for the next thing to be undone; ends the order when nothing is left.
fn undo(order: OrderId, mut state: State, effects: &mut Vec<Effect>) -> State {
    if let Some(awaited) = state.open.awaited() {
        effects.extend(UNDO.iter().filter(|(bit, _)| *bit == awaited).map(|(_, effect)| *effect));
        return state;
    }
    let Some(ending) = state.ending else { return state };
    state.version += 1;
    let version = state.version;
    let (stage, event) = match ending {
        Ending::Rejected(rejection) => {
            (Stage::Rejected, Event::Rejected { order, version, rejection })
        }
        Ending::Cancelled { canceller, stage } => {
            (Stage::Cancelled, Event::Cancelled { order, version, canceller, stage })
        }
        Ending::Undelivered => (Stage::Undelivered, Event::Undelivered { order, version }),
    };
    state.stage = stage;
    effects.push(Effect::Publish(event));
    state
}
