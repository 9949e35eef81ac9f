//! The rows a unit of work reads and changes, each with the version it was read at.
//!
//! One row is one aggregate's state, typed, so that a backend can give every part of it a column
//! of its own. A row that is not there reads as blank at version zero; writing it makes it.

use domain::dispatch::request;
use domain::ids::{CustomerId, OrderId, RiderId, SkuId, StoreId, TripId};
use domain::ledger::Wallet;
use domain::money::{Bps, Paise};
use domain::order::Line;
use domain::picking::Floor;
use domain::place::Place;
use domain::pricing::{Fees, quote, surge};
use domain::stock::{Hold, Slot};
use domain::store::Ops;
use domain::time::Timestamp;
use domain::{delivery, payment, picking, rider, saga};

/// How many commits have written a row; zero for a row that is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64);

impl Version {
    /// The version after one more write.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What tells one writing of a row from every other. After a crash that loses what was committed
/// last, a version may come again; the time does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// How many commits have written it.
    pub version: Version,
    /// When it was written last.
    pub touched_at: Timestamp,
}

/// A state as a database keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row<R> {
    /// How many commits have written it.
    pub version: Version,
    /// When it was written last. No later unit of work that reads it is told an earlier time, so
    /// what happened to a row is in order of time whatever the clocks of two machines say.
    pub touched_at: Timestamp,
    /// The state.
    pub state: R,
}

impl<R> Row<R> {
    /// Which writing it is.
    #[must_use]
    pub const fn stamp(&self) -> Stamp {
        Stamp { version: self.version, touched_at: self.touched_at }
    }
}

/// One line of a cart or an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// What.
    pub sku: SkuId,
    /// How many are wanted.
    pub units: u32,
    /// Of those, how many are held and neither picked nor released.
    pub held_units: u32,
    /// How many are in the bag.
    pub picked_units: u32,
    /// What one unit sells for in this city, tax included.
    pub price: Paise,
    /// Maximum retail price of one unit, tax included.
    pub mrp: Paise,
    /// What one unit costs on the quote, tax included.
    pub unit_price: Paise,
    /// Rate of goods and services tax.
    pub gst: Bps,
}

impl OrderLine {
    /// What was ordered.
    #[must_use]
    pub const fn ordered(&self) -> Line {
        Line { sku: self.sku, units: self.units }
    }

    /// What is held.
    #[must_use]
    pub const fn held(&self) -> Line {
        Line { sku: self.sku, units: self.held_units }
    }
}

/// An order with everything that belongs to it alone: from the cart that is quoted to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The stage, and what must be undone.
    pub saga: saga::State,
    /// Its money.
    pub payment: payment::State,
    /// Its pick list.
    pub task: picking::State,
    /// Its wait for a rider.
    pub request: request::State,
    /// What it holds.
    pub hold: Hold,
    /// The end that was last asked for its hold.
    pub hold_until: Timestamp,
    /// Its quote.
    pub quote: quote::State,
    /// The fees of the quote.
    pub fees: Fees,
    /// What the customer was promised.
    pub promise_by: Timestamp,
    /// The store that fulfils it.
    pub store: StoreId,
    /// Who ordered.
    pub customer: CustomerId,
    /// The arrival's own name.
    pub client_ref: u64,
    /// Where it goes.
    pub door: Place,
    /// When a rider was asked for.
    pub requested_at: Timestamp,
    /// When the bag is expected to be packed; once it is, when it was.
    pub ready_at: Timestamp,
    /// The rider who refused it last.
    pub refused_by: Option<RiderId>,
    /// Its lines, in the order of the cart.
    pub lines: Vec<OrderLine>,
}

impl Default for Order {
    /// A cart with nothing in it.
    fn default() -> Self {
        Self {
            saga: saga::State::NEW,
            payment: payment::State::NEW,
            task: picking::State::default(),
            request: request::State::default(),
            hold: Hold::Never,
            hold_until: Timestamp(0),
            quote: quote::State::Blank,
            fees: Fees::default(),
            promise_by: Timestamp(0),
            store: StoreId(0),
            customer: CustomerId(0),
            client_ref: 0,
            door: Place::default(),
            requested_at: Timestamp(0),
            ready_at: Timestamp(0),
            refused_by: None,
            lines: Vec::new(),
        }
    }
}

impl Order {
    /// Whether it waits for a rider.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.request.status == request::Status::Waiting
    }
}

/// A store's door to orders, and its surge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreDoor {
    /// What the door does with new orders.
    pub ops: Ops,
    /// The multiplier that quotes are made with.
    pub surge: Bps,
    /// Since when.
    pub surge_since: Timestamp,
}

impl Default for StoreDoor {
    /// Open, at 1.00×.
    fn default() -> Self {
        Self { ops: Ops::default(), surge: Bps::ONE, surge_since: Timestamp(0) }
    }
}

impl StoreDoor {
    pub(crate) const fn surge_of(&self, store: StoreId) -> surge::State {
        surge::State { store, surge: self.surge, since: self.surge_since }
    }
}

/// A rider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rider {
    /// Whether they are at work, and on which trip.
    pub state: rider::State,
    /// Their shift is over and they leave when their trip is.
    pub leaving: bool,
    /// Where they were heard of last.
    pub place: Place,
}

/// A trip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trip {
    /// Where it stands.
    pub state: delivery::State,
    /// The rider could answer its offer until then.
    pub offered_until: Timestamp,
}

