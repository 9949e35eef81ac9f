//! Loading rows: one snapshot, one round trip.

use std::collections::BTreeMap;

use domain::ids::OrderId;
use domain::ledger::Wallet;
use domain::picking::Floor;
use domain::stock::Slot;
use domain::time::Timestamp;
use shell::{Key, Order, Rider, Row, Rows, Stamp, StoreDoor, Table, Trip, Version};

use super::cells::{Corrupt, Param, Reader};
use super::session::{Batch, in_snapshot};
use super::statements::Does;
use super::tables::{CHILDREN, PARTS, Stored};
use super::wire::Row as Found;

/// The keys of a load by their tables.
#[derive(Default)]
struct Wanted {
    orders: Vec<OrderId>,
    slots: Vec<<Slot as Stored>::Key>,
    doors: Vec<<StoreDoor as Stored>::Key>,
    floors: Vec<<Floor as Stored>::Key>,
    riders: Vec<<Rider as Stored>::Key>,
    trips: Vec<<Trip as Stored>::Key>,
    wallets: Vec<<Wallet as Stored>::Key>,
}

impl Wanted {
    fn of(keys: &[Key], known: &[OrderId]) -> Self {
        let mut wanted = Self::default();
        for key in keys {
            match *key {
                Key::Order(key) if known.contains(&key) => {}
                Key::Order(key) => wanted.orders.push(key),
                Key::Slot(key) => wanted.slots.push(key),
                Key::Door(key) => wanted.doors.push(key),
                Key::Floor(key) => wanted.floors.push(key),
                Key::Rider(key) => wanted.riders.push(key),
                Key::Trip(key) => wanted.trips.push(key),
                Key::Wallet(key) => wanted.wallets.push(key),
            }
        }
        wanted
    }
}

/// The statements that load rows. Of orders that are known only the stamps are asked for: what
/// makes one up stands in many tables.
pub(super) fn batch(keys: &[Key], known: &[OrderId]) -> Batch {
    let wanted = Wanted::of(keys, known);
    let mut batch = Batch::new();
    if !known.is_empty() {
        let ids: Vec<i64> = known.iter().map(|order| order.0.cast_signed()).collect();
        batch.push((Does::Stamps, vec![Box::new(ids)]));
    }
    if !wanted.orders.is_empty() {
        let ids: Vec<i64> = wanted.orders.iter().map(|order| order.0.cast_signed()).collect();
        batch.push((Does::Load(PARTS[0].layout.table), vec![Box::new(ids.clone())]));
        for child in &CHILDREN {
            batch.push((Does::Load(child.layout.table), vec![Box::new(ids.clone())]));
        }
    }
    ask::<Slot>(&wanted.slots, &mut batch);
    ask::<StoreDoor>(&wanted.doors, &mut batch);
    ask::<Floor>(&wanted.floors, &mut batch);
    ask::<Rider>(&wanted.riders, &mut batch);
    ask::<Trip>(&wanted.trips, &mut batch);
    ask::<Wallet>(&wanted.wallets, &mut batch);
    // One statement sees one moment by itself.
    if batch.len() > 1 { in_snapshot(batch) } else { batch }
}

fn ask<S: Stored>(keys: &[S::Key], batch: &mut Batch) {
    if !keys.is_empty() {
        batch.push((Does::Load(S::LAYOUT.table), key_arrays::<S>(keys.iter().copied())));
    }
}

/// Keys as one array for each of their columns.
pub(super) fn key_arrays<S: Stored>(keys: impl Iterator<Item = S::Key>) -> Vec<Param> {
    let mut columns = vec![Vec::new(); S::LAYOUT.key.len()];
    for key in keys {
        for (column, number) in columns.iter_mut().zip(S::key(key)) {
            column.push(number);
        }
    }
    columns.into_iter().map(|column| -> Param { Box::new(column) }).collect()
}

