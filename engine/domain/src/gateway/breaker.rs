//! A circuit breaker: stops calling what fails, and tries it again carefully.
//!
//! A process manager: [`step`] takes a [`State`] and an [`Input`] and gives the next state with
//! [`Effect`]s. Its law (I32): while it is open no call passes, and while it is half open none but
//! probes. An outcome is told with the epoch of its call, so what was begun before the breaker
//! moved says nothing about afterwards.
//!
//! ```text
//! Closed ──too many failures──► Open ──time──► HalfOpen ──all probes pass──► Closed
//!                                 ▲───────────────┘ a probe fails, or does not answer
//! ```

#[cfg(test)]
mod tests;

use crate::money::Bps;
use crate::time::{Millis, Timestamp};

/// Buckets that the window of outcomes is counted in.
pub const BUCKETS: usize = 10;

/// When a breaker opens and how it closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Outcomes are looked at for this long. 10 s, assumed, grade E.
    pub window: Millis,
    /// With fewer outcomes in the window than this it never opens. 20, assumed, grade E.
    pub least_calls: u32,
    /// It opens when at least this share of them failed. Half, assumed, grade E.
    pub failed_share: Bps,
    /// It stays open for this long. 5 s, assumed, grade E.
    pub open: Millis,
    /// Probes that must pass before it closes. 3, assumed, grade E.
    pub probes: u8,
    /// A probe that has not answered by then has failed. 15 s: the longest that callers wait
    /// (`payment::Rules::call_limit`).
    pub probe_limit: Millis,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            window: Millis::from_s(10),
            least_calls: 20,
            failed_share: Bps(5_000),
            open: Millis::from_s(5),
            probes: 3,
            probe_limit: Millis::from_s(15),
        }
    }
}

/// What a breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// All pass.
    Closed,
    /// None pass.
    Open {
        /// Until then.
        until: Timestamp,
    },
    /// A few pass, to see whether they do.
    HalfOpen {
        /// Probes sent.
        sent: u8,
        /// Of those, how many have passed.
        passed: u8,
        /// It opens again if they have not all passed by then.
        until: Timestamp,
    },
}

/// Outcomes of one stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Calls that ended.
    pub calls: u32,
    /// Of those, how many failed.
    pub failed: u32,
}

/// A breaker's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// What it does with calls.
    pub phase: Phase,
    /// How many times it has moved from one phase to another.
    pub epoch: u32,
    /// Outcomes since it closed, by stretches of a tenth of the window.
    pub buckets: [Bucket; BUCKETS],
    /// The number of the latest stretch, counted from the epoch of time.
    pub latest: u64,
}

impl Default for State {
    fn default() -> Self {
        Self { phase: Phase::Closed, epoch: 0, buckets: [Bucket::default(); BUCKETS], latest: 0 }
    }
}

/// What a breaker hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Somebody wants to call.
    Ask,
    /// A call that passed has ended.
    Ended {
        /// The epoch in which it passed.
        epoch: u32,
        /// Whether it failed. A refusal of the service is no failure: it answered.
        failed: bool,
    },
}

/// What a breaker says. Every [`Input::Ask`] is answered by one of the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The call may be made.
    Pass {
        /// To be told when it has ended.
        epoch: u32,
    },
    /// The call must not be made.
    Shed {
        /// No call will pass before.
        until: Timestamp,
    },
    /// It opened.
    Opened,
    /// It tries whether calls pass.
    HalfOpened,
    /// It closed.
    Closed,
}

/// Takes a breaker's next step. Total: an outcome of another epoch is ignored.
#[must_use]
pub fn step(
    rules: &Rules,
    mut state: State,
    input: Input,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> State {
    match input {
        Input::Ask => state.ask(rules, now, effects),
        Input::Ended { epoch, failed } if epoch == state.epoch => {
            state.ended(rules, failed, now, effects);
        }
        Input::Ended { .. } => {}
    }
    state
}

impl State {
    fn ask(&mut self, rules: &Rules, now: Timestamp, effects: &mut Vec<Effect>) {
        match self.phase {
            Phase::Open { until } if now >= until => {
                let until = now + rules.probe_limit;
                self.go(Phase::HalfOpen { sent: 0, passed: 0, until });
                effects.push(Effect::HalfOpened);
            }
            Phase::HalfOpen { until, .. } if now >= until => self.open(rules, now, effects),
            Phase::Closed | Phase::Open { .. } | Phase::HalfOpen { .. } => {}
        }
        let epoch = self.epoch;
        effects.push(match &mut self.phase {
            Phase::Closed => Effect::Pass { epoch },
            Phase::Open { until } => Effect::Shed { until: *until },
            Phase::HalfOpen { sent, .. } if *sent < rules.probes.max(1) => {
                *sent += 1;
                Effect::Pass { epoch }
            }
            Phase::HalfOpen { .. } => Effect::Shed { until: now },
        });
    }

    fn ended(&mut self, rules: &Rules, failed: bool, now: Timestamp, effects: &mut Vec<Effect>) {
        match &mut self.phase {
            Phase::Closed => {
                self.count(rules, failed, now);
                if self.is_too_bad(rules) {
                    self.open(rules, now, effects);
                }
            }
            Phase::Open { .. } => {}
            Phase::HalfOpen { .. } if failed => self.open(rules, now, effects),
            Phase::HalfOpen { sent, passed, .. } => {
                *passed = passed.saturating_add(1).min(*sent);
                if *passed >= rules.probes.max(1) {
                    self.go(Phase::Closed);
                    effects.push(Effect::Closed);
                }
            }
        }
    }

    fn open(&mut self, rules: &Rules, now: Timestamp, effects: &mut Vec<Effect>) {
        self.go(Phase::Open { until: now + rules.open });
        effects.push(Effect::Opened);
    }

    /// Moves on, and forgets what happened before.
    fn go(&mut self, phase: Phase) {
        *self = Self { phase, epoch: self.epoch.wrapping_add(1), ..Self::default() };
    }

    fn count(&mut self, rules: &Rules, failed: bool, now: Timestamp) {
        let stretch_us = (rules.window.as_micros() / BUCKETS as u64).max(1);
        let current = (now.0 / stretch_us).max(self.latest);
        let passed = (current - self.latest).min(BUCKETS as u64);
        for ago in 0..passed {
            self.buckets[slot(current - ago)] = Bucket::default();
        }
        self.latest = current;
        let bucket = &mut self.buckets[slot(current)];
        bucket.calls = bucket.calls.saturating_add(1);
        bucket.failed = bucket.failed.saturating_add(u32::from(failed));
    }

    fn is_too_bad(&self, rules: &Rules) -> bool {
        let sum = |part: fn(&Bucket) -> u32| self.buckets.iter().map(|b| u64::from(part(b))).sum();
        let (calls, failed): (u64, u64) = (sum(|b| b.calls), sum(|b| b.failed));
        let share = u64::from(rules.failed_share.0);
        failed > 0
            && calls >= u64::from(rules.least_calls)
            && failed * u64::from(Bps::ONE.0) >= calls * share
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the remainder is below the few buckets")]
const fn slot(stretch: u64) -> usize {
    (stretch % BUCKETS as u64) as usize
}