/// A row that a step needs and that is not loaded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing;

/// A row as a unit of work has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<K, R> {
    /// Whose row.
    pub key: K,
    /// As it was loaded.
    pub loaded: Row<R>,
    /// As the step leaves it; none if the step does not touch it.
    now: Option<R>,
    /// Whether what was decided hangs on it.
    guarded: bool,
    /// Whether a fact tells what it was, so that it is written although it stays the same.
    told: bool,
}

impl<K, R: PartialEq> Read<K, R> {
    /// The state to be written; none if the row stays as it was loaded.
    ///
    /// A row that a fact tells of is written even if it stays the same: its new time keeps others
    /// from telling of it at an earlier one.
    #[must_use]
    pub fn changed(&self) -> Option<&R> {
        let is_same = self.now.as_ref().is_none_or(|now| *now == self.loaded.state);
        (self.told || !is_same).then(|| self.state())
    }

    /// The state as the step leaves it.
    #[must_use]
    pub fn state(&self) -> &R {
        self.now.as_ref().unwrap_or(&self.loaded.state)
    }

    /// Whether the commit must fail if the row's version is another by then.
    #[must_use]
    pub const fn is_guarded(&self) -> bool {
        self.guarded
    }
}

/// The rows of one kind that a unit of work has loaded: few, so they are looked through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<K, R>(Vec<Read<K, R>>);

impl<K, R> Default for Table<K, R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + PartialEq, R: Clone + PartialEq> Table<K, R> {
    /// Puts a row in as it was loaded, in the place of what was known of it.
    pub fn put(&mut self, key: K, loaded: Row<R>) {
        self.0.retain(|read| read.key != key);
        self.0.push(Read { key, loaded, now: None, guarded: false, told: false });
    }

    /// The rows, in the order they were loaded in.
    pub fn iter(&self) -> impl Iterator<Item = &Read<K, R>> {
        self.0.iter()
    }

    /// Whether a row is loaded.
    #[must_use]
    pub fn has(&self, key: K) -> bool {
        self.0.iter().any(|read| read.key == key)
    }

    /// A state that is looked at and that nothing hangs on.
    pub(crate) fn peek(&self, key: K) -> Option<&R> {
        let read = self.0.iter().find(|read| read.key == key)?;
        Some(read.state())
    }

    pub(crate) fn get(&mut self, key: K) -> Option<&R> {
        let read = self.0.iter_mut().find(|read| read.key == key)?;
        read.guarded = true;
        Some(read.state())
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut R> {
        let read = self.0.iter_mut().find(|read| read.key == key)?;
        read.guarded = true;
        Some(read.now.get_or_insert_with(|| read.loaded.state.clone()))
    }

    /// Notes that a fact tells what a row was.
    pub(crate) fn tell_of(&mut self, key: K) {
        if let Some(read) = self.0.iter_mut().find(|read| read.key == key) {
            (read.guarded, read.told) = (true, true);
        }
    }

    fn reset(&mut self) {
        for read in &mut self.0 {
            (read.now, read.guarded, read.told) = (None, false, false);
        }
    }

    fn touched_at(&self) -> Timestamp {
        self.0.iter().map(|read| read.loaded.touched_at).max().unwrap_or_default()
    }
}

/// Lists the kinds of rows once: their tables, and the keys that name them.
macro_rules! rows {
    ($($(#[$doc:meta])* $table:ident: $Kind:ident($Key:ty) => $State:ty,)*) => {
        /// Names a row.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Key { $($(#[$doc])* $Kind($Key),)* }

        /// The rows that a unit of work has loaded.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Rows { $($(#[$doc])* pub $table: Table<$Key, $State>,)* }

        impl Rows {
            /// Whether a row is loaded.
            #[must_use]
            pub fn has(&self, key: Key) -> bool {
                match key { $(Key::$Kind(key) => self.$table.has(key),)* }
            }

            /// Forgets what a step did, and keeps what was loaded.
            pub(crate) fn reset(&mut self) {
                $(self.$table.reset();)*
            }

            /// Whether any row is to be written.
            pub(crate) fn are_changed(&self) -> bool {
                $(self.$table.iter().any(|read| read.changed().is_some()) ||)* false
            }

            /// When the latest of the rows was written.
            pub(crate) fn touched_at(&self) -> Timestamp {
                let latest = Timestamp::default();
                $(let latest = latest.max(self.$table.touched_at());)*
                latest
            }

            /// The rows that what was decided hangs on, and which of them are to be written.
            pub fn guarded(&self) -> impl Iterator<Item = (Key, Version, bool)> {
                let none = std::iter::empty();
                $(let none = none.chain(self.$table.iter().filter(|read| read.guarded).map(|read| {
                    (Key::$Kind(read.key), read.loaded.version, read.changed().is_some())
                }));)*
                none
            }
        }
    };
}

rows! {
    /// An order, or the cart that may become one.
    orders: Order(OrderId) => Order,
    /// The units of one SKU at one store.
    slots: Slot((StoreId, SkuId)) => Slot,
    /// A store's door and surge.
    doors: Door(StoreId) => StoreDoor,
    /// A store's floor: pick lists that wait, and pickers.
    floors: Floor(StoreId) => Floor,
    /// A rider.
    riders: Rider(RiderId) => Rider,
    /// A trip.
    trips: Trip(TripId) => Trip,
    /// A customer's wallet.
    wallets: Wallet(CustomerId) => Wallet,
}
