//! Dispatch rounds: who waits, who rests where, and the offers that follow.
//!
//! Orders that wait stand in the pool, riders who could go stand in a grid over the city. A round
//! is held while both are there; for each store it lists the nearest riders and lets the policy
//! choose.

use city::{City, Stop, Travel};
use domain::delivery;
use domain::dispatch::{
    self, Assignment, Candidate, Edge, Edges, Legs, Scratch, View, Waiting, request,
};
use domain::facts::Sink;
use domain::ids::{RiderId, StoreId, TripId};
use domain::place::Place;
use domain::time::{Millis, Timestamp};
use domain::wiring::Call;
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex, class};
use crate::trips::TripAt;
use crate::world::World;

/// Riders in a grid cell, about, if all rested: few, so that rings around a store stay short.
const RIDERS_PER_CELL: i64 = 2;
/// Smallest side of a grid cell, 1e-7 degree: about 100 m.
const CELL_E7: i64 = 10_000;
/// Cells of the grid along one side, at most; what lies outside stands at the border.
const CELLS_LIMIT: i64 = 512;
/// A round looks at orders that will be packed within this time: more than most riders need to be
/// just in time. 6 min, assumed, grade E.
const LOOK_AHEAD: Millis = Millis::from_min(6);
/// Far enough to be no rider's way: about 2 000 km, 1e-7 degree.
const FAR_E7: i64 = 200_000_000;
/// Marks something that is nowhere.
const NOWHERE: u32 = u32::MAX;
/// Orders that one round looks at for each resting rider, at most: the longest waiting first.
const WAITING_PER_RIDER: usize = 4;

/// Resting riders by place.
#[derive(Debug, Default)]
struct Grid {
    origin: Place,
    cell_e7: i64,
    columns: i64,
    rows: i64,
    cells: Vec<Vec<(RiderId, Place)>>,
    /// For each rider, their cell and their index in it.
    at: Vec<(u32, u32)>,
    resting: usize,
}

impl Grid {
    /// An empty grid over where most riders and stores are; the few outside stand at its border.
    fn new(city: &City) -> Self {
        let stores = city.stores.iter().map(|store| store.place);
        let places: Vec<_> = stores.chain(city.riders.iter().map(|rider| rider.place)).collect();
        let (south, north) = middle_span(places.iter().map(|place| place.lat_e7));
        let (west, east) = middle_span(places.iter().map(|place| place.lon_e7));
        let riders = i64::try_from(city.riders.len()).expect("riders fit");
        let cells = (riders / RIDERS_PER_CELL).max(1);
        let area = (north - south + 1).saturating_mul(east - west + 1);
        let cell_e7 = (area / cells).isqrt().max(CELL_E7);
        let along = |low: i64, high: i64| ((high - low) / cell_e7 + 1).min(CELLS_LIMIT);
        let (rows, columns) = (along(south, north), along(west, east));
        let degree = |value: i64| i32::try_from(value).expect("a place's degree");
        let size = usize::try_from(rows * columns).expect("the grid is bounded");
        Self {
            origin: Place { lat_e7: degree(south), lon_e7: degree(west) },
            cell_e7,
            columns,
            rows,
            cells: vec![Vec::new(); size],
            at: vec![(NOWHERE, 0); city.riders.len()],
            resting: 0,
        }
    }

    fn cell_of(&self, place: Place) -> (i64, i64) {
        let along = |value: i32, origin: i32, cells: i64| {
            ((i64::from(value) - i64::from(origin)) / self.cell_e7).clamp(0, cells - 1)
        };
        let row = along(place.lat_e7, self.origin.lat_e7, self.rows);
        (row, along(place.lon_e7, self.origin.lon_e7, self.columns))
    }

    fn insert(&mut self, rider: RiderId, place: Place) {
        let (row, column) = self.cell_of(place);
        let cell = usize::try_from(row * self.columns + column).expect("inside the grid");
        let index = self.cells[cell].len();
        self.cells[cell].push((rider, place));
        let small = |index| u32::try_from(index).expect("a grid is small");
        self.at[rider.index()] = (small(cell), small(index));
        self.resting += 1;
    }

