//! Looking after what the provider has not answered.

use super::state::paise;
use super::step::Turn;
use super::{Effect, Method, Phase, Timer};
use crate::time::Millis;

/// An unanswered capture or void is sent again this often at most; then it is a person's work.
/// At [`super::Rules::resend_gap`] that is a day.
pub const MAX_FOLLOW_UPS: u8 = 100;

const DAY: Millis = Millis::from_min(24 * 60);

/// What of an attempt waits for an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Status,
    Capture,
    Void,
    Nothing,
}

impl Turn<'_> {
    pub(super) fn capture(&mut self, attempt: u8) {
        self.effects.push(Effect::Capture { attempt, amount: paise(self.state.amount_paise) });
        self.watch(attempt);
    }

    pub(super) fn void(&mut self, attempt: u8) {
        self.effects.push(Effect::Void { attempt });
        self.watch(attempt);
    }

    fn waiting(&mut self, attempt: u8) -> Waiting {
        let is_chosen = self.state.is_open() && self.state.chosen == attempt;
        let slot = self.at(attempt);
        match slot.phase {
            _ if slot.method == Method::Cash => Waiting::Nothing,
            Phase::Asked | Phase::Pending | Phase::TimedOut => Waiting::Status,
            Phase::Authorised if is_chosen => Waiting::Capture,
            Phase::Authorised | Phase::CaptureFailed => Waiting::Void,
            Phase::Declined | Phase::Voided | Phase::Captured | Phase::Remitted => Waiting::Nothing,
        }
    }

    /// Sees to it that a follow-up timer runs that is soon enough for what is waited for.
    ///
    /// The first few come quickly. Then a status is asked for once a day only, so a capture or
    /// void that finds such a slow timer sets a quicker one, which makes the slow one stale.
    pub(super) fn watch(&mut self, attempt: u8) {
        let waiting = self.waiting(attempt);
        let (checks, late_days) = (self.rules.checks, self.rules.late_days);
        let slot = self.at(attempt);
        let (done, is_running) = (slot.follow / 2, slot.follow % 2 == 1);
        let (limit, wait) = match waiting {
            Waiting::Nothing => return,
            _ if done < checks => (checks, Millis(self.rules.first_check.0 << done.min(8))),
            Waiting::Status => (checks.saturating_add(late_days), DAY),
            Waiting::Capture | Waiting::Void => (MAX_FOLLOW_UPS, self.rules.resend_gap),
        };
        let slot = self.at(attempt);
        if is_running && done < checks {
            return;
        }
        if done >= limit {
            if waiting != Waiting::Status {
                self.effects.push(Effect::Review { attempt });
            }
            return;
        }
        slot.follow += if is_running { 2 } else { 1 };
        let nth = slot.follow;
        self.wake(Timer::Follow { attempt, nth }, wait);
    }

    pub(super) fn follow(&mut self, attempt: u8, nth: u8) {
        if attempt == 0 || attempt > self.state.made {
            return;
        }
        let slot = self.at(attempt);
        if slot.follow != nth || nth.is_multiple_of(2) {
            return;
        }
        slot.follow += 1;
        match self.waiting(attempt) {
            Waiting::Nothing => {}
            Waiting::Status => {
                self.effects.push(Effect::AskStatus { attempt });
                self.watch(attempt);
            }
            Waiting::Capture => self.capture(attempt),
            Waiting::Void => self.void(attempt),
        }
    }
}
