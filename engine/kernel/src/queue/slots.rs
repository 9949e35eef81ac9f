//! Generation-stamped slots: which of the scheduled events were cancelled.
//!
//! An even stamp says the slot's event stands, an odd one that it was cancelled and its entry is a
//! ghost. A stamp only grows, so a token of an earlier use never matches.

use super::{NO_SLOT, Token};

/// The stamps of all cancellable events still in a queue.
#[derive(Debug, Default)]
pub(super) struct Slots {
    stamps: Vec<u32>,
    free: Vec<u32>,
    ghosts: usize,
}

impl Slots {
    /// Takes a slot for one event.
    ///
    /// # Panics
    /// At 2³² − 1 cancellable events pending at once.
    pub(super) fn take(&mut self) -> Token {
        if let Some(slot) = self.free.pop() {
            return Token {
                slot,
                stamp: self.stamps[slot as usize],
            };
        }
        let slot = u32::try_from(self.stamps.len()).unwrap_or(NO_SLOT);
        assert!(slot != NO_SLOT, "more cancellable events than slots");
        self.stamps.push(0);
        Token { slot, stamp: 0 }
    }

    /// Marks the token's event cancelled; false if it is no longer there.
    pub(super) fn cancel(&mut self, token: Token) -> bool {
        let stamp = &mut self.stamps[token.slot as usize];
        let stands = *stamp == token.stamp;
        if stands {
            *stamp += 1;
            self.ghosts += 1;
        }
        stands
    }

    /// Tells whether the entry with this slot was cancelled.
    #[inline]
    pub(super) fn is_ghost(&self, slot: u32) -> bool {
        slot != NO_SLOT && self.stamps[slot as usize] & 1 == 1
    }

    /// Gives back the slot of an entry leaving the queue; true if the entry was a ghost.
    #[inline]
    pub(super) fn release(&mut self, slot: u32) -> bool {
        if slot == NO_SLOT {
            return false;
        }
        let stamp = &mut self.stamps[slot as usize];
        let ghost = *stamp & 1 == 1;
        self.ghosts -= usize::from(ghost);
        // The next even stamp. A slot that has used them all is retired, not reused.
        if let Some(next) = (*stamp | 1).checked_add(1) {
            *stamp = next;
            self.free.push(slot);
        }
        ghost
    }

    /// Counts the cancelled events whose entries are still in the queue.
    pub(super) fn ghosts(&self) -> usize {
        self.ghosts
    }

    /// Counts the bytes reserved.
    pub(super) fn heap_bytes(&self) -> usize {
        (self.stamps.capacity() + self.free.capacity()) * size_of::<u32>()
    }
}
