//! Committing a unit of work: one transaction, one round trip.

use domain::facts::{Event, Fact, Record};
use domain::ids::{CityId, OrderId, SkuId, StoreId};
use domain::ledger::{self, Wallet};
use domain::outside::{Effect, Subject};
use domain::picking::Floor;
use domain::stock::Slot;
use domain::time::Timestamp;
use shell::mutant::{self, Mutant};
use shell::{
    Answer, Fence, Key, Order, Read, Rider, Source, StoreDoor, Table, Trip, Unit, Version,
};
use xxhash_rust::xxh3::xxh3_64;

use super::ANY_WORLD;
use super::cells::{Cell, Name, Param, columns};
use super::serving::World;
use super::session::Batch;
use super::statements::Does;
use super::tables::{CHILDREN, Child, Layout, PARTS, Part, Stored};

/// The statements that commit a unit of work.
pub(super) fn batch(World { number, city }: World, unit: &Unit) -> Batch {
    let mut batch: Batch = vec![(Does::Name, name(unit))];
    if number != ANY_WORLD {
        // Whoever installs a world holds the table of names, so what is seen from now on stays.
        batch.push((Does::KeepWorld, vec![Box::new(number.cast_signed())]));
    }
    if let Some(Fence { duty, version }) = unit.fence {
        let params: Vec<Param> = vec![Box::new(duty.text()), Box::new(version.cast_signed())];
        batch.push((Does::Fence, params));
    }
    guard_all(unit, &mut batch);
    write_orders(unit, &mut batch);
    write::<Slot>(&unit.rows.slots, unit.now, &mut batch);
    write::<StoreDoor>(&unit.rows.doors, unit.now, &mut batch);
    write::<Floor>(&unit.rows.floors, unit.now, &mut batch);
    write::<Rider>(&unit.rows.riders, unit.now, &mut batch);
    write::<Trip>(&unit.rows.trips, unit.now, &mut batch);
    write::<Wallet>(&unit.rows.wallets, unit.now, &mut batch);
    let record = |fact: &Fact| Record { at: unit.now, city, seq: 0, fact: *fact };
    tell(unit.told.facts.iter().map(record), &mut batch);
    post(&unit.told.facts, &mut batch);
    ask(unit, &mut batch);
    wind_up(unit, &mut batch);
    take_off(unit, &mut batch);
    batch
}

/// The statements that put a world in as it is before anything happens.
pub(super) fn install(
    city: CityId,
    documents: &[String],
    slots: &[((StoreId, SkuId), Slot)],
    opening: &[Record],
) -> Batch {
    let mut batch: Batch = vec![
        (Does::ReplaceWorld, vec![Box::new(i64::from(city.0))]),
        (Does::Document, vec![Box::new(documents.to_vec())]),
    ];
    let rows: Vec<_> = slots.iter().map(|(key, slot)| row::<Slot>(*key, slot)).collect();
    write_rows(&Slot::LAYOUT, rows, Some(Timestamp(0)), &mut batch);
    tell(opening.iter().copied(), &mut batch);
    batch
}

/// The word for whoever named an input.
pub(super) const fn source(source: Source) -> &'static str {
    match source {
        Source::Client => "client",
        Source::Provider => "provider",
        Source::Timer => "timer",
        Source::Outbox => "outbox",
        Source::Platform => "platform",
    }
}

/// The statements that tell a unit's facts, and do nothing else.
pub(super) fn facts(city: CityId, unit: &Unit) -> Batch {
    let record = |fact: &Fact| Record { at: unit.now, city, seq: 0, fact: *fact };
    let mut batch = Batch::new();
    tell(unit.told.facts.iter().map(record), &mut batch);
    batch
}

fn name(unit: &Unit) -> Vec<Param> {
    let kept = Answer::KEPT.iter().find(|(answer, _)| *answer == unit.answer);
    let (_, answer) = kept.expect("a unit of work that answers otherwise is not committed");
    vec![
        Box::new(source(unit.key.source)),
        Box::new(Name(unit.key.id)),
        Box::new(Name(unit.digest)),
        Box::new(*answer),
        Box::new(unit.now.0.cast_signed()),
    ]
}

