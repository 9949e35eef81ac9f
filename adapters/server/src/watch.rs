//! Who watches what: one task looks at the rows that somebody watches, and tells what has changed.
//!
//! However many watch, each row is looked at once a round; and whichever replica changed it, it is
//! seen here. So what is committed reaches whoever watches within two rounds.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::dispatch::request::Status as Wait;
use domain::ids::{OrderId, RiderId, SkuId, StoreId, TripId};
use shell::{Key as RowKey, Read, Trip};
use tokio::sync::{Semaphore, watch};

use crate::app::{App, InWorld, Shared};
use crate::at_hand::free_units;
use crate::backend::Backend;
use crate::places;
use crate::problem::Problem;
use crate::routes::goods::SKUS_LIMIT;
use crate::run::Phase;
use crate::wire::customer::{OrderShown, Tracked};
use crate::wire::goods::FreeUnits;

/// Time between two rounds. A quarter of a second: who watches an order sees it within one second.
const ROUND: Duration = Duration::from_millis(250);
/// Sockets of those who track, at one replica. 12 000: ten thousand customers, and some to spare.
const SOCKETS_LIMIT: usize = 12_000;
/// Orders that are looked at together.
const ORDERS_AT_ONCE: usize = 200;
/// Orders and stores that may be watched at once at one replica.
const WATCHED_LIMIT: usize = 20_000;

/// Things of one kind that are watched, and what was seen of them last.
#[derive(Debug)]
pub(crate) struct Topic<K, V>(Mutex<BTreeMap<K, watch::Sender<Option<V>>>>);

impl<K, V> Default for Topic<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Ord + Debug, V: PartialEq> Topic<K, V> {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<K, watch::Sender<Option<V>>>> {
        // Maps stay maps wherever a panic stops who changes them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches something from now on.
    ///
    /// # Errors
    /// When too much is watched already.
    pub(crate) fn watch(&self, key: K) -> Result<watch::Receiver<Option<V>>, Problem> {
        let mut watched = self.lock();
        if let Some(sender) = watched.get(&key) {
            return Ok(sender.subscribe());
        }
        if watched.len() >= WATCHED_LIMIT {
            return Err(Problem::unavailable("too many watch at once"));
        }
        let (sender, receiver) = watch::channel(None);
        watched.insert(key, sender);
        Ok(receiver)
    }

    /// What is watched. Forgets what nobody watches any more.
    fn watched(&self) -> Vec<K> {
        let mut watched = self.lock();
        watched.retain(|_, sender| sender.receiver_count() > 0);
        watched.keys().copied().collect()
    }

    /// Tells what was seen, if it is something else than before and not what was before that.
    fn tell(&self, key: K, seen: V, follows: impl Fn(&V, &V) -> bool) {
        if let Some(sender) = self.lock().get(&key) {
            sender.send_if_modified(|last| {
                let is_new = last.as_ref().is_none_or(|last| *last != seen && follows(&seen, last));
                if is_new {
                    *last = Some(seen);
                }
                is_new
            });
        }
    }
}

/// Everything that is watched at this replica.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) orders: Topic<OrderId, Arc<Tracked>>,
    pub(crate) stores: Topic<StoreId, Arc<Vec<FreeUnits>>>,
    /// Sockets that may still be opened: once it is one, a connection is not counted any more.
    pub(crate) sockets: Arc<Semaphore>,
}

impl Default for Watched {
    fn default() -> Self {
        let sockets = Arc::new(Semaphore::new(SOCKETS_LIMIT));
        Self { orders: Topic::default(), stores: Topic::default(), sockets }
    }
}

/// Looks, until the server finishes.
pub(crate) async fn look<B: Backend>(app: Shared<B>, mut phase: watch::Receiver<Phase>) {
    loop {
        let stopped = phase.wait_for(|phase| *phase != Phase::Serving);
        if tokio::time::timeout(ROUND, stopped).await.is_ok() {
            break;
        }
        let Some(world) = app.installed() else { continue };
        // A look that fails for the database is followed by another.
        for some in app.watched.orders.watched().chunks(ORDERS_AT_ONCE) {
            let _ = orders(&app, &world, some).await;
        }
        let _ = stores(&app, &world).await;
    }
    // Ends with the relays: a background task that ends earlier is taken for a bug.
    let _ = phase.wait_for(|phase| *phase == Phase::Flushing).await;
}

/// Looks at orders and tells who watches them. Who begins to watch one need not wait for a round.
///
/// # Errors
/// When the database fails.
pub(crate) async fn orders<B: Backend>(
    app: &App<B>,
    world: &InWorld<B>,
    some: &[OrderId],
) -> Result<(), Problem> {
    let now = world.shell.orders(some).await?;
    let trips = now.values().filter_map(|row| match row.state.request.status {
        Wait::OnTrip(trip) => Some(RowKey::Trip(trip)),
        Wait::None | Wait::Waiting | Wait::Closed => None,
    });
    let trips = world.load(&trips.collect::<Vec<_>>()).await?;
    let rider = |trip: &Read<TripId, Trip>| (Wait::OnTrip(trip.key), trip.state().state.rider);
    let riders: Vec<_> = trips.trips.iter().map(rider).collect();
    let ids: Vec<RiderId> = riders.iter().map(|(_, rider)| *rider).collect();
    let places = places::of(app.backend.cache(), &ids).await;
    for (order, row) in now {
        let row = &row.state;
        let shown = OrderShown::of(order, row);
        let on_it = riders.iter().find(|(on, _)| *on == row.request.status);
        let place = on_it.and_then(|(_, rider)| places.get(rider).copied());
        let rider_place = place.map(Into::into);
        let seen = Arc::new(Tracked { order: shown, rider_place });
        // Two looks at a time may end the other way around.
        app.watched.orders.tell(order, seen, |now, last| now.order.is_since(&last.order));
    }
    Ok(())
}

async fn stores<B: Backend>(app: &App<B>, world: &InWorld<B>) -> Result<(), Problem> {
    let skus = world.catalogue.skus.len().min(SKUS_LIMIT);
    let skus: Vec<SkuId> = (0..skus).map(SkuId::at).collect();
    for store in app.watched.stores.watched() {
        let free = free_units(world, store, &skus).await?;
        app.watched.stores.tell(store, Arc::new(free), |_, _| true);
    }
    Ok(())
}
