//! Riders' time on duty and on trips, and how many orders a trip carries.

use domain::delivery::Event;
use domain::ids::{OrderId, PickerId, RiderId, TripId};
use domain::rider::Event as Duty;
use domain::time::Timestamp;

use super::{Counts, add_within};
use crate::arena::Chunks;

/// A city has fewer riders than this: ids beyond are taken for damage.
const MAX_RIDERS: usize = 1 << 22;

type Window = (Timestamp, Timestamp);

/// Since when a rider is available and on a trip, while they are.
#[derive(Clone, Copy, Default)]
struct Rider {
    available_since: Option<Timestamp>,
    busy_since: Option<Timestamp>,
}

/// When a trip's rider was at the store, how many orders they picked up, and how many of those
/// are measured.
#[derive(Clone, Copy, Default)]
struct Trip {
    at_store: Timestamp,
    picked_up: u16,
    measured: u16,
}

/// A bag that is picked up.
#[derive(Clone, Copy)]
pub(super) struct Bag {
    /// Whether its order is measured.
    pub(super) is_measured: bool,
    /// When it was packed, if it is picked up for the first time.
    pub(super) packed_at: Option<Timestamp>,
}

/// The people of a city.
#[derive(Default)]
pub(super) struct People {
    riders: Vec<Rider>,
    trips: Chunks<Trip>,
    pub(super) pickers: u64,
    pub(super) picker_shifts: Vec<(PickerId, Timestamp, Timestamp)>,
}

/// The order that is picked up, if the event tells of that.
pub(super) fn picked_up(event: &Event) -> Option<OrderId> {
    if let Event::PickedUp { order, .. } = *event { Some(order) } else { None }
}

impl People {
    fn rider(&mut self, rider: RiderId) -> Option<&mut Rider> {
        if rider.index() >= self.riders.len() && rider.index() < MAX_RIDERS {
            self.riders.resize(rider.index() + 1, Rider::default());
        }
        self.riders.get_mut(rider.index())
    }

    /// Hears of a rider's duty.
    pub(super) fn duty(
        &mut self,
        event: &Duty,
        now: Timestamp,
        window: Window,
        counts: &mut Counts,
    ) {
        let (rider, is_available) = match *event {
            Duty::CameOn { rider, .. } | Duty::BreakEnded { rider } => (rider, true),
            Duty::WentOff { rider } | Duty::BreakBegun { rider } => (rider, false),
            Duty::Moved { rider, from, .. } => {
                // A trip accepted on the way counts from then on by itself.
                let busy_since = self.rider(rider).and_then(|row| row.busy_since);
                let until = busy_since.map_or(now, |since| since.min(now));
                add_within(&mut counts.rider_busy_us, window, Some(from), until);
                return;
            }
        };
        let Some(row) = self.rider(rider) else { return };
        if is_available {
            row.available_since.get_or_insert(now);
        } else {
            let since = row.available_since.take();
            add_within(&mut counts.rider_duty_us, window, since, now);
        }
    }

    /// Hears of a trip, and of the bag that it picks up.
    pub(super) fn ride(
        &mut self,
        event: &Event,
        bag: Option<Bag>,
        (now, window): (Timestamp, Window),
        counts: &mut Counts,
    ) {
        if let Event::Accepted { rider, .. } = *event {
            if let Some(row) = self.rider(rider) {
                row.busy_since.get_or_insert(now);
            }
        } else if let Event::AtStore { trip, .. } = *event {
            if let Some(row) = self.trips.entry(trip.index()) {
                row.at_store = now;
            }
        } else if let Event::PickedUp { trip, .. } = *event {
            if let (Some(row), Some(bag)) = (self.trips.entry(trip.index()), bag) {
                row.picked_up = row.picked_up.saturating_add(1);
                row.measured = row.measured.saturating_add(u16::from(bag.is_measured));
                count_waits(*row, bag, counts);
            }
        } else if let Event::Dropped { trip, rider } | Event::Ended { trip, rider } = *event {
            let since = self.rider(rider).and_then(|row| row.busy_since.take());
            add_within(&mut counts.rider_busy_us, window, since, now);
            self.end(trip, counts);
        } else if let Event::Rejected { trip, .. } | Event::OfferTimedOut { trip, .. } = *event {
            self.end(trip, counts);
        }
    }

    fn end(&mut self, trip: TripId, counts: &mut Counts) {
        let Some(row) = self.trips.entry(trip.index()).map(std::mem::take) else { return };
        count(row, counts);
        self.trips.retire(trip.index());
    }

    /// Counts what goes on when the journal ends.
    pub(super) fn finish(&mut self, window: Window, counts: &mut Counts) {
        for row in &self.riders {
            add_within(&mut counts.rider_duty_us, window, row.available_since, window.1);
            add_within(&mut counts.rider_busy_us, window, row.busy_since, window.1);
        }
        for (_, row) in self.trips.iter() {
            count(*row, counts);
        }
        self.picker_shifts.sort_unstable();
        let rostered = self.picker_shifts.chunk_by(|a, b| a.0 == b.0).count() as u64;
        let whole = window.1.0.saturating_sub(window.0.0);
        counts.picker_duty_us = self.pickers.saturating_sub(rostered).wrapping_mul(whole);
        for (_, from, to) in &self.picker_shifts {
            add_within(&mut counts.picker_duty_us, window, Some(*from), *to);
        }
    }
}

/// Whichever of rider and bag was at the store first waited for the other.
fn count_waits(trip: Trip, bag: Bag, counts: &mut Counts) {
    let Some(packed_at) = bag.packed_at.filter(|_| bag.is_measured) else { return };
    let wait = |from: Timestamp, to: Timestamp| to.0.saturating_sub(from.0);
    counts.picked_up += 1;
    counts.rider_wait_us = counts.rider_wait_us.wrapping_add(wait(trip.at_store, packed_at));
    counts.bag_wait_us = counts.bag_wait_us.wrapping_add(wait(packed_at, trip.at_store));
}

fn count(trip: Trip, counts: &mut Counts) {
    let measured = u64::from(trip.measured);
    counts.trips += u64::from(measured > 0);
    counts.carried += measured;
    if trip.picked_up > 1 {
        counts.batched += measured;
    }
}
