//! Counts of the log: what was published and read, and how late.

use domain::time::{Millis, Timestamp};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use shell::log::follow::Followed;

/// Who publishes.
const PUBLISHER: &str = "publisher";

/// Who reads, or publishes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Who {
    reader: &'static str,
}

/// Counts of the log, at the server that has its duty.
#[derive(Debug)]
pub(super) struct Counts {
    facts: Family<Who, Counter>,
    repeated: Family<Who, Counter>,
    buried: Family<Who, Counter>,
    lag: Family<Who, Gauge<f64, std::sync::atomic::AtomicU64>>,
}

impl Counts {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let counts = Self {
            facts: Family::default(),
            repeated: Family::default(),
            buried: Family::default(),
            lag: Family::default(),
        };
        let Self { facts, repeated, buried, lag } = &counts;
        let what = "Facts published to the broker, and done something about by readers of the log";
        registry.register("log_facts", what, facts.clone());
        let what = "Facts that came again, and were known";
        registry.register("log_repeated", what, repeated.clone());
        let what = "Records that could not be understood, put on the dead letters";
        registry.register("log_dead_letters", what, buried.clone());
        let what = "How late the last fact was that was published or read; how old the first that waits for the broker";
        registry.register_with_unit("log_lag", what, Unit::Seconds, lag.clone());
        counts
    }

    fn lag(&self, reader: &'static str, lag: Millis) {
        self.lag.get_or_create(&Who { reader }).set(f64::from(lag.0) / 1_000.0);
    }

    /// Counts facts that were published, and notes how old the first is that was not.
    pub(super) fn published(&self, facts: usize, behind: Option<Millis>) {
        let reader = PUBLISHER;
        self.facts.get_or_create(&Who { reader }).inc_by(facts as u64);
        self.lag(reader, behind.unwrap_or_default());
    }

    /// Counts what came of a turn of a reader.
    pub(super) fn followed(&self, reader: &'static str, followed: Followed, now: Timestamp) {
        let who = Who { reader };
        let Followed { facts, repeated, buried, last_at } = followed;
        self.facts.get_or_create(&who).inc_by(facts as u64);
        self.repeated.get_or_create(&who).inc_by(repeated as u64);
        self.buried.get_or_create(&who).inc_by(buried as u64);
        if let Some(last_at) = last_at {
            self.lag(reader, now.since(last_at));
        }
    }
}
