//! Dispatch rounds: who waits, who rests where, and the offers that follow.
//!
//! Orders that wait stand in a pool by store, riders who could go among the resting. A round
//! is held while both are there; for each store it lists the nearest riders and lets the policy
//! choose.

use city::{City, Stop, Travel};
use domain::delivery;
use domain::dispatch::{
    self, Assignment, Candidate, Edge, Edges, Legs, Scratch, View, Waiting, request,
};
use domain::facts::Sink;
use domain::ids::{OrderId, RiderId, StoreId, TripId};
use domain::outside;
use domain::place::Place;
use domain::time::{Millis, Timestamp};
use domain::wiring::Call;
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex, class};
use crate::resting::{Nearness, Resting};
use crate::trips::TripAt;
use crate::world::World;

/// A round looks at orders that will be packed within this time: more than most riders need to be
/// just in time. 6 min, assumed, grade E.
const LOOK_AHEAD: Millis = Millis::from_min(6);
/// Orders of a store that a round looks at for each rider who could go, at most: the longest
/// waiting first.
const WAITING_PER_RIDER: usize = 8;

/// An order in the pool.
#[derive(Clone, Copy, Debug)]
struct Pooled {
    waiting: Waiting,
    /// The rider who refused it last.
    refused_by: Option<RiderId>,
}

/// What rounds need from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    /// Orders that wait, by store.
    pool: Vec<Vec<Pooled>>,
    pooled: usize,
    resting: Resting,
    scheduled: bool,
    last: Timestamp,
    waiting: Vec<Waiting>,
    riders: Vec<Candidate>,
    /// For each rider, the round that listed them last and their index in `riders`.
    listed: Vec<(u64, u32)>,
    number: u64,
    rows: Vec<(u32, u32)>,
    edges: Vec<Edge>,
    found: Vec<(RiderId, Place)>,
    near: Vec<Near>,
    chosen: Vec<Assignment>,
    scratch: Scratch,
}

/// A rider who could come, by how near, how soon, and who.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Near {
    distance: i64,
    wait: Millis,
    rider: RiderId,
    /// The ride to the store.
    ms: Millis,
}

/// Riders who are at the store, free, and stay until all bags are packed are all alike: more of
/// them than orders make no difference.
#[derive(Clone, Copy, Debug)]
struct Alike {
    until: Timestamp,
    enough: usize,
}

impl Rounds {
    pub(crate) fn new(city: &City) -> Self {
        Self {
            pool: vec![Vec::new(); city.stores.len()],
            resting: Resting::new(city),
            listed: vec![(0, 0); city.riders.len()],
            ..Self::default()
        }
    }

    /// A rider rests at a place and can be chosen.
    pub(crate) fn rest(&mut self, rider: RiderId, home: Option<StoreId>, place: Place) {
        self.resting.insert(rider, home, place);
    }

    /// A rider can no longer be chosen.
    pub(crate) fn leave(&mut self, rider: RiderId) {
        self.resting.remove(rider);
    }

    /// Orders that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.pooled
    }

    /// Orders of one store that wait.
    pub(crate) fn waiting_at(&self, store: StoreId) -> usize {
        self.pool[store.index()].len()
    }

    fn join(&mut self, order: Pooled) {
        self.pool[order.waiting.store.index()].push(order);
        self.pooled += 1;
    }

    fn part(&mut self, store: StoreId, order: OrderId) {
        let pool = &mut self.pool[store.index()];
        if let Some(index) = pool.iter().position(|pooled| pooled.waiting.order == order) {
            pool.swap_remove(index);
            self.pooled -= 1;
        }
    }

    /// A bag is packed, sooner or later than expected.
    pub(crate) fn packed(&mut self, store: StoreId, order: OrderId, now: Timestamp) {
        let mut pool = self.pool[store.index()].iter_mut();
        if let Some(pooled) = pool.find(|pooled| pooled.waiting.order == order) {
            pooled.waiting.ready_at = now;
        }
    }
}

/// Rides between places, for trips with two doors.
struct Doors<'a>(&'a Travel);

