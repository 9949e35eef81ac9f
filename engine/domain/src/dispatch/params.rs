//! The knobs of dispatch, with their defaults and where these come from.

use crate::money::Bps;
use crate::time::{Millis, Timestamp};

/// What a dispatch policy may be told. Grades are those of the calibration tables: E is assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// Time between rounds. 10 s, grade E.
    pub round_interval: Millis,
    /// Most orders on a trip, 1 or 2. Two per trip is typical in India (calibration B12, P).
    pub max_batch: u8,
    /// Riders listed for each store, the nearest first. 16 (performance.md section 5, R).
    pub candidates: u16,
    /// A rider further from the store than this is not sent there. 20 min, grade E.
    pub pickup_limit: Millis,
    /// From this many refusals on, an order may have a rider from any distance. 3 (domain.md
    /// section 5, grade E).
    pub widen_after_refusals: u8,
    /// Expected time at the store door, from rider and bag both there until leaving.
    /// 60 s (calibration B3, P).
    pub handover: Millis,
    /// Expected time at a customer's door. 125 s: the mean of a lognormal with median 110 s
    /// and sigma 0.5 (calibration B5, E).
    pub dwell: Millis,
    /// An order is held back while its rider would wait longer than this at the store.
    /// 30 s, grade E.
    pub rider_wait_limit: Millis,
    /// The same for an urgent order. 2 min, the upper end of the calibrated band (section 5).
    pub urgent_wait_limit: Millis,
    /// An order is urgent when a rider who is in time for the bag would keep the promise with
    /// less than this to spare. 2 min, grade E.
    pub urgent_slack: Millis,
    /// A rider still on a trip is offered the next one this long before its end. 30 s, the time
    /// an offer may take (domain.md section 5).
    pub commit_ahead: Millis,
    /// Riders who are free later than this do not take part. 2 min, grade E: bounds a round, and
    /// in simulated evenings 5 min were not better.
    pub rider_horizon: Millis,
    /// Two orders share a trip only when both promises hold with this to spare. 60 s, grade E.
    pub batch_slack: Millis,
    /// Two orders share a trip only when the ride through both doors and back is at most this
    /// share of two rides out and back. 0.85, just above the 0.84 of two random doors
    /// (calibration 2.2, D).
    pub detour_limit: Bps,
    /// Two orders share a trip only when they are packed within this of each other.
    /// 4 min, grade E.
    pub ready_gap_limit: Millis,
    /// The orders of a store that a round looks at, the most urgent first: bounds a backlog.
    /// 48, grade E: about a thousand pairs.
    pub window: u16,
    /// And no more than this for each rider who could fetch them. 8, grade E.
    pub window_per_rider: u16,
    /// How often sharing is reconsidered within a round. 8, grade E: more finds no better.
    pub pair_passes: u8,
    /// What a millisecond after the promise costs, in milliseconds of delay. 1.0, grade E: more
    /// sends riders far for orders that are late already, and more orders become late.
    pub late_weight: Bps,
    /// Lateness of this length counts double, so that nobody is forgotten. 2 h, grade E.
    pub late_scale: Millis,
    /// What a millisecond of a rider's time costs, in milliseconds of delay. 0.05, grade E:
    /// while riders are idle their time is worth little.
    pub rider_weight: Bps,
    /// What it costs more for each order that there is for each rider beyond the first.
    /// 1.0, grade E: when riders are short, each minute of one delays those who wait.
    pub scarcity_weight: Bps,
    /// What leaving an order without a rider costs: as if one came this much later.
    /// 45 min, grade E.
    pub unserved_delay: Millis,
}

/// Scarcity never makes a rider's time worth more than that of ten orders.
const SCARCITY_LIMIT: u32 = 100_000;

impl Default for Params {
    fn default() -> Self {
        Self {
            round_interval: Millis::from_s(10),
            max_batch: 2,
            candidates: 16,
            pickup_limit: Millis::from_min(20),
            widen_after_refusals: 3,
            handover: Millis::from_s(60),
            dwell: Millis::from_s(125),
            rider_wait_limit: Millis::from_s(30),
            urgent_wait_limit: Millis::from_s(120),
            urgent_slack: Millis::from_s(120),
            commit_ahead: Millis::from_s(30),
            rider_horizon: Millis::from_min(2),
            batch_slack: Millis::from_s(60),
            detour_limit: Bps(8_500),
            ready_gap_limit: Millis::from_min(4),
            window: 48,
            window_per_rider: 8,
            pair_passes: 8,
            late_weight: Bps(10_000),
            late_scale: Millis::from_min(120),
            rider_weight: Bps(500),
            scarcity_weight: Bps(10_000),
            unserved_delay: Millis::from_min(45),
        }
    }
}

impl Params {
    /// Whether a round is due.
    #[must_use]
    pub fn round_due(&self, last_round: Timestamp, now: Timestamp) -> bool {
        now >= self.next_round(last_round)
    }

    /// When the round after this one is due.
    #[must_use]
    pub fn next_round(&self, last_round: Timestamp) -> Timestamp {
        last_round + self.round_interval
    }

    /// The same, with the scarcity weight at what it comes to when so many wait for so many.
    pub(super) fn at_scarcity(&self, waiting: usize, riders: usize) -> Self {
        let beyond = waiting.saturating_sub(riders) as u64;
        let weight = u64::from(self.scarcity_weight.0) * beyond / riders.max(1) as u64;
        let weight = u32::try_from(weight).unwrap_or(u32::MAX).min(SCARCITY_LIMIT);
        Self { scarcity_weight: Bps(weight), ..*self }
    }

    /// How long a rider may be let wait at the store.
    pub(super) fn wait_limit(&self, urgent: bool) -> Millis {
        if urgent { self.urgent_wait_limit } else { self.rider_wait_limit }
    }

    /// How many orders of a store to look at.
    pub(super) fn window_for(&self, riders: usize) -> usize {
        let enough = riders.saturating_mul(usize::from(self.window_per_rider));
        usize::from(self.window).min(enough)
    }

    /// How many riders to list for a store where this many orders wait: twice as many as the
    /// orders looked at, so that a busy store is not left without because its neighbours took
    /// them.
    #[must_use]
    pub fn candidates_for(&self, waiting: usize) -> usize {
        usize::from(self.candidates).max(waiting.min(usize::from(self.window)) * 2)
    }
}
