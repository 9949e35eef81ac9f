//! A database that loses races on purpose.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::shell::{
    Committed, Database, Key, Numbers, OutboxId, OutboxRow, Pause, Pool, PortError, Rows, Stamp,
    TimerId, TimerRow, Unit,
};
use domain::facts::Record;
use domain::ids::OrderId;
use domain::time::{Millis, Timestamp};

/// A database whose every so many-th commit loses a race.
pub(crate) struct Racing<'a, D> {
    database: &'a D,
    tries: AtomicU64,
}

/// Every commit with this number, counted from one, is lost.
pub(crate) const LOSES: u64 = 7;

impl<'a, D> Racing<'a, D> {
    pub(crate) const fn new(database: &'a D) -> Self {
        Self { database, tries: AtomicU64::new(0) }
    }
}

impl<D: Database> Database for Racing<'_, D> {
    fn load(
        &self,
        keys: &[Key],
        rows: &mut Rows,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        self.database.load(keys, rows)
    }

    fn load_for(&self, unit: &mut Unit) -> impl Future<Output = Result<(), PortError>> + Send {
        self.database.load_for(unit)
    }

    fn stamps(
        &self,
        orders: &[OrderId],
    ) -> impl Future<Output = Result<Vec<Stamp>, PortError>> + Send {
        self.database.stamps(orders)
    }

    async fn commit(&self, unit: &Unit) -> Result<Committed, PortError> {
        if (self.tries.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(LOSES) {
            return Ok(Committed::Conflict);
        }
        self.database.commit(unit).await
    }

    fn take(
        &self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OutboxRow>, PortError>> + Send {
        self.database.take(now, lease, limit)
    }

    async fn give_back(
        &self,
        rows: &[OutboxId],
        lent_until: Timestamp,
        now: Timestamp,
        pause: Pause,
    ) -> Result<(), PortError> {
        self.database.give_back(rows, lent_until, now, pause).await
    }

    fn ack(&self, done: &[OutboxId]) -> impl Future<Output = Result<(), PortError>> + Send {
        self.database.ack(done)
    }

    fn due(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<TimerRow>, PortError>> + Send {
        self.database.due(now, limit)
    }

    fn cross_off(&self, timers: &[TimerId]) -> impl Future<Output = Result<(), PortError>> + Send {
        self.database.cross_off(timers)
    }

    fn draw(
        &self,
        numbers: Numbers,
        count: u32,
    ) -> impl Future<Output = Result<u64, PortError>> + Send {
        self.database.draw(numbers, count)
    }

    fn journal(
        &self,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, PortError>> + Send {
        self.database.journal(after, limit)
    }

    fn pool(&self, orders: usize) -> impl Future<Output = Result<Pool, PortError>> + Send {
        self.database.pool(orders)
    }
}
