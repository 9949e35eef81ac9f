//! A 4-ary heap: the obvious queue, the twin that [`RadixQueue`](super::RadixQueue) is held against.
//!
//! Each entry carries its sequence number, so the order is total and needs no argument.

use super::slots::Slots;
use super::{NO_SLOT, Queue, Token, pack, time_of, too_many_ghosts};
use std::collections::VecDeque;

/// Children of a node.
const ARITY: usize = 4;

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    key: u64,
    sequence: u64,
    slot: u32,
    event: E,
}

impl<E> Entry<E> {
    fn order(&self) -> (u64, u64) {
        (self.key, self.sequence)
    }
}

/// An event queue on a 4-ary heap. Memory: the entries, 20 bytes and the event each, padded.
#[derive(Debug)]
pub struct HeapQueue<E> {
    now: u64,
    sequence: u64,
    entries: Vec<Entry<E>>,
    ring: VecDeque<E>,
    slots: Slots,
}

impl<E> Default for HeapQueue<E> {
    fn default() -> Self {
        Self {
            now: 0,
            sequence: 0,
            entries: Vec::new(),
            ring: VecDeque::new(),
            slots: Slots::default(),
        }
    }
}

impl<E: Copy> Queue<E> for HeapQueue<E> {
    fn now(&self) -> u64 {
        self.now
    }

    fn len(&self) -> usize {
        self.entries.len() - self.slots.ghosts() + self.ring.len()
    }

    fn heap_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry<E>>()
            + self.ring.capacity() * size_of::<E>()
            + self.slots.heap_bytes()
    }

    fn schedule(&mut self, at: u64, class: u8, event: E) {
        let key = pack(self.now, at, class);
        self.push(key, NO_SLOT, event);
    }

    fn schedule_cancellable(&mut self, at: u64, class: u8, event: E) -> Token {
        let key = pack(self.now, at, class);
        let token = self.slots.take();
        self.push(key, token.slot, event);
        token
    }

    fn cancel(&mut self, token: Token) -> bool {
        let cancelled = self.slots.cancel(token);
        if cancelled && too_many_ghosts(self.slots.ghosts(), self.entries.len()) {
            self.sweep();
        }
        cancelled
    }

    fn now_do(&mut self, event: E) {
        self.ring.push_back(event);
    }

    fn pop_until(&mut self, limit: u64) -> Option<(u64, E)> {
        if limit < self.now {
            return None;
        }
        if let Some(event) = self.ring.pop_front() {
            return Some((self.now, event));
        }
        self.drop_ghosts();
        if time_of(self.entries.first()?.key) > limit {
            return None;
        }
        let entry = self.take_first();
        self.slots.release(entry.slot);
        self.now = time_of(entry.key);
        Some((self.now, entry.event))
    }

    fn next_at(&mut self) -> Option<u64> {
        if !self.ring.is_empty() {
            return Some(self.now);
        }
        self.drop_ghosts();
        self.entries.first().map(|entry| time_of(entry.key))
    }

    fn advance_to(&mut self, at: u64) {
        assert!(at >= self.now, "advance to {at}, before now {}", self.now);
        if let Some(due) = self.next_at() {
            assert!(at <= due, "advance to {at}, past an event due at {due}");
        }
        self.now = at;
    }
}

impl<E: Copy> HeapQueue<E> {
    fn push(&mut self, key: u64, slot: u32, event: E) {
        let entry = Entry { key, sequence: self.sequence, slot, event };
        self.sequence += 1;
        self.entries.push(entry);
        self.sift_up(self.entries.len() - 1);
    }

    /// Removes cancelled entries from the front, so that the first one stands.
    fn drop_ghosts(&mut self) {
        while self.entries.first().is_some_and(|first| self.slots.is_ghost(first.slot)) {
            let ghost = self.take_first();
            self.slots.release(ghost.slot);
        }
    }

    /// Removes the first entry.
    fn take_first(&mut self) -> Entry<E> {
        let first = self.entries.swap_remove(0);
        self.sift_down(0);
        first
    }

    /// Removes every ghost and rebuilds the heap.
    fn sweep(&mut self) {
        let Self { entries, slots, .. } = self;
        entries.retain(|entry| {
            let ghost = slots.is_ghost(entry.slot);
            if ghost {
                slots.release(entry.slot);
            }
            !ghost
        });
        for index in (0..self.entries.len().div_ceil(ARITY)).rev() {
            self.sift_down(index);
        }
    }

    fn sift_up(&mut self, mut index: usize) {
        let entry = self.entries[index];
        while index > 0 {
            let parent = (index - 1) / ARITY;
            if self.entries[parent].order() <= entry.order() {
                break;
            }
            self.entries[index] = self.entries[parent];
            index = parent;
        }
        self.entries[index] = entry;
    }

    fn sift_down(&mut self, mut index: usize) {
        let Some(&entry) = self.entries.get(index) else {
            return;
        };
        loop {
            let first_child = index * ARITY + 1;
            let last_child = (first_child + ARITY).min(self.entries.len());
            let Some(least) =
                (first_child..last_child).min_by_key(|&child| self.entries[child].order())
            else {
                break;
            };
            if entry.order() <= self.entries[least].order() {
                break;
            }
            self.entries[index] = self.entries[least];
            index = least;
        }
        self.entries[index] = entry;
    }
}
