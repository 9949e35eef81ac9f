//! A monotone radix heap in pooled blocks.
//!
//! No event is scheduled before the last one popped, its time being the *floor*. So an entry can
//! wait in a bucket named by the highest digit in which its time differs from the floor, and that
//! digit. Everything in a bucket comes before everything in a higher one; when the lowest bucket is
//! not a single time, its least time becomes the floor and its entries fall into lower buckets.
//! Entries of one time and class always share a bucket and keep their order, so ties are FIFO
//! without a sequence number.
//!
//! ```text
//!   level 0      time = floor: one lane a class, FIFO
//!   level n      differs from the floor in digit n: one bucket a digit value
//!   bucket       chain of blocks of BLOCK entries, all blocks in one pool
//! ```
//!
//! Monotone priority queues: Ahuja, Mehlhorn, Orlin, Tarjan, "Faster algorithms for the shortest
//! path problem", J. ACM 37(2), 1990.

use super::slots::Slots;
use super::{CLASS_BITS, NO_SLOT, Queue, Token, pack, time_of, too_many_ghosts};
use std::collections::VecDeque;

/// Bits of a digit. The class is the lowest digit of a key, so lanes are level 0.
const DIGIT_BITS: u32 = CLASS_BITS;

/// Values of a digit: buckets in a level.
const FANOUT: usize = 1 << DIGIT_BITS;

/// Levels a 64-bit key has.
const LEVELS: usize = 64_u32.div_ceil(DIGIT_BITS) as usize;

/// Entries in a block.
const BLOCK: u32 = 16;

/// Ends a chain of blocks.
const NO_BLOCK: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    key: u64,
    slot: u32,
    event: E,
}

/// A chain of blocks and the least entry in it. Positions are indices into the pool.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    least_key: u64,
    least_slot: u32,
    /// The first entry.
    head: u32,
    /// Where the next entry goes; a multiple of [`BLOCK`] says that a block is needed first.
    tail: u32,
}

const EMPTY: Bucket = Bucket {
    least_key: u64::MAX,
    least_slot: NO_SLOT,
    head: NO_BLOCK,
    tail: 0,
};

/// An event queue on a radix heap. Memory: 12 bytes and the event per entry, padded.
#[derive(Debug)]
pub struct RadixQueue<E> {
    now: u64,
    /// Key of class 0 at the time of the last pop; never after now.
    floor: u64,
    entries: usize,
    levels: u32,
    occupied: [u32; LEVELS],
    buckets: Box<[Bucket; LEVELS * FANOUT]>,
    pool: Vec<Entry<E>>,
    /// For each block the next one of its chain, or of the free ones.
    chain: Vec<u32>,
    free: u32,
    ring: VecDeque<E>,
    slots: Slots,
}

