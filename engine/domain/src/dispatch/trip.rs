//! What a trip with one or two orders would cost, if a given rider made it.
//!
//! Costs are in milliseconds of one order's delay, so that they can be added up:
//!
//! - for each order, the time it reaches its door after the earliest it could, and its lateness,
//!   weighted, growing faster than in proportion;
//! - the rider's time from setting off until back at the store, weighted.

use super::timing::{Approach, is_urgent};
use super::{Params, Waiting};
use crate::time::{Millis, Timestamp};

/// Stands for no second order.
pub(super) const NO_ORDER: u32 = u32::MAX;

/// Lateness beyond this does not cost more: 2 h. Bounds costs to what the solver can add up.
const LATE_LIMIT_MS: u64 = 2 * 3_600_000;

/// No trip costs more than this, so that two penalties still fit the solver's numbers.
const COST_LIMIT: u64 = (u32::MAX / 2) as u64;

/// One or two orders of one store that one rider could carry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trip {
    /// Indices of the orders in the order of their doors, or [`NO_ORDER`].
    pub(super) orders: [u32; 2],
    /// When all bags are packed.
    pub(super) ready_at: Timestamp,
    /// Whether an order has no time to lose.
    pub(super) urgent: bool,
    /// The fewest refusals of its orders.
    pub(super) refusals: u8,
    /// From leaving the store to each door.
    doors_ms: [u32; 2],
    /// From leaving the store to being back at it.
    tour_ms: u32,
}

impl Trip {
    /// A trip with one order.
    pub(super) fn single(params: &Params, now: Timestamp, waiting: &[Waiting], index: u32) -> Self {
        let order = &waiting[index as usize];
        Self {
            orders: [index, NO_ORDER],
            ready_at: order.ready_at,
            urgent: is_urgent(params, now, order),
            refusals: order.refusals,
            doors_ms: [order.ride_ms, 0],
            tour_ms: order.ride_ms + params.dwell.0 + order.ride_ms,
        }
    }

    /// A trip with two orders, given the ride from the first door to the second.
    pub(super) fn pair(
        params: &Params,
        waiting: &[Waiting],
        [first, second]: [&Self; 2],
        leg_ms: u32,
    ) -> Self {
        let [ride_ms, back_ms] =
            [first, second].map(|trip| waiting[trip.orders[0] as usize].ride_ms);
        let second_ms = ride_ms + params.dwell.0 + leg_ms;
        Self {
            orders: [first.orders[0], second.orders[0]],
            ready_at: first.ready_at.max(second.ready_at),
            urgent: first.urgent || second.urgent,
            refusals: first.refusals.min(second.refusals),
            doors_ms: [ride_ms, second_ms],
            tour_ms: second_ms + params.dwell.0 + back_ms,
        }
    }

    /// Indices of its orders, in the order of their doors.
    pub(super) fn orders(&self) -> impl Iterator<Item = u32> {
        self.orders.into_iter().filter(|&order| order != NO_ORDER)
    }

    /// When its orders reach their doors if a rider is at the store by then.
    pub(super) fn arrivals(
        &self,
        params: &Params,
        reach: Timestamp,
    ) -> impl Iterator<Item = (u32, Timestamp)> {
        let leave = reach.max(self.ready_at) + params.handover;
        self.orders().zip(self.doors_ms).map(move |(order, ms)| (order, leave + Millis(ms)))
    }

    /// What the trip costs if this rider makes it.
    ///
    /// A rider who would be early is sent later, so no more of their wait counts than they will
    /// be let wait.
    pub(super) fn cost(
        &self,
        params: &Params,
        now: Timestamp,
        waiting: &[Waiting],
        approach: &Approach,
    ) -> u32 {
        let wait = self.ready_at.since(approach.reach).min(params.wait_limit(self.urgent));
        let approach_ms = u64::from(approach.ride_ms) + u64::from(wait.0);
        self.cost_from(params, now, waiting, approach_ms, approach.reach)
    }

    /// What it costs to leave its orders without a rider in this round.
    ///
    /// A rider is taken to come the same time from now for all, so bags that are packed later
    /// lose less, and do not keep riders from those that are packed.
    pub(super) fn penalty(&self, params: &Params, now: Timestamp, waiting: &[Waiting]) -> u32 {
        self.cost_from(params, now, waiting, 0, now + params.unserved_delay)
    }

    fn cost_from(
        &self,
        params: &Params,
        now: Timestamp,
        waiting: &[Waiting],
        approach_ms: u64,
        reach: Timestamp,
    ) -> u32 {
        let orders: u64 = self
            .arrivals(params, reach)
            .map(|(order, arrival)| order_cost(params, now, &waiting[order as usize], arrival))
            .sum();
        let rider_ms = approach_ms + u64::from(params.handover.0) + u64::from(self.tour_ms);
        let rider = rider_ms * u64::from(params.rider_weight.0) / 10_000;
        u32::try_from((orders + rider).min(COST_LIMIT)).expect("the limit fits")
    }
}

/// What an order's arrival costs: its delay, and its lateness, weighted and convex.
fn order_cost(params: &Params, now: Timestamp, order: &Waiting, arrival: Timestamp) -> u64 {
    let earliest = order.ready_at.max(now) + params.handover + Millis(order.ride_ms);
    let delay_ms = u64::from(arrival.since(earliest).0);
    let late_ms = u64::from(arrival.since(order.promise_by).0).min(LATE_LIMIT_MS);
    let convex_ms = late_ms + late_ms * late_ms / u64::from(params.late_scale.0.max(1));
    delay_ms + convex_ms * u64::from(params.late_weight)
}
