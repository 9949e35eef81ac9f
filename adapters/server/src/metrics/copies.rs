//! Counts of what is kept at hand: what was asked for, where it was found, and how old it was.

use std::sync::atomic::Ordering;

use domain::gateway::breaker::Phase;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use shell::Far;
use shell::cache::{Copy, Use};

/// Upper ends of the classes of ages, seconds: up to the source design's five minutes.
const CLASSES_S: [f64; 10] = [0.01, 0.05, 0.25, 1.0, 2.5, 5.0, 15.0, 60.0, 150.0, 300.0];

/// What copies are used for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// What copies are used for, and where one was.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Found {
    kind: &'static str,
    level: &'static str,
}

/// What came of a call of the cache that all servers share.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// Counts of copies, and of calls of the cache that all servers share.
#[derive(Debug)]
pub(super) struct Counts {
    asked: Family<Kind, Counter>,
    missed: Family<Kind, Counter>,
    ages: Family<Found, Histogram, fn() -> Histogram>,
    calls: Family<Outcome, Counter>,
    breaker: Gauge,
}

impl Counts {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let ages: fn() -> Histogram = || Histogram::new(CLASSES_S);
        let counts = Self {
            asked: Family::default(),
            missed: Family::default(),
            ages: Family::new_with_constructor(ages),
            calls: Family::default(),
            breaker: Gauge::default(),
        };
        let Self { asked, missed, ages, calls, breaker } = &counts;
        registry.register("cache_asked", "Copies of rows that were asked for", asked.clone());
        let what = "Copies that were nowhere, or too old: the database was asked";
        registry.register("cache_missed", what, missed.clone());
        let what = "How old the copies were that were found, by level: process or shared";
        registry.register_with_unit("cache_staleness", what, Unit::Seconds, ages.clone());
        let what = "Calls of the shared cache: answered, failed, or not made since it fails";
        registry.register("cache_calls", what, calls.clone());
        let what = "The shared cache's breaker: 0 closed, 1 half open, 2 open";
        registry.register("cache_breaker", what, breaker.clone());
        counts
    }

    /// Counts copies that were asked for.
    pub(super) fn count(&self, of: Use, found: &[Option<Copy>]) {
        let kind = of.name;
        let missed = found.iter().filter(|copy| copy.is_none()).count();
        self.asked.get_or_create(&Kind { kind }).inc_by(found.len() as u64);
        self.missed.get_or_create(&Kind { kind }).inc_by(missed as u64);
        for copy in found.iter().flatten() {
            let level = copy.level.text();
            let age_s = f64::from(copy.age.0) / 1_000.0;
            self.ages.get_or_create(&Found { kind, level }).observe(age_s);
        }
    }

    /// Notes how it stands with the cache that all servers share.
    pub(super) fn note(&self, far: Far) {
        let calls = [("answered", far.answered), ("failed", far.failed), ("shed", far.shed)];
        for (outcome, count) in calls {
            let counter = self.calls.get_or_create(&Outcome { outcome }).clone();
            counter.inner().store(count, Ordering::Relaxed);
        }
        self.breaker.set(match far.phase {
            Phase::Closed => 0,
            Phase::HalfOpen { .. } => 1,
            Phase::Open { .. } => 2,
        });
    }
}
