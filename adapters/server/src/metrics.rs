//! What the server counts of itself.

mod copies;
mod log;

use std::time::Duration;

use domain::time::{Millis, Timestamp};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use shell::Far;
use shell::cache::{Copy, Use};
use shell::log::follow::Followed;

/// Upper ends of the classes of times, seconds.
const CLASSES_S: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 10.0];

/// What a request was. The route is a pattern, so there are few.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: String,
    route: String,
    status: u16,
}

/// Counts.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Asked, Histogram, fn() -> Histogram>,
    placed: Counter,
    races_lost: Counter,
    active: Gauge,
    processing: Histogram,
    copies: copies::Counts,
    log: log::Counts,
    /// Orders that waited for a rider in the last round.
    pub(crate) waiting: Gauge,
}

/// An order that is being placed.
pub(crate) struct Placing(Gauge);

impl Drop for Placing {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn times() -> Histogram {
    Histogram::new(CLASSES_S)
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let metrics = Self {
            copies: copies::Counts::register(&mut registry),
            log: log::Counts::register(&mut registry),
            registry: Registry::default(),
            requests: Family::new_with_constructor(times),
            placed: Counter::default(),
            races_lost: Counter::default(),
            active: Gauge::default(),
            processing: times(),
            waiting: Gauge::default(),
        };
        let Self { requests, placed, races_lost, active, processing, waiting, .. } = &metrics;
        let what = "Requests by route and outcome";
        registry.register_with_unit("http_request_duration", what, Unit::Seconds, requests.clone());
        registry.register("orders_placed", "Orders taken", placed.clone());
        let what = "Times that somebody else was quicker, and what was asked was decided again";
        registry.register("races_lost", what, races_lost.clone());
        let what = "Orders that are being placed at this server now: the sum over servers is all";
        registry.register("orders_active", what, active.clone());
        let what = "From an order's arrival here to its answer";
        let unit = Unit::Seconds;
        registry.register_with_unit("orders_processing_time", what, unit, processing.clone());
        let what = "Orders that waited for a rider in the last round held here";
        registry.register("orders_waiting_for_rider", what, waiting.clone());
        Self { registry, ..metrics }
    }
}

impl Metrics {
    /// Counts a request.
    pub(crate) fn count(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        let asked = Asked { method, route, status };
        self.requests.get_or_create(&asked).observe(took.as_secs_f64());
    }

    /// Counts an order that is being placed, for as long as what is given lives.
    pub(crate) fn placing(&self) -> Placing {
        self.active.inc();
        Placing(self.active.clone())
    }

    /// Counts an order that was taken.
    pub(crate) fn took(&self, took: Duration) {
        self.placed.inc();
        self.processing.observe(took.as_secs_f64());
    }

    /// Counts races that were lost until something was heard, or given up.
    pub(crate) fn lost(&self, races: u32) {
        self.races_lost.inc_by(races.into());
    }

    /// Counts copies of rows that were asked for.
    pub(crate) fn count_copies(&self, of: Use, found: &[Option<Copy>]) {
        self.copies.count(of, found);
    }

    /// Counts facts that were published, and notes how old the first is that was not.
    pub(crate) fn count_published(&self, facts: usize, behind: Option<Millis>) {
        self.log.published(facts, behind);
    }

    /// Counts what came of a turn of a reader of the log.
    pub(crate) fn count_followed(&self, reader: &'static str, followed: Followed, now: Timestamp) {
        self.log.followed(reader, followed, now);
    }

    /// Notes how it stands with the cache that all servers share, if there is one.
    pub(crate) fn note_far(&self, far: Option<Far>) {
        if let Some(far) = far {
            self.copies.note(far);
        }
    }

    /// All of it as OpenMetrics text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string can be written to");
        text
    }
}
