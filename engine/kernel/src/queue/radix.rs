//! A monotone radix heap: the queue of simulation runs.
//!
//! No event is scheduled before the last one popped, whose time is the *floor* or later. So an
//! entry can wait in a bucket named by the highest digit in which its key differs from the floor,
//! and by the value of that digit. Everything in a bucket comes before everything in a higher one.
//! The lowest bucket is taken apart when its turn comes: a small one is sorted into the front; of a
//! large one the least time becomes the floor, and its entries fall into lower buckets.
//!
//! ```text
//!   front        the bucket being taken from, sorted
//!   level 0      time = floor: one lane a class
//!   level n      first differs from the floor in digit n: one bucket a digit value
//! ```
//!
//! Entries of one time and class always share a bucket and keep their order there, so ties are
//! first come, first served without a sequence number. Monotone radix heaps: Ahuja, Mehlhorn,
//! Orlin, Tarjan, "Faster algorithms for the shortest path problem", J. ACM 37(2), 1990; the sorted
//! front is the bottom of a ladder queue: Tang, Goh, Thng, ACM TOMACS 15(3), 2005.

use super::blocks::{Blocks, Chain, Entry};
use super::front::{FILL, Front, WIDEST};
use super::slots::Slots;
use super::{CLASS_BITS, NO_SLOT, Queue, Token, pack, time_of, too_many_ghosts};
use std::collections::VecDeque;

/// Bits of a digit. The class is the lowest digit of a key, so level 0 has one lane a class.
const DIGIT_BITS: u32 = CLASS_BITS;

/// Values of a digit: buckets in a level.
const FANOUT: u32 = 1 << DIGIT_BITS;

/// Levels a 64-bit key has.
const LEVELS: u32 = u64::BITS.div_ceil(DIGIT_BITS);

/// Buckets in all.
const BUCKETS: usize = (LEVELS * FANOUT) as usize;

/// Entries that wait together, and the least of them, the first come if several are.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    least_key: u64,
    least_slot: u32,
    chain: Chain,
}

const EMPTY: Bucket = Bucket { least_key: u64::MAX, least_slot: NO_SLOT, chain: Chain::EMPTY };

/// Where a bucket is.
#[derive(Clone, Copy, Debug)]
struct Place {
    level: u32,
    digit: u32,
}

impl Place {
    /// Gives the place of a key: its highest digit that differs from the floor's.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a digit is below FANOUT")]
    fn of(key: u64, floor: u64) -> Self {
        let level = ((key ^ floor) | 1).ilog2() / DIGIT_BITS;
        let digit = (key >> (level * DIGIT_BITS)) as u32 % FANOUT;
        Self { level, digit }
    }

    #[inline]
    fn index(self) -> usize {
        (self.level * FANOUT + self.digit) as usize
    }
}

/// An event queue on a radix heap.
///
/// Memory: 12 bytes and the event for each entry, padded to a multiple of 8, an eighth of that in
/// reserve, and about 60 blocks of 64 entries however few are pending.
#[derive(Debug)]
pub struct RadixQueue<E> {
    now: u64,
    /// Ordering key, of class 0, that all keys in buckets are at or above; its time is at most now.
    floor: u64,
    /// Entries in front and buckets, ghosts included.
    entries: usize,
    front: Front<E>,
    /// A bit for each level that has entries, and for each of its buckets that has.
    levels: u32,
    occupied: [u32; LEVELS as usize],
    buckets: Box<[Bucket; BUCKETS]>,
    blocks: Blocks<E>,
    /// One block's entries on their way to other buckets.
    moving: Vec<Entry<E>>,
    ring: VecDeque<E>,
    slots: Slots,
}

impl<E> Default for RadixQueue<E> {
    fn default() -> Self {
        Self {
            now: 0,
            floor: 0,
            entries: 0,
            front: Front::default(),
            levels: 0,
            occupied: [0; LEVELS as usize],
            buckets: Box::new([EMPTY; BUCKETS]),
            blocks: Blocks::default(),
            moving: Vec::new(),
            ring: VecDeque::new(),
            slots: Slots::default(),
        }
    }
}

