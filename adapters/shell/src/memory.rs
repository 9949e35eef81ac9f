//! A database in this process's memory: for first contact, for tests, and as the plainest
//! implementation of what a database must do.
//!
//! Its journal and its processed inputs grow with every commit; nothing is ever forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, ready};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::facts::Record;
use domain::ids::{CityId, CustomerId, OrderId, RiderId, SkuId, StoreId, TripId};
use domain::ledger::Wallet;
use domain::outside::{Effect, Input};
use domain::picking::Floor;
use domain::stock::Slot;
use domain::time::{Millis, Timestamp};

use crate::ports::{
    Committed, Database, Numbers, OutboxId, OutboxRow, PortError, TimerId, TimerRow,
};
use crate::rows::{Key, Order, Rider, Row, Rows, StoreDoor, Table, Trip, Version};
use crate::unit::{Answer, InputKey, Source, Unit};

/// A table as it is kept: rows by their keys.
type Kept<K, R> = BTreeMap<K, Row<R>>;

/// An outbox row, and until when it is lent to a taker.
#[derive(Clone, Copy, Debug)]
struct Lent {
    effect: Effect,
    until: Timestamp,
}

#[derive(Debug, Default)]
struct Inner {
    orders: Kept<OrderId, Order>,
    slots: Kept<(StoreId, SkuId), Slot>,
    doors: Kept<StoreId, StoreDoor>,
    floors: Kept<StoreId, Floor>,
    riders: Kept<RiderId, Rider>,
    trips: Kept<TripId, Trip>,
    wallets: Kept<CustomerId, Wallet>,
    journal: Vec<Record>,
    outbox: BTreeMap<OutboxId, Lent>,
    timers: BTreeMap<TimerId, (Timestamp, Input)>,
    by_time: BTreeSet<(Timestamp, TimerId)>,
    heard: BTreeMap<InputKey, (u128, Answer)>,
    numbers: BTreeMap<Numbers, u64>,
    outbox_made: u64,
    timers_made: u64,
    commits: u64,
}

/// A database in memory, for one city.
#[derive(Debug)]
pub struct Memory {
    city: CityId,
    inner: Mutex<Inner>,
}

impl Memory {
    /// An empty database.
    #[must_use]
    pub fn new(city: CityId) -> Self {
        Self { city, inner: Mutex::default() }
    }

    /// Puts a world in as it is before anything happens: what is on shelves, and the facts that
    /// open the journal.
    pub fn install(&self, slots: &[((StoreId, SkuId), Slot)], opening: &[Record]) {
        let mut inner = self.lock();
        for &(key, state) in slots {
            let row = Row { version: Version(1), touched_at: Timestamp(0), state };
            inner.slots.insert(key, row);
        }
        inner.journal.extend_from_slice(opening);
    }