impl Legs for Doors<'_> {
    fn leg_ms(&self, from: Place, to: Place, _: Timestamp) -> u32 {
        let stop = |place| Stop { place, node: None };
        self.0.ride(stop(from), stop(to)).ms.0
    }
}

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    /// Asks for a rider for an order that is about to be picked.
    pub(crate) fn request_rider(&mut self, order: OrderIndex) {
        let ready_at = self.now + self.expected_pick(order);
        self.orders[order.index()].ready_at = ready_at;
        self.orders[order.index()].ride = self.ride_of(order).ms;
        self.orders[order.index()].asked_for_rider_at = self.now;
        self.count_work(order);
        let (id, store) = (self.id(order), self.store_of(order));
        self.call(Call::Request(id, request::Input::Ask { store, ready_at }));
    }

    pub(crate) fn say_request(&mut self, order: OrderIndex, input: request::Input) {
        let mut effects = std::mem::take(&mut self.buffers.request);
        let (id, state) = (self.id(order), self.orders[order.index()].request);
        self.hears(id.0, input);
        self.orders[order.index()].request = request::step(id, state, input, &mut effects);
        for effect in effects.drain(..) {
            match effect {
                request::Effect::Publish(event) => self.tell(event),
                request::Effect::JoinPool => {
                    let store = self.store_of(order);
                    self.asks(outside::Effect::JoinPool { order: id, store });
                    self.rounds.join(self.pooled(order));
                    self.want_round();
                }
                request::Effect::LeavePool => {
                    let store = self.store_of(order);
                    self.asks(outside::Effect::LeavePool { order: id, store });
                    self.rounds.part(store, id);
                }
                request::Effect::TellPacked(trip) => {
                    self.say_trip(trip, delivery::Input::BagPacked { order: id });
                }
                request::Effect::LeaveTrip(trip) => {
                    self.say_trip(trip, delivery::Input::Leave { order: id });
                }
                request::Effect::Closed => {
                    self.call(Call::Saga(id, domain::saga::Input::RiderClosed));
                }
            }
        }
        self.buffers.request = effects;
    }

    /// What rounds see of an order.
    fn pooled(&self, index: OrderIndex) -> Pooled {
        let order = &self.orders[index.index()];
        let waiting = Waiting {
            order: self.id(index),
            store: order.store,
            store_place: self.store_stop(order.store).place,
            door: self.door_stop(index).place,
            requested_at: order.asked_for_rider_at,
            ready_at: order.ready_at,
            promise_by: order.promise_by,
            ride_ms: order.ride.0,
            refusals: order.request.refusals,
        };
        Pooled { waiting, refused_by: order.refused_by }
    }

    /// Sees to it that a round is held when the next is due.
    pub(crate) fn want_round(&mut self) {
        let Rounds { scheduled, pooled, ref resting, last, .. } = self.rounds;
        if scheduled || pooled == 0 || resting.count() == 0 {
            return;
        }
        self.rounds.scheduled = true;
        let due = self.setup.policies.dispatch_params.next_round(last);
        self.at(due, class::ROUNDS, Event::Round);
    }

    /// Holds a round.
    pub(crate) fn round(&mut self) {
        self.rounds.scheduled = false;
        self.rounds.last = self.now;
        self.rounds.number += 1;
        let mut rounds = std::mem::take(&mut self.rounds);
        rounds.waiting.clear();
        rounds.riders.clear();
        rounds.rows.clear();
        rounds.edges.clear();
        for store in 0..rounds.pool.len() {
            self.list_store(&mut rounds, StoreId::at(store));
        }
        let view = View {
            now: self.now,
            waiting: &rounds.waiting,
            riders: &rounds.riders,
            edges: Edges { rows: &rounds.rows, edges: &rounds.edges },
            legs: &Doors(&self.city.travel),
        };
        let policies = &self.setup.policies;
        rounds.chosen.clear();
        dispatch::choose(
            policies.dispatch,
            &view,
            &policies.dispatch_params,
            &mut rounds.scratch,
            &mut rounds.chosen,
        );
        let chosen = std::mem::take(&mut rounds.chosen);
        self.rounds = rounds;
        for assignment in &chosen {
            self.offer(assignment);
        }
        self.rounds.chosen = chosen;
        self.want_round();
    }

    /// Lists a store's orders and the riders nearest to it, unless nothing could be offered yet.
    fn list_store(&self, rounds: &mut Rounds, store: StoreId) {
        let horizon = self.now + LOOK_AHEAD;
        let soon = rounds.pool[store.index()].iter().filter(|o| o.waiting.ready_at <= horizon);
        let soon = soon.count();
        if soon == 0 {
            return;
        }
        let mut pool = std::mem::take(&mut rounds.pool[store.index()]);
        let params = &self.setup.policies.dispatch_params;
        let lent = pool.iter().any(|o| o.waiting.refusals >= params.widen_after_refusals);
        let reach = self.list_near(rounds, store, soon, lent);
        let due = |reach| {
            let may_be_due = |waiting| dispatch::may_be_due(params, self.now, waiting, reach);
            pool.iter().any(|pooled| may_be_due(&pooled.waiting))
        };
        if reach.is_some_and(due) {
            let looked_at = rounds.near.len() * WAITING_PER_RIDER;
            let mut orders = &mut pool[..];
            if orders.len() > looked_at {
                let since = |order: &Pooled| (order.waiting.requested_at, order.waiting.order);
                orders.select_nth_unstable_by_key(looked_at, since);
                orders = &mut orders[..looked_at];
            }
            self.list_orders(rounds, store, orders);
        }
        rounds.pool[store.index()] = pool;
    }

    /// Lists the riders nearest to a store, and says how long the last of them takes to it who
    /// could be sent now; none if nobody could.
    ///
    /// Riders with a home store ride for it alone, as partners log in at one dark store; they are
    /// lent to others only for orders that were refused again and again.
    fn list_near(
        &self,
        rounds: &mut Rounds,
        store: StoreId,
        soon: usize,
        lent: bool,
    ) -> Option<Millis> {
        let params = &self.setup.policies.dispatch_params;
        let wanted = params.candidates_for(soon);
        let stop = self.store_stop(store);
        let Rounds { resting, found, near, .. } = rounds;
        if lent {
            resting.list_all(found);
        } else {
            resting.list(store, stop.place, wanted, found);
        }
        near.clear();
        let nearness = Nearness::to(stop.place);
        near.extend(found.iter().filter_map(|&(rider, place)| {
            let wait = self.riders[rider.index()].free_at.since(self.now);
            let in_time = wait <= params.rider_horizon;
            in_time.then(|| Near { distance: nearness.of(place), wait, rider, ms: Millis::ZERO })
        }));
        if near.len() > wanted {
            near.select_nth_unstable(wanted);
            near.truncate(wanted);
        }
        let mut farthest = None;
        for near in near {
            let from = self.riders[near.rider.index()].at;
            let leg = |distance| (distance > 0).then(|| self.city.travel.ride(from, stop).ms);
            near.ms = leg(near.distance).unwrap_or(Millis::ZERO);
            if near.wait <= params.commit_ahead {
                farthest = farthest.max(Some(near.wait + near.ms));
            }
        }
        farthest
    }

    /// Lists the orders of a store that will be packed soon, and who of the near could fetch them.
    fn list_orders(&self, rounds: &mut Rounds, store: StoreId, orders: &[Pooled]) {
        let horizon = self.now + LOOK_AHEAD;
        let orders = orders.iter().filter(|order| order.waiting.ready_at <= horizon);
        let refused = orders.clone().filter(|order| order.refused_by.is_some()).count();
        let last_ready = orders.clone().map(|order| order.waiting.ready_at).max();
        let alike = Alike {
            until: last_ready.unwrap_or(self.now),
            enough: orders.clone().count() + refused,
        };
        let begin = rounds.edges.len();
        self.list_edges(rounds, store, alike);
        let end = rounds.edges.len();
        for order in orders {
            let row = row_without_refuser(rounds, order, begin, end);
            rounds.waiting.push(order.waiting);
            rounds.rows.push(row);
        }
    }

    /// Appends the edges from the riders who are near, nearest first.
    fn list_edges(&self, rounds: &mut Rounds, store: StoreId, alike: Alike) {
        rounds.near.sort_unstable_by_key(|near| (near.ms, near.rider));
        let mut at_hand = 0;
        for near in &rounds.near {
            let row = &self.riders[near.rider.index()];
            if near.ms == Millis::ZERO && near.wait == Millis::ZERO && row.off_at > alike.until {
                at_hand += 1;
                if at_hand > alike.enough {
                    continue;
                }
            }
            let (listed_in, mut candidate) = rounds.listed[near.rider.index()];
            if listed_in != rounds.number {
                candidate = u32::try_from(rounds.riders.len()).expect("riders fit");
                rounds.listed[near.rider.index()] = (rounds.number, candidate);
                rounds.riders.push(Candidate {
                    rider: near.rider,
                    place: row.at.place,
                    free_at: row.free_at,
                    off_at: row.off_at,
                    home: row.home.unwrap_or(store),
                });
            }
            rounds.edges.push(Edge { candidate, ms: near.ms.0 });
        }
    }

    /// Puts a trip to a rider.
    fn offer(&mut self, assignment: &Assignment) {
        let Assignment { rider, orders: [Some(first), second], .. } = *assignment else { return };
        if !self.command(rider, domain::rider::Command::Offer) {
            return;
        }
        let trip = TripId::at(self.trips.len());
        self.trips.push(TripAt::new(self.riders[rider.index()].at));
        self.rounds.leave(rider);
        let second = second.unwrap_or(first);
        self.came(outside::Input::Offer { trip, rider, first, second });
        let store = self.store_of(first.into());
        let expires_at = self.now + self.setup.rules.delivery.offer;
        let offer = delivery::Input::Offer { rider, store, first, second, expires_at };
        self.say_trip(trip, offer);
        self.say_request(first.into(), request::Input::Assigned { trip });
        if second != first {
            self.say_request(second.into(), request::Input::Assigned { trip });
        }
    }

    /// The ride from an order's store to its door.
    pub(crate) fn ride_of(&self, order: OrderIndex) -> city::Leg {
        self.city.travel.ridden(self.store_stop(self.store_of(order)), self.door_stop(order))
    }

    /// How long until an order confirmed now is expected to be packed.
    fn expected_pick(&self, order: OrderIndex) -> Millis {
        let waiting = self.floors[self.store_of(order).index()].waiting();
        self.expected_pick_time(order, waiting)
    }
}

/// An order's row: the store's, or a copy without the rider who refused it last.
fn row_without_refuser(
    rounds: &mut Rounds,
    order: &Pooled,
    begin: usize,
    end: usize,
) -> (u32, u32) {
    let small = |index| u32::try_from(index).expect("edges of a round fit 32 bits");
    let Some(refuser) = order.refused_by else { return (small(begin), small(end)) };
    let copy_begins = rounds.edges.len();
    for at in begin..end {
        let edge = rounds.edges[at];
        if rounds.riders[edge.candidate as usize].rider != refuser {
            rounds.edges.push(edge);
        }
    }
    (small(copy_begins), small(rounds.edges.len()))
}
