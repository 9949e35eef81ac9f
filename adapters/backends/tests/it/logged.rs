//! The log over a broker of its own: everything arrives, in order, however the broker fares.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dastak_backends::log::{Codec, Kafka};
use dastak_backends::private::{PrivateBroker, PrivateError};
use domain::facts::{Fact, Record};
use domain::ids::{CityId, OrderId, SkuId, StoreId};
use domain::order::Event as O;
use domain::stock::Event as S;
use domain::time::{Millis, Timestamp};
use rskafka::chrono::DateTime;
use rskafka::client::ClientBuilder;
use rskafka::client::partition::{Compression, UnknownTopicHandling};
use shell::log::follow::{Follower, Ground, TRIES_LIMIT};
use shell::log::{Log, Topic, What, key_of, partition_of, publish};
use shell::{Duty, Fence, Memory, Serving};
use tokio::time::Instant;

const WORLD: u64 = 2;
/// Facts as their canonical bytes.
const CODEC: Codec = Codec {
    encode: |record| {
        let mut bytes = Vec::new();
        record.put(&mut bytes);
        bytes
    },
    decode: |mut bytes| Record::take(&mut bytes),
};

/// Runs a test against a broker of its own. Where none can be fetched it is skipped, but not in
/// CI.
fn with_broker(test: impl AsyncFnOnce(PrivateBroker, Kafka)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match PrivateBroker::start().await {
            Ok(broker) => {
                let kafka = Kafka::at(&broker.address(), CODEC);
                test(broker, kafka).await;
            }
            Err(error @ PrivateError::NotInstalled { .. }) if std::env::var_os("CI").is_none() => {
                eprintln!("skipped: {error}");
            }
            Err(error) => panic!("no broker: {error:?}"),
        }
    });
}

/// A journal of so many facts about a hundred orders and some shelves.
fn journal(count: u64) -> Memory {
    let memory = Memory::new(CityId(1));
    memory.install(&[], &(0..count).map(record).collect::<Vec<_>>());
    memory
}

fn record(seq: u64) -> Record {
    let (order, store) = (OrderId(seq % 100), StoreId(0));
    let fact = match seq % 3 {
        0 => Fact::Order(O::Confirmed { order, version: 1 }),
        1 => Fact::Stock(S::LineHeld { order, store, sku: SkuId(1), units: 1 }),
        _ => Fact::Stock(S::Received { store, sku: SkuId(2), units: 9 }),
    };
    Record { at: Timestamp::from_s(seq), city: CityId(1), seq, fact }
}

async fn fence(memory: &Memory) -> Fence {
    memory.assume(Duty::Log, 1, Millis::from_min(10)).await.unwrap().unwrap()
}

/// Everything on a topic: by partition, in order.
async fn all(kafka: &Kafka, topic: Topic) -> BTreeMap<u32, Vec<(u64, What)>> {
    let mut all = BTreeMap::new();
    for partition in 0..kafka.partitions() {
        let (mut lines, mut next) = (Vec::new(), 0);
        loop {
            let page = kafka.read(topic, partition, next, 100).await.unwrap();
            if page.found.is_empty() {
                break;
            }
            next = page.next;
            lines.extend(page.found.into_iter().map(|found| (found.offset, found.what)));
        }
        all.insert(partition, lines);
    }
    all
}

/// Sees to it that the log has a journal of so many facts, each key's in order; how many came twice.
async fn is_whole(kafka: &Kafka, count: u64) -> usize {
    let (mut in_log, mut again) = (BTreeSet::new(), 0);
    for topic in [Topic::Orders, Topic::Inventory] {
        for (partition, lines) in all(kafka, topic).await {
            let mut last = None;
            for (at, (offset, what)) in (0..).zip(lines) {
                assert_eq!(offset, at, "offsets have no gaps");
                let What::Fact { world, record: found } = what else { panic!("{what:?}") };
                assert_eq!((world, found), (WORLD, record(found.seq)));
                let of = partition_of(&key_of(&found.fact), kafka.partitions());
                assert_eq!((partition, topic), (of, Topic::of(&found.fact)));
                if in_log.insert(found.seq) {
                    assert!(last < Some(found.seq), "what is new comes in order");
                    last = Some(found.seq);
                } else {
                    again += 1;
                }
            }
        }
    }
    assert_eq!(in_log, (0..count).collect(), "no gap");
    again
}

#[test]
fn the_journal_arrives_whole() {
    with_broker(async |_broker, kafka| {
        let memory = journal(10_000);
        let fence = fence(&memory).await;
        let began = Instant::now();
        while publish(&kafka, &memory, WORLD, fence).await.unwrap().facts > 0 {}
        eprintln!("10 000 facts published in {:?}", began.elapsed());
        assert_eq!(is_whole(&kafka, 10_000).await, 0);
        let told = all(&kafka, Topic::Notifications).await;
        let told: usize = told.values().map(Vec::len).sum();
        assert_eq!(told, 3_334, "confirmed orders");
    });
}

