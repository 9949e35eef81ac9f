//! Seats: tasks that play one journey after the other.
//!
//! A task for each arrival would be allocated and freed for each; in a thread's own heap that is a
//! system call for every second one. A seat's task lives as long as the lane, and journeys are
//! played in its memory. There are as many seats as there ever were journeys at a time.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

use crate::schedule::Arrival;

/// Where a task waits for its next arrival.
#[derive(Debug, Default)]
pub(crate) struct Seat {
    next: Cell<Option<Arrival>>,
    waker: RefCell<Option<Waker>>,
}

impl Seat {
    /// Gives an arrival to the task that waits here.
    pub(crate) fn give(&self, arrival: Arrival) {
        self.next.set(Some(arrival));
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// Waits for the next arrival.
    pub(crate) async fn next(&self) -> Arrival {
        poll_fn(|context| match self.next.take() {
            Some(arrival) => Poll::Ready(arrival),
            None => {
                *self.waker.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }
}