/// Guards every row that the unit hangs on, table by table and in the order of the keys, which is
/// the same for everybody, so that nobody waits in a circle. Where all of a table's are there and are
/// to be written, that is done at once.
fn guard_all(unit: &Unit, batch: &mut Batch) {
    if mutant::is(Mutant::DropsGuard) {
        return;
    }
    let mut guarded: Vec<(Key, Version)> = unit.rows.guarded().collect();
    guarded.sort_unstable();
    keep_missing(unit, &guarded, batch);
    let rows = &unit.rows;
    let orders = of(&guarded, |key| if let Key::Order(key) = key { Some(key) } else { None });
    if are_rewritten(&rows.orders) {
        let layout = &PARTS[0].layout;
        let row =
            |(key, _): &(OrderId, _)| Some(part_row(&PARTS[0], *key, rows.orders.changed(*key)?));
        rewrite(layout, orders.iter().filter_map(row).collect(), &orders, unit.now, batch);
    } else if !orders.is_empty() {
        let ids: Vec<i64> = orders.iter().map(|(order, _)| order.0.cast_signed()).collect();
        let keys: Vec<Param> = vec![Box::new(ids)];
        guard(PARTS[0].layout.table, keys, &orders, is_written(&rows.orders), batch);
    }
    let slots = of(&guarded, |key| if let Key::Slot(key) = key { Some(key) } else { None });
    guard_rows(&slots, &rows.slots, unit.now, batch);
    let doors = of(&guarded, |key| if let Key::Door(key) = key { Some(key) } else { None });
    guard_rows(&doors, &rows.doors, unit.now, batch);
    let floors = of(&guarded, |key| if let Key::Floor(key) = key { Some(key) } else { None });
    guard_rows(&floors, &rows.floors, unit.now, batch);
    let riders = of(&guarded, |key| if let Key::Rider(key) = key { Some(key) } else { None });
    guard_rows(&riders, &rows.riders, unit.now, batch);
    let trips = of(&guarded, |key| if let Key::Trip(key) = key { Some(key) } else { None });
    guard_rows(&trips, &rows.trips, unit.now, batch);
    let wallets = of(&guarded, |key| if let Key::Wallet(key) = key { Some(key) } else { None });
    guard_rows(&wallets, &rows.wallets, unit.now, batch);
}

/// The guarded rows of one table.
fn of<K>(guarded: &[(Key, Version)], key: impl Fn(Key) -> Option<K>) -> Vec<(K, Version)> {
    guarded.iter().filter_map(|(named, version)| Some((key(*named)?, *version))).collect()
}

fn is_written<K: Copy + PartialEq, R: Clone + PartialEq>(table: &Table<K, R>) -> bool {
    table.iter().any(|read| read.changed().is_some())
}

/// Whether all that is guarded of a table is there and is to be written.
fn are_rewritten<K: Copy + PartialEq, R: Clone + PartialEq>(table: &Table<K, R>) -> bool {
    let mut guarded = table.iter().filter(|read| read.is_guarded()).peekable();
    let is_rewritten = |read: &Read<K, R>| read.loaded.version.0 > 0 && read.changed().is_some();
    let are_any = guarded.peek().is_some();
    are_any && guarded.all(is_rewritten) && !mutant::is(Mutant::DropsGuard)
}

fn guard_rows<S: Stored>(
    guarded: &[(S::Key, Version)],
    table: &Table<S::Key, S>,
    now: Timestamp,
    batch: &mut Batch,
) {
    if are_rewritten(table) {
        let row = |(key, _): &(S::Key, _)| Some(row::<S>(*key, table.changed(*key)?));
        rewrite(&S::LAYOUT, guarded.iter().filter_map(row).collect(), guarded, now, batch);
    } else if !guarded.is_empty() {
        let keys = super::load::key_arrays::<S>(guarded.iter().map(|(key, _)| *key));
        guard(S::LAYOUT.table, keys, guarded, is_written(table), batch);
    }
}