    fn remove(&mut self, rider: RiderId) {
        let (cell, index) = self.at[rider.index()];
        if cell == NOWHERE {
            return;
        }
        let riders = &mut self.cells[cell as usize];
        riders.swap_remove(index as usize);
        if let Some((moved, _)) = riders.get(index as usize) {
            self.at[moved.index()].1 = index;
        }
        self.at[rider.index()] = (NOWHERE, 0);
        self.resting -= 1;
    }

    /// Collects at least `wanted` riders around a place if there are so many, ring by ring; one
    /// ring more than needed, so that the nearest are surely among them.
    fn around(&self, place: Place, wanted: usize, found: &mut Vec<(RiderId, Place)>) {
        found.clear();
        let (row, column) = self.cell_of(place);
        let mut enough = false;
        for radius in 0..self.rows.max(self.columns) {
            self.ring(row, column, radius, found);
            if enough || found.len() >= self.resting {
                return;
            }
            enough = found.len() >= wanted;
        }
    }

    /// Collects the riders in the square ring of cells at a distance.
    fn ring(&self, row: i64, column: i64, radius: i64, found: &mut Vec<(RiderId, Place)>) {
        let mut visit = |row: i64, column: i64| {
            if (0..self.rows).contains(&row) && (0..self.columns).contains(&column) {
                let cell = usize::try_from(row * self.columns + column).expect("inside the grid");
                found.extend_from_slice(&self.cells[cell]);
            }
        };
        if radius == 0 {
            visit(row, column);
            return;
        }
        for along in -radius..=radius {
            visit(row - radius, column + along);
            visit(row + radius, column + along);
        }
        for along in 1 - radius..radius {
            visit(row + along, column - radius);
            visit(row + along, column + radius);
        }
    }
}

/// The lowest and the highest of the values but for the outermost few, which may lie far out.
fn middle_span(values: impl Iterator<Item = i32>) -> (i64, i64) {
    let mut values: Vec<_> = values.map(i64::from).collect();
    values.sort_unstable();
    let cut = values.len() / 500;
    match (values.get(cut), values.get(values.len().saturating_sub(1 + cut))) {
        (Some(&low), Some(&high)) => (low, high),
        _ => (0, 0),
    }
}

/// What rounds need from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    pool: Vec<OrderIndex>,
    /// For each order, its index in the pool.
    pool_at: Vec<u32>,
    grid: Grid,
    /// Whether all riders rest at their own store and ride for it alone.
    all_at_home: bool,
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
    near: Vec<(i64, Millis, RiderId)>,
    chosen: Vec<Assignment>,
    scratch: Scratch,
}

impl Rounds {
    pub(crate) fn new(city: &City) -> Self {
        let listed = vec![(0, 0); city.riders.len()];
        let all_at_home = city.riders.iter().all(|rider| rider.home.is_some());
        Self { grid: Grid::new(city), all_at_home, listed, ..Self::default() }
    }

    /// A rider rests at a place and can be chosen.
    pub(crate) fn rest(&mut self, rider: RiderId, place: Place) {
        self.grid.remove(rider);
        self.grid.insert(rider, place);
    }

    /// A rider can no longer be chosen.
    pub(crate) fn leave(&mut self, rider: RiderId) {
        self.grid.remove(rider);
    }

    /// Orders that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.pool.len()
    }

    fn join(&mut self, order: OrderIndex) {
        if self.pool_at.len() <= order.index() {
            self.pool_at.resize(order.index() + 1, NOWHERE);
        }
        self.pool_at[order.index()] = u32::try_from(self.pool.len()).expect("a pool fits");
        self.pool.push(order);
    }

    fn part(&mut self, order: OrderIndex) {
        let index = std::mem::replace(&mut self.pool_at[order.index()], NOWHERE);
        if index == NOWHERE {
            return;
        }
        self.pool.swap_remove(index as usize);
        if let Some(moved) = self.pool.get(index as usize) {
            self.pool_at[moved.index()] = index;
        }
    }
}

/// Tells which of two places is nearer to a third, cheaply and the same everywhere.
struct Nearness {
    to: Place,
    /// Length of a degree of longitude over one of latitude, times 1024.
    narrowing: i64,
}

