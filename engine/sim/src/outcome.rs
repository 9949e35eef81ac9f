//! What came of a run, counted by the run itself.
//!
//! The same counts are made again from the journal by `verify`, which knows nothing of this.

use domain::facts::Sink;
use domain::order::Stage;
use domain::time::{MICROS_PER_S, Timestamp};
use kernel::queue::Queue;

use crate::events::Event;
use crate::limits::Limit;
use crate::world::World;

/// Microseconds of one simulated minute.
const MINUTE: u64 = 60 * MICROS_PER_S;

/// How far a run is, once for each simulated minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The simulated time.
    pub at: Timestamp,
    /// When the run will end.
    pub end: Timestamp,
    /// Arrivals so far.
    pub arrived: u64,
    /// Orders under way.
    pub open: u64,
    /// Facts so far.
    pub facts: u64,
    /// Orders that wait for a rider.
    pub waiting_for_rider: u64,
}

/// Calls the watcher once for each simulated minute.
pub(crate) struct Watch<F> {
    watcher: F,
    next: u64,
}

impl<F: FnMut(&Progress) -> bool> Watch<F> {
    pub(crate) fn new(watcher: F) -> Self {
        Self { watcher, next: MINUTE }
    }

    pub(crate) fn is_due(&self, now: u64) -> bool {
        now >= self.next
    }

    /// Shows the progress; false if the watcher wants the run to stop.
    pub(crate) fn look(&mut self, progress: Progress) -> bool {
        self.next = (progress.at.0 / MINUTE + 1) * MINUTE;
        (self.watcher)(&progress)
    }
}

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Whether the run came to its end, and was not stopped before.
    pub finished: bool,
    /// Orders placed in the window.
    pub placed: u64,
    /// Of those, delivered.
    pub delivered: u64,
    /// Of those, rejected.
    pub rejected: u64,
    /// Of those, cancelled.
    pub cancelled: u64,
    /// Of those, undelivered.
    pub undelivered: u64,
    /// Of those, still under way at the end.
    pub in_flight: u64,
    /// Delivered orders whose rider was at the door by the promise.
    pub on_time: u64,
    /// Sum over delivered orders of the time from placed to at the door, microseconds.
    pub order_to_door_us: u64,
    /// Facts told.
    pub facts: u64,
    /// Trips offered.
    pub trips: u64,
    /// How much of each resource the orders asked for.
    pub limits: [Limit; 2],
}

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            at: self.now,
            end: self.setup.window.end(),
            arrived: self.next_arrival as u64,
            open: self.stores.iter().map(|store| u64::from(store.open_orders)).sum(),
            facts: self.facts(),
            waiting_for_rider: self.rounds.waiting() as u64,
        }
    }

    pub(crate) fn outcome(&self, finished: bool) -> Outcome {
        let mut outcome = Outcome { finished, ..Outcome::default() };
        outcome.facts = self.facts();
        outcome.trips = self.trips.len() as u64;
        outcome.limits = self.limits();
        let window = self.setup.window;
        let placed = self.orders.iter().filter(|order| {
            order.saga.stage != Stage::Draft && (window.from..window.to).contains(&order.placed_at)
        });
        for order in placed {
            outcome.placed += 1;
            let count = match order.saga.stage {
                Stage::Delivered => &mut outcome.delivered,
                Stage::Rejected => &mut outcome.rejected,
                Stage::Cancelled => &mut outcome.cancelled,
                Stage::Undelivered => &mut outcome.undelivered,
                Stage::Draft
                | Stage::Placed
                | Stage::Reserved
                | Stage::PaymentPending
                | Stage::Confirmed
                | Stage::Picking
                | Stage::Packed
                | Stage::OutForDelivery
                | Stage::Arrived => &mut outcome.in_flight,
            };
            *count += 1;
            if let (Stage::Delivered, Some(at)) = (order.saga.stage, order.arrived_at) {
                outcome.on_time += u64::from(at <= order.promise_by);
                outcome.order_to_door_us += at.0 - order.placed_at.0;
            }
        }
        outcome
    }
}
