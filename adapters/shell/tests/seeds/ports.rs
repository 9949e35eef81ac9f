//! Ports that fail: races are lost, answers lost before and after the deed, calls stall.

use std::future::Future;
use std::sync::Arc;

use dastak_shell::{
    Clock, Committed, Database, Key, Memory, Numbers, OutboxId, OutboxRow, Pause, Pool, PortError,
    Rows, Stamp, TimerId, TimerRow, Unit,
};
use domain::facts::Record;
use domain::ids::OrderId;
use domain::time::{Millis, Timestamp};

use crate::core::Core;
use crate::people::Crowd;

/// One call that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strike {
    /// Which, counted from one over both replicas.
    pub(crate) call: u64,
    /// Whether it is carried out all the same.
    pub(crate) is_done: bool,
}

/// How often what goes wrong, in a thousand times, until it heals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Storm {
    pub(crate) lost_races: u32,
    pub(crate) refused: u32,
    pub(crate) lost_answers: u32,
    pub(crate) stalls: u32,
    pub(crate) crashes: u32,
    pub(crate) repeats: u32,
    pub(crate) heals_at: Timestamp,
    pub(crate) strike: Option<Strike>,
}

impl Storm {
    /// A storm of its own for each seed; some seeds have calm weather and races alone.
    pub(crate) fn draw(core: &Core) -> Self {
        let often = || [0, 5, 30, 120][core.below(4) as usize];
        Self {
            lost_races: often(),
            refused: often(),
            lost_answers: often(),
            stalls: often(),
            crashes: often(),
            repeats: often(),
            heals_at: Timestamp::from_s(u64::from(60 + core.below(1_200))),
            strike: None,
        }
    }

    /// Fair weather, but for one call.
    pub(crate) fn calm_but_for(strike: Strike) -> Self {
        Self {
            lost_races: 0,
            refused: 0,
            lost_answers: 0,
            stalls: 0,
            crashes: 0,
            repeats: 0,
            heals_at: Timestamp(0),
            strike: Some(strike),
        }
    }

    pub(crate) fn rages(&self, core: &Core) -> bool {
        core.now() < self.heals_at
    }
}

/// A database over a line that fails.
pub(crate) struct Faulty {
    pub(crate) core: Arc<Core>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) crowd: Arc<Crowd>,
    pub(crate) storm: Storm,
}

impl Faulty {
    /// Goes out; gives the number of the call.
    async fn go(&self) -> Result<u64, PortError> {
        let (core, storm) = (&self.core, &self.storm);
        let call = core.next_call();
        if storm.strike == Some(Strike { call, is_done: false }) {
            return Err(PortError::Down("struck".into()));
        }
        let rages = storm.rages(core);
        let stalls = rages && core.happens(storm.stalls);
        core.sleep(if stalls { core.below(40_000) } else { core.below(4) }).await;
        if rages && core.happens(storm.refused) {
            return Err(PortError::Down("the line is cut".into()));
        }
        Ok(call)
    }

    async fn come_back(&self, call: u64) -> Result<(), PortError> {
        if self.storm.strike == Some(Strike { call, is_done: true }) {
            return Err(PortError::TimedOut);
        }
        self.core.sleep(self.core.below(3)).await;
        if self.storm.rages(&self.core) && self.core.happens(self.storm.lost_answers) {
            return Err(PortError::TimedOut);
        }
        Ok(())
    }
}

impl Database for Faulty {
    async fn load(&self, keys: &[Key], rows: &mut Rows) -> Result<(), PortError> {
        let call = self.go().await?;
        self.memory.load(keys, rows).await?;
        self.come_back(call).await
    }

    fn stamps(
        &self,
        orders: &[OrderId],
    ) -> impl Future<Output = Result<Vec<Stamp>, PortError>> + Send {
        self.memory.stamps(orders)
    }

    async fn commit(&self, unit: &Unit) -> Result<Committed, PortError> {
        let call = self.go().await?;
        if self.storm.rages(&self.core) && self.core.happens(self.storm.lost_races) {
            return Ok(Committed::Conflict);
        }
        let committed = self.memory.commit(unit).await?;
        if committed == Committed::Done {
            self.crowd.see(&unit.told);
        }
        self.core.wake_idle();
        self.come_back(call).await?;
        Ok(committed)
    }

    async fn take(
        &self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, PortError> {
        let call = self.go().await?;
        let rows = self.memory.take(now, lease, limit).await?;
        self.come_back(call).await?;
        Ok(rows)
    }

    async fn give_back(
        &self,
        rows: &[OutboxId],
        lent_until: Timestamp,
        now: Timestamp,
        pause: Pause,
    ) -> Result<(), PortError> {
        let call = self.go().await?;
        self.memory.give_back(rows, lent_until, now, pause).await?;
        self.come_back(call).await
    }

    async fn ack(&self, done: &[OutboxId]) -> Result<(), PortError> {
        let call = self.go().await?;
        self.memory.ack(done).await?;
        self.come_back(call).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<TimerRow>, PortError> {
        let call = self.go().await?;
        let rows = self.memory.due(now, limit).await?;
        self.come_back(call).await?;
        Ok(rows)
    }

    async fn cross_off(&self, timers: &[TimerId]) -> Result<(), PortError> {
        let call = self.go().await?;
        self.memory.cross_off(timers).await?;
        self.come_back(call).await
    }

    async fn draw(&self, numbers: Numbers, count: u32) -> Result<u64, PortError> {
        let call = self.go().await?;
        let first = self.memory.draw(numbers, count).await?;
        self.come_back(call).await?;
        Ok(first)
    }

    fn journal(
        &self,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Record>, PortError>> + Send {
        self.memory.journal(after, limit)
    }

    fn pool(&self, orders: usize) -> impl Future<Output = Result<Pool, PortError>> + Send {
        self.memory.pool(orders)
    }
}

/// A machine's clock, some way off.
pub(crate) struct Off {
    pub(crate) core: Arc<Core>,
    pub(crate) ahead_us: u64,
}

impl Clock for Off {
    fn now(&self) -> Timestamp {
        Timestamp(self.core.now().0 + self.ahead_us)
    }
}