impl Nearness {
    fn to(to: Place) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a cosine is at most one")]
        let narrowing = (libm::cos(to.lat().to_radians()) * 1024.0) as i64;
        Self { to, narrowing }
    }

    /// Grows with the straight distance; zero only for the same place.
    fn of(&self, place: Place) -> i64 {
        let north = i64::from(place.lat_e7) - i64::from(self.to.lat_e7);
        let east = i64::from(place.lon_e7) - i64::from(self.to.lon_e7);
        let east = east * self.narrowing / 1024;
        // Distances across the globe would overflow: beyond a few hundred kilometres all are far.
        let (north, east) = (north.clamp(-FAR_E7, FAR_E7), east.clamp(-FAR_E7, FAR_E7));
        (north * north + east * east).max(i64::from(place != self.to))
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
                    self.rounds.join(order);
                    self.want_round();
                }
                request::Effect::LeavePool => self.rounds.part(order),
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

    /// Sees to it that a round is held when the next is due.
    pub(crate) fn want_round(&mut self) {
        if self.rounds.scheduled || self.rounds.pool.is_empty() || self.rounds.grid.resting == 0 {
            return;
        }
        self.rounds.scheduled = true;
        let due = self.setup.policies.dispatch_params.next_round(self.rounds.last);
        self.at(due, class::ROUNDS, Event::Round);
    }

    /// Holds a round.
    pub(crate) fn round(&mut self) {
        self.rounds.scheduled = false;
        self.rounds.last = self.now;
        self.rounds.number += 1;
        let mut rounds = std::mem::take(&mut self.rounds);
        self.list_waiting(&mut rounds);
        self.list_riders(&mut rounds);
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

    /// Lists the orders that a round looks at, store by store.
    fn list_waiting(&self, rounds: &mut Rounds) {
        rounds.waiting.clear();
        let look_at = rounds.grid.resting.saturating_mul(WAITING_PER_RIDER).max(1);
        let since = |order: &OrderIndex| (self.orders[order.index()].asked_for_rider_at, order.0);
        let horizon = self.now + LOOK_AHEAD;
        let mut pool: &mut [OrderIndex] = &mut rounds.pool;
        if pool.len() > look_at {
            pool.select_nth_unstable_by_key(look_at, since);
            for (index, order) in pool.iter().enumerate() {
                rounds.pool_at[order.index()] = u32::try_from(index).expect("a pool fits");
            }
            pool = &mut pool[..look_at];
        }
        let due = |index: &&OrderIndex| self.orders[index.index()].ready_at <= horizon;
        let waiting = pool.iter().filter(due).map(|&index| {
            let order = &self.orders[index.index()];
            let store = self.store_stop(order.store);
            let door = self.door_stop(index);
            Waiting {
                order: self.id(index),
                store: order.store,
                store_place: order.stranded_at.unwrap_or(store.place),
                door: door.place,
                requested_at: order.asked_for_rider_at,
                ready_at: order.ready_at,
                promise_by: order.promise_by,
                ride_ms: order.ride.0,
                refusals: order.request.refusals,
            }
        });
        rounds.waiting.extend(waiting);
        rounds.waiting.sort_unstable_by_key(|waiting| (waiting.store, waiting.order));
    }

    /// Lists, for each order, the riders nearest to its store; leaves out stores where nothing is
    /// due yet.
    fn list_riders(&self, rounds: &mut Rounds) {
        rounds.riders.clear();
        rounds.rows.clear();
        rounds.edges.clear();
        let params = &self.setup.policies.dispatch_params;
        let (mut at, mut kept) = (0, 0);
        while at < rounds.waiting.len() {
            let Waiting { store, store_place, .. } = rounds.waiting[at];
            let same = |w: &&Waiting| w.store == store && w.store_place == store_place;
            let group = at..at + rounds.waiting[at..].iter().take_while(same).count();
            at = group.end;
            let widen = params.widen_after_refusals;
            let lent = rounds.waiting[group.clone()].iter().any(|w| w.refusals >= widen);
            let due = |ride| move |w: &Waiting| dispatch::may_be_due(params, self.now, w, ride);
            let at_store = rounds.all_at_home && !lent;
            if at_store && !rounds.waiting[group.clone()].iter().any(due(Millis::ZERO)) {
                continue;
            }
            let begin = rounds.edges.len();
            self.list_near(rounds, store, store_place, group.len(), lent);
            let end = rounds.edges.len();
            let farthest = Millis(rounds.edges[begin..].last().map_or(0, |edge| edge.ms));
            if begin == end || !rounds.waiting[group.clone()].iter().any(due(farthest)) {
                rounds.edges.truncate(begin);
                continue;
            }
            for waiting in group {
                rounds.waiting[kept] = rounds.waiting[waiting];
                let row = self.row_without_refuser(rounds, kept, begin, end);
                rounds.rows.push(row);
                kept += 1;
            }
        }
        rounds.waiting.truncate(kept);
    }

    /// Appends the edges from the riders nearest to a pick-up place, nearest first.
    ///
    /// Riders with a home store ride for it alone, as partners log in at one dark store; they are
    /// lent to others only for orders that were refused again and again.
    fn list_near(
        &self,
        rounds: &mut Rounds,
        store: StoreId,
        place: Place,
        waiting: usize,
        lent: bool,
    ) {
        let params = &self.setup.policies.dispatch_params;
        let wanted = params.candidates_for(waiting);
        rounds.grid.around(place, wanted, &mut rounds.found);
        let stop = Stop { place, node: self.city.stores[store.index()].node };
        rounds.near.clear();
        let distance = Nearness::to(place);
        let comes = |rider: &&(RiderId, Place)| {
            lent || self.riders[rider.0.index()].home.is_none_or(|home| home == store)
        };
        let key = |&(rider, at): &(RiderId, Place)| {
            let wait = self.riders[rider.index()].free_at.since(self.now);
            (distance.of(at), wait, rider)
        };
        let near = rounds.found.iter().filter(comes).map(key);
        rounds.near.extend(near);
        if rounds.near.len() > wanted {
            rounds.near.select_nth_unstable(wanted);
            rounds.near.truncate(wanted);
        }
        for &(distance, _, rider) in &rounds.near {
            let row = &self.riders[rider.index()];
            let ms = if distance == 0 { 0 } else { self.city.travel.ride(row.at, stop).ms.0 };
            let (listed_in, mut candidate) = rounds.listed[rider.index()];
            if listed_in != rounds.number {
                candidate = u32::try_from(rounds.riders.len()).expect("riders fit");
                rounds.listed[rider.index()] = (rounds.number, candidate);
                rounds.riders.push(Candidate {
                    rider,
                    place: row.at.place,
                    free_at: row.free_at,
                    off_at: row.off_at,
                    home: row.home.unwrap_or(store),
                });
            }
            rounds.edges.push(Edge { candidate, ms });
        }
        let begin = rounds.edges.len() - rounds.near.len();
        let riders = &rounds.riders;
        rounds.edges[begin..]
            .sort_unstable_by_key(|edge| (edge.ms, riders[edge.candidate as usize].rider));
    }

    /// An order's row: the store's, or a copy without the rider who refused it last.
    fn row_without_refuser(
        &self,
        rounds: &mut Rounds,
        waiting: usize,
        begin: usize,
        end: usize,
    ) -> (u32, u32) {
        let small = |index| u32::try_from(index).expect("edges of a round fit 32 bits");
        let order = OrderIndex::from(rounds.waiting[waiting].order);
        let Some(refuser) = self.orders[order.index()].refused_by else {
            return (small(begin), small(end));
        };
        let copy_begins = rounds.edges.len();
        for at in begin..end {
            let edge = rounds.edges[at];
            if rounds.riders[edge.candidate as usize].rider != refuser {
                rounds.edges.push(edge);
            }
        }
        (small(copy_begins), small(rounds.edges.len()))
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
        self.city.travel.ride(self.store_stop(self.store_of(order)), self.door_stop(order))
    }

    /// How long until an order confirmed now is expected to be packed.
    fn expected_pick(&self, order: OrderIndex) -> Millis {
        let waiting = self.floors[self.store_of(order).index()].waiting();
        self.expected_pick_time(order, waiting)
    }
}
