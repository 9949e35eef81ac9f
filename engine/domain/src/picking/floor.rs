//! A store's floor: which pick list a free picker takes next. First come, first served.

use std::collections::VecDeque;

use crate::ids::{OrderId, PickerId};

/// The pick lists that wait and the pickers that are idle; never both at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Floor {
    waiting: VecDeque<OrderId>,
    idle: Vec<PickerId>,
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

    /// A picker is on duty and has nothing to do.
    pub fn free(&mut self, picker: PickerId) {
        self.idle.push(picker);
    }

    /// A picker goes off duty; false if they are busy and must finish first.
    pub fn take_off(&mut self, picker: PickerId) -> bool {
        let before = self.idle.len();
        self.idle.retain(|idle| *idle != picker);
        self.idle.len() < before
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
}
