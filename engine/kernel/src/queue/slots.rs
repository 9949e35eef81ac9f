//! Generation-stamped slots: which of the scheduled events were cancelled.
//!
//! An even stamp says the slot's event stands, an odd one that it was cancelled and its entry is a
//! ghost. A stamp only grows, so a token of an earlier use never matches.

use super::{NO_SLOT, Token};
use core::num::NonZeroU32;

/// The stamp of a slot never used: even, and not zero, so that tokens have a niche.
const FIRST_STAMP: NonZeroU32 = NonZeroU32::new(2).unwrap();

/// The stamps of all cancellable events still in a queue.
#[derive(Debug, Default)]
pub(super) struct Slots {
    stamps: Vec<NonZeroU32>,
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
            return Token { slot, stamp: self.stamps[slot as usize] };
        }
        let slot = u32::try_from(self.stamps.len()).unwrap_or(NO_SLOT);
        assert!(slot != NO_SLOT, "more cancellable events than slots");
        self.stamps.push(FIRST_STAMP);
        Token { slot, stamp: FIRST_STAMP }
    }

    /// Marks the token's event cancelled; false if it is no longer there.
    pub(super) fn cancel(&mut self, token: Token) -> bool {
        let stamp = &mut self.stamps[token.slot as usize];
        let stands = *stamp == token.stamp;
        if stands {
            *stamp |= 1;
            self.ghosts += 1;
        }
        stands
    }

    /// Tells whether the entry with this slot was cancelled.
    #[inline]
    pub(super) fn is_ghost(&self, slot: u32) -> bool {
        slot != NO_SLOT && self.stamps[slot as usize].get() & 1 == 1
    }

    /// Gives back the slot of an entry that leaves the queue, fired or as a ghost.
    #[inline]
    pub(super) fn release(&mut self, slot: u32) {
        if slot == NO_SLOT {
            return;
        }
        let stamp = &mut self.stamps[slot as usize];
        self.ghosts -= usize::from(stamp.get() & 1 == 1);
        *stamp |= 1;
        // The next even stamp. A slot that has used them all is not used again.
        if let Some(next) = stamp.checked_add(1) {
            *stamp = next;
            self.free.push(slot);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_out_of_stamps_is_retired() {
        let last = NonZeroU32::new(u32::MAX - 1).unwrap();
        let mut slots = Slots { stamps: vec![last], free: vec![0], ghosts: 0 };
        let token = slots.take();
        slots.release(token.slot);
        assert!(!slots.cancel(token));
        assert_eq!(slots.take(), Token { slot: 1, stamp: FIRST_STAMP });
    }
}