    /// Units of work committed so far.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.lock().commits
    }

    /// The orders there are, in the order of their ids.
    #[must_use]
    pub fn orders(&self) -> Vec<(OrderId, Order)> {
        self.lock().orders.iter().map(|(id, row)| (*id, row.state.clone())).collect()
    }

    /// The shelves there are, in the order of store and SKU.
    #[must_use]
    pub fn slots(&self) -> Vec<((StoreId, SkuId), Slot)> {
        self.lock().slots.iter().map(|(key, row)| (*key, row.state)).collect()
    }

    /// The riders there are, in the order of their ids.
    #[must_use]
    pub fn riders(&self) -> Vec<(RiderId, Rider)> {
        self.lock().riders.iter().map(|(id, row)| (*id, row.state)).collect()
    }

    /// What is in the outbox, the oldest first, lent or not.
    #[must_use]
    pub fn outbox(&self) -> Vec<OutboxRow> {
        let row = |(id, lent): (&OutboxId, &Lent)| OutboxRow { id: *id, effect: lent.effect };
        self.lock().outbox.iter().map(row).collect()
    }

    /// The timers that have not rung, the earliest first.
    #[must_use]
    pub fn timers(&self) -> Vec<TimerRow> {
        self.lock().due(Timestamp(u64::MAX), usize::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic while the lock is held is a bug, and the test that made it fails by itself.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read<K: Ord + Copy, R: Clone + Default + PartialEq>(
    kept: &Kept<K, R>,
    key: K,
    table: &mut Table<K, R>,
) {
    table.put(key, kept.get(&key).cloned().unwrap_or_default());
}

fn version<K: Ord, R>(kept: &Kept<K, R>, key: &K) -> Version {
    kept.get(key).map_or(Version(0), |row| row.version)
}

fn write<K: Ord + Copy + PartialEq, R: Clone + PartialEq>(
    kept: &mut Kept<K, R>,
    table: &Table<K, R>,
    touched_at: Timestamp,
) {
    for read in table.iter() {
        if let Some(state) = read.changed() {
            let version = version(kept, &read.key).next();
            kept.insert(read.key, Row { version, touched_at, state: state.clone() });
        }
    }
}

impl Inner {
    fn load(&self, key: Key, rows: &mut Rows) {
        match key {
            Key::Order(key) => read(&self.orders, key, &mut rows.orders),
            Key::Slot(key) => read(&self.slots, key, &mut rows.slots),
            Key::Door(key) => read(&self.doors, key, &mut rows.doors),
            Key::Floor(key) => read(&self.floors, key, &mut rows.floors),
            Key::Rider(key) => read(&self.riders, key, &mut rows.riders),
            Key::Trip(key) => read(&self.trips, key, &mut rows.trips),
            Key::Wallet(key) => read(&self.wallets, key, &mut rows.wallets),
        }
    }

    fn version(&self, key: Key) -> Version {
        match key {
            Key::Order(key) => version(&self.orders, &key),
            Key::Slot(key) => version(&self.slots, &key),
            Key::Door(key) => version(&self.doors, &key),
            Key::Floor(key) => version(&self.floors, &key),
            Key::Rider(key) => version(&self.riders, &key),
            Key::Trip(key) => version(&self.trips, &key),
            Key::Wallet(key) => version(&self.wallets, &key),
        }
    }

    fn commit(&mut self, city: CityId, unit: &Unit) -> Committed {
        if let Some(&(digest, answer)) = self.heard.get(&unit.key) {
            return Committed::Repeated { digest, answer };
        }
        if unit.rows.guarded().any(|(key, version)| self.version(key) != version) {
            return Committed::Conflict;
        }
        let Rows { orders, slots, doors, floors, riders, trips, wallets } = &unit.rows;
        write(&mut self.orders, orders, unit.now);
        write(&mut self.slots, slots, unit.now);
        write(&mut self.doors, doors, unit.now);
        write(&mut self.floors, floors, unit.now);
        write(&mut self.riders, riders, unit.now);
        write(&mut self.trips, trips, unit.now);
        write(&mut self.wallets, wallets, unit.now);
        self.heard.insert(unit.key, (unit.digest, unit.answer));
        self.tell(city, unit);
        self.take_off(unit.key);
        self.commits += 1;
        Committed::Done
    }

    fn tell(&mut self, city: CityId, unit: &Unit) {
        for fact in &unit.told.facts {
            let seq = self.journal.len() as u64;
            self.journal.push(Record { at: unit.now, city, seq, fact: *fact });
        }
        for effect in unit.told.asked() {
            let lent = Lent { effect: *effect, until: Timestamp(0) };
            self.outbox.insert(OutboxId(self.outbox_made), lent);
            self.outbox_made += 1;
        }
        for (input, wake_at) in unit.told.timers() {
            let id = TimerId(self.timers_made);
            self.timers_made += 1;
            self.timers.insert(id, (wake_at, input));
            self.by_time.insert((wake_at, id));
        }
    }

    /// Takes the timer or outbox row off its list that an input came from.
    fn take_off(&mut self, key: InputKey) {
        let Ok(number) = u64::try_from(key.id) else { return };
        match key.source {
            Source::Timer => {
                let id = TimerId(number);
                if let Some((wake_at, _)) = self.timers.remove(&id) {
                    self.by_time.remove(&(wake_at, id));
                }
            }
            Source::Outbox => {
                self.outbox.remove(&OutboxId(number));
            }
            Source::Client | Source::Provider | Source::Platform => {}
        }
    }

    fn take(&mut self, now: Timestamp, lease: Millis, limit: usize) -> Vec<OutboxRow> {
        let mut taken = Vec::new();
        let mut with_others = BTreeSet::new();
        for (id, lent) in &mut self.outbox {
            let subject = lent.effect.subject();
            if lent.until > now || with_others.contains(&subject) {
                with_others.insert(subject);
            } else if taken.len() < limit {
                lent.until = now + lease;
                taken.push(OutboxRow { id: *id, effect: lent.effect });
            }
        }
        taken
    }

    fn due(&self, now: Timestamp, limit: usize) -> Vec<TimerRow> {
        let due = self.by_time.iter().take_while(|(wake_at, _)| *wake_at <= now).take(limit);
        let row = |&(wake_at, id): &(Timestamp, TimerId)| {
            self.timers.get(&id).map(|(_, input)| TimerRow { id, wake_at, input: *input })
        };
        due.filter_map(row).collect()
    }
}

impl Database for Memory {
    fn load(
        &self,
        keys: &[Key],
        rows: &mut Rows,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        let inner = self.lock();
        keys.iter().for_each(|key| inner.load(*key, rows));
        ready(Ok(()))
    }

    fn commit(&self, unit: &Unit) -> impl Future<Output = Result<Committed, PortError>> + Send {
        ready(Ok(self.lock().commit(self.city, unit)))
    }

    fn take(
        &self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OutboxRow>, PortError>> + Send {
        ready(Ok(self.lock().take(now, lease, limit)))
    }

    fn ack(&self, done: &[OutboxId]) -> impl Future<Output = Result<(), PortError>> + Send {
        let mut inner = self.lock();
        for id in done {
            inner.outbox.remove(id);
        }
        ready(Ok(()))
    }

    fn due(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<TimerRow>, PortError>> + Send {
        ready(Ok(self.lock().due(now, limit)))
    }

    fn draw(
        &self,
        numbers: Numbers,
        count: u32,
    ) -> impl Future<Output = Result<u64, PortError>> + Send {
        let mut inner = self.lock();
        let next = inner.numbers.entry(numbers).or_default();
        let first = *next;
        *next += u64::from(count);
        ready(Ok(first))
    }

    fn journal(
        &self,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, PortError>> + Send {
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        ready(Ok(self.lock().journal.iter().skip(skipped).take(limit).copied().collect()))
    }
}
