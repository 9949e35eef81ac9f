//! Dispatch rounds, one after the other, for as long as the server takes requests and has that duty.

use std::sync::Arc;
use std::time::Duration;

use domain::time::Millis;
use shell::cache::keys;
use shell::{Cache, Database, Duty, ORDERS_LIMIT, Round, Rounds};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::app::{InWorld, Shared};
use crate::backend::Backend;
use crate::run::Phase;

/// No round is sooner after the last than this, however fast time goes: each reads all who wait and
/// all who could go.
const ROUND_FLOOR: Duration = Duration::from_millis(100);
/// How often a server without the duty looks what the last round saw, for what it promises
/// customers.
const LOOK_AT_ROUND: Duration = Duration::from_millis(500);
/// What a round saw says nothing when it is older.
const TTL: Millis = Millis::from_s(60);
/// How often it is looked whether a world was installed, or another.
const LOOK: Duration = Duration::from_millis(100);

/// Holds rounds until the server finishes.
pub(crate) async fn rounds<B: Backend>(app: Shared<B>, mut phase: watch::Receiver<Phase>) {
    loop {
        if let Some(world) = app.installed()
            && in_world(&app, &world, &mut phase).await
        {
            break;
        }
        if has_stopped(&mut phase, LOOK).await {
            break;
        }
    }
    // Ends with the relays: a background task that ends earlier is taken for a bug.
    let _ = phase.wait_for(|phase| *phase == Phase::Flushing).await;
}

/// Holds rounds in a world until there is another one, or the server finishes; whether it does.
async fn in_world<B: Backend>(
    app: &Shared<B>,
    world: &InWorld<B>,
    phase: &mut watch::Receiver<Phase>,
) -> bool {
    let business = &world.business;
    let stores = world.catalogue.sites.iter().map(|site| site.place).collect();
    let params = business.dispatch_params;
    let interval = Duration::from_millis(u64::from(params.round_interval.0)).max(ROUND_FLOOR);
    let (policy, legs) = (business.dispatch, business.rides);
    let mut rounds = Rounds::new(&world.behind, policy, params, legs, stores);
    while app.installed().is_some_and(|now| Arc::ptr_eq(&now, world)) {
        let pause = if let Some(fence) = app.duties.fence(Duty::Rounds) {
            // A round that fails for the database is followed by another.
            if let Ok(Round { waiting, riders, .. }) = rounds.hold(Some(fence)).await {
                world.note_round(waiting, riders);
                let counts = format!("{waiting} {riders}");
                let _ = app.backend.cache().put(keys::LAST_ROUND, counts.as_bytes(), TTL).await;
                app.heard.notify_one();
            }
            interval
        } else {
            // Without a cache that all servers share, it looks itself who waits.
            if let Some((waiting, riders)) = last_round(app.backend.cache()).await {
                world.note_round(waiting, riders);
            } else if let Ok(pool) = world.behind.database().pool(ORDERS_LIMIT).await {
                world.note_round(pool.waiting.len(), pool.riders.len());
            }
            LOOK_AT_ROUND
        };
        if has_stopped(phase, pause).await {
            return true;
        }
    }
    false
}

/// Waits for so long; whether the server stops taking requests meanwhile.
async fn has_stopped(phase: &mut watch::Receiver<Phase>, within: Duration) -> bool {
    timeout(within, phase.wait_for(|phase| *phase != Phase::Serving)).await.is_ok()
}

/// What the last round saw, if the cache remembers: orders that waited, and riders who could go.
async fn last_round(cache: &impl Cache) -> Option<(usize, usize)> {
    let counts = cache.get(keys::LAST_ROUND).await.ok()??;
    let (waiting, riders) = std::str::from_utf8(&counts).ok()?.split_once(' ')?;
    Some((waiting.parse().ok()?, riders.parse().ok()?))
}
