//! Rows: what is written comes back, and races are found.

use domain::ids::OrderId;
use domain::outside::Effect;
use domain::stock::Slot;
use domain::time::Timestamp;

use super::samples::{self, Sample};
use super::{OTHER, SHELF, blank, commit, lists, load, put, shelf, unit};
use crate::join::{Side, together};
use crate::ports::{Committed, Database};
use crate::rows::{Key, Rider, Rows, Stamp, StoreDoor, Trip, Version};
use crate::unit::{Answer, InputKey, Refused, Source, Unit};

/// Writers that race each other.
const RACERS: u64 = 16;
/// Tries that a racer has: all others, over and over.
const TRIES: u64 = RACERS * RACERS;

pub(super) async fn rows_that_are_not_there_are_blank<D: Database>(database: &D) {
    let keys = samples::KEYS;
    let rows = load(database, &keys).await;
    for key in keys {
        assert!(rows.has(key), "{key:?} is loaded");
    }
    let blank = |version: Version, touched_at: Timestamp| {
        assert_eq!((version, touched_at), (Version(0), Timestamp(0)), "a row that is not there");
    };
    rows.orders.iter().for_each(|r| blank(r.loaded.version, r.loaded.touched_at));
    assert!(rows.orders.iter().all(|read| *read.state() == crate::Order::default()));
    let stamps = database.stamps(&[samples::ORDER]).await;
    assert_eq!(stamps.expect("stamps are read"), [Stamp::default()]);
    assert!(rows.slots.iter().all(|read| *read.state() == Slot::default()));
    assert!(rows.doors.iter().all(|read| *read.state() == StoreDoor::default()));
    assert!(rows.riders.iter().all(|read| *read.state() == Rider::default()));
    assert!(rows.trips.iter().all(|read| *read.state() == Trip::default()));
}

/// Writes states of every kind, one after the other in the same rows, and reads each again.
pub(super) async fn every_state_comes_back<D: Database>(database: &D) {
    for (number, Sample { order, slot, door, floor, rider, trip, wallet }) in
        (1_u64..).zip(samples::samples())
    {
        let mut unit = unit(database, number, number, &samples::KEYS).await;
        let rows = &mut unit.rows;
        *rows.orders.get_mut(samples::ORDER).expect("loaded") = order.clone();
        *rows.slots.get_mut(SHELF).expect("loaded") = slot;
        *rows.doors.get_mut(SHELF.0).expect("loaded") = door;
        *rows.floors.get_mut(SHELF.0).expect("loaded") = floor.clone();
        *rows.riders.get_mut(samples::RIDER).expect("loaded") = rider;
        *rows.trips.get_mut(samples::TRIP).expect("loaded") = trip;
        *rows.wallets.get_mut(samples::CUSTOMER).expect("loaded") = wallet;
        // Whoever knew the rows before sees them as they are now.
        let mut rows = load(database, &samples::KEYS).await;
        assert_eq!(commit(database, &unit).await, Committed::Done);
        for _ in 0..2 {
            database.load(&samples::KEYS, &mut rows).await.expect("rows are loaded");
        }
        let stamps = database.stamps(&[OrderId(u64::MAX >> 1), samples::ORDER]).await;
        let stamp = Stamp { version: Version(number), touched_at: Timestamp::from_s(number) };
        assert_eq!(stamps.expect("stamps are read"), [Stamp::default(), stamp]);
        let read = rows.orders.iter().next().expect("loaded");
        assert_eq!(*read.state(), order);
        let (version, touched_at) = (read.loaded.version, read.loaded.touched_at);
        assert_eq!((version, touched_at), (Version(number), Timestamp::from_s(number)));
        assert_eq!(rows.slots.peek(SHELF), Some(&slot));
        assert_eq!(rows.doors.peek(SHELF.0), Some(&door));
        assert_eq!(rows.floors.peek(SHELF.0), Some(&floor));
        assert_eq!(rows.riders.peek(samples::RIDER), Some(&rider));
        assert_eq!(rows.trips.peek(samples::TRIP), Some(&trip));
        assert_eq!(rows.wallets.peek(samples::CUSTOMER), Some(&wallet));
    }
}

