//! A store's floor: who is on duty, and which pick list a free picker takes next. First come,
//! first served.

use std::collections::VecDeque;

use crate::ids::{OrderId, PickerId};

/// The pick lists that wait and the pickers that are idle; never both at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Floor {
    waiting: VecDeque<OrderId>,
    idle: Vec<PickerId>,
    leaving: Vec<PickerId>,
    on_duty: Vec<PickerId>,
}

/// A floor taken apart, so that it can be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Pick lists that wait, the oldest first.
    pub waiting: Vec<OrderId>,
    /// Pickers that are idle, the one who has been idle longest first.
    pub idle: Vec<PickerId>,
    /// Pickers whose shift is over and who are busy still.
    pub leaving: Vec<PickerId>,
    /// Pickers whose shift is not over, busy or idle, in the order their shifts began.
    pub on_duty: Vec<PickerId>,
}

impl Floor {
    /// A pick list joins the end of the queue.
    pub fn enqueue(&mut self, order: OrderId) {
        self.waiting.push_back(order);
    }

    /// A pick list leaves the queue, wherever it stands in it.
    pub fn leave(&mut self, order: OrderId) {
        self.waiting.retain(|waiting| *waiting != order);
    }

    /// A picker's shift begins; one that has begun goes on. Who is still busy from the shift
    /// before goes on with that.
    pub fn begin(&mut self, picker: PickerId) {
        if self.on_duty.contains(&picker) {
            return;
        }
        self.on_duty.push(picker);
        if !self.leaves(picker) {
            self.idle.push(picker);
        }
    }

    /// A picker's shift ends, if it has begun; who is busy finishes first.
    pub fn end(&mut self, picker: PickerId) {
        let Some(at) = self.on_duty.iter().position(|on_duty| *on_duty == picker) else { return };
        self.on_duty.remove(at);
        let before = self.idle.len();
        self.idle.retain(|idle| *idle != picker);
        if self.idle.len() == before {
            self.leaving.push(picker);
        }
    }

    /// A picker has nothing more to do: is idle, or leaves if the shift is over.
    pub fn free(&mut self, picker: PickerId) {
        if !self.leaves(picker) {
            self.idle.push(picker);
        }
    }

    /// Whether a picker was about to leave, which is over with the question.
    fn leaves(&mut self, picker: PickerId) -> bool {
        let at = self.leaving.iter().position(|leaving| *leaving == picker);
        at.map(|at| self.leaving.swap_remove(at)).is_some()
    }

    /// The next pick list and who takes it, if both are there: the oldest list, and the picker
    /// who has been idle the shortest time, so that idle time gathers where it can be seen.
    pub fn next_task(&mut self) -> Option<(PickerId, OrderId)> {
        if self.waiting.is_empty() {
            return None;
        }
        let picker = self.idle.pop()?;
        self.waiting.pop_front().map(|order| (picker, order))
    }

    /// Pick lists that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Pickers that are idle.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.idle.len()
    }

    /// Pickers whose shift is not over.
    #[must_use]
    pub fn on_duty(&self) -> u32 {
        u32::try_from(self.on_duty.len()).unwrap_or(u32::MAX)
    }

    /// The floor taken apart.
    #[must_use]
    pub fn parts(&self) -> Parts {
        Parts {
            waiting: self.waiting.iter().copied().collect(),
            idle: self.idle.clone(),
            leaving: self.leaving.clone(),
            on_duty: self.on_duty.clone(),
        }
    }

    /// The floor made of its parts.
    #[must_use]
    pub fn of_parts(parts: Parts) -> Self {
        let Parts { waiting, idle, leaving, on_duty } = parts;
        Self { waiting: waiting.into(), idle, leaving, on_duty }
    }
}
