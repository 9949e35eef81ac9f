//! Money on its way back to the customer, and cash at the door.

use super::state::{packed, paise};
use super::step::Turn;
use super::{Effect, Event, Method, Phase, Stage, Timer};
use crate::ids::RiderId;
use crate::money::Paise;

impl Turn<'_> {
    pub(super) fn want_back(&mut self, amount: Paise) {
        let wanted = packed(amount).min(self.state.amount_paise);
        if wanted <= self.state.refund_wanted_paise {
            return;
        }
        self.state.refund_wanted_paise = wanted;
        let chosen = self.state.chosen;
        if self.state.stage != Stage::Kept || chosen == 0 {
            return;
        }
        if self.at(chosen).phase == Phase::Authorised {
            self.let_off(chosen);
        } else {
            self.give_back(chosen);
        }
    }

    /// Takes what shall go back off the cash still due.
    pub(super) fn let_off(&mut self, attempt: u8) {
        let wanted = self.state.refund_wanted_paise;
        self.state.let_off_paise = wanted;
        let cash = self.at(attempt);
        cash.refunded_paise = wanted;
        cash.refund_asked_paise = wanted;
        let amount = paise(self.state.amount_paise - wanted);
        self.publish(Event::CashDue { order: self.order, amount });
    }

    /// Asks for what an attempt still owes to the customer, one refund at a time.
    pub(super) fn give_back(&mut self, attempt: u8) {
        let is_kept = self.state.stage == Stage::Kept && self.state.chosen == attempt;
        let (wanted, amount) = (self.state.refund_wanted_paise, self.state.amount_paise);
        let owed = if is_kept { wanted } else { amount };
        let order = self.order;
        let taken = self.at(attempt);
        let is_under_way = taken.refund_asked_paise > taken.refunded_paise;
        if !taken.is_captured() || is_under_way || owed <= taken.refunded_paise {
            return;
        }
        let amount = paise(owed - taken.refunded_paise);
        taken.refund_asked_paise = owed;
        taken.refund_retries = 0;
        self.publish(Event::RefundAsked { order, attempt, amount });
        self.effects.push(Effect::Refund { attempt, amount, total: paise(owed) });
        self.watch_refund(attempt);
    }

    /// Notes what has gone back of an attempt; tells whether that is news.
    pub(super) fn note_refund(&mut self, attempt: u8, total: Paise) -> bool {
        let (order, limit) = (self.order, paise(self.state.amount_paise));
        let total = packed(total.clamp(Paise::ZERO, limit));
        let taken = self.at(attempt);
        if total <= taken.refunded_paise {
            return false;
        }
        let (method, amount) = (taken.method, paise(total - taken.refunded_paise));
        taken.refunded_paise = total;
        taken.refund_asked_paise = taken.refund_asked_paise.max(total);
        self.publish(Event::Refunded { order, attempt, method, amount });
        true
    }

    pub(super) fn refund_again(&mut self, attempt: u8, total: Paise, retry: u8) {
        if attempt == 0 || attempt > self.state.made {
            return;
        }
        let taken = self.at(attempt);
        let (asked, refunded) = (paise(taken.refund_asked_paise), paise(taken.refunded_paise));
        if refunded >= asked || asked != total || taken.refund_retries != retry {
            return;
        }
        taken.refund_retries += 1;
        if self.watch_refund(attempt) {
            self.effects.push(Effect::Refund { attempt, amount: asked - refunded, total });
        } else {
            self.effects.push(Effect::Review { attempt });
        }
    }

    /// Sets the timer of the refund under way; false when its time is used up.
    fn watch_refund(&mut self, attempt: u8) -> bool {
        let taken = *self.at(attempt);
        let (total, retry) = (paise(taken.refund_asked_paise), taken.refund_retries);
        let wait = self.rules.refund_wait(retry);
        if let Some(wait) = wait {
            self.wake(Timer::Refund { attempt, total, retry }, wait);
        }
        wait.is_some()
    }

    pub(super) fn take_cash(&mut self, rider: RiderId) {
        let Some(attempt) = self.cash() else { return };
        if self.at(attempt).is_captured() {
            return;
        }
        self.at(attempt).phase = Phase::Captured;
        let (order, amount) = (self.order, self.cash_amount());
        if amount > Paise::ZERO {
            self.publish(Event::CashCollected { order, rider, amount });
        }
        self.give_back(attempt);
    }

    pub(super) fn hand_in_cash(&mut self, rider: RiderId) {
        let Some(attempt) = self.cash() else { return };
        if self.at(attempt).phase != Phase::Captured {
            return;
        }
        self.at(attempt).phase = Phase::Remitted;
        let amount = self.cash_amount();
        if amount > Paise::ZERO {
            self.publish(Event::CashRemitted { rider, amount });
        }
    }

    /// The attempt in cash, if there is one. It is the last: nothing is tried after it.
    fn cash(&self) -> Option<u8> {
        let last = self.state.made().last()?;
        (last.method == Method::Cash).then_some(self.state.made)
    }

    fn cash_amount(&self) -> Paise {
        paise(self.state.amount_paise - self.state.let_off_paise)
    }
}