fn guard<K>(
    table: &'static str,
    mut params: Vec<Param>,
    guarded: &[(K, Version)],
    is_written: bool,
    batch: &mut Batch,
) {
    let versions: Vec<i64> = guarded.iter().map(|(_, version)| version.0.cast_signed()).collect();
    let there = versions.iter().filter(|version| **version > 0).count() as i64;
    params.push(Box::new(versions));
    params.push(Box::new(there));
    let does = if is_written { Does::Guard(table) } else { Does::GuardRead(table) };
    batch.push((does, params));
}

/// Rows that are not there cannot be locked. So their names are: by whoever makes them for
/// himself, by whoever only found that they are not there together with others.
fn keep_missing(unit: &Unit, guarded: &[(Key, Version)], batch: &mut Batch) {
    let rows = &unit.rows;
    let is_made = |key: Key| match key {
        Key::Order(key) => is_changed(&rows.orders, key),
        Key::Slot(key) => is_changed(&rows.slots, key),
        Key::Door(key) => is_changed(&rows.doors, key),
        Key::Floor(key) => is_changed(&rows.floors, key),
        Key::Rider(key) => is_changed(&rows.riders, key),
        Key::Trip(key) => is_changed(&rows.trips, key),
        Key::Wallet(key) => is_changed(&rows.wallets, key),
    };
    let missing = guarded.iter().filter(|(_, version)| *version == Version(0));
    let mut names: Vec<(i64, bool)> =
        missing.map(|(key, _)| (lock_name(*key), is_made(*key))).collect();
    if names.is_empty() {
        return;
    }
    names.sort_unstable();
    let (names, exclusive): (Vec<i64>, Vec<bool>) = names.into_iter().unzip();
    batch.push((Does::Reserve, vec![Box::new(names), Box::new(exclusive)]));
}

fn is_changed<K: Copy + PartialEq, R: Clone + PartialEq>(table: &Table<K, R>, key: K) -> bool {
    table.changed(key).is_some()
}

/// The number under which a row that is not there is locked. Two rows that share one by chance
/// wait for each other once.
pub(super) fn lock_name(key: Key) -> i64 {
    let (table, numbers) = match key {
        Key::Order(OrderId(order)) => (PARTS[0].layout.table, vec![order.cast_signed()]),
        Key::Slot(key) => (Slot::LAYOUT.table, Slot::key(key)),
        Key::Door(key) => (StoreDoor::LAYOUT.table, StoreDoor::key(key)),
        Key::Floor(key) => (Floor::LAYOUT.table, Floor::key(key)),
        Key::Rider(key) => (Rider::LAYOUT.table, Rider::key(key)),
        Key::Trip(key) => (Trip::LAYOUT.table, Trip::key(key)),
        Key::Wallet(key) => (Wallet::LAYOUT.table, Wallet::key(key)),
    };
    let mut bytes = table.as_bytes().to_vec();
    numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
    xxh3_64(&bytes).cast_signed()
}

fn row<S: Stored>(key: S::Key, state: &S) -> Vec<Cell> {
    let mut cells: Vec<Cell> = S::key(key).into_iter().map(Cell::int).collect();
    state.put(&mut cells);
    cells
}

/// Writes rows in the order of their keys, each at the version after the one it has.
fn rewrite<K>(
    layout: &Layout,
    rows: Vec<Vec<Cell>>,
    guarded: &[(K, Version)],
    now: Timestamp,
    batch: &mut Batch,
) {
    let versions = guarded.iter().map(|(_, version)| version.0.cast_signed());
    let (now, does) = (now.0.cast_signed(), Does::Rewrite(layout.table));
    if layout.is_flat() {
        let mut params = columns(layout.all().map(|column| column.kind), &rows);
        params.push(Box::new(vec![now; rows.len()]));
        params.push(Box::new(versions.collect::<Vec<_>>()));
        batch.push((does, params));
        return;
    }
    for (row, version) in rows.into_iter().zip(versions) {
        let mut params: Vec<Param> = row.into_iter().map(Cell::param).collect();
        params.push(Box::new(now));
        params.push(Box::new(version));
        batch.push((does, params));
    }
}

fn write<S: Stored>(table: &Table<S::Key, S>, now: Timestamp, batch: &mut Batch) {
    if are_rewritten(table) {
        return;
    }
    let changed = |read: &Read<S::Key, S>| Some(row::<S>(read.key, read.changed()?));
    let rows: Vec<_> = table.iter().filter_map(changed).collect();
    write_rows(&S::LAYOUT, rows, Some(now), batch);
}

