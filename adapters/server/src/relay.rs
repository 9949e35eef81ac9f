//! Background work: what waits in the outbox is carried out, timers ring.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ids::OrderId;
use domain::outside::Effect;
use domain::payment::Word;
use shell::{CHAINS_LIMIT, Chain, Duty, Fence, OutboxId, PortError, Provider, Relay};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::app::{InWorld, Shared};
use crate::backend::Backend;
use crate::run::Phase;

/// Chains at once, those included that wait for the provider. 256, assumed, grade E: a provider
/// that hangs for ten seconds then holds up payments alone.
const UNDER_WAY_LIMIT: usize = 256;
/// How long whoever found nothing waits before looking again. Timers ring this late.
const IDLE: Duration = Duration::from_millis(20);
/// How long it waits for more to come before it looks: each look costs a transaction.
const GATHER: Duration = Duration::from_millis(5);
/// How long it waits when the database failed.
const AFTER_FAILURE: Duration = Duration::from_millis(200);

/// Relays until the server has stopped and nothing is left that can be carried out now. No chain
/// waits for another.
pub(crate) async fn relay<B: Backend>(app: Shared<B>, phase: watch::Receiver<Phase>) {
    let desk = Arc::new(Semaphore::new(CHAINS_LIMIT));
    let mut under_way = JoinSet::new();
    loop {
        let is_last = *phase.borrow() == Phase::Flushing;
        match hand_out(&app, &desk, &mut under_way).await {
            Ok(0) if is_last && under_way.is_empty() => return,
            Ok(_) => {}
            Err(_) if is_last => return,
            Err(_) => sleep(AFTER_FAILURE).await,
        }
        // Somebody was heard meanwhile, a chain has ended, or the time is over: all mean to look.
        tokio::select! {
            () = app.heard.notified() => {}
            Some(_) = under_way.join_next() => {}
            () = sleep(IDLE) => {}
        }
        sleep(GATHER).await;
        while under_way.try_join_next().is_some() {}
    }
}

/// Takes as many rows as there is room for, and has their chains followed. How many chains.
async fn hand_out<B: Backend>(
    app: &Shared<B>,
    desk: &Arc<Semaphore>,
    under_way: &mut JoinSet<()>,
) -> Result<usize, PortError> {
    let ground = app.installed().zip(app.duties.fence(Duty::Outbox));
    let room = desk.available_permits().min(UNDER_WAY_LIMIT.saturating_sub(under_way.len()));
    let Some((world, fence)) = ground.filter(|_| room > 0) else { return Ok(0) };
    let chains = Relay::new(&world.behind, &app.provider).take(room).await?;
    let count = chains.len();
    for chain in chains {
        under_way.spawn(follow(app.clone(), world.clone(), fence, Arc::clone(desk), chain));
    }
    Ok(count)
}

/// Follows a chain from a place at the desk.
async fn follow<B: Backend>(
    app: Shared<B>,
    world: InWorld<B>,
    fence: Fence,
    desk: Arc<Semaphore>,
    chain: Chain,
) {
    let Ok(place) = desk.acquire().await else { return };
    let place = Mutex::new(Some(place));
    let provider = Elsewhere { provider: &app.provider, desk: &desk, place };
    Relay::new(&world.behind, provider).under(fence).follow(&chain).await;
}

/// Whoever waits for the provider leaves the desk to others meanwhile.
struct Elsewhere<'a, P> {
    provider: P,
    desk: &'a Semaphore,
    place: Mutex<Option<SemaphorePermit<'a>>>,
}

impl<'a, P> Elsewhere<'a, P> {
    fn sit(&self, place: Option<SemaphorePermit<'a>>) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }
}

impl<P: Provider> Provider for Elsewhere<'_, P> {
    async fn ask(
        &self,
        key: OutboxId,
        order: OrderId,
        effect: &Effect,
    ) -> Result<Option<Word>, PortError> {
        self.sit(None);
        let answer = self.provider.ask(key, order, effect).await;
        self.sit(self.desk.acquire().await.ok());
        answer
    }
}

/// Rings timers until the server stops.
pub(crate) async fn ring<B: Backend>(app: Shared<B>, mut phase: watch::Receiver<Phase>) {
    while *phase.borrow() != Phase::Flushing {
        let pause = match ring_once(&app).await {
            Ok(true) => continue,
            Ok(false) => IDLE,
            Err(_) => AFTER_FAILURE,
        };
        let _ = timeout(pause, phase.wait_for(|phase| *phase == Phase::Flushing)).await;
    }
}

/// Rings what is due; whether anything was.
async fn ring_once<B: Backend>(app: &Shared<B>) -> Result<bool, PortError> {
    let ground = app.installed().zip(app.duties.fence(Duty::Timers));
    let Some((world, fence)) = ground else { return Ok(false) };
    let relay = Relay::new(&world.behind, &app.provider).under(fence);
    Ok(relay.run_timers().await?.done > 0)
}
