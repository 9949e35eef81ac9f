//! A database in this process's memory: for first contact, for tests, and as the plainest
//! implementation of what a database must do.
//!
//! Its journal and its processed inputs grow with every commit; nothing is ever forgotten.

mod cursors;

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::facts::Record;
use domain::ids::{CityId, CustomerId, OrderId, RiderId, SkuId, StoreId, TripId};
use domain::ledger::Wallet;
use domain::order::Stage;
use domain::outside::{Effect, Input};
use domain::picking::{Floor, Status};
use domain::stock::Slot;
use domain::time::{Millis, Timestamp};

use crate::accounts::MemoryAccounts;
use crate::clock::WallClock;
use crate::log::{Note, Progress, Spot};
use crate::mutant::{self, Mutant};
use crate::ports::{
    Clock, Committed, Database, Free, Numbers, OutboxId, OutboxRow, Pause, Pool, PortError,
    TimerId, TimerRow, Waits,
};
use crate::rows::{Key, Order, Rider, Row, Rows, Stamp, StoreDoor, Table, Trip, Version};
use crate::serving::{Duty, Fence, Serving};
use crate::unit::{Answer, InputKey, Source, Unit};

/// A table as it is kept: rows by their keys.
type Kept<K, R> = BTreeMap<K, Row<R>>;

/// An outbox row, until when it is lent to a taker, and how often it was.
#[derive(Clone, Copy, Debug)]
struct Lent {
    effect: Effect,
    until: Timestamp,
    taken: u32,
}

/// What a database does wrong; nothing, but for tests of the tests.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flaw of its own")]
struct Flaws {
    drops_guard: bool,
    forgets_names: bool,
    forgets_timers: bool,
    takes_out_of_order: bool,
}

impl Flaws {
    #[cfg(not(feature = "mutants"))]
    const NONE: Self = Self {
        drops_guard: false,
        forgets_names: false,
        forgets_timers: false,
        takes_out_of_order: false,
    };
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
    leases: BTreeMap<Duty, Lease>,
    progress: BTreeMap<Spot, Progress>,
    notes: BTreeMap<(OrderId, u64), Note>,
    is_closed: bool,
}

/// Who has a duty, under which version and until when.
#[derive(Clone, Copy, Debug)]
struct Lease {
    holder: u128,
    version: u64,
    until: Timestamp,
}

/// A bug that a database in memory can be given, to see that tests find it.
#[cfg(feature = "mutants")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Rows are written whatever their versions are by then.
    DropsGuard,
    /// Inputs' names are not noted.
    ForgetsNames,
    /// Timers are not written.
    ForgetsTimers,
    /// Outbox rows are handed out although earlier ones of their subject are with somebody.
    TakesOutOfOrder,
}

/// The clock of a database, which leases run by.
#[derive(Clone)]
struct Hands(Arc<dyn Clock>);

impl std::fmt::Debug for Hands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Hands").field(&self.0.now()).finish()
    }
}

/// A database in memory, for one city. Clones are the same database.
#[derive(Clone, Debug)]
pub struct Memory {
    city: CityId,
    #[cfg(feature = "mutants")]
    bug: Option<Bug>,
    pub(crate) accounts: Arc<MemoryAccounts>,
    hands: Hands,
    inner: Arc<Mutex<Inner>>,
}

impl Memory {
    /// An empty database.
    #[must_use]
    pub fn new(city: CityId) -> Self {
        Self {
            city,
            #[cfg(feature = "mutants")]
            bug: None,
            accounts: Arc::default(),
            hands: Hands(Arc::new(WallClock)),
            inner: Arc::default(),
        }
    }

    /// An empty database whose leases run by a clock.
    #[must_use]
    pub fn with_clock(city: CityId, clock: impl Clock + 'static) -> Self {
        Self { hands: Hands(Arc::new(clock)), ..Self::new(city) }
    }