/// A broker that does not answer for a while: facts wait, come later, perhaps twice, and readers
/// have each once.
async fn outlasts(broker: &PrivateBroker, kafka: &Kafka, stall: Duration) {
    let memory = journal(6_000);
    let fence = fence(&memory).await;
    assert_eq!(publish(kafka, &memory, WORLD, fence).await.unwrap().failed, None);
    broker.stall();
    let began = Instant::now();
    let mut failures = 0;
    while began.elapsed() < stall {
        let published = publish(kafka, &memory, WORLD, fence).await.unwrap();
        assert!(published.failed.is_some(), "nobody answers");
        assert!(published.oldest_at.is_some(), "facts wait");
        failures += 1;
    }
    assert!(failures > 0);
    broker.go_on();
    let began = Instant::now();
    loop {
        let published = publish(kafka, &memory, WORLD, fence).await.unwrap();
        if published.failed.is_none() && published.facts == 0 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{published:?}");
    }
    eprintln!("drained in {:?} after {stall:?}", began.elapsed());
    let again = is_whole(kafka, 6_000).await;
    eprintln!("{again} facts came twice");
    let mut seen = Vec::new();
    for partition in 0..kafka.partitions() {
        let mut follower = Follower::new("test", Topic::Orders, partition);
        for _ in 0..40 {
            let ground = Ground { log: kafka, database: &memory, world: WORLD, fence };
            let turn = follower.turn(ground, async |records: Vec<Record>| {
                seen.extend(records.iter().map(|record| record.seq));
                Ok(vec![])
            });
            turn.await.unwrap();
        }
    }
    seen.sort_unstable();
    let should: Vec<u64> = (0..6_000).filter(|seq| seq % 3 == 0).collect();
    assert_eq!(seen, should, "each once");
}

#[test]
fn a_broker_that_is_gone_for_seconds_is_outlasted() {
    with_broker(async |broker, kafka| outlasts(&broker, &kafka, Duration::from_secs(4)).await);
}

/// `RUN_SLOW=1 cargo test -p dastak-backends --test it slow_ -- --nocapture`
#[test]
fn slow_a_broker_that_is_gone_for_a_minute_is_outlasted() {
    if std::env::var_os("RUN_SLOW").is_none() {
        eprintln!("SKIPPED: a slow test (set RUN_SLOW=1)");
        return;
    }
    with_broker(async |broker, kafka| outlasts(&broker, &kafka, Duration::from_secs(60)).await);
}

/// Appends a line to the first partition of a topic, as anybody else could.
async fn append(broker: &PrivateBroker, topic: &str, key: &str, value: &[u8], world: &str) {
    let client = ClientBuilder::new(vec![broker.address()]).build().await.unwrap();
    let partition = client.partition_client(topic, 0, UnknownTopicHandling::Error).await.unwrap();
    let line = rskafka::record::Record {
        key: Some(key.into()),
        value: Some(value.to_vec()),
        headers: BTreeMap::from([("world".to_owned(), world.into())]),
        timestamp: DateTime::default(),
    };
    partition.produce(vec![line], Compression::NoCompression).await.unwrap();
}

#[test]
fn what_cannot_be_understood_goes_to_the_dead_letters_with_its_key() {
    with_broker(async |broker, kafka| {
        let memory = journal(0);
        let fence = fence(&memory).await;
        let good = |seq| (CODEC.encode)(&record(seq));
        kafka.append(Topic::Orders, 0, WORLD, &[record(0)]).await.unwrap();
        append(&broker, "order-events", "poison", b"{", "2").await;
        append(&broker, "order-events", "nowhere", &good(3), "no number").await;
        append(&broker, "order-events", "shelf", &good(1), "2").await;
        append(&broker, "order-events", "6", &good(6), "2").await;
        let mut follower = Follower::new("test", Topic::Orders, 0);
        let (mut seen, mut buried) = (Vec::new(), 0);
        for _ in 0..3 * TRIES_LIMIT + 2 {
            let ground = Ground { log: &kafka, database: &memory, world: WORLD, fence };
            let turn = follower.turn(ground, async |records: Vec<Record>| {
                seen.extend(records.iter().map(|record| record.seq));
                Ok(vec![])
            });
            buried += turn.await.unwrap().buried;
        }
        assert_eq!((seen, buried), (vec![0, 6], 3));
        let client = ClientBuilder::new(vec![broker.address()]).build().await.unwrap();
        let letters = client.partition_client("order-events.dlq", 0, UnknownTopicHandling::Error);
        let (letters, _) = letters.await.unwrap().fetch_records(0, 1..1 << 20, 100).await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let shown: Vec<_> = letters
            .iter()
            .map(|letter| {
                let header = |name: &str| text(&letter.record.headers[name]);
                (text(letter.record.key.as_deref().unwrap()), header("topic"), header("offset"))
            })
            .collect();
        let letter = |key: &str, offset: &str| {
            (key.to_owned(), "order-events".to_owned(), offset.to_owned())
        };
        assert_eq!(shown, [letter("poison", "1"), letter("nowhere", "2"), letter("shelf", "3")]);
        assert_eq!(letters[0].record.value.as_deref(), Some(&b"{"[..]));
    });
}

#[test]
fn without_a_broker_nobody_waits_for_ever() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let kafka = Kafka::at("127.0.0.1:1", CODEC);
        let began = Instant::now();
        assert!(kafka.read(Topic::Orders, 0, 0, 1).await.is_err());
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    });
}
