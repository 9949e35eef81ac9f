//! Which orders share a trip: pairs of one store, chosen by what they save at the riders' prices.
//!
//! A pair is considered when both bags are packed at about the same time, the tour is not much
//! longer than one of two rides, no promise is broken that would be kept apart, and nobody who
//! is late comes later still. Door to door rides are asked for only where an estimate from
//! straight lines promises a saving, because they are the dearest thing a round asks for.
//!
//! Choosing disjoint pairs is greedy, the largest saving first. Pairing frees riders, which
//! lowers their prices, which makes pairs worth less: so it is done a few times, each time at
//! the mean of the prices before and after.

use std::cmp::Reverse;

use super::batched::{Columns, Table};
use crate::dispatch::assign::Solution;
use crate::dispatch::timing::Approach;
use crate::dispatch::trip::Trip;
use crate::dispatch::{Edge, Legs, Params, View, Waiting};
use crate::place::Place;
use crate::time::Millis;

/// Buffers of a round.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    /// What riders are believed to be worth, by column.
    prices: Vec<u32>,
    /// For each single trip, when its door must be reached if it is to share, milliseconds after
    /// the round's time.
    latest_ms: Vec<i64>,
    /// For each single trip, whether it is decided in this round.
    pressing: Vec<bool>,
    /// For each single trip, what it would cost alone.
    alone: Vec<u64>,
    /// And how much of that is beyond what it would cost with the first rider there, alone there.
    beyond: Vec<u64>,
    /// Savings and their trips.
    savings: Vec<(Reverse<u64>, u32)>,
    /// The single trips each pair replaces, in the order of the pairs.
    ends: Vec<[u32; 2]>,
    /// For each single trip, whether it is on a pair.
    paired: Vec<bool>,
    /// The riders listed for both orders of the pair that is looked at, by column, and the rows
    /// they were taken from.
    row: Vec<(u32, Approach)>,
    row_of: Option<[(u32, u32); 2]>,
    /// When the first of them is at the store, milliseconds after the round's time.
    least_reach_ms: u32,
    /// The lowest price of any of them.
    least_price: u32,
    /// For each single trip, where its door is.
    doors: Vec<Door>,
}

impl Scratch {
    /// Looks for pairs, given the best plan without any, and adds them to the table.
    pub(super) fn begin<L: Legs>(
        &mut self,
        view: &View<'_, L>,
        params: &Params,
        table: &mut Table,
        columns: &Columns<'_>,
        solution: Solution<'_>,
    ) {
        let singles = table.trips.len();
        self.ends.clear();
        self.prices.clear();
        self.prices.extend((0..columns.candidates.len()).map(|column| solution.price_of(column)));
        self.row_of = None;
        self.doors.clear();
        self.latest_ms.clear();
        self.pressing.clear();
        self.alone.clear();
        self.beyond.clear();
        for row in 0..singles {
            let (latest_ms, pressing) =
                alone(view, params, &table.trips[row], columns, solution, row);
            self.latest_ms.push(latest_ms);
            self.pressing.push(pressing);
            let trip = &table.trips[row];
            let reach_ms = table.least_reach_ms[row];
            self.alone.push(solution.worth_of(row));
            self.beyond.push(self.alone[row].saturating_sub(trip.least_cost(params, reach_ms)));
            self.doors.push(Door::new(&view.waiting[table.trips[row].first()]));
        }
        for first in 0..singles {
            let trip = table.trips[first];
            let order = &view.waiting[trip.first()];
            for second in first + 1..singles {
                let other = table.trips[second];
                let partner = &view.waiting[other.first()];
                if partner.store != order.store {
                    break;
                }
                // A bag may wait elsewhere, where its rider gave up.
                let together = partner.store_place == order.store_place;
                let close = trip.ready_ms.abs_diff(other.ready_ms) <= params.ready_gap_limit.0;
                let pressing = self.pressing[first] || self.pressing[second];
                if !(together && close && pressing) {
                    continue;
                }
                self.common_row(view, columns, [&trip, &other]);
                if self.may_save(params, table, [first, second]) {
                    self.consider(view, params, table, [first, second]);
                }
            }
        }
    }

    /// Whether two orders could save anything by sharing, at a glance.
    ///
    /// The second door is reached at least a dwell later than alone, for no detour is a short
    /// cut, and somebody has to go. What can be saved is what the two pay beyond the least, and
    /// one rider's time.
    fn may_save(&self, params: &Params, table: &Table, [a, b]: [usize; 2]) -> bool {
        let rider = [a, b].map(|single| table.trips[single].rider_cost(params)).into_iter().min();
        let beyond = self.beyond[a] + self.beyond[b];
        beyond + rider.unwrap_or(0) > u64::from(params.dwell.0) + u64::from(self.least_price)
    }

