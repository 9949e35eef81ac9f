//! The log: what is on which topic, and that a reader does everything once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use dastak_shell::log::follow::{Follower, Ground, TRIES_LIMIT};
use dastak_shell::log::{
    Cursors, Found, JournalLog, Log, Page, Topic, What, key_of, partition_of, publish,
};
use dastak_shell::{Duty, Fence, Memory, PortError, Serving};
use domain::facts::{Fact, Record};
use domain::ids::{CityId, OrderId};
use domain::order::Event as O;
use domain::time::{Millis, Timestamp};

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("memory never waits"),
    }
}

const WORLD: u64 = 4;
const PARTITIONS: u32 = 3;

/// Topics in memory, whose appends fail as they are told to.
#[derive(Default)]
struct Topics {
    lines: Mutex<BTreeMap<(Topic, u32), Vec<What>>>,
    /// Appends that fail from now on: those that are done all the same are true.
    fails: Mutex<Vec<bool>>,
    buried: Mutex<Vec<Found>>,
}

impl Topics {
    fn push(&self, topic: Topic, partition: u32, what: What) {
        self.lines.lock().unwrap().entry((topic, partition)).or_default().push(what);
    }

    fn facts(&self, topic: Topic) -> Vec<(u32, Record)> {
        let lines = self.lines.lock().unwrap();
        let of = lines.iter().filter(|((of, _), _)| *of == topic);
        let facts = of.flat_map(|((_, at), lines)| lines.iter().map(move |line| (*at, line)));
        let fact = |(at, what): (u32, &What)| match what {
            What::Fact { record, .. } => Some((at, *record)),
            What::Malformed { .. } => None,
        };
        facts.filter_map(fact).collect()
    }
}

impl Log for Topics {
    fn partitions(&self) -> u32 {
        PARTITIONS
    }

    async fn append(
        &self,
        topic: Topic,
        partition: u32,
        world: u64,
        records: &[Record],
    ) -> Result<(), PortError> {
        let fails = self.fails.lock().unwrap().pop();
        if fails != Some(false) {
            for record in records {
                self.push(topic, partition, What::Fact { world, record: *record });
            }
        }
        if fails.is_some() { Err(PortError::TimedOut) } else { Ok(()) }
    }

    async fn read(
        &self,
        topic: Topic,
        partition: u32,
        from: u64,
        limit: usize,
    ) -> Result<Page, PortError> {
        let lines = self.lines.lock().unwrap();
        let lines = lines.get(&(topic, partition)).map_or(&[][..], Vec::as_slice);
        let found = (0..).zip(lines).skip(usize::try_from(from).unwrap()).take(limit);
        let found: Vec<Found> =
            found.map(|(offset, what)| Found { offset, what: what.clone() }).collect();
        let next = from + found.len() as u64;
        Ok(Page { found, next })
    }

    async fn bury(&self, _: Topic, _: u32, found: &Found) -> Result<(), PortError> {
        self.buried.lock().unwrap().push(found.clone());
        Ok(())
    }
}

/// A fact of every kind, made of ones.
fn kinds() -> Vec<Fact> {
    let tags = (0_u8..)
        .zip(Fact::AREAS)
        .flat_map(|(area, kinds)| (0_u8..).zip(*kinds).map(move |(variant, _)| (area, variant)));
    tags.filter_map(|tag| Fact::from_cells(tag, &mut || Some(1))).collect()
}

/// A database whose journal is of facts, and the fence of its log.
fn journal(facts: &[Fact]) -> (Memory, Fence) {
    let memory = Memory::new(CityId(1));
    let record = |(seq, fact): (u64, &Fact)| Record {
        at: Timestamp::from_s(seq),
        city: CityId(1),
        seq,
        fact: *fact,
    };
    let records: Vec<Record> = (0..).zip(facts).map(record).collect();
    memory.install(&[], &records);
    let fence = now(memory.assume(Duty::Log, 1, Millis::from_min(1))).unwrap().unwrap();
    (memory, fence)
}

