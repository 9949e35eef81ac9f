//! Databases that a server can make a world in.

use std::future::{Future, ready};

use domain::facts::Record;
use domain::ids::{CityId, SkuId, StoreId};
use domain::stock::Slot;
use shell::clock::WallClock;
use shell::{Cache, Database, Memory, MemoryCache, PortError};

/// Makes databases that hold a world before anything has happened in it.
pub trait Backend: Send + Sync + 'static {
    /// The database.
    type Database: Database + 'static;
    /// What is kept at hand beside it.
    type Cache: Cache + 'static;

    /// What is kept at hand beside the database, never to be trusted more than rows.
    fn cache(&self) -> &Self::Cache;

    /// A database with a city's shelves and the facts that open its journal, and nothing else:
    /// what a world installed earlier left there is gone.
    ///
    /// # Errors
    /// [`PortError`]: then nothing is changed, or it is not known whether it is.
    fn install(
        &self,
        city: CityId,
        slots: &[((StoreId, SkuId), Slot)],
        opening: &[Record],
    ) -> impl Future<Output = Result<Self::Database, PortError>> + Send;
}

/// Keeps everything in this process's memory; gone when it ends.
#[derive(Debug)]
pub struct InMemory {
    cache: MemoryCache<WallClock>,
}

impl Default for InMemory {
    fn default() -> Self {
        Self { cache: MemoryCache::new(WallClock) }
    }
}

impl Backend for InMemory {
    type Database = Memory;
    type Cache = MemoryCache<WallClock>;

    fn cache(&self) -> &Self::Cache {
        &self.cache
    }

    fn install(
        &self,
        city: CityId,
        slots: &[((StoreId, SkuId), Slot)],
        opening: &[Record],
    ) -> impl Future<Output = Result<Memory, PortError>> + Send {
        let memory = Memory::new(city);
        memory.install(slots, opening);
        ready(Ok(memory))
    }
}
