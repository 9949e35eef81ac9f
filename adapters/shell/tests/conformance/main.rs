//! Both worlds agree: the tape of a simulated run, played through the shell, gives the same words,
//! facts, effects, states and stock, although every seventh commit loses a race.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for a few of many")]

mod played;
mod replay;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use dastak_shell::{
    Committed, Database, Key, Memory, Numbers, OutboxId, OutboxRow, Path, Pool, PortError, Rows,
    TimerRow, Unit,
};
use domain::facts::Record;
use domain::ids::CityId;
use domain::time::{Millis, Timestamp};

/// A database whose every so many-th commit loses a race.
struct Racing<'a> {
    memory: &'a Memory,
    tries: AtomicU64,
    lost: AtomicU64,
}

/// Every commit with this number, counted from one, is lost.
const LOSES: u64 = 7;

impl Database for Racing<'_> {
    fn load(
        &self,
        keys: &[Key],
        rows: &mut Rows,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        self.memory.load(keys, rows)
    }

    async fn commit(&self, unit: &Unit) -> Result<Committed, PortError> {
        if (self.tries.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(LOSES) {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return Ok(Committed::Conflict);
        }
        self.memory.commit(unit).await
    }

    fn take(
        &self,
        now: Timestamp,
        lease: Millis,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OutboxRow>, PortError>> + Send {
        self.memory.take(now, lease, limit)
    }

    fn ack(&self, done: &[OutboxId]) -> impl Future<Output = Result<(), PortError>> + Send {
        self.memory.ack(done)
    }

    fn due(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<TimerRow>, PortError>> + Send {
        self.memory.due(now, limit)
    }

    fn draw(
        &self,
        numbers: Numbers,
        count: u32,
    ) -> impl Future<Output = Result<u64, PortError>> + Send {
        self.memory.draw(numbers, count)
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

/// Runs what never waits.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("memory never waits"),
    }
}

/// Plays a run, replays it, and compares; gives how many units of work and lost races there were.
fn check(played: &played::Played, path: Path) -> (u64, u64) {
    let memory = Memory::new(CityId(0));
    memory.install(&played.shelves(), played.opening());
    let racing = Racing { memory: &memory, tries: AtomicU64::new(0), lost: AtomicU64::new(0) };
    at_once(replay::replay(played, racing, path, &memory))
}

#[test]
fn a_hostile_run_is_the_same_in_both_worlds() {
    let played = played::hostile(sim::services::Setup {
        // Slow, so that customers run for the same last units.
        inventory: played::slow(20),
        ..sim::services::Setup::default()
    });
    played.has_everything();
    let (units, lost) = check(&played, Path::Apart);
    assert!(units >= 2_000 && lost >= units / LOSES, "{units} units, {lost} lost races");
}

/// Services that take no time leave nothing between the steps, so one commit can carry them.
#[test]
fn one_commit_carries_what_instant_services_do() {
    let played = played::hostile(sim::services::Setup::instant());
    let (units, _) = check(&played, Path::Together);
    assert!(units >= 2_000, "{units} units");
}