#[test]
fn every_fact_is_on_one_topic_and_some_are_told() {
    let kinds = kinds();
    assert!(kinds.len() > 80);
    for fact in &kinds {
        let on: Vec<Topic> = Topic::ALL.iter().map(|(of, _)| *of).filter(|t| t.has(fact)).collect();
        let is_told = on.contains(&Topic::Notifications);
        assert_eq!(on.len(), 1 + usize::from(is_told), "{fact:?}");
        if is_told {
            assert!(key_of(fact).parse::<u64>().is_ok(), "whoever is told has an order: {fact:?}");
        }
    }
    let of = |name: &str| *kinds.iter().find(|fact| fact.kind().name == name).unwrap();
    for (name, topics, key) in [
        ("order_placed", "order-events", "1"),
        ("order_delivered", "order-events notifications", "1"),
        ("quote_issued", "order-events", "1"),
        ("pick_packed", "order-events", "1"),
        ("stock_line_held", "inventory-events", "1"),
        ("stock_received", "inventory-events", "store:1"),
        ("store_door_set", "inventory-events", "store:1"),
        ("payment_declined", "payment-events notifications", "1"),
        ("ledger_wallet_moved", "payment-events", "customer:1"),
        ("trip_delivered", "delivery-events", "1"),
        ("rider_came_on", "delivery-events", "rider:1"),
    ] {
        let fact = of(name);
        let on = Topic::ALL.iter().filter(|(topic, _)| topic.has(&fact));
        let on: Vec<&str> = on.map(|(_, text)| *text).collect();
        assert_eq!((on.join(" ").as_str(), key_of(&fact).as_str()), (topics, key), "{name}");
    }
}

/// The journal is in the log as a set, and each key's facts are in order without gaps, whatever
/// failed meanwhile.
#[test]
fn what_is_in_the_journal_is_in_the_log() {
    let facts: Vec<Fact> = kinds().into_iter().cycle().take(13_000).collect();
    let (memory, fence) = journal(&facts);
    let topics = Topics::default();
    let mut published = 0;
    for turn in 0.. {
        // Some turns fail in part, some although all was appended.
        *topics.fails.lock().unwrap() = match turn {
            1 => vec![true, false],
            3 => vec![true; 20],
            5 => vec![false; 20],
            _ => vec![],
        };
        let done = now(publish(&topics, &memory, WORLD, fence)).unwrap();
        assert_eq!(done.failed.is_some(), matches!(turn, 1 | 3 | 5), "turn {turn}");
        if done.failed.is_none() {
            published += done.facts;
            if done.facts == 0 {
                break;
            }
        }
    }
    assert_eq!(published, facts.len());
    let mut in_log = BTreeSet::new();
    let mut duplicates = 0;
    for (topic, _) in Topic::ALL.into_iter().filter(|(topic, _)| *topic != Topic::Notifications) {
        let mut last: BTreeMap<u32, u64> = BTreeMap::new();
        for (partition, record) in topics.facts(topic) {
            assert_eq!(partition, partition_of(&key_of(&record.fact), PARTITIONS));
            let is_new = in_log.insert(record.seq);
            duplicates += usize::from(!is_new);
            // Whatever comes for the first time comes in order.
            if is_new {
                let before = last.insert(partition, record.seq);
                assert!(before.is_none_or(|before| before < record.seq));
            }
        }
    }
    assert_eq!(in_log, (0..13_000).collect(), "no gap");
    assert!(duplicates > 1_000, "{duplicates}");
    let told: BTreeSet<u64> =
        topics.facts(Topic::Notifications).into_iter().map(|(_, record)| record.seq).collect();
    let should: BTreeSet<u64> = (0..)
        .zip(&facts)
        .filter(|(_, fact)| Topic::Notifications.has(fact))
        .map(|(seq, _)| seq)
        .collect();
    assert_eq!(told, should);
}

#[test]
fn whoever_lost_the_duty_publishes_at_most_twice() {
    let (memory, old) = journal(&kinds());
    let topics = Topics::default();
    now(memory.assume(Duty::Log, 1, Millis::ZERO)).unwrap();
    let new = now(memory.assume(Duty::Log, 2, Millis::from_min(1))).unwrap().unwrap();
    let late = now(publish(&topics, &memory, WORLD, old)).unwrap();
    assert!(late.failed.is_some(), "its progress is not taken");
    let done = now(publish(&topics, &memory, WORLD, new)).unwrap();
    assert_eq!(done.failed, None);
    assert_eq!(now(publish(&topics, &memory, WORLD, new)).unwrap().facts, 0);
}

fn confirmed(order: u64) -> Fact {
    Fact::Order(O::Confirmed { order: OrderId(order), version: 3 })
}