pub(super) async fn a_lost_race_writes_nothing<D: Database>(database: &D) {
    let keys = [Key::Slot(SHELF), Key::Slot(OTHER)];
    let mut loser = unit(database, 1, 1, &keys).await;
    put(&mut loser, SHELF, 5);
    put(&mut loser, OTHER, 5);
    let event = domain::stock::Event::Received { store: SHELF.0, sku: SHELF.1, units: 5 };
    loser.told.facts.push(event.into());
    loser.told.effects.extend(super::effects());
    let mut winner = unit(database, 2, 1, &keys).await;
    put(&mut winner, OTHER, 7);
    assert_eq!(commit(database, &winner).await, Committed::Done);
    assert_eq!(commit(database, &loser).await, Committed::Conflict);
    assert_eq!(shelf(database, SHELF).await, (Slot::default(), Version(0)));
    assert_eq!(shelf(database, OTHER).await.0.free_units, 7);
    assert_eq!(lists(database).await, (Vec::new(), 0, 0));
    // Its name is free still: the next try is heard.
    loser.rows = load(database, &keys).await;
    assert_eq!(commit(database, &loser).await, Committed::Done);
}

pub(super) async fn what_was_only_read_is_guarded_too<D: Database>(database: &D) {
    let keys = [Key::Slot(SHELF), Key::Slot(OTHER)];
    let mut loser = unit(database, 1, 1, &keys).await;
    assert!(loser.rows.slots.get(OTHER).is_some());
    put(&mut loser, SHELF, 5);
    let mut winner = unit(database, 2, 1, &keys).await;
    put(&mut winner, OTHER, 7);
    assert_eq!(commit(database, &winner).await, Committed::Done);
    assert_eq!(commit(database, &loser).await, Committed::Conflict);
}

pub(super) async fn what_was_only_looked_at_is_not_guarded<D: Database>(database: &D) {
    let keys = [Key::Slot(SHELF), Key::Slot(OTHER)];
    let mut first = unit(database, 1, 1, &keys).await;
    assert!(first.rows.slots.peek(OTHER).is_some());
    put(&mut first, SHELF, 5);
    let mut second = unit(database, 2, 1, &keys).await;
    put(&mut second, OTHER, 7);
    assert_eq!(commit(database, &second).await, Committed::Done);
    assert_eq!(commit(database, &first).await, Committed::Done);
    assert_eq!(shelf(database, OTHER).await.1, Version(1), "what is not changed is not written");
}

pub(super) async fn a_row_that_is_told_of_is_written<D: Database>(database: &D) {
    let mut teller = unit(database, 1, 9, &[Key::Slot(SHELF)]).await;
    teller.rows.slots.tell_of(SHELF);
    assert_eq!(commit(database, &teller).await, Committed::Done);
    let rows = load(database, &[Key::Slot(SHELF)]).await;
    let read = rows.slots.iter().next().expect("loaded");
    let (version, touched_at) = (read.loaded.version, read.loaded.touched_at);
    assert_eq!((version, touched_at), (Version(1), Timestamp::from_s(9)));
}

/// The second time a name comes, the first answer is given, whatever has become of the rows.
pub(super) async fn a_name_is_heard_once<D: Database>(database: &D) {
    for (name, (answer, text)) in (10..).zip(Answer::KEPT) {
        let mut first = unit(database, name, 1, &[]).await;
        first.answer = answer;
        assert_eq!(commit(database, &first).await, Committed::Done);
        let digest = first.digest;
        let repeated = Committed::Repeated { digest, answer };
        assert_eq!(commit(database, &first).await, repeated, "{text}");
    }
    let sources =
        [Source::Client, Source::Provider, Source::Timer, Source::Outbox, Source::Platform];
    for (count, source) in (1_u32..).zip(sources) {
        let mut first = unit(database, 1, 1, &[Key::Slot(SHELF)]).await;
        first.key = InputKey { source, id: u128::MAX - 7 };
        first.digest = u128::MAX - 3;
        first.answer = Answer::Refused(Refused::NotQuoted);
        put(&mut first, SHELF, 5);
        first.told.effects.extend([Effect::Reserve { order: samples::ORDER }]);
        assert_eq!(commit(database, &first).await, Committed::Done);
        let (digest, answer) = (first.digest, first.answer);
        let mut again = first.clone();
        again.digest = 4;
        again.answer = Answer::Heard;
        let repeated = Committed::Repeated { digest, answer };
        assert_eq!(commit(database, &again).await, repeated, "{source:?}");
        assert_eq!(shelf(database, SHELF).await.0.free_units, 5 * count);
        assert_eq!(lists(database).await.1, count as usize, "asked once by each source");
    }
}

