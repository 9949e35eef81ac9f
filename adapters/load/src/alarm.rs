//! Time-outs of one lane: all of one length, nearly all called off.
//!
//! A timer of the runtime for each request would cost a system call each, for it tells the runtime
//! to wake up earlier. Time-outs of one length end in the order they began, so a queue holds them;
//! the lane looks at its front every few milliseconds. One that was called off stays in the queue
//! and is known by its slot having moved on.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Poll, Waker};

use crate::clock::Clock;

/// The time-outs of one lane.
#[derive(Debug)]
pub(crate) struct Alarms {
    clock: Clock,
    length_us: u64,
    book: RefCell<Book>,
}

#[derive(Debug, Default)]
struct Book {
    queue: VecDeque<Due>,
    slots: Vec<Slot>,
    free: Vec<usize>,
}

/// A time-out in the queue.
#[derive(Clone, Copy, Debug)]
struct Due {
    at_us: u64,
    slot: usize,
    use_number: u64,
}

/// Where a time-out under way is kept; used again and again.
#[derive(Debug, Default)]
struct Slot {
    use_number: u64,
    over: bool,
    waker: Option<Waker>,
}

impl Alarms {
    pub(crate) fn new(clock: Clock, length_us: u64) -> Self {
        Self { clock, length_us, book: RefCell::default() }
    }

    /// Waits for a future, at most as long as time-outs here are and until the next look after.
    pub(crate) async fn within<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let ring = Ring { alarms: self, slot: self.begin() };
        let mut future = pin!(future);
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if ring.is_over(context.waker()) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    /// Rings for whoever waited too long.
    pub(crate) fn look(&self, now_us: u64) {
        let mut book = self.book.borrow_mut();
        while let Some(&due) = book.queue.front().filter(|due| due.at_us <= now_us) {
            book.queue.pop_front();
            let slot = &mut book.slots[due.slot];
            if slot.use_number == due.use_number {
                slot.over = true;
                if let Some(waker) = slot.waker.take() {
                    waker.wake();
                }
            }
        }
    }

    fn begin(&self) -> usize {
        let at_us = self.clock.now_us().saturating_add(self.length_us);
        let mut book = self.book.borrow_mut();
        let slot = book.free.pop().unwrap_or_else(|| {
            book.slots.push(Slot::default());
            book.slots.len() - 1
        });
        let use_number = book.slots[slot].use_number;
        book.queue.push_back(Due { at_us, slot, use_number });
        slot
    }
}

/// One time-out under way. Dropped, it is called off.
struct Ring<'a> {
    alarms: &'a Alarms,
    slot: usize,
}

impl Ring<'_> {
    /// Tells whether it rang, and whom to wake when it does.
    fn is_over(&self, waker: &Waker) -> bool {
        let slot = &mut self.alarms.book.borrow_mut().slots[self.slot];
        if !slot.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            slot.waker = Some(waker.clone());
        }
        slot.over
    }
}

impl Drop for Ring<'_> {
    fn drop(&mut self) {
        let mut book = self.alarms.book.borrow_mut();
        let slot = &mut book.slots[self.slot];
        *slot = Slot { use_number: slot.use_number + 1, over: false, waker: None };
        book.free.push(self.slot);
    }
}

#[cfg(test)]
mod tests;
