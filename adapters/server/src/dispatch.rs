//! Dispatch rounds, one after the other, for as long as the server takes requests and has that duty.

use std::sync::Arc;
use std::time::Duration;

use shell::{Database, Duty, ORDERS_LIMIT, Round, Rounds};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::app::{InWorld, Shared};
use crate::backend::Backend;
use crate::run::Phase;

/// No round is sooner after the last than this, however fast time goes: each reads all who wait and
/// all who could go.
const ROUND_FLOOR: Duration = Duration::from_millis(100);
/// How often a server without the duty looks who waits, for what it promises customers.
const LOOK_AT_POOL: Duration = Duration::from_millis(500);
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
    let mut rounds = Rounds::new(&world.shell, policy, params, legs, stores);
    while app.installed().is_some_and(|now| Arc::ptr_eq(&now, world)) {
        let pause = if let Some(fence) = app.duties.fence(Duty::Rounds) {
            // A round that fails for the database is followed by another.
            if let Ok(Round { waiting, riders, .. }) = rounds.hold(Some(fence)).await {
                world.note_round(waiting, riders);
                app.heard.notify_one();
            }
            interval
        } else {
            if let Ok(pool) = world.shell.database().pool(ORDERS_LIMIT).await {
                world.note_round(pool.waiting.len(), pool.riders.len());
            }
            LOOK_AT_POOL
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
