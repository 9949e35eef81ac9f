//! The ports: what a shell needs of a database, of providers, of people and of a clock.

use std::fmt;
use std::future::Future;

use domain::facts::Record;
use domain::ids::{OrderId, RiderId, StoreId};
use domain::outside::{Effect, Input};
use domain::payment::Word;
use domain::place::Place;
use domain::time::{Millis, Timestamp};

use crate::rows::{Key, Rows, Stamp};
use crate::unit::{Answer, Unit};

/// Why a port did not do what it was asked, or did not say whether it did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// It is not there.
    #[error("not available: {0}")]
    Down(String),
    /// No answer came in time. It may have happened all the same.
    #[error("no answer in time")]
    TimedOut,
}

/// What came of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// All of it is written.
    Done,
    /// A guarded row was written by somebody else since it was loaded. Nothing is written.
    Conflict,
    /// The input was heard before. Nothing is written now.
    Repeated {
        /// The digest of the words then.
        digest: u128,
        /// What was answered then.
        answer: Answer,
    },
    /// Another has assumed the duty under which it was said. Nothing is written.
    Fenced,
}

/// Numbers that a database counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Numbers {
    /// Orders.
    Orders,
    /// Trips.
    Trips,
    /// Postings in the books.
    Postings,
    /// Customers who made an account.
    Customers,
}

/// Names a row of the outbox. Later rows of one order or trip have higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxId(pub u64);

/// Something that was asked of the outside and is not known to have been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its name: the key under which it may be asked again.
    pub id: OutboxId,
    /// What is asked.
    pub effect: Effect,
}

/// How long rows that were given back are left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When they were taken once.
    pub first: Millis,
    /// At most: it is twice as long for each further time.
    pub most: Millis,
}

impl Pause {
    /// For a row that was taken so many times.
    #[must_use]
    pub fn after(self, taken: u32) -> Millis {
        let times = 1_u32.checked_shl(taken.saturating_sub(1)).unwrap_or(u32::MAX);
        Millis(self.first.0.saturating_mul(times)).min(self.most)
    }
}

/// Names a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimerId(pub u64);

/// A timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerRow {
    /// Its name: the key of the word that comes back.
    pub id: TimerId,
    /// When it rings.
    pub wake_at: Timestamp,
    /// The word that comes back.
    pub input: Input,
}

/// An order that waits for a rider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// Which.
    pub order: OrderId,
    /// Where it is picked up.
    pub store: StoreId,
    /// Where it goes.
    pub door: Place,
    /// Since when it waits.
    pub requested_at: Timestamp,
    /// When it is, or is expected to be, packed.
    pub ready_at: Timestamp,
    /// What the customer was promised.
    pub promise_by: Timestamp,
    /// How many riders said no.
    pub refusals: u8,
    /// The last of them.
    pub refused_by: Option<RiderId>,
}

/// A rider who is on duty and has no trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Free {
    /// Who.
    pub rider: RiderId,
    /// Where they were heard of last.
    pub place: Place,
}

/// Who waits and who could go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Orders that wait for a rider, those that began first first, then by id.
    pub waiting: Vec<Waits>,
    /// Riders who could take a trip, by id.
    pub riders: Vec<Free>,
}

