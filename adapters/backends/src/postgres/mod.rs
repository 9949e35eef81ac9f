//! PostgreSQL as the shell's database: one database for one city.
//!
//! A unit of work is loaded in one snapshot and committed in one transaction, and each is sent in
//! one go: one round trip, however many rows. Guarded rows are locked in the order of their keys
//! and compared with the versions they were loaded at; a statement that finds another version
//! fails, and with it everything behind it. Nothing here decides anything. Shelves may be locked
//! beforehand ([`Locking`]).
//!
//! Several databases of one server do not bear on each other.

mod accounts;
mod cells;
mod commit;
mod cursors;
mod lists;
mod load;
mod locked;
mod serving;
mod session;
mod statements;
mod tables;
mod together;
mod wire;
mod write;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Object, PoolError};
use domain::facts::Record;
use domain::ids::{CityId, OrderId};
use domain::time::{Millis, Timestamp};
use shell::{
    Committed, Database, Key, Numbers, OutboxId, OutboxRow, Pause, Pool, PortError, Rows, Stamp,
    TimerId, TimerRow, Unit,
};

use commit::Job;
use lists::Page;
use load::Wanted;
use locked::Locked;
pub use locked::Locking;
pub use serving::World;
use session::{Ended, Opener, Outcome, Session};
use shell::mutant::{self, Mutant};
use together::Line;
use tokio::sync::Semaphore;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is none, or the server refused.
    #[error("PostgreSQL cannot be used")]
    Server(#[from] tokio_postgres::Error),
    /// The tables could not be made or brought up to date.
    #[error("the tables could not be made")]
    Migration(#[from] refinery::Error),
    /// The connections could not be set up.
    #[error("no pool of connections: {0}")]
    Pool(String),
}

/// How a database is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Connections at most. 8: beyond four a processor core they wait for each other.
    pub connections: usize,
    /// How long to wait for a free connection before [`PortError::Down`]. 1 s.
    pub wait: Duration,
    /// How long to wait for an answer before [`PortError::TimedOut`]. 5 s.
    pub answer: Duration,
    /// Whether a commit is on disk before it is answered. Without, what was committed in the last
    /// moments before a crash is lost, all of it from some commit on.
    pub durable: bool,
    /// How buyers of the same units keep out of each other's way. By version.
    pub locking: Locking,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 8,
            wait: Duration::from_secs(1),
            answer: Duration::from_secs(5),
            durable: true,
            locking: Locking::Version,
        }
    }
}

/// A PostgreSQL database, for one city. It is used within a tokio runtime.
pub struct Postgres {
    world: World,
    shared: Arc<Shared>,
    /// Where pages of the journal ended that were read not long ago, the latest last.
    pages: Mutex<Vec<Page>>,
}

/// What serves every world of a database.
struct Shared {
    connections: managed::Pool<Opener>,
    options: Options,
    /// Room for units of work that have shelves locked, if they lock them.
    places: Option<Arc<Semaphore>>,
    jobs: Line<Job>,
    reads: Line<Wanted>,
    round_trips: AtomicU64,
}

/// Of so many connections one is a lane for units of work, and one for what is read for them. With two
/// lanes instead of one, units of work lost twice as many races and took half as long again, on two
/// cores.
const LANES_SHARE: usize = 8;

impl Shared {
    fn new(opener: Opener, options: Options) -> Result<Self, OpenError> {
        let places = locked::places(&options)?;
        let connections = managed::Pool::builder(opener)
            .max_size(options.connections)
            .wait_timeout(Some(options.wait))
            .create_timeout(Some(options.wait))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| OpenError::Pool(error.to_string()))?;
        let lanes = (options.connections / LANES_SHARE).max(1);
        let (jobs, reads) = (Line::new(lanes), Line::new(lanes));
        Ok(Self { connections, options, places, jobs, reads, round_trips: AtomicU64::new(0) })
    }

    async fn session(&self) -> Result<Object<Opener>, PortError> {
        self.connections.get().await.map_err(|error| match &error {
            PoolError::Timeout(_) => PortError::Down("no free connection".to_owned()),
            PoolError::Backend(error) => PortError::Down(error.to_string()),
            PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                PortError::Down(error.to_string())
            }
        })
    }

    /// Sends statements together and awaits what comes of them.
    async fn run(&self, batch: session::Batch) -> Result<Outcome, PortError> {
        let mut session = self.session().await?;
        let ran = self.run_on(&mut session, batch).await;
        Self::keep(session, ran)
    }

    /// Sends several batches together, each a transaction by itself, and awaits what comes of each.
    async fn run_each(&self, batches: Vec<session::Batch>) -> Result<Vec<Outcome>, PortError> {
        let mut session = self.session().await?;
        let ran = self.answered_in_time(session.run_each(batches)).await.and_then(|ran| ran);
        Self::keep(session, ran)
    }

    async fn run_on(
        &self,
        session: &mut Session,
        batch: session::Batch,
    ) -> Result<Outcome, PortError> {
        self.answered_in_time(session.run(batch)).await
    }

    async fn answered_in_time<T>(&self, answer: impl Future<Output = T>) -> Result<T, PortError> {
        self.round_trips.fetch_add(1, Ordering::Relaxed);
        tokio::time::timeout(self.options.answer, answer).await.map_err(|_| PortError::TimedOut)
    }

    /// Gives a connection back, if it is known what it is at: if not, nobody else shall have it.
    fn keep<T>(session: Object<Opener>, ran: Result<T, PortError>) -> Result<T, PortError> {
        if ran.is_err() {
            drop(Object::take(session));
        }
        ran
    }
}

