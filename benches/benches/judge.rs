//! How long one fact takes to be judged by every invariant, and to be counted again.
//!
//! The journal is an evening of a city: twenty thousand orders, some eighteen hundred of them
//! under way at any time, over stores with full shelves. Reading the records and doing nothing is
//! measured beside it.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use domain::facts::{Fact, Record, Sink};
use kernel::chance::{Draw, draw};
use verify::{Judge, Recount};

#[path = "../../engine/verify/tests/it/journal.rs"]
#[allow(dead_code, reason = "an evening needs a part of what the tests need")]
mod journal;

use journal::{Journal, Order};

const STORES: u32 = 200;
const SKUS: u32 = 2_000;
const RIDERS_PER_STORE: u32 = 12;
const ORDERS: u32 = 20_000;
/// Between two orders, milliseconds.
const GAP_MS: u64 = 200;

/// Two to six lines of different SKUs.
fn basket(dice: &mut Draw) -> Vec<(u32, u32)> {
    let (first, lines) = (dice.below(SKUS), 2 + dice.below(5));
    (0..lines).map(|line| ((first + line * 331) % SKUS, 1 + dice.below(2))).collect()
}

fn evening() -> Vec<Record> {
    let mut journal = Journal::open(STORES, SKUS, 1_000, RIDERS_PER_STORE);
    let mut dice = draw(7, 0, 0, 0);
    for at in 0..ORDERS {
        let (store, turn) = (at % STORES, at / STORES);
        let mut order = Order::new(at as usize, 0, &basket(&mut dice)).at(store);
        order.placed_at = 100_000 + u64::from(at) * GAP_MS;
        journal.take(&mut order);
        let (picker, rider) = (store * 4 + turn % 4, store * 12 + turn % RIDERS_PER_STORE);
        journal.bring(&mut order, picker, at, rider);
    }
    journal.records()
}

/// Makes one who listens.
type Listener = fn() -> Box<dyn Sink>;

/// Nothing but reading.
#[derive(Default)]
struct Reader(u64);

impl Sink for Reader {
    fn record(&mut self, record: &Record) {
        self.0 ^= record.at.0 ^ record.seq ^ u64::from(record.fact.tag().1);
    }
}

fn judging(criterion: &mut Criterion) {
    let records = evening();
    let is_opening = |record: &&Record| matches!(record.fact, Fact::Opening(_));
    let (opening, facts) = records.split_at(records.iter().take_while(is_opening).count());
    let opened = |mut sink: Box<dyn Sink>| {
        opening.iter().for_each(|record| sink.record(record));
        sink
    };

    let mut judge = Judge::new();
    let mut recount = Recount::new();
    for record in &records {
        judge.record(record);
        recount.record(record);
    }
    assert!(judge.finish().is_clean(), "the evening is sound");
    assert_eq!(recount.finish().delivered, u64::from(ORDERS));

    let mut group = criterion.benchmark_group("journal");
    group.sample_size(10);
    group.throughput(Throughput::Elements(facts.len() as u64));
    let sinks: [(&str, Listener); 3] = [
        ("read", || Box::new(Reader::default())),
        ("recount", || Box::new(Recount::new())),
        ("judge", || Box::new(Judge::new())),
    ];
    for (name, sink) in sinks {
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || opened(sink()),
                |sink| black_box(facts).iter().for_each(|record| sink.record(record)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, judging);
criterion_main!(benches);