/// Puts what was found into the rows of a unit of work; what was not found is blank. Whether the
/// orders that were known are still as they are known: if not, nothing is put anywhere.
pub(super) fn read(
    keys: &[Key],
    known: &[OrderId],
    found: &[Vec<Found>],
    rows: &mut Rows,
) -> Result<bool, Corrupt> {
    let wanted = Wanted::of(keys, known);
    // A transaction's beginning gave no rows.
    let mut found = found.iter().skip(usize::from(found.len() > 1));
    if !known.is_empty() && !are_current(known, found.next().into_iter().flatten(), rows)? {
        return Ok(false);
    }
    if !wanted.orders.is_empty() {
        read_orders(&wanted.orders, &mut found, rows)?;
    }
    put::<Slot>(&wanted.slots, &mut found, &mut rows.slots)?;
    put::<StoreDoor>(&wanted.doors, &mut found, &mut rows.doors)?;
    put::<Floor>(&wanted.floors, &mut found, &mut rows.floors)?;
    put::<Rider>(&wanted.riders, &mut found, &mut rows.riders)?;
    put::<Trip>(&wanted.trips, &mut found, &mut rows.trips)?;
    put::<Wallet>(&wanted.wallets, &mut found, &mut rows.wallets)?;
    Ok(true)
}

/// Which writing of orders was found.
pub(super) fn stamps<'a>(
    found: impl Iterator<Item = &'a Found>,
) -> Result<BTreeMap<OrderId, Stamp>, Corrupt> {
    let stamp = |row| {
        let mut reader = Reader::new(row);
        let order = OrderId(reader.bits()?);
        let (version, touched_at) = written(&mut reader)?;
        Ok((order, Stamp { version, touched_at }))
    };
    found.map(stamp).collect()
}

/// Whether orders are still as they were loaded.
fn are_current<'a>(
    known: &[OrderId],
    found: impl Iterator<Item = &'a Found>,
    rows: &Rows,
) -> Result<bool, Corrupt> {
    let stamps = stamps(found)?;
    let stands = |order| stamps.get(&order).copied().unwrap_or_default();
    let mut loaded = rows.orders.iter().filter(|read| known.contains(&read.key));
    Ok(loaded.all(|read| stands(read.key) == read.loaded.stamp()))
}

fn put<'a, S: Stored>(
    keys: &[S::Key],
    found: &mut impl Iterator<Item = &'a Vec<Found>>,
    table: &mut Table<S::Key, S>,
) -> Result<(), Corrupt> {
    if keys.is_empty() {
        return Ok(());
    }
    let mut kept = BTreeMap::new();
    for row in found.next().into_iter().flatten() {
        let mut reader = Reader::new(row);
        let key = S::key_of(&mut reader)?;
        let (version, touched_at) = written(&mut reader)?;
        kept.insert(key, Row { version, touched_at, state: S::take(&mut reader)? });
    }
    keys.iter().for_each(|key| table.put(*key, kept.remove(key).unwrap_or_default()));
    Ok(())
}

/// How often a row was written, and when last.
fn written(reader: &mut Reader<'_>) -> Result<(Version, Timestamp), Corrupt> {
    Ok((Version(reader.bits()?), Timestamp(reader.bits()?)))
}

fn read_orders<'a>(
    keys: &[OrderId],
    found: &mut impl Iterator<Item = &'a Vec<Found>>,
    rows: &mut Rows,
) -> Result<(), Corrupt> {
    let mut kept: BTreeMap<OrderId, Row<Order>> = BTreeMap::new();
    for row in found.next().into_iter().flatten() {
        let mut reader = Reader::new(row);
        let order = OrderId(reader.bits()?);
        let (version, touched_at) = written(&mut reader)?;
        let mut state = Order::default();
        for part in &PARTS {
            (part.take)(&mut state, &mut reader)?;
        }
        kept.insert(order, Row { version, touched_at, state });
    }
    for child in &CHILDREN {
        for row in found.next().into_iter().flatten() {
            let mut reader = Reader::new(row);
            let (order, number) = (OrderId(reader.bits()?), reader.int()?);
            let row = kept.get_mut(&order);
            (child.take)(&mut reader.with(row)?.state, number, &mut reader)?;
        }
    }
    keys.iter().for_each(|key| rows.orders.put(*key, kept.remove(key).unwrap_or_default()));
    Ok(())
}
