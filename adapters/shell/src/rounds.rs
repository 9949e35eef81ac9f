//! Dispatch rounds: who waits, who could go, and the offers that a policy makes of it.
//!
//! A round only looks: the pool is no more than a hint. Each offer is a unit of work of its own,
//! and is refused if its order no longer waits or its rider is no longer free. So two that hold
//! rounds side by side are in each other's way and do no harm.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::dispatch::{
    self, Assignment, Candidate, Edge, Edges, Legs, Params, Policy, Scratch, View, Waiting,
};
use domain::ids::{StoreId, TripId};
use domain::outside::Input;
use domain::place::Place;
use domain::time::Timestamp;

use crate::join::{Side, together};
use crate::ports::{Clock, Database, Free, Numbers, Pool, Waits};
use crate::relay::CHAINS_LIMIT;
use crate::serving::Fence;
use crate::shell::{Shell, ShellError};
use crate::unit::{Answer, InputKey, Source};

/// Orders that a round looks at, at most: those that have waited longest. Far more than are due at
/// once in a city whose riders keep up.
pub const ORDERS_LIMIT: usize = 1_000;

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Orders that waited.
    pub waiting: usize,
    /// Riders who could go.
    pub riders: usize,
    /// Offers that were made.
    pub offered: usize,
    /// Offers that came too late: the order or the rider was taken meanwhile.
    pub refused: usize,
}

/// Holds rounds.
#[derive(Debug)]
pub struct Rounds<'a, D, C, L> {
    shell: &'a Shell<D, C>,
    policy: Policy,
    params: Params,
    legs: L,
    /// Where stores are.
    stores: Vec<Place>,
    waiting: Vec<Waiting>,
    riders: Vec<Candidate>,
    rows: Vec<(u32, u32)>,
    edges: Vec<Edge>,
    /// The riders nearest to each store at which somebody waits, nearest first.
    near: BTreeMap<StoreId, Vec<Edge>>,
    scratch: Scratch,
    chosen: Vec<Assignment>,
}

impl<'a, D: Database, C: Clock, L: Legs> Rounds<'a, D, C, L> {
    /// Rounds over a city whose stores are at these places, by their ids.
    pub fn new(
        shell: &'a Shell<D, C>,
        policy: Policy,
        params: Params,
        legs: L,
        stores: Vec<Place>,
    ) -> Self {
        Self {
            shell,
            policy,
            params,
            legs,
            stores,
            waiting: Vec::new(),
            riders: Vec::new(),
            rows: Vec::new(),
            edges: Vec::new(),
            near: BTreeMap::new(),
            scratch: Scratch::default(),
            chosen: Vec::new(),
        }
    }

    /// Holds a round and makes its offers side by side, under a duty if there is one.
    ///
    /// # Errors
    /// [`ShellError`] when a port fails; offers made before stand.
    pub async fn hold(&mut self, fence: Option<Fence>) -> Result<Round, ShellError> {
        let database = self.shell.database();
        let pool = database.pool(ORDERS_LIMIT).await?;
        self.choose(self.shell.clock().now(), &pool);
        let round =
            Round { waiting: self.waiting.len(), riders: self.riders.len(), ..Round::default() };
        let made = self.chosen.iter().filter_map(|assignment| match *assignment {
            Assignment { rider, orders: [Some(first), second], .. } => {
                Some((rider, first, second.unwrap_or(first)))
            }
            Assignment { orders: [None, _], .. } => None,
        });
        let made: Vec<_> = made.collect();
        let Ok(count) = u32::try_from(made.len()) else { return Ok(round) };
        if count == 0 {
            return Ok(round);
        }
        let number = database.draw(Numbers::Trips, count).await?;
        let trips =
            (number..).map(|number| TripId::at(usize::try_from(number).unwrap_or(usize::MAX)));
        let (round, failure) = (Mutex::new(round), Mutex::new(None));
        let shell = self.shell;
        let offers = trips.zip(&made).map(|(trip, &(rider, first, second))| -> Side<'_> {
            let (round, failure) = (&round, &failure);
            Box::pin(async move {
                let key = InputKey::of_bytes(Source::Platform, format!("offer {trip}").as_bytes());
                let offer = Input::Offer { trip, rider, first, second };
                let heard = shell.hear_under(fence, key, &[offer]).await;
                let mut round = round.lock().unwrap_or_else(PoisonError::into_inner);
                match heard.map(|heard| heard.answer) {
                    Ok(Answer::Heard) => round.offered += 1,
                    Ok(Answer::Refused(_) | Answer::NotYet) => round.refused += 1,
                    Err(error) => {
                        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    }
                }
            })
        });
        together(offers.collect(), CHAINS_LIMIT).await;
        let failure = failure.into_inner().unwrap_or_else(PoisonError::into_inner);
        failure.map_or(Ok(round.into_inner().unwrap_or_else(PoisonError::into_inner)), Err)
    }

    fn choose(&mut self, now: Timestamp, pool: &Pool) {
        self.waiting.clear();
        self.riders.clear();
        self.rows.clear();
        self.edges.clear();
        self.near.clear();
        self.chosen.clear();
        self.riders.extend(pool.riders.iter().map(|&Free { rider, place }| Candidate {
            rider,
            place,
            free_at: now,
            // Whose shift is over is not in the pool; when the others' ends is for their screens.
            off_at: Timestamp(u64::MAX),
            home: StoreId(0),
        }));
        for waits in &pool.waiting {
            self.list(now, pool, waits);
        }
        let Self { waiting, riders, rows, edges, legs, scratch, chosen, .. } = self;
        let view = View { now, waiting, riders, edges: Edges { rows, edges }, legs };
        dispatch::choose(self.policy, &view, &self.params, scratch, chosen);
    }

    /// Lists an order and the riders nearest to its store, but for the one who refused it.
    fn list(&mut self, now: Timestamp, pool: &Pool, waits: &Waits) {
        let Waits { order, store, door, requested_at, ready_at, promise_by, refusals, .. } = *waits;
        let Some(&store_place) = self.stores.get(store.index()) else { return };
        let begin = self.edges.len();
        let listed = self.params.candidates_for(pool.waiting.len());
        let Self { near, riders, legs, .. } = self;
        // One more, since one of them may have refused.
        let near = near.entry(store).or_insert_with(|| {
            nearest(riders, listed + 1, |place| legs.leg_ms(place, store_place, now))
        });
        let may_come = near
            .iter()
            .filter(|edge| Some(riders[edge.candidate as usize].rider) != waits.refused_by);
        self.edges.extend(may_come.take(listed));
        let small = |index| u32::try_from(index).expect("edges of a round fit 32 bits");
        self.rows.push((small(begin), small(self.edges.len())));
        self.waiting.push(Waiting {
            order,
            store,
            store_place,
            door,
            requested_at,
            ready_at,
            promise_by,
            ride_ms: self.legs.leg_ms(store_place, door, now),
            refusals,
        });
    }
}

/// So many riders whose way is the shortest, the nearest first, then by id.
fn nearest(riders: &[Candidate], count: usize, way_ms: impl Fn(Place) -> u32) -> Vec<Edge> {
    let edge = |(candidate, rider): (u32, &Candidate)| Edge { candidate, ms: way_ms(rider.place) };
    let mut edges: Vec<Edge> = (0..).zip(riders).map(edge).collect();
    let by_way = |edge: &Edge| (edge.ms, riders[edge.candidate as usize].rider);
    if count < edges.len() {
        edges.select_nth_unstable_by_key(count, by_way);
        edges.truncate(count);
    }
    edges.sort_unstable_by_key(by_way);
    edges
}