impl<E: Copy> Queue<E> for RadixQueue<E> {
    #[inline]
    fn now(&self) -> u64 {
        self.now
    }

    fn len(&self) -> usize {
        self.entries - self.slots.ghosts() + self.ring.len()
    }

    fn heap_bytes(&self) -> usize {
        self.front.heap_bytes()
            + size_of_val(&*self.buckets)
            + self.blocks.heap_bytes()
            + self.moving.capacity() * size_of::<Entry<E>>()
            + self.ring.capacity() * size_of::<E>()
            + self.slots.heap_bytes()
    }

    #[inline]
    fn schedule(&mut self, at: u64, class: u8, event: E) {
        let key = pack(self.now, at, class);
        self.add(Entry { key, slot: NO_SLOT, event });
    }

    #[inline]
    fn schedule_cancellable(&mut self, at: u64, class: u8, event: E) -> Token {
        let key = pack(self.now, at, class);
        let token = self.slots.take();
        self.add(Entry { key, slot: token.slot, event });
        token
    }

    fn cancel(&mut self, token: Token) -> bool {
        let cancelled = self.slots.cancel(token);
        if cancelled && too_many_ghosts(self.slots.ghosts(), self.entries) {
            self.sweep();
        }
        cancelled
    }

    #[inline]
    fn now_do(&mut self, event: E) {
        self.ring.push_back(event);
    }

    #[inline]
    fn pop_until(&mut self, limit: u64) -> Option<(u64, E)> {
        if limit < self.now {
            return None;
        }
        if let Some(event) = self.ring.pop_front() {
            return Some((self.now, event));
        }
        let entry = self.pop_entry(limit)?;
        self.entries -= 1;
        self.slots.release(entry.slot);
        self.now = time_of(entry.key);
        Some((self.now, entry.event))
    }

    fn next_at(&mut self) -> Option<u64> {
        if !self.ring.is_empty() {
            return Some(self.now);
        }
        if let Some(key) = self.front_key() {
            return Some(time_of(key));
        }
        let place = self.lowest()?;
        Some(time_of(self.buckets[place.index()].least_key))
    }

    fn advance_to(&mut self, at: u64) {
        assert!(at >= self.now, "advance to {at}, before now {}", self.now);
        if let Some(due) = self.next_at() {
            assert!(at <= due, "advance to {at}, past an event due at {due}");
        }
        self.now = at;
    }
}

impl<E: Copy> RadixQueue<E> {
    /// Puts a new entry where it belongs.
    #[inline]
    fn add(&mut self, entry: Entry<E>) {
        self.entries += 1;
        if !self.front.covers(entry.key) {
            self.hang(entry);
        } else if !self.front.insert(entry) {
            self.spill();
            self.hang(entry);
        }
    }

    /// Puts an entry into its bucket.
    #[inline]
    fn hang(&mut self, entry: Entry<E>) {
        let place = Place::of(entry.key, self.floor);
        let bucket = &mut self.buckets[place.index()];
        if bucket.chain.len() == 0 {
            self.occupied[place.level as usize] |= 1 << place.digit;
            self.levels |= 1 << place.level;
        }
        if entry.key < bucket.least_key {
            bucket.least_key = entry.key;
            bucket.least_slot = entry.slot;
        }
        self.blocks.push(&mut bucket.chain, entry);
    }

    /// Moves an overflowing front back into buckets.
    ///
    /// The clock is within the front's range, so it can be the floor.
    #[cold]
    fn spill(&mut self) {
        self.front.close();
        self.floor = self.now << CLASS_BITS;
        while let Some(entry) = self.front.pop() {
            self.hang(entry);
        }
    }