/// The number of whoever commits to whichever world is installed.
const ANY_WORLD: u64 = 0;

impl Postgres {
    /// Opens a database, and makes its tables or brings them up to date.
    ///
    /// `url` is a connection string, `postgres://user@host:port/database` or
    /// `host=/socket/folder user=… dbname=…`. There is no TLS: the server is reached over
    /// loopback, a socket, or a network that can be trusted.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn connect(url: &str, city: CityId, options: Options) -> Result<Self, OpenError> {
        let opener = Opener::new(url, &options)?;
        opener.migrate().await?;
        let shared = Arc::new(Shared::new(opener, options)?);
        let world = World { number: ANY_WORLD, city };
        Ok(Self { world, shared, pages: Mutex::default() })
    }

    /// The same database over connections of its own: who uses the others does not wait for who
    /// uses these.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn apart(&self, connections: usize) -> Result<Self, OpenError> {
        let opener = self.shared.connections.manager().clone();
        let options = Options { connections, ..self.shared.options };
        let shared = Arc::new(Shared::new(opener, options)?);
        Ok(Self { world: self.world, shared, pages: Mutex::default() })
    }

    /// The same database over the same connections, for a city.
    #[must_use]
    pub fn of_city(&self, city: CityId) -> Self {
        self.of_world(World { number: ANY_WORLD, city })
    }

    /// The same database over the same connections, for one world: when another is installed, its
    /// commits fail.
    #[must_use]
    pub fn of_world(&self, world: World) -> Self {
        Self { world, shared: Arc::clone(&self.shared), pages: Mutex::default() }
    }

    const fn city(&self) -> CityId {
        self.world.city
    }

    /// How often something was sent to the server and its answer awaited.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.shared.round_trips.load(Ordering::Relaxed)
    }

    /// Sends statements together and awaits what comes of them.
    async fn run(&self, batch: session::Batch) -> Result<Outcome, PortError> {
        self.shared.run(batch).await
    }
}

impl Database for Postgres {
    async fn load(&self, keys: &[Key], rows: &mut Rows) -> Result<(), PortError> {
        let is_known = |key: &Key| match key {
            Key::Order(order) if rows.orders.has(*order) => Some(*order),
            Key::Order(_)
            | Key::Slot(_)
            | Key::Door(_)
            | Key::Floor(_)
            | Key::Rider(_)
            | Key::Trip(_)
            | Key::Wallet(_) => None,
        };
        let known: Vec<OrderId> = keys.iter().filter_map(is_known).collect();
        let found = self.shared.together(Wanted::of(keys, &known)).await?;
        if !found.put(keys, &known, rows) {
            self.shared.together(Wanted::of(keys, &[])).await?.put(keys, &[], rows);
        }
        Ok(())
    }

    fn stamps(
        &self,
        orders: &[OrderId],
    ) -> impl Future<Output = Result<Vec<Stamp>, PortError>> + Send {
        self.stamps_of(orders)
    }

    async fn load_for(&self, unit: &mut Unit) -> Result<(), PortError> {
        match &self.shared.places {
            Some(places) if unit.shelves().next().is_some() => self.load_locked(unit, places).await,
            _ => self.load(&unit.keys, &mut unit.rows).await,
        }
    }

    async fn commit(&self, unit: &Unit) -> Result<Committed, PortError> {
        let ended = match unit.held.take::<Locked>() {
            Some(locked) => self.commit_locked(unit, locked).await?,
            None => self.shared.together(Job { world: self.world, unit: unit.clone() }).await?,
        };
        match ended {
            Ended::Done => Ok(Committed::Done),
            Ended::Repeat => self.answered(unit.key).await,
            Ended::Fenced => Ok(Committed::Fenced),
            Ended::LostRace => {
                if mutant::is(Mutant::PublishesEarly) {
                    self.run(commit::facts(self.city(), unit)).await?.rows()?;
                }
                Ok(Committed::Conflict)
            }
        }
    }

    fn take(
        &self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OutboxRow>, PortError>> + Send {
        self.lend(now, lease, limit)
    }

    fn give_back(
        &self,
        rows: &[OutboxId],
        lent_until: Timestamp,
        now: Timestamp,
        pause: Pause,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        self.hand_back(rows, lent_until, now, pause)
    }

    fn ack(&self, done: &[OutboxId]) -> impl Future<Output = Result<(), PortError>> + Send {
        self.take_out(done)
    }

    fn due(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<TimerRow>, PortError>> + Send {
        self.ringing(now, limit)
    }

    fn cross_off(&self, timers: &[TimerId]) -> impl Future<Output = Result<(), PortError>> + Send {
        self.silence(timers)
    }

    fn draw(
        &self,
        numbers: Numbers,
        count: u32,
    ) -> impl Future<Output = Result<u64, PortError>> + Send {
        self.next_numbers(numbers, count)
    }

    fn journal(
        &self,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, PortError>> + Send {
        self.page(after, limit)
    }

    fn pool(&self, orders: usize) -> impl Future<Output = Result<Pool, PortError>> + Send {
        self.who_waits(orders)
    }
}
