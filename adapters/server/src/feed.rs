//! What follows from what happened: facts go to the log, and readers of the log keep copies fresh
//! and tell customers. One server does so for all, under [`Duty::Log`].
//!
//! Nothing here is on an order's path: while a broker is gone facts wait in the journal, copies
//! grow old within their limits, and customers are told later.

use std::collections::BTreeSet;
use std::time::Duration;

use backends::log::{Codec, Kafka};
use domain::facts::{Fact, Record};
use domain::ids::{OrderId, SkuId, StoreId};
use futures_util::future::join_all;
use shell::cache::keys;
use shell::clock::WallClock;
use shell::log::follow::{Followed, Follower, Ground};
use shell::log::{JournalLog, Log, Note, Published, Topic, key_of, publish};
use shell::{Cache, Clock, Duty, Fence, PortError};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::app::{App, InWorld, Shared};
use crate::at_hand::{free_units, kept_units};
use crate::backend::Backend;
use crate::run::Phase;
use crate::wire::goods::FreeUnits;
use crate::wire::record::{line_of, record_of};

/// How long whoever found nothing new waits before looking again. A tenth of a second, assumed,
/// grade E: a figure that is so old nobody notices, and each look costs two queries.
const IDLE: Duration = Duration::from_millis(100);
/// How long whoever found something waits for more: facts come all the time, and each turn is a
/// commit. 50 ms, assumed, grade E: a page of a thousand facts then is twenty thousand a second.
const MORE: Duration = Duration::from_millis(50);
/// How long it waits when the database or the broker failed.
const AFTER_FAILURE: Duration = Duration::from_millis(500);
/// Shelves with so many free units or fewer are low. Five, assumed, grade E: an hour's sales.
const LOW_UNITS: u32 = 5;

/// Who reads the log, and what.
const READERS: [(&str, Topic); 2] =
    [("shelves", Topic::Inventory), ("inbox", Topic::Notifications)];

/// How facts are written on the broker's topics: as lines of JSON, like the journal's.
pub(crate) const CODEC: Codec = Codec {
    encode: |record| line_of(record).into_bytes(),
    decode: |bytes| record_of(std::str::from_utf8(bytes).ok()?).ok(),
};

/// Publishes the journal to the broker until the server has stopped.
pub(crate) async fn publish_all<B: Backend>(app: Shared<B>, mut phase: watch::Receiver<Phase>) {
    while *phase.borrow() != Phase::Flushing {
        let published = publish_once(&app).await;
        pause(&mut phase, &published).await;
    }
}

/// Reads the log until the server has stopped.
pub(crate) async fn follow_all<B: Backend>(app: Shared<B>, mut phase: watch::Receiver<Phase>) {
    let mut readers = None;
    while *phase.borrow() != Phase::Flushing {
        let followed = follow_once(&app, &mut readers).await;
        pause(&mut phase, &followed).await;
    }
}

/// Waits until there may be more.
async fn pause(phase: &mut watch::Receiver<Phase>, turned: &Result<bool, PortError>) {
    let pause = match turned {
        Ok(true) => MORE,
        Ok(false) => IDLE,
        Err(_) => AFTER_FAILURE,
    };
    let _ = timeout(pause, phase.wait_for(|phase| *phase == Phase::Flushing)).await;
}

/// The world, and the fence of whoever has the duty.
fn ground<B: Backend>(app: &App<B>) -> Option<(InWorld<B>, Fence)> {
    app.installed().zip(app.duties.fence(Duty::Log))
}

/// Publishes what is not published yet; whether there was something.
async fn publish_once<B: Backend>(app: &App<B>) -> Result<bool, PortError> {
    let (Some(kafka), Some((world, fence))) = (&app.log, ground(app)) else { return Ok(false) };
    let published = publish(kafka, world.behind.database(), world.number, fence).await?;
    let Published { facts, oldest_at, failed } = published;
    let behind = oldest_at.filter(|_| failed.is_some()).map(|at| WallClock.now().since(at));
    app.metrics.count_published(if failed.is_none() { facts } else { 0 }, behind);
    failed.map_or(Ok(facts > 0), Err)
}

