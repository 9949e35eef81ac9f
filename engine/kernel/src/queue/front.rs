//! The few entries due next, sorted.
//!
//! A radix heap's last steps, from a bucket of some dozen entries down to one, cost more than
//! sorting them. So a small bucket is sorted whole, and while it is taken from, entries scheduled
//! within its range join it. What is sorted are 8-byte marks; entries stay where they were put.

use super::blocks::{Blocks, Chain, Entry};

/// Entries the front has room for: one bit each of a 128-bit set.
const ROOM: u32 = u128::BITS;

/// Bits of a mark that say where in the stash its entry is.
const PLACE_BITS: u32 = ROOM.ilog2();

/// The place of a mark is what this leaves of it.
const PLACE: u64 = (1 << PLACE_BITS) - 1;

/// The widest range of keys that marks can tell apart, as a power of two.
pub(super) const WIDEST: u32 = u64::BITS - PLACE_BITS;

/// The largest bucket worth sorting, half the room, so that as many can join before it overflows.
pub(super) const FILL: u32 = ROOM / 2;

/// A sorted set of entries with keys from `base` up to `end`, which is not included.
#[derive(Debug)]
pub(super) struct Front<E> {
    base: u64,
    end: u64,
    /// (key − base, place) of each entry, the first one last. Of equal keys the first come is last.
    marks: Vec<u64>,
    stash: Vec<Entry<E>>,
    /// Places of the stash that are free, and all beyond it.
    free: u128,
}

impl<E> Default for Front<E> {
    fn default() -> Self {
        Self {
            base: 0,
            end: 0,
            marks: Vec::with_capacity(ROOM as usize),
            stash: Vec::with_capacity(ROOM as usize),
            free: u128::MAX,
        }
    }
}

impl<E: Copy> Front<E> {
    /// Tells whether an entry of this key belongs here.
    #[inline]
    pub(super) fn covers(&self, key: u64) -> bool {
        key < self.end
    }

    /// Takes in a chain of at most [`FILL`] entries whose keys are below `base` + 2^`width`.
    ///
    /// The front must be empty, and `width` at most [`WIDEST`].
    pub(super) fn fill(&mut self, base: u64, width: u32, chain: &mut Chain, from: &mut Blocks<E>) {
        self.base = base;
        self.end = base.saturating_add(1 << width);
        self.stash.clear();
        while from.pop_block(chain, &mut self.stash) {}
        self.free = u128::MAX << self.stash.len();
        let mark = |(place, entry): (u64, &Entry<E>)| (entry.key - base) << PLACE_BITS | place;
        self.marks.extend((0..).zip(&self.stash).map(mark));
        self.marks.sort_unstable_by(|a, b| b.cmp(a));
    }

    /// Adds an entry after those of its key; false if there is no room.
    #[inline]
    pub(super) fn insert(&mut self, entry: Entry<E>) -> bool {
        if self.free == 0 {
            return false;
        }
        let place = self.free.trailing_zeros() as usize;
        self.free &= self.free - 1;
        if place == self.stash.len() {
            self.stash.push(entry);
        } else {
            self.stash[place] = entry;
        }
        let mark = (entry.key - self.base) << PLACE_BITS;
        let later = self.marks.partition_point(|&other| other > mark | PLACE);
        self.marks.insert(later, mark | place as u64);
        true
    }

    /// Looks at the first entry.
    #[inline]
    pub(super) fn first(&self) -> Option<&Entry<E>> {
        let mark = self.marks.last()?;
        Some(&self.stash[(mark & PLACE) as usize])
    }

    /// Removes the first entry.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Entry<E>> {
        let place = self.marks.pop()? & PLACE;
        self.free |= 1 << place;
        Some(self.stash[place as usize])
    }

    /// Stops covering any key; entries left are to be popped and put elsewhere.
    pub(super) fn close(&mut self) {
        self.end = self.base;
    }

    /// Removes the entries that a test names.
    pub(super) fn remove(&mut self, mut leaves: impl FnMut(&Entry<E>) -> bool) {
        let Self { marks, stash, free, .. } = self;
        marks.retain(|mark| {
            let place = mark & PLACE;
            let leaves = leaves(&stash[place as usize]);
            *free |= u128::from(leaves) << place;
            !leaves
        });
    }

    /// Counts the bytes reserved.
    pub(super) fn heap_bytes(&self) -> usize {
        self.marks.capacity() * size_of::<u64>() + self.stash.capacity() * size_of::<Entry<E>>()
    }
}