    /// An empty database with a bug.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn with_bug(city: CityId, bug: Bug) -> Self {
        Self { bug: Some(bug), ..Self::new(city) }
    }

    #[cfg(feature = "mutants")]
    fn flaws(&self) -> Flaws {
        Flaws {
            drops_guard: self.bug == Some(Bug::DropsGuard) || mutant::is(Mutant::DropsGuard),
            forgets_names: self.bug == Some(Bug::ForgetsNames),
            forgets_timers: self.bug == Some(Bug::ForgetsTimers)
                || mutant::is(Mutant::ForgetsTimers),
            takes_out_of_order: self.bug == Some(Bug::TakesOutOfOrder),
        }
    }

    #[cfg(not(feature = "mutants"))]
    #[expect(clippy::unused_self, reason = "a database with bugs looks at itself")]
    const fn flaws(&self) -> Flaws {
        Flaws::NONE
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

    /// Takes no more commits, unless there is an order; whether it does not.
    pub fn close_unless_ordered(&self) -> bool {
        let mut inner = self.lock();
        let is_order = |row: &Row<Order>| row.state.saga.stage != Stage::Draft;
        inner.is_closed |= !inner.orders.values().any(is_order);
        inner.is_closed
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

    /// A trip, if there is one.
    #[must_use]
    pub fn trip(&self, trip: TripId) -> Option<Trip> {
        self.lock().trips.get(&trip).map(|row| row.state)
    }

    /// The facts, in the order they were committed.
    #[must_use]
    pub fn facts(&self) -> Vec<Record> {
        self.lock().journal.clone()
    }

    /// What is in the outbox, the oldest first, lent or not.
    #[must_use]
    pub fn outbox(&self) -> Vec<OutboxRow> {
        let row = |(id, lent): (&OutboxId, &Lent)| OutboxRow { id: *id, effect: lent.effect };
        self.lock().outbox.iter().map(row).collect()
    }

    /// When the next timer rings, if there is one.
    #[must_use]
    pub fn next_timer(&self) -> Option<Timestamp> {
        self.lock().by_time.first().map(|(wake_at, _)| *wake_at)
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

    fn commit(&mut self, city: CityId, unit: &Unit, flaws: Flaws) -> Committed {
        if let Some(&(digest, answer)) = self.heard.get(&unit.key) {
            return Committed::Repeated { digest, answer };
        }
        if self.is_fenced(unit.fence) {
            return Committed::Fenced;
        }
        let has_lost = |(key, version, _)| self.version(key) != version;
        if !flaws.drops_guard && unit.rows.guarded().any(has_lost) {
            if mutant::is(Mutant::PublishesEarly) {
                self.tell(city, unit);
            }
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
        if !flaws.forgets_names {
            self.heard.insert(unit.key, (unit.digest, unit.answer));
        }
        self.tell(city, unit);
        if !flaws.forgets_timers {
            self.wind_up(unit);
        }
        self.take_off(unit.key);
        self.commits += 1;
        Committed::Done
    }

    /// Whether another has the duty by now.
    fn is_fenced(&self, fence: Option<Fence>) -> bool {
        let has = |fence: Fence| self.leases.get(&fence.duty).map(|lease| lease.version);
        fence.is_some_and(|fence| has(fence) != Some(fence.version))
    }

    fn tell(&mut self, city: CityId, unit: &Unit) {
        for fact in &unit.told.facts {
            let seq = self.journal.len() as u64;
            self.journal.push(Record { at: unit.now, city, seq, fact: *fact });
        }
        for effect in unit.told.asked() {
            let lent = Lent { effect: *effect, until: Timestamp(0), taken: 0 };
            self.outbox.insert(OutboxId(self.outbox_made), lent);
            self.outbox_made += 1;
        }
    }

    fn wind_up(&mut self, unit: &Unit) {
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
            Source::Timer => self.cross_off(TimerId(number)),
            Source::Outbox => {
                self.outbox.remove(&OutboxId(number));
            }
            Source::Client | Source::Provider | Source::Platform => {}
        }
    }

    fn cross_off(&mut self, timer: TimerId) {
        if let Some((wake_at, _)) = self.timers.remove(&timer) {
            self.by_time.remove(&(wake_at, timer));
        }
    }

    fn take(
        &mut self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
        flaws: Flaws,
    ) -> Vec<OutboxRow> {
        let mut taken = Vec::new();
        let mut with_others = BTreeSet::new();
        for (id, lent) in &mut self.outbox {
            let subject = lent.effect.subject();
            let waits = with_others.contains(&subject) && !flaws.takes_out_of_order;
            if lent.until > now || waits {
                with_others.insert(subject);
            } else if taken.len() < limit {
                (lent.until, lent.taken) = (now + lease, lent.taken + 1);
                taken.push(OutboxRow { id: *id, effect: lent.effect });
            }
        }
        taken
    }

    fn pool(&self, orders: usize) -> Pool {
        let waits = |(id, row): (&OrderId, &Row<Order>)| Waits {
            order: *id,
            store: row.state.store,
            door: row.state.door,
            requested_at: row.state.requested_at,
            ready_at: row.state.ready_at,
            promise_by: row.state.promise_by,
            refusals: row.state.request.refusals,
            refused_by: row.state.refused_by,
        };
        let waiting = self.orders.iter().filter(|(_, row)| row.state.is_waiting());
        let mut waiting: Vec<Waits> = waiting.map(waits).collect();
        waiting.sort_by_key(|waits| (waits.requested_at, waits.order));
        waiting.truncate(orders);
        let idle = self.riders.iter().filter(|(_, row)| row.state.state.is_idle());
        let riders = idle.map(|(id, row)| Free { rider: *id, place: row.state.place });
        Pool { waiting, riders: riders.collect() }
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

    fn stamps(
        &self,
        orders: &[OrderId],
    ) -> impl Future<Output = Result<Vec<Stamp>, PortError>> + Send {
        let inner = self.lock();
        let stamp = |order| inner.orders.get(order).map(Row::stamp).unwrap_or_default();
        ready(Ok(orders.iter().map(stamp).collect()))
    }

    fn commit(&self, unit: &Unit) -> impl Future<Output = Result<Committed, PortError>> + Send {
        let mut inner = self.lock();
        if inner.is_closed {
            return ready(Err(PortError::Down("another world was installed".to_owned())));
        }
        ready(Ok(inner.commit(self.city, unit, self.flaws())))
    }

    fn take(
        &self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OutboxRow>, PortError>> + Send {
        ready(Ok(self.lock().take(now, lease, limit, self.flaws())))
    }

    fn give_back(
        &self,
        rows: &[OutboxId],
        lent_until: Timestamp,
        now: Timestamp,
        pause: Pause,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        let mut inner = self.lock();
        for id in rows {
            if let Some(lent) = inner.outbox.get_mut(id).filter(|lent| lent.until == lent_until) {
                lent.until = now + pause.after(lent.taken);
            }
        }
        ready(Ok(()))
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

    fn cross_off(&self, timers: &[TimerId]) -> impl Future<Output = Result<(), PortError>> + Send {
        let mut inner = self.lock();
        timers.iter().for_each(|timer| inner.cross_off(*timer));
        ready(Ok(()))
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

    fn pool(&self, orders: usize) -> impl Future<Output = Result<Pool, PortError>> + Send {
        ready(Ok(self.lock().pool(orders)))
    }
}

impl Serving for Memory {
    fn assume(
        &self,
        duty: Duty,
        holder: u128,
        lease: Millis,
    ) -> impl Future<Output = Result<Option<Fence>, PortError>> + Send {
        let (now, mut inner) = (self.hands.0.now(), self.lock());
        let last = inner.leases.get(&duty).copied();
        let last = last.unwrap_or(Lease { holder: 0, version: 0, until: Timestamp(0) });
        let is_own = last.holder == holder && last.version > 0;
        if !is_own && last.until > now {
            return ready(Ok(None));
        }
        let version = if is_own { last.version } else { last.version + 1 };
        inner.leases.insert(duty, Lease { holder, version, until: now + lease });
        if !is_own && duty == Duty::Outbox {
            inner.outbox.values_mut().for_each(|lent| lent.until = Timestamp(0));
        }
        ready(Ok(Some(Fence { duty, version })))
    }

    fn under_way(
        &self,
        store: StoreId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OrderId>, PortError>> + Send {
        let is_so = |row: &Row<Order>| {
            let status = row.state.task.status;
            row.state.store == store
                && matches!(
                    status,
                    Status::Collecting(_) | Status::Packing(_) | Status::PuttingBack(_)
                )
        };
        let inner = self.lock();
        let found = inner.orders.iter().filter(|(_, row)| is_so(row)).map(|(order, _)| *order);
        ready(Ok(found.take(limit).collect()))
    }
}