/// Writes rows of one table; with a time if they have versions of their own.
fn write_rows(layout: &Layout, rows: Vec<Vec<Cell>>, now: Option<Timestamp>, batch: &mut Batch) {
    if rows.is_empty() {
        return;
    }
    let now = now.map(|now| now.0.cast_signed());
    if layout.is_flat() {
        let mut params = columns(layout.all().map(|column| column.kind), &rows);
        if let Some(now) = now {
            params.push(Box::new(vec![now; rows.len()]));
        }
        batch.push((Does::Write(layout.table), params));
        return;
    }
    for row in rows {
        let mut params: Vec<Param> = row.into_iter().map(Cell::param).collect();
        if let Some(now) = now {
            params.push(Box::new(now));
        }
        batch.push((Does::Write(layout.table), params));
    }
}

/// Writes what has changed of orders; all of one that is new.
fn write_orders(unit: &Unit, batch: &mut Batch) {
    let written = || unit.rows.orders.iter().filter_map(|read| Some((read, read.changed()?)));
    for (at, part) in PARTS.iter().enumerate() {
        let is_first = at == 0;
        let rows = written().filter_map(|(read, now)| {
            let cells = part_row(part, read.key, now);
            let is_new = read.loaded.version == Version(0);
            let differs = || cells != part_row(part, read.key, &read.loaded.state);
            (is_first || is_new || differs()).then_some(cells)
        });
        if !is_first || !are_rewritten(&unit.rows.orders) {
            write_rows(&part.layout, rows.collect(), is_first.then_some(unit.now), batch);
        }
    }
    for child in &CHILDREN {
        let mut rows = Vec::new();
        for (read, now) in written() {
            let (before, after) = ((child.count)(&read.loaded.state), (child.count)(now));
            for number in 0..after {
                let cells = child_row(child, read.key, now, number);
                let is_same = number < before
                    && cells == child_row(child, read.key, &read.loaded.state, number);
                if !is_same {
                    rows.push(cells);
                }
            }
            if after < before {
                let (order, from) = (read.key.0.cast_signed(), after as i64);
                let params: Vec<Param> = vec![Box::new(order), Box::new(from)];
                batch.push((Does::Cut(child.layout.table), params));
            }
        }
        write_rows(&child.layout, rows, None, batch);
    }
}

fn part_row(part: &Part, order: OrderId, state: &Order) -> Vec<Cell> {
    let mut cells = vec![Cell::bits(order.0)];
    (part.put)(state, &mut cells);
    cells
}

fn child_row(child: &Child, order: OrderId, state: &Order, number: usize) -> Vec<Cell> {
    let mut cells = vec![Cell::bits(order.0), Cell::int(number as i64)];
    (child.put)(state, number, &mut cells);
    cells
}

fn tell(records: impl Iterator<Item = Record>, batch: &mut Batch) {
    let (mut times, mut kinds, mut orders, mut trips, mut bytes) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for record in records {
        times.push(record.at.0.cast_signed());
        kinds.push(record.fact.kind().name);
        let (order, trip) = about(&record.fact);
        orders.push(order);
        trips.push(trip);
        let mut canonical = Vec::with_capacity(64);
        record.put(&mut canonical);
        bytes.push(canonical);
    }
    if !times.is_empty() {
        let params: Vec<Param> = vec![
            Box::new(times),
            Box::new(kinds),
            Box::new(orders),
            Box::new(trips),
            Box::new(bytes),
        ];
        batch.push((Does::Tell, params));
    }
}

/// The order and the trip that a fact names.
fn about(fact: &Fact) -> (Option<i64>, Option<i64>) {
    let mut cells = Vec::with_capacity(16);
    fact.to_cells(&mut |cell| cells.push(cell));
    let (mut order, mut trip, mut at) = (None, None, 0);
    for (field, columns) in fact.kind().fields {
        match *field {
            "order" => order = cells.get(at).copied(),
            "trip" => trip = cells.get(at).copied(),
            _ => {}
        }
        at += columns.len();
    }
    (order, trip)
}