    /// Adds the better order of two doors to the table, if it saves anything.
    fn consider<L: Legs>(
        &mut self,
        view: &View<'_, L>,
        params: &Params,
        table: &mut Table,
        [a, b]: [usize; 2],
    ) {
        let pair = |table: &Table, [first, second]: [usize; 2], leg_ms| {
            Trip::pair(params, [&table.trips[first], &table.trips[second]], leg_ms)
        };
        let ends = [&table.trips[a], &table.trips[b]];
        let alone = self.alone[a] + self.alone[b];
        // Doors next to each other, the rider who is there first, the lowest price: if that saves
        // nothing, no pair does.
        let may_save = |trip: &Trip| {
            let least = trip.least_cost(params, self.least_reach_ms);
            least + u64::from(self.least_price) < alone
        };
        let sequences = [[a, b], [b, a]];
        if !sequences.iter().any(|&sequence| may_save(&pair(table, sequence, 0))) {
            return;
        }
        let Some(leg_ms) = estimate_leg_ms(params, ends, [&self.doors[a], &self.doors[b]]) else {
            return;
        };
        let mut best = None;
        let mut least = alone;
        for sequence in sequences {
            let trip = pair(table, sequence, leg_ms);
            if may_save(&trip) {
                let pays = self.pays(params, &trip, sequence);
                if pays < least {
                    (least, best) = (pays, Some(sequence));
                }
            }
        }
        let Some(sequence) = best else { return };
        let doors = sequence.map(|single| view.waiting[table.trips[single].first()].door);
        let trip = pair(table, sequence, view.legs.leg_ms(doors[0], doors[1], view.now));
        if self.pays(params, &trip, sequence) < alone {
            self.add(params, table, trip, sequence);
        }
    }

    /// What a pair would cost with the rider who is best for it at today's prices.
    fn pays(&self, params: &Params, trip: &Trip, sequence: [usize; 2]) -> u64 {
        let able = self.row.iter().filter(|(_, approach)| {
            approach.may_fetch(params, trip.refusals, trip.ready_ms)
                && self.in_time(params, trip, sequence, approach)
        });
        let pays = able.map(|&(column, ref approach)| {
            u64::from(trip.cost(params, approach)) + u64::from(self.prices[column as usize])
        });
        pays.min().unwrap_or(u64::MAX)
    }

    /// Whether a pair keeps what its orders would have apart.
    fn in_time(
        &self,
        params: &Params,
        trip: &Trip,
        sequence: [usize; 2],
        approach: &Approach,
    ) -> bool {
        let latest = sequence.map(|single| self.latest_ms[single]);
        trip.arrivals_ms(params, approach.reach_ms).zip(latest).all(|(at, latest)| at <= latest)
    }

    /// Adds a pair to the table, with all riders who could make it.
    fn add(&mut self, params: &Params, table: &mut Table, trip: Trip, sequence: [usize; 2]) {
        // Left without a rider, they cost what they cost apart: sharing must not look like help.
        let penalty = sequence.map(|single| table.penalties[single]).iter().sum();
        let near = self.row.iter();
        let in_time = near.filter(|(_, rider)| self.in_time(params, &trip, sequence, rider));
        table.add_trip(params, trip, penalty, in_time);
        self.ends.push(sequence.map(|single| u32::try_from(single).expect("below 2^32 trips")));
    }

    /// Notes the riders who are listed for both orders.
    fn common_row<L>(&mut self, view: &View<'_, L>, columns: &Columns<'_>, trips: [&Trip; 2]) {
        let [a, b] = trips.map(Trip::first);
        let rows = [view.edges.rows[a], view.edges.rows[b]];
        if self.row_of == Some(rows) {
            return;
        }
        self.row_of = Some(rows);
        self.row.clear();
        // Both are sorted by ride and rider, and the rides to their store are the same.
        let mut others = view.edges.row(b).iter().peekable();
        let key = |edge: &Edge| (edge.ms, view.riders[edge.candidate as usize].rider);
        for &edge in view.edges.row(a) {
            while others.next_if(|other| key(other) < key(&edge)).is_some() {}
            if others.next_if(|other| other.candidate == edge.candidate).is_some() {
                let column = columns.of[edge.candidate as usize];
                self.row.push((column, Approach::new(view.now, view.riders, edge)));
            }
        }
        let reach_ms = self.row.iter().map(|(_, approach)| approach.reach_ms);
        self.least_reach_ms = reach_ms.min().unwrap_or(0);
        let prices = self.row.iter().map(|&(column, _)| self.prices[column as usize]);
        self.least_price = prices.min().unwrap_or(0);
    }

