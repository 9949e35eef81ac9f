//! What a run tells while it goes on: one second of it.

use kernel::histogram::Histogram;

use crate::record::{Arrivals, Operations};

/// Longest time told apart, µs: a minute is long for a live figure.
const TIME_LIMIT_US: u64 = 60_000_000;
/// Bits of a time's precision: one part in 64.
const TIME_BITS: u32 = 5;

/// One second of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Second {
    /// Which one, from 0.
    pub number: u64,
    /// The phase at its end: a place in the run's list of phases.
    pub phase: usize,
    /// What became of arrivals in it.
    pub arrivals: Arrivals,
    /// What became of operations in it.
    pub operations: Operations,
    /// Journeys under way at its end.
    pub in_flight: u64,
    /// From intended to begun, µs.
    pub schedule_error_us: Histogram,
    /// From intended to done, µs.
    pub response_us: Histogram,
}

impl Second {
    pub(crate) fn new(number: u64) -> Self {
        let times = Histogram::with_bits(TIME_LIMIT_US, TIME_BITS);
        Self {
            number,
            phase: 0,
            arrivals: Arrivals::default(),
            operations: Operations::default(),
            in_flight: 0,
            schedule_error_us: times.clone(),
            response_us: times,
        }
    }

    /// Adds the same second of another lane.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.phase = self.phase.max(other.phase);
        self.arrivals.add(&other.arrivals);
        self.operations.add(&other.operations);
        self.in_flight += other.in_flight;
        self.schedule_error_us.merge(&other.schedule_error_us);
        self.response_us.merge(&other.response_us);
    }
}
