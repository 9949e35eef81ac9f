//! The pacer: absolute deadlines by timerfd, and whoever waits for one.
//!
//! A sleep of the async runtime ends on a grid of a millisecond; a timerfd ends within tens of
//! microseconds. One timer serves a lane: it is set for the earliest of the next arrival, the next
//! sleeper and the next look at the clock. Deadlines are rounded up to a quantum, so that arrivals
//! which are almost together cost one wake-up.

use std::cell::{Cell, RefCell};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::future::poll_fn;
use std::io;
use std::os::fd::OwnedFd;
use std::task::{Poll, Waker};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::clock::Clock;

/// The pacer of one lane.
#[derive(Debug)]
pub(crate) struct Pacer {
    clock: Clock,
    quantum_us: u64,
    timer: AsyncFd<OwnedFd>,
    /// When the timer is set to fire; [`u64::MAX`] when it is not.
    set_us: Cell<u64>,
    sleepers: RefCell<BinaryHeap<Reverse<Sleeper>>>,
    slept: Cell<u64>,
}

impl Pacer {
    /// Makes a pacer of the current runtime.
    pub(crate) fn new(clock: Clock, quantum_us: u64) -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(deprecated, reason = "its successor is unsafe code; an owned timer is safe here")]
        let timer = AsyncFd::with_interest(timer, Interest::READABLE)?;
        Ok(Self {
            clock,
            quantum_us: quantum_us.max(1),
            timer,
            set_us: Cell::new(u64::MAX),
            sleepers: RefCell::default(),
            slept: Cell::new(0),
        })
    }

    /// Waits until the timer fires, which is at `until_us` or when the first sleeper is due.
    pub(crate) async fn wait(&self, until_us: u64) -> io::Result<()> {
        let first = self.sleepers.borrow().peek().map_or(u64::MAX, |Reverse(first)| first.at_us);
        self.set(until_us.min(first))?;
        // The runtime watches for edges, and setting the timer again makes the next one, so the
        // count of expirations need not be read.
        self.timer.readable().await?.clear_ready();
        self.set_us.set(u64::MAX);
        Ok(())
    }

    /// Wakes whoever slept long enough.
    pub(crate) fn wake(&self, now_us: u64) {
        let mut sleepers = self.sleepers.borrow_mut();
        while sleepers.peek().is_some_and(|Reverse(first)| first.at_us <= now_us) {
            if let Some(Reverse(sleeper)) = sleepers.pop() {
                sleeper.waker.wake();
            }
        }
    }

    /// Sleeps until an instant of the run; never less, and as little more as can be.
    pub(crate) async fn sleep_until(&self, at_us: u64) {
        let mut waiting = false;
        poll_fn(|context| {
            if self.clock.now_us() >= at_us {
                return Poll::Ready(());
            }
            if !waiting {
                waiting = true;
                self.enter(at_us, context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    fn enter(&self, at_us: u64, waker: Waker) {
        let number = self.slept.get();
        self.slept.set(number + 1);
        self.sleepers.borrow_mut().push(Reverse(Sleeper { at_us, number, waker }));
        if at_us < self.set_us.get() && self.set_us.get() != u64::MAX {
            // A timer that cannot be set fires late at worst: the lane looks at the clock again
            // at its next deadline.
            let _ = self.set(at_us);
        }
    }

    /// Sets the timer, rounding up to the quantum.
    fn set(&self, at_us: u64) -> io::Result<()> {
        let at_us = at_us.div_ceil(self.quantum_us).saturating_mul(self.quantum_us);
        let once = Itimerspec {
            it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: self.clock.deadline(at_us),
        };
        timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::ABSTIME, &once)?;
        self.set_us.set(at_us);
        Ok(())
    }
}

/// Somebody who waits for an instant; the earliest first, then the first to come.
#[derive(Debug)]
struct Sleeper {
    at_us: u64,
    number: u64,
    waker: Waker,
}

impl Ord for Sleeper {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at_us, self.number).cmp(&(other.at_us, other.number))
    }
}

impl PartialOrd for Sleeper {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Sleeper {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Sleeper {}