/// Many add to one shelf at the same time; each that loses a race tries again.
pub(super) async fn of_many_at_once_none_is_lost<D: Database>(database: &D) {
    let racer = |name: u64| async move {
        for _ in 0..TRIES {
            let mut unit = blank(name, 1, &[Key::Slot(SHELF)]);
            database.load_for(&mut unit).await.expect("rows are loaded");
            put(&mut unit, SHELF, 1);
            match commit(database, &unit).await {
                Committed::Done => return,
                Committed::Conflict => {}
                Committed::Repeated { .. } | Committed::Fenced => panic!("{name} is new"),
            }
        }
        panic!("{name} lost {TRIES} races: nobody wins");
    };
    let racers = (0..RACERS).map(|name| -> Side<'_> { Box::pin(racer(name)) });
    together(racers.collect(), usize::MAX).await;
    let (slot, version) = shelf(database, SHELF).await;
    assert_eq!((u64::from(slot.free_units), version), (RACERS, Version(RACERS)));
}

/// A unit of work is dropped with its rows loaded, another loads some and then more, and nobody
/// keeps the third from the same shelves.
pub(super) async fn who_is_dropped_lets_go<D: Database>(database: &D) {
    let mut dropped = blank(1, 1, &[Key::Slot(SHELF), Key::Slot(OTHER)]);
    database.load_for(&mut dropped).await.expect("rows are loaded");
    drop(dropped);
    for name in 2..4 {
        let mut unit = blank(name, 1, &[Key::Slot(OTHER)]);
        database.load_for(&mut unit).await.expect("rows are loaded");
        unit.keys.push(Key::Slot(SHELF));
        database.load_for(&mut unit).await.expect("more rows are loaded");
        put(&mut unit, SHELF, 1);
        assert_eq!(commit(database, &unit).await, Committed::Done);
    }
    assert_eq!(shelf(database, SHELF).await.0.free_units, 2);
}

/// One moves units to and fro between two shelves; whoever loads both finds all of them.
pub(super) async fn rows_are_of_one_moment<D: Database>(database: &D) {
    const ALL: u32 = 9;
    let keys = [Key::Slot(SHELF), Key::Slot(OTHER)];
    let mut first = unit(database, 0, 1, &keys).await;
    put(&mut first, SHELF, ALL);
    assert_eq!(commit(database, &first).await, Committed::Done);
    let mover = async {
        for name in 1..=RACERS {
            let mut unit = unit(database, name, 1, &keys).await;
            let units = move_all(&mut unit);
            assert_eq!(units, ALL);
            assert_eq!(commit(database, &unit).await, Committed::Done);
        }
    };
    let reader = async {
        for _ in 0..RACERS {
            let rows = load(database, &keys).await;
            assert_eq!(units_of(&rows), ALL, "rows of different moments");
        }
    };
    let sides: Vec<Side<'_>> = vec![Box::pin(mover), Box::pin(reader)];
    together(sides, usize::MAX).await;
}

fn move_all(unit: &mut Unit) -> u32 {
    let here = unit.rows.slots.get(SHELF).map_or(0, |slot| slot.free_units);
    let (from, to) = if here > 0 { (SHELF, OTHER) } else { (OTHER, SHELF) };
    let taken = unit.rows.slots.get_mut(from).map(|slot| std::mem::take(&mut slot.free_units));
    let units = taken.unwrap_or_default();
    put(unit, to, units);
    units
}

fn units_of(rows: &Rows) -> u32 {
    rows.slots.iter().map(|read| read.state().free_units).sum()
}
