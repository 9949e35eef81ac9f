//! How far readers of the log have come, in memory.

use std::future::{Future, ready};

use domain::ids::CustomerId;

use super::Memory;
use crate::log::{Cursors, Note, Progress, Spot};
use crate::ports::{Committed, PortError};
use crate::serving::Fence;

impl Cursors for Memory {
    fn progress(&self, spot: Spot) -> impl Future<Output = Result<Progress, PortError>> + Send {
        ready(Ok(self.lock().progress.get(&spot).copied().unwrap_or_default()))
    }

    fn advance(
        &self,
        fence: Option<Fence>,
        spot: Spot,
        from: Progress,
        to: Progress,
        notes: &[Note],
    ) -> impl Future<Output = Result<Committed, PortError>> + Send {
        let mut inner = self.lock();
        if inner.is_fenced(fence) {
            return ready(Ok(Committed::Fenced));
        }
        if inner.progress.get(&spot).copied().unwrap_or_default() != from {
            return ready(Ok(Committed::Conflict));
        }
        inner.progress.insert(spot, to);
        for note in notes {
            if inner.orders.contains_key(&note.order) {
                inner.notes.entry((note.order, note.seq)).or_insert(*note);
            }
        }
        ready(Ok(Committed::Done))
    }

    fn notes(
        &self,
        customer: CustomerId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Note>, PortError>> + Send {
        let inner = self.lock();
        let is_theirs = |note: &&Note| {
            let order = inner.orders.get(&note.order);
            order.is_some_and(|order| order.state.customer == customer)
        };
        let mut found: Vec<Note> = inner.notes.values().filter(is_theirs).copied().collect();
        found.sort_by_key(|note| std::cmp::Reverse(note.seq));
        found.truncate(limit);
        ready(Ok(found))
    }
}
