//! The process manager of paying: what each input does.

use super::state::{packed, paise};
use super::{
    Attempt, Decline, Effect, Event, Input, MAX_ATTEMPTS, Method, Phase, Rules, Stage, State,
    Timer, Word,
};
use crate::ids::OrderId;
use crate::money::Paise;
use crate::time::{Millis, Timestamp};

/// Takes one step of paying for an order.
///
/// Total: what does not fit the state is ignored, so hearing anything twice is harmless.
///
/// # Panics
/// If an amount is negative or above `u32::MAX` paise (₹4.29 crore), or if the rules allow more
/// than [`MAX_ATTEMPTS`] attempts.
#[must_use]
pub fn step(
    rules: &Rules,
    order: OrderId,
    state: State,
    input: Input,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> State {
    let mut turn = Turn { rules, order, state, now, effects };
    match input {
        Input::Start { method, amount } => turn.start(method, amount),
        Input::Heard { attempt, word } => turn.hear(attempt, word),
        Input::Retry { method } if state.stage == Stage::Asking => turn.attempt(method),
        Input::GiveUp if state.is_open() && state.chosen == 0 => turn.fail(),
        Input::Refund { amount } => turn.want_back(amount),
        Input::End => turn.end(),
        Input::CashTaken { rider } => turn.take_cash(rider),
        Input::CashHandedIn { rider } => turn.hand_in_cash(rider),
        Input::Wake { timer: Timer::Window } => turn.end_window(),
        Input::Wake { timer: Timer::HardWindow } if state.stage == Stage::Overtime => turn.fail(),
        Input::Wake { timer: Timer::Follow { attempt, nth } } => turn.follow(attempt, nth),
        Input::Wake { timer: Timer::Refund { attempt, total, retry } } => {
            turn.refund_again(attempt, total, retry);
        }
        Input::Retry { .. } | Input::GiveUp | Input::Wake { timer: Timer::HardWindow } => {}
    }
    turn.close_if_done();
    turn.state
}

/// One step under way.
pub(super) struct Turn<'a> {
    pub(super) rules: &'a Rules,
    pub(super) order: OrderId,
    pub(super) state: State,
    pub(super) now: Timestamp,
    pub(super) effects: &'a mut Vec<Effect>,
}

impl Turn<'_> {
    pub(super) fn publish(&mut self, event: Event) {
        self.effects.push(Effect::Publish(event));
    }

    pub(super) fn wake(&mut self, timer: Timer, wait: Millis) {
        self.effects.push(Effect::WakeAt(timer, self.now + wait));
    }

    /// An attempt by its number, from one.
    pub(super) fn at(&mut self, attempt: u8) -> &mut Attempt {
        &mut self.state.attempts[usize::from(attempt) - 1]
    }

    fn amount(&self) -> Paise {
        paise(self.state.amount_paise)
    }

    fn start(&mut self, method: Method, amount: Paise) {
        if self.state.stage != Stage::New {
            return;
        }
        assert!(usize::from(self.rules.attempts) <= MAX_ATTEMPTS, "the state has room for all");
        self.state.amount_paise = packed(amount);
        if amount == Paise::ZERO {
            self.state.stage = Stage::Kept;
            self.effects.push(Effect::Settled);
            return;
        }
        self.attempt(method);
        if method != Method::Cash {
            self.wake(Timer::Window, self.rules.window);
        }
    }

    /// Makes the next attempt. Cash cannot fail: it is settled at once.
    fn attempt(&mut self, method: Method) {
        let attempt = self.state.made + 1;
        self.state.made = attempt;
        *self.at(attempt) = Attempt::new(method);
        let (order, amount) = (self.order, self.amount());
        if method == Method::Cash {
            self.at(attempt).phase = Phase::Authorised;
            self.keep(attempt);
            return;
        }
        self.state.stage = Stage::Paying;
        self.publish(Event::Initiated { order, attempt, method, amount });
        self.effects.push(Effect::AskProvider { attempt, method, amount });
        self.watch(attempt);
    }

    fn hear(&mut self, attempt: u8, word: Word) {
        if attempt == 0 || attempt > self.state.made || word == Word::RefundFailed {
            return;
        }
        // Nobody but the rider says what became of cash; only its refund has another author.
        let Attempt { method, phase: before, .. } = *self.at(attempt);
        if method == Method::Cash && (before < Phase::Captured || word.refunded() == Paise::ZERO) {
            return;
        }
        let phase = word.phase();
        if phase > before {
            self.at(attempt).phase = phase;
            self.publish_rise(attempt, before, word);
        }
        let has_come_back = self.note_refund(attempt, word.refunded());
        if phase > before {
            self.follow_rise(attempt, phase);
        } else if has_come_back {
            self.give_back(attempt);
        }
    }
}

impl Word {
    /// How far an attempt has come at least, when this is said of it.
    fn phase(self) -> Phase {
        match self {
            Self::Pending => Phase::Pending,
            Self::Authorised => Phase::Authorised,
            Self::Declined(Decline::TimeOut) => Phase::TimedOut,
            Self::Declined(Decline::Business | Decline::Technical) => Phase::Declined,
            Self::Captured | Self::Refunded { .. } | Self::RefundFailed => Phase::Captured,
            Self::CaptureFailed => Phase::CaptureFailed,
            Self::Voided => Phase::Voided,
        }
    }

    /// How much has gone back at least, when this is said.
    fn refunded(self) -> Paise {
        if let Self::Refunded { total } = self { total } else { Paise::ZERO }
    }
}