/// Where the truth is.
///
/// Every method may fail with [`PortError::TimedOut`] although it was carried out. The module
/// `contract` (feature of the same name) checks all of what is said here.
pub trait Database: Send + Sync {
    /// Loads rows with their versions into `rows`, all as they were at one moment; blank rows at
    /// version zero for those that are not there.
    ///
    /// # Errors
    /// [`PortError`].
    fn load(
        &self,
        keys: &[Key],
        rows: &mut Rows,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Loads the rows of a unit of work, as [`Self::load`] does. A database may have others wait
    /// that are about to change the same shelves ([`Unit::shelves`]), until the unit is committed
    /// or dropped; for that it may hold something in it ([`Unit::held`]).
    ///
    /// # Errors
    /// [`PortError`].
    fn load_for(&self, unit: &mut Unit) -> impl Future<Output = Result<(), PortError>> + Send {
        self.load(&unit.keys, &mut unit.rows)
    }

    /// Which writing of orders stands now, one for each; blank for those that are not there.
    ///
    /// # Errors
    /// [`PortError`].
    fn stamps(
        &self,
        orders: &[OrderId],
    ) -> impl Future<Output = Result<Vec<Stamp>, PortError>> + Send;

    /// Writes a unit of work, all of it or nothing: changed rows, each at the next version and
    /// touched at the unit's time; facts in order; timers and outbox rows; the input's name with
    /// digest and answer. A name of [`crate::Source::Timer`] or [`crate::Source::Outbox`] takes
    /// that row off its list.
    ///
    /// That the input was heard before is found first, then that its speaker is fenced off
    /// ([`Unit::fence`]), then lost races: [`Committed::Conflict`] if any guarded row ([`Rows::guarded`]) has another version by now.
    ///
    /// # Errors
    /// [`PortError`].
    fn commit(&self, unit: &Unit) -> impl Future<Output = Result<Committed, PortError>> + Send;

    /// Takes outbox rows to carry out, the oldest first, at most `limit`, for as long as `lease`
    /// from `now`; after that they can be taken again. Rows of one order or trip come in order
    /// and are never with two takers at once.
    ///
    /// # Errors
    /// [`PortError`].
    fn take(
        &self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OutboxRow>, PortError>> + Send;

    /// Gives rows back that were taken until `lent_until` and could not be carried out: each can
    /// be taken again after a pause from `now`. Those that another has by now stay there.
    ///
    /// # Errors
    /// [`PortError`].
    fn give_back(
        &self,
        rows: &[OutboxId],
        lent_until: Timestamp,
        now: Timestamp,
        pause: Pause,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Takes rows out of the outbox: they were carried out.
    ///
    /// # Errors
    /// [`PortError`].
    fn ack(&self, done: &[OutboxId]) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Timers that ring by a time, the earliest first, at most `limit`. They stay until a unit of
    /// work with their name is committed, or they are crossed off.
    ///
    /// # Errors
    /// [`PortError`].
    fn due(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<TimerRow>, PortError>> + Send;

    /// Takes timers off the list: there is nothing left that they could ring for.
    ///
    /// # Errors
    /// [`PortError`].
    fn cross_off(&self, timers: &[TimerId]) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Draws so many numbers that nobody else gets; gives the first, the others follow it.
    ///
    /// # Errors
    /// [`PortError`].
    fn draw(
        &self,
        numbers: Numbers,
        count: u32,
    ) -> impl Future<Output = Result<u64, PortError>> + Send;

    /// The facts from the `after`-th on, at most `limit`, in an order in which every row's facts
    /// stand as they were committed.
    ///
    /// # Errors
    /// [`PortError`].
    fn journal(
        &self,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, PortError>> + Send;

    /// Who waits for a rider, at most `orders` of them, and who could go. A look, that nothing
    /// may hang on.
    ///
    /// # Errors
    /// [`PortError`].
    fn pool(&self, orders: usize) -> impl Future<Output = Result<Pool, PortError>> + Send;
}

impl<D: Database> Database for &D {
    fn load(
        &self,
        keys: &[Key],
        rows: &mut Rows,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        (**self).load(keys, rows)
    }

    fn load_for(&self, unit: &mut Unit) -> impl Future<Output = Result<(), PortError>> + Send {
        (**self).load_for(unit)
    }

    fn stamps(
        &self,
        orders: &[OrderId],
    ) -> impl Future<Output = Result<Vec<Stamp>, PortError>> + Send {
        (**self).stamps(orders)
    }

    fn commit(&self, unit: &Unit) -> impl Future<Output = Result<Committed, PortError>> + Send {
        (**self).commit(unit)
    }

    fn take(
        &self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OutboxRow>, PortError>> + Send {
        (**self).take(now, lease, limit)
    }

    fn give_back(
        &self,
        rows: &[OutboxId],
        lent_until: Timestamp,
        now: Timestamp,
        pause: Pause,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        (**self).give_back(rows, lent_until, now, pause)
    }

    fn ack(&self, done: &[OutboxId]) -> impl Future<Output = Result<(), PortError>> + Send {
        (**self).ack(done)
    }

    fn due(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<TimerRow>, PortError>> + Send {
        (**self).due(now, limit)
    }

    fn cross_off(&self, timers: &[TimerId]) -> impl Future<Output = Result<(), PortError>> + Send {
        (**self).cross_off(timers)
    }

    fn draw(
        &self,
        numbers: Numbers,
        count: u32,
    ) -> impl Future<Output = Result<u64, PortError>> + Send {
        (**self).draw(numbers, count)
    }

    fn journal(
        &self,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, PortError>> + Send {
        (**self).journal(after, limit)
    }

    fn pool(&self, orders: usize) -> impl Future<Output = Result<Pool, PortError>> + Send {
        (**self).pool(orders)
    }
}

/// The payment provider.
pub trait Provider: Send + Sync {
    /// Asks it something, under a key that makes a repeat harmless. It may answer at once; what
    /// it says later comes in as [`Input::Provider`].
    ///
    /// # Errors
    /// [`PortError`]: then it is asked again.
    fn ask(
        &self,
        key: OutboxId,
        order: OrderId,
        effect: &Effect,
    ) -> impl Future<Output = Result<Option<Word>, PortError>> + Send;
}

/// Customers, pickers and riders: whoever hears what to do on a screen of theirs.
pub trait People: fmt::Debug + Send + Sync {
    /// Tells them what was committed just now ([`Effect::is_hint`]), at once or never: who is not
    /// told sees the same when they look. What they do about it comes in as words.
    fn tell(&self, hint: &Effect);
}

/// A clock.
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;
}
