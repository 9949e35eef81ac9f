//! Loading rows: one snapshot, one round trip.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::ids::OrderId;
use domain::ledger::Wallet;
use domain::picking::Floor;
use domain::stock::Slot;
use domain::time::Timestamp;
use shell::{Key, Order, PortError, Rider, Row, Rows, Stamp, StoreDoor, Trip, Version};

use super::Shared;
use super::cells::{Corrupt, Param, Reader};
use super::lists::corrupt;
use super::session::{Batch, Outcome, in_snapshot};
use super::statements::Does;
use super::tables::{CHILDREN, PARTS, Stored};
use super::together::{Asked, Claim, Line, Share};
use super::wire::Row as Given;
use super::write::key_arrays;

/// What is asked for, by tables.
#[derive(Default)]
pub(super) struct Wanted {
    /// Orders of which only the stamps are asked for.
    known: Vec<OrderId>,
    orders: Vec<OrderId>,
    slots: Vec<<Slot as Stored>::Key>,
    doors: Vec<<StoreDoor as Stored>::Key>,
    floors: Vec<<Floor as Stored>::Key>,
    riders: Vec<<Rider as Stored>::Key>,
    trips: Vec<<Trip as Stored>::Key>,
    wallets: Vec<<Wallet as Stored>::Key>,
}

/// What was found at one moment.
#[derive(Default)]
pub(super) struct Found {
    pub(super) stamps: BTreeMap<OrderId, Stamp>,
    orders: BTreeMap<OrderId, Row<Order>>,
    slots: Kept<Slot>,
    doors: Kept<StoreDoor>,
    floors: Kept<Floor>,
    riders: Kept<Rider>,
    trips: Kept<Trip>,
    wallets: Kept<Wallet>,
}

type Kept<S> = BTreeMap<<S as Stored>::Key, Row<S>>;

impl Asked for Wanted {
    type Answer = Arc<Found>;

    fn line(shared: &Shared) -> &Line<Self> {
        &shared.reads
    }

    fn claims(&self) -> Vec<(Claim, Share)> {
        Vec::new()
    }

    fn overtaken_by(_: &Arc<Found>) -> Option<Arc<Found>> {
        None
    }

    async fn serve(shared: &Shared, asked: &[Self]) -> Vec<Result<Arc<Found>, PortError>> {
        let all = Self::of_all(asked);
        let found = match shared.run(all.batch()).await.and_then(Outcome::rows) {
            Ok(found) => all.read(&found).map(Arc::new).map_err(corrupt),
            Err(error) => Err(error),
        };
        vec![found; asked.len()]
    }
}