impl Turn<'_> {
    /// Does what follows from the news that an attempt has come so far.
    fn follow_rise(&mut self, attempt: u8, phase: Phase) {
        match phase {
            Phase::Asked | Phase::Pending | Phase::Remitted => {}
            Phase::TimedOut | Phase::Declined => self.go_on(),
            Phase::Authorised => self.choose(attempt),
            Phase::CaptureFailed => {
                self.void(attempt);
                self.unchoose(attempt);
            }
            Phase::Voided => self.unchoose(attempt),
            Phase::Captured if self.state.is_open() => self.keep(attempt),
            Phase::Captured => self.give_back(attempt),
        }
    }

    /// Publishes a rise, and first the authorisation if the word overtook it.
    fn publish_rise(&mut self, attempt: u8, before: Phase, word: Word) {
        let (order, amount) = (self.order, self.amount());
        let Attempt { method, phase, .. } = *self.at(attempt);
        if before < Phase::Authorised && phase >= Phase::Authorised {
            let late = before >= Phase::TimedOut || !self.state.is_open();
            self.publish(Event::Authorised { order, attempt, amount, late });
        }
        match word {
            Word::Pending => self.publish(Event::Pending { order, attempt }),
            Word::Declined(decline) if before < Phase::TimedOut => {
                self.publish(Event::Declined { order, attempt, decline });
            }
            Word::Voided => self.publish(Event::Voided { order, attempt }),
            Word::Captured | Word::Refunded { .. } => {
                self.publish(Event::Captured { order, attempt, method, amount });
            }
            Word::Declined(_) | Word::Authorised | Word::CaptureFailed | Word::RefundFailed => {}
        }
    }

    /// Captures a fresh authorisation, unless the order has its money or wants none any more.
    fn choose(&mut self, attempt: u8) {
        if self.state.is_open() && self.state.chosen == 0 {
            self.state.stage = Stage::Paying;
            self.state.chosen = attempt;
            self.capture(attempt);
        } else {
            self.void(attempt);
        }
    }

    /// Gives up on capturing an attempt, if it was the one.
    fn unchoose(&mut self, attempt: u8) {
        if self.state.chosen == attempt {
            self.state.chosen = 0;
        }
        self.go_on();
    }

    /// When the latest attempt is dead and no other is being captured: asks the customer, or
    /// fails when no attempt or no time is left.
    fn go_on(&mut self) {
        let latest = self.state.attempts[usize::from(self.state.made) - 1];
        let is_dead = latest.phase >= Phase::TimedOut;
        match self.state.stage {
            Stage::Paying if self.state.chosen == 0 && is_dead => {
                if self.state.made < self.rules.attempts {
                    self.state.stage = Stage::Asking;
                    self.effects.push(Effect::AskCustomer);
                } else {
                    self.fail();
                }
            }
            Stage::Overtime if self.state.chosen == 0 => self.fail(),
            Stage::New
            | Stage::Paying
            | Stage::Asking
            | Stage::Overtime
            | Stage::Kept
            | Stage::Failed
            | Stage::Ended
            | Stage::Closed => {}
        }
    }

    /// Keeps the money of an attempt, and lets go one whose capture is still under way.
    fn keep(&mut self, attempt: u8) {
        let other = std::mem::replace(&mut self.state.chosen, attempt);
        self.state.stage = Stage::Kept;
        if other != 0 && other != attempt {
            self.void(other);
        }
        if self.at(attempt).method == Method::Cash {
            self.let_off(attempt);
        }
        self.effects.push(Effect::Settled);
        self.give_back(attempt);
    }

    fn fail(&mut self) {
        let capturing = std::mem::take(&mut self.state.chosen);
        self.state.stage = Stage::Failed;
        self.publish(Event::Expired { order: self.order });
        if capturing != 0 {
            self.void(capturing);
        }
        self.effects.push(Effect::Failed);
    }

    fn end_window(&mut self) {
        let (Stage::Paying | Stage::Asking) = self.state.stage else { return };
        if self.state.chosen != 0 {
            self.state.stage = Stage::Overtime;
            let rest = self.rules.hard_window.0.saturating_sub(self.rules.window.0);
            self.wake(Timer::HardWindow, Millis(rest));
            return;
        }
        let order = self.order;
        for attempt in 1..=self.state.made {
            if self.at(attempt).phase < Phase::TimedOut {
                self.at(attempt).phase = Phase::TimedOut;
                let decline = Decline::TimeOut;
                self.publish(Event::Declined { order, attempt, decline });
            }
        }
        self.fail();
    }

    fn end(&mut self) {
        if matches!(self.state.stage, Stage::Ended | Stage::Closed) {
            return;
        }
        let is_given_up = self.state.is_open() || self.state.cash_due() > Paise::ZERO;
        let capturing = if self.state.is_open() { self.state.chosen } else { 0 };
        self.state.stage = Stage::Ended;
        self.state.chosen = 0;
        if is_given_up {
            self.publish(Event::Expired { order: self.order });
        }
        for attempt in 1..=self.state.made {
            let Attempt { method, phase, .. } = *self.at(attempt);
            if method == Method::Cash && phase == Phase::Authorised {
                self.at(attempt).phase = Phase::Voided;
            } else if attempt == capturing {
                self.void(attempt);
            } else {
                self.give_back(attempt);
            }
        }
    }

    fn close_if_done(&mut self) {
        if self.state.stage == Stage::Ended && self.state.is_quiet() {
            self.state.stage = Stage::Closed;
            self.effects.push(Effect::Closed);
        }
    }
}