/// Readers of the log of a world, under a version of the duty.
struct Readers {
    world: u64,
    version: u64,
    followers: Vec<((&'static str, Topic), Follower)>,
}

impl Readers {
    fn new(world: u64, version: u64, partitions: u32) -> Self {
        let mut followers = Vec::new();
        for reader in READERS {
            for at in 0..partitions {
                followers.push((reader, Follower::new(reader.0, reader.1, at)));
            }
        }
        Self { world, version, followers }
    }
}

/// Reads on; whether there was something.
async fn follow_once<B: Backend>(
    app: &App<B>,
    readers: &mut Option<Readers>,
) -> Result<bool, PortError> {
    let Some((world, fence)) = ground(app) else { return Ok(false) };
    let (number, version) = (world.number, fence.version);
    // Whoever gets the duty, or another world, asks how far the one before has come.
    if readers.as_ref().is_none_or(|of| (of.world, of.version) != (number, version)) {
        let partitions = app.log.as_ref().map_or(1, Kafka::partitions);
        *readers = Some(Readers::new(number, version, partitions));
    }
    let Some(Readers { followers, .. }) = readers else { return Ok(false) };
    match &app.log {
        None => {
            let log = JournalLog { database: world.behind.database(), world: number };
            turn_all(app, &world, fence, &log, followers).await
        }
        Some(kafka) => turn_all(app, &world, fence, kafka, followers).await,
    }
}

/// A turn of every reader, side by side; whether there was something.
async fn turn_all<B: Backend, L: Log>(
    app: &App<B>,
    world: &InWorld<B>,
    fence: Fence,
    log: &L,
    followers: &mut [((&'static str, Topic), Follower)],
) -> Result<bool, PortError> {
    let database = world.behind.database();
    let mut turns = Vec::with_capacity(followers.len());
    for ((reader, topic), follower) in followers {
        let ground = Ground { log, database, world: world.number, fence };
        turns.push(turn(app, world, ground, (*reader, *topic), follower));
    }
    let mut was_any = false;
    for turned in join_all(turns).await {
        was_any |= turned?;
    }
    Ok(was_any)
}

/// A turn of a reader; whether there was something.
async fn turn<B: Backend, L: Log>(
    app: &App<B>,
    world: &InWorld<B>,
    ground: Ground<'_, L, B::Database>,
    (reader, topic): (&'static str, Topic),
    follower: &mut Follower,
) -> Result<bool, PortError> {
    let followed = follower.turn(ground, |records| effect(app, world, topic, records)).await?;
    app.metrics.count_followed(reader, followed, WallClock.now());
    Ok(followed != Followed::default())
}

async fn effect<B: Backend>(
    app: &App<B>,
    world: &InWorld<B>,
    topic: Topic,
    records: Vec<Record>,
) -> Result<Vec<Note>, PortError> {
    match topic {
        Topic::Notifications => return Ok(inbox(&records)),
        Topic::Inventory => shelves(app, world, &records).await?,
        Topic::Orders | Topic::Payments | Topic::Deliveries => {}
    }
    Ok(Vec::new())
}

/// What customers are told by facts.
fn inbox(records: &[Record]) -> Vec<Note> {
    let note = |record: &Record| {
        let order = OrderId(key_of(&record.fact).parse().ok()?);
        Some(Note { order, seq: record.seq, kind: record.fact.kind().name, at: record.at })
    };
    records.iter().filter_map(note).collect()
}

/// Keeps fresh what is known at hand of the shelves that facts are about.
async fn shelves<B: Backend>(
    app: &App<B>,
    world: &InWorld<B>,
    records: &[Record],
) -> Result<(), PortError> {
    let mut touched: BTreeSet<(StoreId, SkuId)> = BTreeSet::new();
    for record in records {
        if let Fact::Stock(event) = record.fact {
            touched.extend(event.moves());
        }
    }
    let cache = app.backend.cache();
    let touched: Vec<(StoreId, SkuId)> = touched.into_iter().collect();
    for of_store in touched.chunk_by(|one, other| one.0 == other.0) {
        let Some((store, _)) = of_store.first() else { continue };
        let skus: Vec<SkuId> = of_store.iter().map(|(_, sku)| *sku).collect();
        let as_of = WallClock.now();
        let free = free_units(world, *store, &skus).await;
        let free = free.map_err(|_| PortError::Down("the shelves were not read".to_owned()))?;
        let kept = kept_units(*store, &free);
        world.copies.keep(cache, app.availability, &kept, as_of, true).await;
        let low = free.iter().map(|free| rank(cache, *store, *free)).collect::<Vec<_>>();
        join_all(low).await;
    }
    Ok(())
}

/// Notes whether a shelf is low. Without a cache nobody is shown what is.
async fn rank<C: Cache>(cache: &C, store: StoreId, free: FreeUnits) {
    let shelf = keys::shelf(store, SkuId(free.sku_id.0));
    let _ = if free.free_units <= LOW_UNITS {
        cache.rank(keys::LOW_STOCK, &shelf, i64::from(free.free_units)).await
    } else {
        cache.unrank(keys::LOW_STOCK, &shelf).await
    };
}
