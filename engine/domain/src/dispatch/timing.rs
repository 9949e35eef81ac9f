//! When a rider may be sent for an order, and when it is time to send one.

use super::{Candidate, Edge, Params, Waiting};
use crate::time::{Millis, Timestamp};

/// One rider sent to one store now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Approach {
    pub(super) rider: Candidate,
    pub(super) reach: Timestamp,
    pub(super) ride_ms: u32,
}

impl Approach {
    pub(super) fn new(now: Timestamp, riders: &[Candidate], edge: Edge) -> Self {
        let rider = riders[edge.candidate as usize];
        let reach = rider.free_at.max(now) + Millis(edge.ms);
        Self { rider, reach, ride_ms: edge.ms }
    }

    /// Whether the rider may fetch bags that are packed by then: near enough, and on shift.
    pub(super) fn may_fetch(&self, params: &Params, refusals: u8, ready_at: Timestamp) -> bool {
        let near = self.ride_ms <= params.pickup_limit.0 || refusals >= params.widen_after_refusals;
        near && self.reach.max(ready_at) < self.rider.off_at
    }

    /// Whether the offer should be made in this round rather than in a later one.
    pub(super) fn is_due(
        &self,
        params: &Params,
        now: Timestamp,
        ready_at: Timestamp,
        urgent: bool,
    ) -> bool {
        let in_time = ready_at.since(self.reach) <= params.wait_limit(urgent);
        in_time && self.rider.free_at <= now + params.commit_ahead
    }
}

/// Whether a round may already offer an order to a rider at most so far from its store.
///
/// Where nobody is due, a round need not be held: it could only look ahead.
#[must_use]
pub fn may_be_due(params: &Params, now: Timestamp, order: &Waiting, ride: Millis) -> bool {
    let limit = params.wait_limit(is_urgent(params, now, order));
    order.ready_at.since(now) <= limit + params.commit_ahead + ride
}

/// Whether an order has no time to lose: it was refused, or even a rider who is at the store
/// when the bag is would hardly keep the promise.
pub(super) fn is_urgent(params: &Params, now: Timestamp, order: &Waiting) -> bool {
    let door = order.ready_at.max(now) + params.handover + Millis(order.ride_ms);
    order.refusals > 0 || door + params.urgent_slack > order.promise_by
}
