//! When a rider may be sent for an order, and when it is time to send one.

use super::{Candidate, Edge, Params, Waiting};
use crate::time::{Millis, Timestamp};

/// One rider sent to one store now. Times are milliseconds after the round's time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Approach {
    /// When they are at the store.
    pub(super) reach_ms: u32,
    /// The ride to the store.
    pub(super) ride_ms: u32,
    /// When their shift ends.
    off_ms: u32,
}

impl Approach {
    pub(super) fn new(now: Timestamp, riders: &[Candidate], edge: Edge) -> Self {
        let rider = &riders[edge.candidate as usize];
        Self {
            reach_ms: ms_until(now, rider.free_at) + edge.ms,
            ride_ms: edge.ms,
            off_ms: ms_until(now, rider.off_at),
        }
    }

    /// When they can set off.
    pub(super) fn free_ms(&self) -> u32 {
        self.reach_ms - self.ride_ms
    }

    /// Whether the rider may fetch bags that are packed by then: near enough, soon enough free,
    /// and on shift.
    pub(super) fn may_fetch(&self, params: &Params, refusals: u8, ready_ms: u32) -> bool {
        let near = self.ride_ms <= params.pickup_limit.0 || refusals >= params.widen_after_refusals;
        let soon = self.free_ms() <= params.rider_horizon.0;
        near && soon && self.reach_ms.max(ready_ms) < self.off_ms
    }

    /// Whether the offer should be made in this round rather than in a later one.
    pub(super) fn is_due(&self, params: &Params, ready_ms: u32, urgent: bool) -> bool {
        let in_time = ready_ms.saturating_sub(self.reach_ms) <= params.wait_limit(urgent).0;
        in_time && self.free_ms() <= params.commit_ahead.0
    }
}

/// Whether a round may already offer an order to a rider who is at its store within `reach`.
///
/// Where no order is due for the last of the riders who may be sent now, alone or on a shared
/// trip, a round need not be held: it could only look ahead.
#[must_use]
pub fn may_be_due(params: &Params, now: Timestamp, order: &Waiting, reach: Millis) -> bool {
    let limit = params.wait_limit(is_urgent(params, now, order));
    order.ready_at.since(now) <= limit + reach
}

/// Whether an order has no time to lose: it was refused, or even a rider who is at the store
/// when the bag is would hardly keep the promise.
pub(super) fn is_urgent(params: &Params, now: Timestamp, order: &Waiting) -> bool {
    let door = order.ready_at.max(now) + params.handover + Millis(order.ride_ms);
    order.refusals > 0 || door + params.urgent_slack > order.promise_by
}

/// Milliseconds until an instant; zero if it has passed, at most a week, so that sums fit.
pub(super) fn ms_until(now: Timestamp, then: Timestamp) -> u32 {
    const WEEK: Millis = Millis::from_min(7 * 24 * 60);
    then.since(now).min(WEEK).0
}