impl Wanted {
    /// Rows of these keys; of orders that are known only the stamps: what makes one up stands in
    /// many tables.
    pub(super) fn of(keys: &[Key], known: &[OrderId]) -> Self {
        let mut wanted = Self::stamps(known);
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

    /// Only the stamps of orders.
    pub(super) fn stamps(orders: &[OrderId]) -> Self {
        Self { known: orders.to_vec(), ..Self::default() }
    }

    fn of_all(asked: &[Self]) -> Self {
        fn all<K: Copy + Ord>(asked: &[Wanted], keys: impl Fn(&Wanted) -> &Vec<K>) -> Vec<K> {
            let keys: BTreeSet<K> = asked.iter().flat_map(keys).copied().collect();
            keys.into_iter().collect()
        }
        Self {
            known: all(asked, |wanted| &wanted.known),
            orders: all(asked, |wanted| &wanted.orders),
            slots: all(asked, |wanted| &wanted.slots),
            doors: all(asked, |wanted| &wanted.doors),
            floors: all(asked, |wanted| &wanted.floors),
            riders: all(asked, |wanted| &wanted.riders),
            trips: all(asked, |wanted| &wanted.trips),
            wallets: all(asked, |wanted| &wanted.wallets),
        }
    }

    /// The statements that load it.
    pub(super) fn batch(&self) -> Batch {
        let ids = |orders: &[OrderId]| -> Param {
            Box::new(orders.iter().map(|order| order.0.cast_signed()).collect::<Vec<_>>())
        };
        let mut batch = Batch::new();
        if !self.known.is_empty() {
            batch.push((Does::Stamps, vec![ids(&self.known)]));
        }
        if !self.orders.is_empty() {
            batch.push((Does::Load(PARTS[0].layout.table), vec![ids(&self.orders)]));
            for child in &CHILDREN {
                batch.push((Does::Load(child.layout.table), vec![ids(&self.orders)]));
            }
        }
        ask::<Slot>(&self.slots, &mut batch);
        ask::<StoreDoor>(&self.doors, &mut batch);
        ask::<Floor>(&self.floors, &mut batch);
        ask::<Rider>(&self.riders, &mut batch);
        ask::<Trip>(&self.trips, &mut batch);
        ask::<Wallet>(&self.wallets, &mut batch);
        // One statement sees one moment by itself.
        if batch.len() > 1 { in_snapshot(batch) } else { batch }
    }

    /// Reads what those statements gave.
    pub(super) fn read(&self, rows: &[Vec<Given>]) -> Result<Found, Corrupt> {
        // A transaction's beginning gave no rows.
        let mut rows = rows.iter().skip(usize::from(rows.len() > 1)).map(Vec::as_slice);
        let mut found = Found::default();
        if !self.known.is_empty() {
            found.stamps = stamps(rows.next().unwrap_or_default())?;
        }
        if !self.orders.is_empty() {
            found.orders = orders(&mut rows)?;
        }
        found.slots = states(&self.slots, &mut rows)?;
        found.doors = states(&self.doors, &mut rows)?;
        found.floors = states(&self.floors, &mut rows)?;
        found.riders = states(&self.riders, &mut rows)?;
        found.trips = states(&self.trips, &mut rows)?;
        found.wallets = states(&self.wallets, &mut rows)?;
        Ok(found)
    }
}

impl Found {
    /// Puts what was found of these keys into the rows of a unit of work; what was not found is
    /// blank. Whether the orders that were known are still as they are known: if not, nothing is
    /// put anywhere.
    pub(super) fn put(&self, keys: &[Key], known: &[OrderId], rows: &mut Rows) -> bool {
        let stands = |order| self.stamps.get(&order).copied().unwrap_or_default();
        let is_known = |key| known.contains(&key);
        if rows
            .orders
            .iter()
            .any(|read| is_known(read.key) && stands(read.key) != read.loaded.stamp())
        {
            return false;
        }
        for key in keys {
            match *key {
                Key::Order(key) if is_known(key) => {}
                Key::Order(key) => rows.orders.put(key, of(&self.orders, key)),
                Key::Slot(key) => rows.slots.put(key, of(&self.slots, key)),
                Key::Door(key) => rows.doors.put(key, of(&self.doors, key)),
                Key::Floor(key) => rows.floors.put(key, of(&self.floors, key)),
                Key::Rider(key) => rows.riders.put(key, of(&self.riders, key)),
                Key::Trip(key) => rows.trips.put(key, of(&self.trips, key)),
                Key::Wallet(key) => rows.wallets.put(key, of(&self.wallets, key)),
            }
        }
        true
    }
}

fn of<K: Ord, R: Clone + Default>(kept: &BTreeMap<K, Row<R>>, key: K) -> Row<R> {
    kept.get(&key).cloned().unwrap_or_default()
}

fn ask<S: Stored>(keys: &[S::Key], batch: &mut Batch) {
    if !keys.is_empty() {
        let keys = key_arrays(&S::LAYOUT, keys.iter().map(|key| S::key(*key)));
        batch.push((Does::Load(S::LAYOUT.table), keys));
    }
}

/// Which writing of orders was found.
fn stamps(rows: &[Given]) -> Result<BTreeMap<OrderId, Stamp>, Corrupt> {
    let stamp = |row| {
        let mut reader = Reader::new(row);
        let order = OrderId(reader.bits()?);
        let (version, touched_at) = written(&mut reader)?;
        Ok((order, Stamp { version, touched_at }))
    };
    rows.iter().map(stamp).collect()
}

/// The rows of a table, if any were asked for.
fn states<'a, S: Stored>(
    keys: &[S::Key],
    rows: &mut impl Iterator<Item = &'a [Given]>,
) -> Result<Kept<S>, Corrupt> {
    let state = |row| {
        let mut reader = Reader::new(row);
        let key = S::key_of(&mut reader)?;
        let (version, touched_at) = written(&mut reader)?;
        Ok((key, Row { version, touched_at, state: S::take(&mut reader)? }))
    };
    let rows = if keys.is_empty() { None } else { rows.next() };
    rows.unwrap_or_default().iter().map(state).collect()
}

/// How often a row was written, and when last.
fn written(reader: &mut Reader<'_>) -> Result<(Version, Timestamp), Corrupt> {
    Ok((Version(reader.bits()?), Timestamp(reader.bits()?)))
}

fn orders<'a>(
    rows: &mut impl Iterator<Item = &'a [Given]>,
) -> Result<BTreeMap<OrderId, Row<Order>>, Corrupt> {
    let mut kept: BTreeMap<OrderId, Row<Order>> = BTreeMap::new();
    for row in rows.next().unwrap_or_default() {
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
        for row in rows.next().unwrap_or_default() {
            let mut reader = Reader::new(row);
            let (order, number) = (OrderId(reader.bits()?), reader.int()?);
            let row = kept.get_mut(&order);
            (child.take)(&mut reader.with(row)?.state, number, &mut reader)?;
        }
    }
    Ok(kept)
}
