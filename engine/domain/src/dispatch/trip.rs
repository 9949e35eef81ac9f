//! What a trip with one or two orders would cost, if a given rider made it.
//!
//! Costs are in milliseconds of one order's delay, so that they can be added up:
//!
//! - for each order, the time it reaches its door after the earliest it could, and its lateness,
//!   weighted, growing faster than in proportion;
//! - the rider's time from setting off until back at the store, weighted.

use super::timing::{Approach, is_urgent, ms_until};
use super::{Params, Waiting};
use crate::time::Timestamp;

/// Lateness beyond this does not cost more: 2 h. Bounds costs to what the solver can add up.
const LATE_LIMIT_MS: i64 = 2 * 3_600_000;

/// No trip costs more than this, so that two penalties still fit the solver's numbers.
const COST_LIMIT: u64 = (u32::MAX / 2) as u64;

/// One order of a trip. Times are milliseconds after the round's time; a promise may be before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stop {
    /// Index of the order in [`super::View::waiting`].
    pub(super) order: u32,
    /// From leaving the store to the door.
    after_ms: u32,
    /// The earliest it could be at the door.
    earliest_ms: u32,
    promise_ms: i64,
}

/// One or two orders of one store that one rider could carry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trip {
    stops: [Stop; 2],
    count: usize,
    /// When all bags are packed, after the round's time.
    pub(super) ready_ms: u32,
    /// Whether an order has no time to lose.
    pub(super) urgent: bool,
    /// The fewest refusals of its orders.
    pub(super) refusals: u8,
    /// From leaving the store to being back at it.
    tour_ms: u32,
}

impl Trip {
    /// A trip with one order.
    pub(super) fn single(params: &Params, now: Timestamp, waiting: &[Waiting], index: u32) -> Self {
        let order = &waiting[index as usize];
        let ready_ms = ms_until(now, order.ready_at);
        let stop = Stop {
            order: index,
            after_ms: order.ride_ms,
            earliest_ms: ready_ms + params.handover.0 + order.ride_ms,
            promise_ms: ms_after(now, order.promise_by),
        };
        Self {
            stops: [stop, Stop::default()],
            count: 1,
            ready_ms,
            urgent: is_urgent(params, now, order),
            refusals: order.refusals,
            tour_ms: order.ride_ms + params.dwell.0 + order.ride_ms,
        }
    }

    /// A trip with the orders of two trips, given the ride from the first door to the second.
    pub(super) fn pair(params: &Params, [first, second]: [&Self; 2], leg_ms: u32) -> Self {
        let [first_stop, second_stop] = [first.stops[0], second.stops[0]];
        let after_ms = first_stop.after_ms + params.dwell.0 + leg_ms;
        Self {
            stops: [first_stop, Stop { after_ms, ..second_stop }],
            count: 2,
            ready_ms: first.ready_ms.max(second.ready_ms),
            urgent: first.urgent || second.urgent,
            refusals: first.refusals.min(second.refusals),
            tour_ms: after_ms + params.dwell.0 + second_stop.after_ms,
        }
    }

    /// Its orders, in the order of their doors.
    pub(super) fn stops(&self) -> &[Stop] {
        &self.stops[..self.count]
    }

    /// Index of its first order.
    pub(super) fn first(&self) -> usize {
        self.stops[0].order as usize
    }

    /// The ride from the store to its first door.
    pub(super) fn ride_ms(&self) -> u32 {
        self.stops[0].after_ms
    }

    /// When the promise to its first order ends, after the round's time.
    pub(super) fn promise_ms(&self) -> i64 {
        self.stops[0].promise_ms
    }

    /// When the rider leaves the store, after the round's time.
    fn leave_ms(&self, params: &Params, reach_ms: u32) -> u32 {
        reach_ms.max(self.ready_ms) + params.handover.0
    }

    /// When its orders reach their doors, after the round's time.
    pub(super) fn arrivals_ms(&self, params: &Params, reach_ms: u32) -> impl Iterator<Item = i64> {
        let leave_ms = self.leave_ms(params, reach_ms);
        self.stops().iter().map(move |stop| i64::from(leave_ms) + i64::from(stop.after_ms))
    }

    /// What the trip costs if this rider makes it.
    ///
    /// A rider who would be early is sent later, so no more of their wait counts than they will
    /// be let wait. When riders are short, all of it counts: others could have had them.
    pub(super) fn cost(&self, params: &Params, approach: &Approach) -> u32 {
        let wait_ms = self.ready_ms.saturating_sub(approach.reach_ms);
        let let_wait_ms = wait_ms.min(params.wait_limit(self.urgent).0);
        let ride_ms = approach.ride_ms;
        self.cost_from(params, ride_ms + let_wait_ms, ride_ms + wait_ms, approach.reach_ms)
    }

    /// What the trip costs at least, if no rider is at the store before.
    pub(super) fn least_cost(&self, params: &Params, reach_ms: u32) -> u64 {
        self.cost_from(params, 0, 0, reach_ms).into()
    }

    /// What its rider's time costs from the handover on.
    pub(super) fn rider_cost(&self, params: &Params) -> u64 {
        let trip_ms = u64::from(params.handover.0) + u64::from(self.tour_ms);
        let weight = u64::from(params.rider_weight.0) + u64::from(params.scarcity_weight.0);
        trip_ms * weight / 10_000
    }

    /// What it costs to leave its orders without a rider in this round.
    ///
    /// A rider is taken to come the same time from now for all, so bags that are packed later
    /// lose less, and do not keep riders from those that are packed.
    pub(super) fn penalty(&self, params: &Params) -> u32 {
        self.cost_from(params, 0, 0, params.unserved_delay.0)
    }

    /// The cost, given what the rider spends until the handover, and what they are kept for.
    fn cost_from(&self, params: &Params, spent_ms: u32, kept_ms: u32, reach_ms: u32) -> u32 {
        let leave_ms = self.leave_ms(params, reach_ms);
        let stops = self.stops().iter().map(|stop| stop.cost(params, leave_ms + stop.after_ms));
        let orders: u64 = stops.sum();
        let trip_ms = u64::from(params.handover.0) + u64::from(self.tour_ms);
        let rider = (trip_ms + u64::from(spent_ms)) * u64::from(params.rider_weight.0)
            + (trip_ms + u64::from(kept_ms)) * u64::from(params.scarcity_weight.0);
        u32::try_from((orders + rider / 10_000).min(COST_LIMIT)).expect("the limit fits")
    }
}

impl Stop {
    /// What its arrival costs: its delay, and its lateness, weighted and convex.
    #[expect(clippy::cast_sign_loss, reason = "it is above zero")]
    fn cost(&self, params: &Params, arrival_ms: u32) -> u64 {
        let delay_ms = u64::from(arrival_ms.saturating_sub(self.earliest_ms));
        let late_ms = i64::from(arrival_ms) - self.promise_ms;
        if late_ms <= 0 {
            return delay_ms;
        }
        let late_ms = late_ms.min(LATE_LIMIT_MS) as u64;
        let convex_ms = late_ms + late_ms * late_ms / u64::from(params.late_scale.0.max(1));
        delay_ms + convex_ms * u64::from(params.late_weight.0) / 10_000
    }
}

/// How many milliseconds after an instant another one is; negative if it is before.
fn ms_after(now: Timestamp, then: Timestamp) -> i64 {
    i64::from(then.since(now).0) - i64::from(now.since(then).0)
}
