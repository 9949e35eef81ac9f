//! Background work: what waits in the outbox is carried out, timers ring.

use std::time::Duration;

use shell::{Duty, PortError, Relay};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::app::Shared;
use crate::backend::Backend;
use crate::run::Phase;

/// Relays side by side: a provider that is slow for one batch does not hold up the others.
pub(crate) const RELAYS: usize = 4;
/// How long a relay that found nothing waits before it looks again. Timers ring this late.
const IDLE: Duration = Duration::from_millis(20);
/// How long it waits when the database failed.
const AFTER_FAILURE: Duration = Duration::from_millis(200);

/// Relays until the server has stopped and nothing is left that can be carried out.
pub(crate) async fn relay<B: Backend>(
    app: Shared<B>,
    rings: bool,
    mut phase: watch::Receiver<Phase>,
) {
    loop {
        let is_last = *phase.borrow_and_update() == Phase::Flushing;
        match turn(&app, rings && !is_last).await {
            Ok(true) => {}
            Ok(false) if is_last => return,
            // Either somebody was heard meanwhile or the time is over: both mean to look again.
            Ok(false) => drop(timeout(IDLE, app.heard.notified()).await),
            Err(_) if is_last => return,
            Err(_) => sleep(AFTER_FAILURE).await,
        }
    }
}

/// One turn; whether anything was done.
async fn turn<B: Backend>(app: &Shared<B>, rings: bool) -> Result<bool, PortError> {
    let Some(world) = app.installed() else { return Ok(false) };
    let relay = |fence| Relay::new(&world.shell, &app.provider, &app.pushes).under(fence);
    let mut done = 0;
    if let Some(fence) = app.duties.fence(Duty::Outbox) {
        done += relay(fence).run_outbox().await?.done;
    }
    if rings && let Some(fence) = app.duties.fence(Duty::Timers) {
        done += relay(fence).run_timers().await?.done;
    }
    Ok(done > 0)
}
