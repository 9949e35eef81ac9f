//! Dispatch rounds: who waits, who could go, and the offers that a policy makes of it.
//!
//! A round only looks: the pool is no more than a hint. Each offer is a unit of work of its own,
//! and is refused if its order no longer waits or its rider is no longer free. So two that hold
//! rounds side by side are in each other's way and do no harm.

use domain::dispatch::{
    self, Assignment, Candidate, Edge, Edges, Legs, Params, Policy, Scratch, View, Waiting,
};
use domain::ids::{StoreId, TripId};
use domain::outside::Input;
use domain::place::Place;
use domain::time::Timestamp;

use crate::ports::{Clock, Database, Free, Numbers, Pool, Waits};
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
            scratch: Scratch::default(),
            chosen: Vec::new(),
        }
    }

    /// Holds a round and makes its offers, under a duty if there is one.
    ///
    /// # Errors
    /// [`ShellError`] when a port fails; offers made before stand.
    pub async fn hold(&mut self, fence: Option<Fence>) -> Result<Round, ShellError> {
        let database = self.shell.database();
        let pool = database.pool(ORDERS_LIMIT).await?;
        self.choose(self.shell.clock().now(), &pool);
        let mut round =
            Round { waiting: self.waiting.len(), riders: self.riders.len(), ..Round::default() };
        for assignment in &self.chosen {
            let Assignment { rider, orders: [Some(first), second], .. } = *assignment else {
                continue;
            };
            let number = database.draw(Numbers::Trips, 1).await?;
            let trip = TripId::at(usize::try_from(number).unwrap_or(usize::MAX));
            let second = second.unwrap_or(first);
            let key = InputKey::of_bytes(Source::Platform, format!("offer {trip}").as_bytes());
            let offer = Input::Offer { trip, rider, first, second };
            match self.shell.hear_under(fence, key, &[offer]).await?.answer {
                Answer::Heard => round.offered += 1,
                Answer::Refused(_) | Answer::NotYet => round.refused += 1,
            }
        }
        Ok(round)
    }

    fn choose(&mut self, now: Timestamp, pool: &Pool) {
        self.waiting.clear();
        self.riders.clear();
        self.rows.clear();
        self.edges.clear();
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
        let candidates = (0_u32..).zip(&self.riders);
        let may_come = candidates.filter(|(_, rider)| Some(rider.rider) != waits.refused_by);
        self.edges.extend(may_come.map(|(candidate, rider)| Edge {
            candidate,
            ms: self.legs.leg_ms(rider.place, store_place, now),
        }));
        let row = &mut self.edges[begin..];
        row.sort_unstable_by_key(|edge| (edge.ms, pool.riders[edge.candidate as usize].rider));
        let listed = row.len().min(self.params.candidates_for(pool.waiting.len()));
        self.edges.truncate(begin + listed);
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