/// One row of the books.
type Entry = (i64, i64, Option<i64>, Option<&'static str>, Option<i64>, i64);

/// Writes what facts say of the books.
fn post(facts: &[Fact], batch: &mut Batch) {
    let entries: Vec<Entry> = (1_i64..).zip(facts).filter_map(entry).collect();
    if entries.is_empty() {
        return;
    }
    let params: Vec<Param> = vec![
        Box::new(entries.iter().map(|entry| entry.0).collect::<Vec<_>>()),
        Box::new(entries.iter().map(|entry| entry.1).collect::<Vec<_>>()),
        Box::new(entries.iter().map(|entry| entry.2).collect::<Vec<_>>()),
        Box::new(entries.iter().map(|entry| entry.3).collect::<Vec<_>>()),
        Box::new(entries.iter().map(|entry| entry.4).collect::<Vec<_>>()),
        Box::new(entries.iter().map(|entry| entry.5).collect::<Vec<_>>()),
    ];
    batch.push((Does::Post, params));
}

fn entry((place, fact): (i64, &Fact)) -> Option<Entry> {
    use ledger::Event as E;
    let Fact::Ledger(event) = fact else { return None };
    let entry = match *event {
        E::Entry { posting, order, account, amount } => {
            let order = Some(order.0.cast_signed());
            (posting, order, Some(account.text()), None, amount)
        }
        E::GeneralEntry { posting, account, amount } => {
            (posting, None, Some(account.text()), None, amount)
        }
        E::WalletMoved { posting, customer, amount } => {
            (posting, None, None, Some(i64::from(customer.0)), amount)
        }
    };
    let (posting, order, account, user, amount) = entry;
    Some((place, posting.0.cast_signed(), order, account, user, amount.0))
}

/// The words for whom something is about, and its number.
fn subject(effect: &Effect) -> (&'static str, i64) {
    match effect.subject() {
        Subject::Order(order) => ("order", order.0.cast_signed()),
        Subject::Trip(trip) => ("trip", trip.0.into()),
    }
}

/// An event's kind and canonical bytes.
fn encoded<E: Event>(event: &E) -> (&'static str, Vec<u8>) {
    let mut bytes = Vec::with_capacity(32);
    event.put(&mut bytes);
    (E::KINDS[usize::from(event.variant())].name, bytes)
}

fn ask(unit: &Unit, batch: &mut Batch) {
    let (mut about, mut ids, mut kinds, mut bytes) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for effect in unit.told.asked() {
        let (subject, id) = subject(effect);
        let (kind, canonical) = encoded(effect);
        about.push(subject);
        ids.push(id);
        kinds.push(kind);
        bytes.push(canonical);
    }
    if !ids.is_empty() {
        let now = unit.now.0.cast_signed();
        let params: Vec<Param> =
            vec![Box::new(now), Box::new(about), Box::new(ids), Box::new(kinds), Box::new(bytes)];
        batch.push((Does::Ask, params));
    }
}

fn wind_up(unit: &Unit, batch: &mut Batch) {
    if mutant::is(Mutant::ForgetsTimers) {
        return;
    }
    let (mut times, mut about, mut ids, mut kinds, mut bytes) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for effect in &unit.told.effects {
        let Some((input, wake_at)) = effect.timer() else { continue };
        let (subject, id) = subject(effect);
        let (kind, canonical) = encoded(&input);
        times.push(wake_at.0.cast_signed());
        about.push(subject);
        ids.push(id);
        kinds.push(kind);
        bytes.push(canonical);
    }
    if !ids.is_empty() {
        let params: Vec<Param> =
            vec![Box::new(times), Box::new(about), Box::new(ids), Box::new(kinds), Box::new(bytes)];
        batch.push((Does::Wind, params));
    }
}

/// Takes the timer or outbox row off its list that an input came from.
fn take_off(unit: &Unit, batch: &mut Batch) {
    let Ok(number) = i64::try_from(unit.key.id) else { return };
    let does = match unit.key.source {
        Source::Timer => Does::TakeTimer,
        Source::Outbox => Does::TakeOutbox,
        Source::Client | Source::Provider | Source::Platform => return,
    };
    batch.push((does, vec![Box::new(number)]));
}