    /// Rewrites a plan: the pairs that save most at today's prices, and everybody else alone.
    pub(super) fn choose(&mut self, table: &Table, singles: usize, plan: &mut Vec<u32>) {
        self.alone.clear();
        self.alone.extend((0_u32..).take(singles).map(|trip| table.worth(trip, &self.prices)));
        self.savings.clear();
        for (pair, ends) in (singles..).zip(&self.ends) {
            let pair = u32::try_from(pair).expect("below 2^32 trips");
            let alone: u64 = ends.iter().map(|&single| self.alone[single as usize]).sum();
            let saved = alone.saturating_sub(table.worth(pair, &self.prices));
            if saved > 0 {
                self.savings.push((Reverse(saved), pair));
            }
        }
        self.savings.sort_unstable();

        self.paired.clear();
        self.paired.resize(singles, false);
        plan.clear();
        for &(_, pair) in &self.savings {
            let [a, b] = self.ends[pair as usize - singles].map(|single| single as usize);
            if !self.paired[a] && !self.paired[b] {
                (self.paired[a], self.paired[b]) = (true, true);
                plan.push(pair);
            }
        }
        plan.extend((0_u32..).zip(&self.paired).filter(|(_, paired)| !**paired).map(|(s, _)| s));
        plan.sort_unstable();
    }

    /// Moves what riders are believed to be worth half way to what they were worth in a plan.
    pub(super) fn learn(&mut self, solution: Solution<'_>) {
        for (column, price) in self.prices.iter_mut().enumerate() {
            *price = price.midpoint(solution.price_of(column));
        }
    }
}

/// When a single trip's door must be reached if it is to share, and whether it is decided now.
///
/// By the promise with something to spare, or else no later than alone. An order without a
/// rider has nothing to lose.
fn alone<L>(
    view: &View<'_, L>,
    params: &Params,
    trip: &Trip,
    columns: &Columns<'_>,
    solution: Solution<'_>,
    row: usize,
) -> (i64, bool) {
    let Some(column) = solution.column_of(row) else { return (i64::MAX, true) };
    let candidate = columns.candidates[column];
    let edge = view.edges.row(trip.first()).iter().find(|edge| edge.candidate == candidate);
    let Some(&edge) = edge else { return (i64::MAX, true) };
    let approach = Approach::new(view.now, view.riders, edge);
    let arrival_ms = trip.arrivals_ms(params, approach.reach_ms).max().unwrap_or(i64::MAX);
    let spare_ms = trip.promise_ms() - i64::from(params.batch_slack.0);
    let pressing = approach.is_due(params, trip.ready_ms, trip.urgent);
    (arrival_ms.max(spare_ms), pressing)
}

/// The ride from door to door at the pace of the two rides from the store; none if the tour
/// would be too long for sharing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn estimate_leg_ms(params: &Params, trips: [&Trip; 2], doors: [&Door; 2]) -> Option<u32> {
    let rides_ms: u64 = trips.iter().map(|trip| u64::from(trip.ride_ms())).sum();
    let rides_m = doors[0].away_m + doors[1].away_m;
    let pace_ms_per_m = Millis(u32::try_from(rides_ms).ok()?).as_s() * 1e3 / rides_m.max(1e-6);
    let leg_ms = (doors[0].to_m(doors[1]) * pace_ms_per_m).clamp(0.0, 1e9) as u32;
    let tour_ms = rides_ms + u64::from(leg_ms);
    let limit_ms = 2 * rides_ms * u64::from(params.detour_limit.0) / 10_000;
    (tour_ms <= limit_ms).then_some(leg_ms)
}

/// A door on a plane around its store, metres. Estimates only.
#[derive(Clone, Copy, Debug)]
struct Door {
    east_m: f64,
    north_m: f64,
    away_m: f64,
}

impl Door {
    fn new(order: &Waiting) -> Self {
        let Waiting { store_place, door, .. } = order;
        let corner = Place { lon_e7: store_place.lon_e7, ..*door };
        let signed = |length_m: f64, forward: bool| if forward { length_m } else { -length_m };
        let east_m = signed(corner.straight_m(*door), door.lon_e7 >= store_place.lon_e7);
        let north_m = signed(corner.straight_m(*store_place), door.lat_e7 >= store_place.lat_e7);
        Self { east_m, north_m, away_m: libm::hypot(east_m, north_m) }
    }

    fn to_m(self, other: &Self) -> f64 {
        let (east_m, north_m) = (self.east_m - other.east_m, self.north_m - other.north_m);
        libm::sqrt(east_m * east_m + north_m * north_m)
    }
}
