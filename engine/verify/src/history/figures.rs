//! How available a deployment was: a figure for each step, not a law.

use std::collections::BTreeMap;

use super::Fate;

/// How one step was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// Requests sent.
    pub sent: u64,
    /// Of those, answered correctly within the deadline: carried out, or refused for a reason.
    pub in_time: u64,
    /// Of those, nobody knows what became.
    pub unknown: u64,
}

/// How each step was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    steps: BTreeMap<Box<str>, Figure>,
}

impl Figures {
    /// A customer's patience, counted from when a request was meant to be sent, µs. 1 s: the limit
    /// that place-order is gated by.
    pub const DEADLINE_US: u64 = 1_000_000;
    /// Turned away for load, which is an answer but not the one that was wanted.
    const TOO_MANY: u16 = 429;

    /// Counts an operation that was meant for a time and ended at another, if it did.
    pub fn count(
        &mut self,
        step: &str,
        (intended_us, done_us): (u64, Option<u64>),
        fate: Fate,
        status: Option<u16>,
    ) {
        if !self.steps.contains_key(step) {
            self.steps.insert(step.into(), Figure::default());
        }
        let Some(figure) = self.steps.get_mut(step) else { return };
        let took_us = done_us.map(|done_us| done_us.saturating_sub(intended_us));
        let in_time = took_us.is_some_and(|took_us| took_us <= Self::DEADLINE_US);
        let is_answer =
            fate != Fate::Unknown && status.is_some_and(|status| status != Self::TOO_MANY);
        figure.sent += 1;
        figure.in_time += u64::from(in_time && is_answer);
        figure.unknown += u64::from(fate == Fate::Unknown);
    }

    /// The figures by step, in the order of their names.
    pub fn by_step(&self) -> impl Iterator<Item = (&str, Figure)> {
        self.steps.iter().map(|(step, figure)| (&**step, *figure))
    }
}
