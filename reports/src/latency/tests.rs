use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hdrhistogram::Histogram as Hdr;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use kernel::histogram::Histogram;

use super::{Timed, log};

/// Reads a log back as any tool would, adding up what has one tag.
fn add(all: &mut BTreeMap<String, Hdr<u64>>, log: &[u8]) {
    for entry in IntervalLogIterator::new(log) {
        let LogEntry::Interval(line) = entry.unwrap() else { continue };
        let bytes = BASE64_STANDARD.decode(line.encoded_histogram()).unwrap();
        let read: Hdr<u64> = Deserializer::new().deserialize(&mut &*bytes).unwrap();
        let tag = line.tag().unwrap().as_str().to_owned();
        all.entry(tag).or_insert_with(|| Hdr::new(3).unwrap()).add(read).unwrap();
    }
}

fn times(of: impl Iterator<Item = u64>) -> Histogram {
    let mut times = Histogram::with_bits(600_000_000, 8);
    of.for_each(|us| times.record(us));
    times
}

/// Two runs' logs, added up, give the quantiles of everything recorded together.
#[test]
fn logs_of_two_runs_add_up() {
    let (first, second) = (times(1..=5_000), times(5_001..=10_000));
    let mut both = first.clone();
    both.merge(&second);
    let mut all = BTreeMap::new();
    for times_us in [&first, &second] {
        let (step, phase) = ("order", "hold");
        let line = |time| Timed { step, phase, time, from_us: 0, lasted_us: 1_000_000, times_us };
        let lines = ["schedule_error", "service", "response"].map(line);
        add(&mut all, &log(1_700_000_000_000_000, lines.into_iter()).unwrap());
    }
    let tags: Vec<&str> = all.keys().map(String::as_str).collect();
    assert_eq!(tags, ["order/hold/response", "order/hold/schedule_error", "order/hold/service"]);
    for read in all.values() {
        assert_eq!(read.len(), 10_000);
        for q in [0.5, 0.9, 0.99, 0.999] {
            let (is, was) = (read.value_at_quantile(q), both.quantile(q));
            assert!(is.abs_diff(was) * 400 <= was, "{q}: {is} of {was}");
        }
    }
}
