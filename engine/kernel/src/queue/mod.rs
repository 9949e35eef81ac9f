//! Event queues on a microsecond clock, with priority classes, a zero-delay ring and cancelling.
//!
//! Two structures give the same order, event for event: [`RadixQueue`], which is fast, and
//! [`HeapQueue`], which is obvious. Runs use the first; tests hold it against the second.
//!
//! ```text
//!   now_do ──► ring (FIFO) ──────────────┐ first, at the current time
//!   schedule ──► (time, class, FIFO) ────┴─► pop_until(limit)
//! ```

mod blocks;
mod front;
mod heap;
mod radix;
mod slots;

#[cfg(test)]
mod tests;

use core::num::NonZeroU32;

pub use heap::HeapQueue;
pub use radix::RadixQueue;

/// Bits of an ordering key that hold the priority class; the time is above them.
const CLASS_BITS: u32 = 5;

/// How many priority classes there are: a class is below this.
pub const CLASSES: u8 = 1 << CLASS_BITS;

/// The last time an event can be scheduled for, in microseconds: about 18 000 years.
pub const LAST_TIME: u64 = u64::MAX >> CLASS_BITS;

/// Marks an entry that cannot be cancelled and so has no slot.
const NO_SLOT: u32 = u32::MAX;

/// Below this many cancelled entries the queue is never compacted.
const GHOSTS_KEPT: usize = 64;

/// A scheduled event that can still be cancelled: a slot and the stamp it had.
///
/// A token outlives its event harmlessly: once the event has fired or was cancelled, the slot has
/// another stamp. It takes 8 bytes, and so does an `Option` of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    slot: u32,
    stamp: NonZeroU32,
}

const _: () = assert!(size_of::<Option<Token>>() == 8);

/// A queue of events and the clock they move.
///
/// Order: the ring first, then by time, then by class (lower first), then in the order scheduled.
/// Times are microseconds.
pub trait Queue<E: Copy>: Default {
    /// Gives the current time.
    fn now(&self) -> u64;

    /// Counts the events still to come, the ring's included, cancelled ones not.
    fn len(&self) -> usize;

    /// Tells whether nothing is to come.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts the bytes the queue has reserved on the heap.
    fn heap_bytes(&self) -> usize;

    /// Schedules an event that will certainly happen.
    ///
    /// # Panics
    /// If `at` is before now or after [`LAST_TIME`], or `class` is not below [`CLASSES`].
    fn schedule(&mut self, at: u64, class: u8, event: E);

    /// Schedules an event that may be cancelled with the token returned.
    ///
    /// # Panics
    /// As [`schedule`](Self::schedule).
    fn schedule_cancellable(&mut self, at: u64, class: u8, event: E) -> Token;

    /// Cancels a scheduled event; false if it already happened or was cancelled.
    fn cancel(&mut self, token: Token) -> bool;

    /// Adds work for this very instant, after what already waits for it.
    ///
    /// It runs before any scheduled event, at the current time.
    fn now_do(&mut self, event: E);

    /// Takes the next event due at or before `limit` and moves the clock to its time.
    ///
    /// With nothing due by then it gives `None` and leaves the clock where it is.
    fn pop_until(&mut self, limit: u64) -> Option<(u64, E)>;

    /// Tells when the next event is due, moving nothing.
    fn next_at(&mut self) -> Option<u64>;

    /// Moves the clock forward over a time in which nothing happens.
    ///
    /// # Panics
    /// If `at` is before now, or an event is due before `at`.
    fn advance_to(&mut self, at: u64);
}

/// Packs time and class into one number that orders as the pair does.
///
/// # Panics
/// As [`Queue::schedule`].
fn pack(now: u64, at: u64, class: u8) -> u64 {
    assert!(at >= now, "scheduled at {at}, before now {now}");
    assert!(at <= LAST_TIME, "scheduled at {at}, after the last time {LAST_TIME}");
    assert!(class < CLASSES, "class {class} is not below {CLASSES}");
    (at << CLASS_BITS) | u64::from(class)
}

/// Gives the time of a packed key.
const fn time_of(key: u64) -> u64 {
    key >> CLASS_BITS
}

/// Tells whether so many entries are ghosts that a sweep pays: a quarter of all.
const fn too_many_ghosts(ghosts: usize, entries: usize) -> bool {
    ghosts > GHOSTS_KEPT && ghosts * 4 > entries
}