fn line(world: u64, seq: u64) -> What {
    let (at, city) = (Timestamp::from_s(seq), CityId(1));
    What::Fact { world, record: Record { at, city, seq, fact: confirmed(seq) } }
}

fn poison(text: &str) -> What {
    What::Malformed { key: b"17".to_vec(), value: text.into() }
}

/// Reads a partition to its end; what was done about it, turn by turn, and the reader.
fn followed(memory: &Memory, fence: Fence, topics: &Topics, turns: usize) -> Vec<u64> {
    let mut follower = Follower::new("test", Topic::Orders, 0);
    let mut done = Vec::new();
    for _ in 0..turns {
        let ground = Ground { log: topics, database: memory, world: WORLD, fence };
        let turn = follower.turn(ground, async |records: Vec<Record>| {
            done.extend(records.iter().map(|record| record.seq));
            Ok(vec![])
        });
        now(turn).unwrap();
    }
    done
}

#[test]
fn a_reader_does_everything_once() {
    let (memory, fence) = journal(&[]);
    let topics = Topics::default();
    // 2 and 3 come again, 5 is of another world, 1 comes late again.
    for (world, seq) in [(4, 1), (4, 2), (4, 3), (4, 2), (4, 3), (4, 4), (9, 5), (4, 1), (4, 6)] {
        topics.push(Topic::Orders, 0, line(world, seq));
    }
    assert_eq!(followed(&memory, fence, &topics, 2), [1, 2, 3, 4, 6]);
    // Another server goes on where the first one stood.
    topics.push(Topic::Orders, 0, line(4, 6));
    topics.push(Topic::Orders, 0, line(4, 7));
    assert_eq!(followed(&memory, fence, &topics, 2), [7]);
}

#[test]
fn what_fails_is_done_again() {
    let (memory, fence) = journal(&[]);
    let topics = Topics::default();
    topics.push(Topic::Orders, 0, line(4, 1));
    let mut follower = Follower::new("test", Topic::Orders, 0);
    let ground = || Ground { log: &topics, database: &memory, world: WORLD, fence };
    let failed = now(follower.turn(ground(), async |_| Err(PortError::TimedOut)));
    assert_eq!(failed, Err(PortError::TimedOut));
    let mut seen = Vec::new();
    now(follower.turn(ground(), async |records: Vec<Record>| {
        seen.extend(records.iter().map(|record| record.seq));
        Ok(vec![])
    }))
    .unwrap();
    assert_eq!(seen, [1]);
}

#[test]
fn what_cannot_be_understood_is_buried_after_some_tries() {
    let (memory, fence) = journal(&[]);
    let topics = Topics::default();
    for what in [line(4, 1), poison("a"), poison("b"), line(4, 2)] {
        topics.push(Topic::Orders, 0, what);
    }
    let tries = usize::try_from(TRIES_LIMIT).unwrap();
    assert_eq!(followed(&memory, fence, &topics, tries), [1], "one turn reads, the others try");
    assert_eq!(topics.buried.lock().unwrap().len(), 0);
    // Whoever comes next tries again as often.
    assert_eq!(followed(&memory, fence, &topics, 2 * tries + 1), [2]);
    let buried: Vec<(u64, What)> =
        topics.buried.lock().unwrap().iter().map(|f| (f.offset, f.what.clone())).collect();
    assert_eq!(buried, [(1, poison("a")), (2, poison("b"))], "with their keys, once each");
}

/// Without a broker the journal is read itself.
#[test]
fn the_journal_is_a_log() {
    let facts = kinds();
    let (memory, fence) = journal(&facts);
    let log = JournalLog { database: &memory, world: WORLD };
    let mut follower = Follower::new("test", Topic::Payments, 0);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let ground = Ground { log: &log, database: &memory, world: WORLD, fence };
        now(follower.turn(ground, async |records: Vec<Record>| {
            seen.extend(records);
            Ok(vec![])
        }))
        .unwrap();
    }
    let should = facts.iter().filter(|fact| Topic::of(fact) == Topic::Payments);
    assert_eq!(
        seen.iter().map(|record| record.fact).collect::<Vec<_>>(),
        should.copied().collect::<Vec<_>>()
    );
    let spot = dastak_shell::log::Spot { reader: "test", topic: "payment-events", partition: 0 };
    assert_eq!(now(memory.progress(spot)).unwrap().next, facts.len() as u64);
}
