//! Databases that a server can make a world in.

use std::future::{Future, ready};

use domain::facts::Record;
use domain::ids::{CityId, SkuId, StoreId};
use domain::stock::Slot;
use shell::{Database, Memory, PortError};

/// Makes databases that hold a world before anything has happened in it.
pub trait Backend: Send + Sync + 'static {
    /// The database.
    type Database: Database + 'static;

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
#[derive(Clone, Copy, Debug, Default)]
pub struct InMemory;

impl Backend for InMemory {
    type Database = Memory;

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
