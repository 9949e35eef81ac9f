//! Stores that a server can serve a world from.

use std::future::{Future, ready};
use std::sync::{Mutex, PoisonError};

use backends::postgres::OpenError;
use backends::redis::BadAddress;
use backends::{Locking, Options, Postgres, Redis, World};
use domain::facts::Record;
use domain::ids::{CityId, SkuId, StoreId};
use domain::stock::Slot;
use shell::cache::keys;
use shell::clock::WallClock;
use shell::log::Cursors;
use shell::{Accounts, Cache, Guarded, Memory, MemoryCache, PortError, Serving};

/// A world as it is before anything has happened in it.
#[derive(Clone, Copy, Debug)]
pub struct NewWorld<'a> {
    /// Its city.
    pub city: CityId,
    /// Rules, SKUs, stores and people, a JSON object each.
    pub documents: &'a [String],
    /// What is on shelves.
    pub slots: &'a [((StoreId, SkuId), Slot)],
    /// The facts that open its journal.
    pub opening: &'a [Record],
}

/// A world that is installed.
#[derive(Clone, Debug)]
pub struct Opened<D> {
    /// Its number: the next one has a higher.
    pub number: u64,
    /// Its documents, as they were given.
    pub documents: Vec<String>,
    /// Its database. When another world is installed, nothing is committed to it any more.
    pub database: D,
    /// The same database for duties: however many requests wait for it, timers ring in time.
    pub behind: D,
}

/// Where a world is kept, for one server or for several.
pub trait Backend: Send + Sync + 'static {
    /// The database.
    type Database: Serving + Accounts + Cursors + 'static;
    /// What is kept at hand beside it.
    type Cache: Cache + 'static;

    /// What is kept at hand beside the database, never to be trusted more than rows.
    fn cache(&self) -> &Self::Cache;

    /// Installs a world in the place of the one there is, of which nothing is left; whether it
    /// did: a world that has an order stays.
    ///
    /// # Errors
    /// [`PortError`]: then nothing is changed, or it is not known whether it is.
    fn install(&self, world: NewWorld<'_>) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// The number of the world that is installed, if one is.
    ///
    /// # Errors
    /// [`PortError`].
    fn number(&self) -> impl Future<Output = Result<Option<u64>, PortError>> + Send;

    /// The world that is installed, if one is.
    ///
    /// # Errors
    /// [`PortError`].
    fn open(
        &self,
    ) -> impl Future<Output = Result<Option<Opened<Self::Database>>, PortError>> + Send;
}

/// Keeps everything in this process's memory; gone when it ends.
#[derive(Debug)]
pub struct InMemory {
    cache: MemoryCache<WallClock>,
    world: Mutex<Option<Opened<Memory>>>,
}

impl Default for InMemory {
    fn default() -> Self {
        Self { cache: MemoryCache::new(WallClock), world: Mutex::default() }
    }
}

impl Backend for InMemory {
    type Database = Memory;
    type Cache = MemoryCache<WallClock>;

    fn cache(&self) -> &Self::Cache {
        &self.cache
    }

    fn install(&self, new: NewWorld<'_>) -> impl Future<Output = Result<bool, PortError>> + Send {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        if world.as_ref().is_some_and(|world| !world.database.close_unless_ordered()) {
            return ready(Ok(false));
        }
        let database = Memory::new(new.city);
        database.install(new.slots, new.opening);
        let number = world.as_ref().map_or(0, |world| world.number) + 1;
        let (documents, behind) = (new.documents.to_vec(), database.clone());
        *world = Some(Opened { number, documents, database, behind });
        ready(Ok(true))
    }

    fn number(&self) -> impl Future<Output = Result<Option<u64>, PortError>> + Send {
        let world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        ready(Ok(world.as_ref().map(|world| world.number)))
    }

    fn open(&self) -> impl Future<Output = Result<Option<Opened<Memory>>, PortError>> + Send {
        ready(Ok(self.world.lock().unwrap_or_else(PoisonError::into_inner).clone()))
    }
}

/// Keeps everything in PostgreSQL, from which any number of servers serve.
pub struct OverPostgres<C> {
    postgres: Postgres,
    /// For duties.
    behind: Postgres,
    cache: C,
}

/// Connections for duties. 4: two a processor core, beside those of requests.
const CONNECTIONS_BEHIND: usize = 4;

/// Why a server cannot serve from where it was told to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Not from that PostgreSQL database.
    #[error("cannot use --postgres")]
    Postgres(#[from] OpenError),
    /// Not with that Redis database.
    #[error("cannot use --redis")]
    Redis(#[from] BadAddress),
}

impl OverPostgres<MemoryCache<WallClock>> {
    /// Over a database, whose tables are made or brought up to date, with a cache in memory.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(url: &str, locking: Locking) -> Result<Self, ConnectError> {
        Self::over(url, MemoryCache::new(WallClock), locking).await
    }
}

impl OverPostgres<Guarded<Redis, WallClock>> {
    /// The same with a cache in Redis that all servers share. If that does not answer, each has a
    /// cache in memory until it does.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn with_redis(
        url: &str,
        redis: &str,
        locking: Locking,
    ) -> Result<Self, ConnectError> {
        let redis = Redis::at(redis)?;
        if let Err(error) = redis.get(keys::WORLD).await {
            tracing::warn!(%error, "Redis does not answer: served without it until it does");
        }
        Self::over(url, Guarded::new(redis, WallClock), locking).await
    }
}

impl<C> OverPostgres<C> {
    async fn over(url: &str, cache: C, locking: Locking) -> Result<Self, ConnectError> {
        let options = Options { locking, ..Options::default() };
        // The city comes with the world.
        let postgres = Postgres::connect(url, CityId(0), options).await?;
        let behind = postgres.apart(CONNECTIONS_BEHIND)?;
        Ok(Self { postgres, behind, cache })
    }
}

impl<C: Cache + 'static> Backend for OverPostgres<C> {
    type Database = Postgres;
    type Cache = C;

    fn cache(&self) -> &Self::Cache {
        &self.cache
    }

    async fn install(&self, new: NewWorld<'_>) -> Result<bool, PortError> {
        let database = self.postgres.of_city(new.city);
        let installed = database.install(new.documents, new.slots, new.opening).await?;
        Ok(installed.is_some())
    }

    async fn number(&self) -> Result<Option<u64>, PortError> {
        Ok(self.postgres.world().await?.map(|world| world.number))
    }

    async fn open(&self) -> Result<Option<Opened<Postgres>>, PortError> {
        let found = self.postgres.documents().await?;
        Ok(found.map(|(world, documents): (World, _)| {
            let (database, behind) = (self.postgres.of_world(world), self.behind.of_world(world));
            Opened { number: world.number, documents, database, behind }
        }))
    }
}