    /// Removes the first entry that stands, if it is due by the limit.
    #[inline]
    fn pop_entry(&mut self, limit: u64) -> Option<Entry<E>> {
        loop {
            if let Some(key) = self.front_key() {
                return if time_of(key) <= limit { self.front.pop() } else { None };
            }
            let place = self.lowest()?;
            let bucket = &mut self.buckets[place.index()];
            let due = time_of(bucket.least_key);
            if due > limit {
                return None;
            }
            // From here on an entry of time `due` will be popped, so the floor may rise to it.
            let width = place.level * DIGIT_BITS;
            if place.level == 0 {
                return Some(self.pop_lane(place));
            } else if bucket.chain.len() <= FILL && width <= WIDEST {
                let base = bucket.least_key >> width << width;
                let mut chain = bucket.chain;
                self.mark_empty(place);
                self.front.fill(base, width, &mut chain, &mut self.blocks);
            } else {
                self.front.close();
                self.floor = due << CLASS_BITS;
                self.rehang(place);
            }
        }
    }

    /// Gives the key of the front's first entry that stands, dropping ghosts before it.
    #[inline]
    fn front_key(&mut self) -> Option<u64> {
        loop {
            let &Entry { key, slot, .. } = self.front.first()?;
            if !self.drop_ghost(slot) {
                return Some(key);
            }
            self.front.pop();
        }
    }

    /// Finds the lowest bucket, dropping ghosts until its least entry stands.
    fn lowest(&mut self) -> Option<Place> {
        while self.levels != 0 {
            let level = self.levels.trailing_zeros();
            let digit = self.occupied[level as usize].trailing_zeros();
            let place = Place { level, digit };
            if !self.slots.is_ghost(self.buckets[place.index()].least_slot) {
                return Some(place);
            }
            if level == 0 {
                // A lane may be long and its ghosts many, so it loses only the first.
                let ghost = self.pop_lane(place);
                self.drop_ghost(ghost.slot);
            } else {
                self.rehang(place);
            }
        }
        None
    }

    /// Removes the first entry of a lane.
    fn pop_lane(&mut self, place: Place) -> Entry<E> {
        let bucket = &mut self.buckets[place.index()];
        let entry = self.blocks.pop(&mut bucket.chain);
        if bucket.chain.len() == 0 {
            self.mark_empty(place);
        } else {
            bucket.least_slot = self.blocks.first(&bucket.chain).slot;
        }
        entry
    }

    /// Takes a bucket apart and puts each entry where it belongs under the present floor.
    ///
    /// Under a floor that has risen to the bucket's least time they fall into lower buckets; under
    /// the same floor they return to the same one. Ghosts are dropped either way.
    fn rehang(&mut self, place: Place) {
        let mut chain = self.buckets[place.index()].chain;
        self.mark_empty(place);
        let mut moving = std::mem::take(&mut self.moving);
        moving.clear();
        while self.blocks.pop_block(&mut chain, &mut moving) {
            for entry in moving.drain(..) {
                if !self.drop_ghost(entry.slot) {
                    self.hang(entry);
                }
            }
        }
        self.moving = moving;
    }

    /// Tells whether an entry is a ghost; if so its slot is free again and it must be forgotten.
    #[inline]
    fn drop_ghost(&mut self, slot: u32) -> bool {
        let ghost = self.slots.is_ghost(slot);
        if ghost {
            self.slots.release(slot);
            self.entries -= 1;
        }
        ghost
    }

    /// Removes every ghost.
    #[cold]
    fn sweep(&mut self) {
        let Self { front, slots, entries, .. } = self;
        front.remove(|entry| {
            let ghost = slots.is_ghost(entry.slot);
            if ghost {
                slots.release(entry.slot);
                *entries -= 1;
            }
            ghost
        });
        for level in 0..LEVELS {
            for digit in 0..FANOUT {
                self.rehang(Place { level, digit });
            }
        }
    }

    #[inline]
    fn mark_empty(&mut self, place: Place) {
        self.buckets[place.index()] = EMPTY;
        let occupied = &mut self.occupied[place.level as usize];
        *occupied &= !(1 << place.digit);
        if *occupied == 0 {
            self.levels &= !(1 << place.level);
        }
    }
}
