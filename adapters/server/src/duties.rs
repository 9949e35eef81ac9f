//! What one server does for all who serve a world, and which world that is.
//!
//! Duties are leases in the database. A server that holds one works under its fence; whoever finds
//! a duty free takes it. So a server that dies is followed by another within [`LEASE`].

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::time::Millis;
use shell::{Duty, Fence, Serving};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::app::Shared;
use crate::backend::Backend;
use crate::run::Phase;

/// How long a duty stays with a server that does not say that it keeps it. 3 s, assumed, grade E:
/// many times what a stall of the database takes, and short beside the time a customer has to pay.
const LEASE: Millis = Millis::from_s(3);
/// How often a server says so, and looks for duties that are free.
const RENEW: Duration = Duration::from_millis(500);
/// How often it is looked whether a world was installed, or another.
const LOOK: Duration = Duration::from_millis(100);
/// How long giving duties back may take when a server stops.
const GIVE_BACK_LIMIT: Duration = Duration::from_secs(1);

/// The duties that this server has.
pub(crate) struct Duties {
    holder: u128,
    held: Mutex<BTreeMap<Duty, Fence>>,
}

impl Duties {
    pub(crate) fn new() -> Self {
        let half = || u128::from(RandomState::new().hash_one(0_u8));
        Self { holder: half() << 64 | half(), held: Mutex::default() }
    }

    /// The fence of a duty, if this server has it.
    pub(crate) fn fence(&self, duty: Duty) -> Option<Fence> {
        self.lock().get(&duty).copied()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Duty, Fence>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes every duty that is free, and keeps those that this server has. When the database
    /// does not answer, nothing changes: what is said under a fence is refused if another has it.
    pub(crate) async fn assume<D: Serving>(&self, database: &D) {
        self.assume_for(database, LEASE).await;
    }

    async fn assume_for<D: Serving>(&self, database: &D, lease: Millis) {
        for (duty, _) in Duty::ALL {
            if let Ok(fence) = database.assume(duty, self.holder, lease).await {
                let mut held = self.lock();
                match fence {
                    Some(fence) => held.insert(duty, fence),
                    None => held.remove(&duty),
                };
            }
        }
    }
}

/// Sees to it that this server serves the world that is installed, and has its share of duties,
/// until the server has stopped; then it gives them back.
pub(crate) async fn keep<B: Backend>(app: Shared<B>, mut phase: watch::Receiver<Phase>) {
    let mut assumed_at = Instant::now();
    while *phase.borrow() != Phase::Flushing {
        // A database that does not answer now is asked again.
        let _ = app.look().await;
        if assumed_at.elapsed() >= RENEW
            && let Some(world) = app.installed()
        {
            assumed_at = Instant::now();
            app.duties.assume(world.behind.database()).await;
        }
        let _ = timeout(LOOK, phase.wait_for(|phase| *phase == Phase::Flushing)).await;
    }
}

/// Lets others have this server's duties at once.
pub(crate) async fn give_back<B: Backend>(app: &Shared<B>) {
    if let Some(world) = app.installed() {
        let given = app.duties.assume_for(world.behind.database(), Millis::ZERO);
        // Otherwise they are free when their leases are over.
        let _ = timeout(GIVE_BACK_LIMIT, given).await;
    }
}