impl<E> Default for RadixQueue<E> {
    fn default() -> Self {
        Self {
            now: 0,
            floor: 0,
            entries: 0,
            levels: 0,
            occupied: [0; LEVELS],
            buckets: Box::new([EMPTY; LEVELS * FANOUT]),
            pool: Vec::new(),
            chain: Vec::new(),
            free: NO_BLOCK,
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
        self.pool.capacity() * size_of::<Entry<E>>()
            + self.chain.capacity() * size_of::<u32>()
            + size_of_val(&*self.buckets)
            + self.ring.capacity() * size_of::<E>()
            + self.slots.heap_bytes()
    }

    #[inline]
    fn schedule(&mut self, at: u64, class: u8, event: E) {
        let key = pack(self.now, at, class);
        self.entries += 1;
        self.insert(Entry {
            key,
            slot: NO_SLOT,
            event,
        });
    }

    fn schedule_cancellable(&mut self, at: u64, class: u8, event: E) -> Token {
        let key = pack(self.now, at, class);
        let token = self.slots.take();
        self.entries += 1;
        self.insert(Entry {
            key,
            slot: token.slot,
            event,
        });
        token
    }

    fn cancel(&mut self, token: Token) -> bool {
        let cancelled = self.slots.cancel(token);
        let ghosts = self.slots.ghosts();
        if cancelled && too_many_ghosts(ghosts, self.entries - ghosts) {
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
        let (level, digit) = self.lowest_standing()?;
        let index = level * FANOUT + digit;
        let due = time_of(self.buckets[index].least_key);
        if due > limit {
            return None;
        }
        self.now = due;
        self.floor = due << CLASS_BITS;
        let alone = self.buckets[index].tail == self.buckets[index].head + 1;
        let entry = if level == 0 || alone {
            self.take_head(level, digit)
        } else {
            self.rehang(level, digit);
            self.take_head(0, self.occupied[0].trailing_zeros() as usize)
        };
        self.slots.release(entry.slot);
        self.entries -= 1;
        Some((due, entry.event))
    }

    fn next_at(&mut self) -> Option<u64> {
        if !self.ring.is_empty() {
            return Some(self.now);
        }
        let (level, digit) = self.lowest_standing()?;
        Some(time_of(self.buckets[level * FANOUT + digit].least_key))
    }

    fn advance_to(&mut self, at: u64) {
        assert!(at >= self.now, "advance to {at}, before now {}", self.now);
        if let Some(due) = self.next_at() {
            assert!(at <= due, "advance to {at}, past an event due at {due}");
        }
        self.now = at;
    }
}

/// Gives the level and digit of the bucket for a key.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a digit is below FANOUT")]
fn place(key: u64, floor: u64) -> (usize, usize) {
    let level = ((key ^ floor) | 1).ilog2() / DIGIT_BITS;
    let digit = (key >> (level * DIGIT_BITS)) & (FANOUT as u64 - 1);
    (level as usize, digit as usize)
}

impl<E: Copy> RadixQueue<E> {
    /// Puts an entry into its bucket.
    #[inline]
    fn insert(&mut self, entry: Entry<E>) {
        let (level, digit) = place(entry.key, self.floor);
        let index = level * FANOUT + digit;
        if self.buckets[index].tail.is_multiple_of(BLOCK) {
            self.extend(level, digit, entry);
        }
        let bucket = &mut self.buckets[index];
        if entry.key < bucket.least_key {
            bucket.least_key = entry.key;
            bucket.least_slot = entry.slot;
        }
        let tail = bucket.tail;
        bucket.tail += 1;
        self.pool[tail as usize] = entry;
    }

    /// Gives a bucket one more block, its first one if it was empty.
    #[cold]
    fn extend(&mut self, level: usize, digit: usize, filler: Entry<E>) {
        let block = self.take_block(filler);
        self.chain[block as usize] = NO_BLOCK;
        let bucket = &mut self.buckets[level * FANOUT + digit];
        if bucket.head == NO_BLOCK {
            bucket.head = block * BLOCK;
            self.occupied[level] |= 1 << digit;
            self.levels |= 1 << level;
        } else {
            self.chain[((bucket.tail - 1) / BLOCK) as usize] = block;
        }
        bucket.tail = block * BLOCK;
    }

    /// Takes a free block, or makes one.
    ///
    /// # Panics
    /// At 2³² entries.
    fn take_block(&mut self, filler: Entry<E>) -> u32 {
        if self.free != NO_BLOCK {
            let block = self.free;
            self.free = self.chain[block as usize];
            return block;
        }
        let room = BLOCK as usize;
        assert!(
            self.pool.len() + room < u32::MAX as usize,
            "more pending events than positions"
        );
        if self.pool.capacity() - self.pool.len() < room {
            self.pool.reserve_exact((self.pool.len() / 8).max(room));
        }
        let block = u32::try_from(self.chain.len()).expect("the pool has fewer than 2^32 entries");
        self.pool.resize(self.pool.len() + room, filler);
        self.chain.push(NO_BLOCK);
        block
    }

    fn free_block(&mut self, block: u32) {
        self.chain[block as usize] = self.free;
        self.free = block;
    }

    /// Finds the lowest bucket whose least entry stands, dropping ghosts on the way.
    fn lowest_standing(&mut self) -> Option<(usize, usize)> {
        loop {
            if self.levels == 0 {
                return None;
            }
            let level = self.levels.trailing_zeros() as usize;
            let digit = self.occupied[level].trailing_zeros() as usize;
            if !self
                .slots
                .is_ghost(self.buckets[level * FANOUT + digit].least_slot)
            {
                return Some((level, digit));
            }
            if level == 0 {
                // A lane may be long and its ghosts many, so it loses only the first.
                let ghost = self.take_head(level, digit);
                self.slots.release(ghost.slot);
                self.entries -= 1;
            } else {
                self.rehang(level, digit);
            }
        }
    }

    fn mark_empty(&mut self, level: usize, digit: usize) {
        self.buckets[level * FANOUT + digit] = EMPTY;
        self.occupied[level] &= !(1 << digit);
        if self.occupied[level] == 0 {
            self.levels &= !(1 << level);
        }
    }

    /// Removes the first entry of a bucket whose entries all have one key.
    fn take_head(&mut self, level: usize, digit: usize) -> Entry<E> {
        let bucket = &mut self.buckets[level * FANOUT + digit];
        let entry = self.pool[bucket.head as usize];
        let block = bucket.head / BLOCK;
        bucket.head += 1;
        if bucket.head == bucket.tail {
            self.mark_empty(level, digit);
            self.free_block(block);
        } else {
            if bucket.head.is_multiple_of(BLOCK) {
                bucket.head = self.chain[block as usize] * BLOCK;
                self.free_block(block);
            }
            let bucket = &mut self.buckets[level * FANOUT + digit];
            bucket.least_slot = self.pool[bucket.head as usize].slot;
        }
        entry
    }

    /// Takes a bucket apart and puts each entry where it belongs under the present floor.
    ///
    /// Under a floor that has risen to the bucket's least time they fall into lower buckets; under
    /// the same floor they return to the same one. Ghosts are dropped either way.
    fn rehang(&mut self, level: usize, digit: usize) {
        let Bucket { head, tail, .. } = self.buckets[level * FANOUT + digit];
        self.mark_empty(level, digit);
        let mut from = head;
        loop {
            let block = from / BLOCK;
            let next = self.chain[block as usize];
            let to = if next == NO_BLOCK {
                tail
            } else {
                (block + 1) * BLOCK
            };
            for position in from..to {
                let entry = self.pool[position as usize];
                if self.slots.is_ghost(entry.slot) {
                    self.slots.release(entry.slot);
                    self.entries -= 1;
                } else {
                    self.insert(entry);
                }
            }
            self.free_block(block);
            if next == NO_BLOCK {
                break;
            }
            from = next * BLOCK;
        }
    }

    /// Removes every ghost.
    fn sweep(&mut self) {
        for level in 0..LEVELS {
            let mut left = self.occupied[level];
            while left != 0 {
                let digit = left.trailing_zeros() as usize;
                left &= left - 1;
                self.rehang(level, digit);
            }
        }
    }
}
