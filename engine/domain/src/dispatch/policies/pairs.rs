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
use crate::dispatch::{Edge, Legs, Params, View};
use crate::time::{Millis, Timestamp};

/// Buffers of a round.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    /// What riders are believed to be worth, by column.
    prices: Vec<u32>,
    /// For each single trip, when its door must be reached if it is to share.
    latest: Vec<Timestamp>,
    /// For each single trip, whether it is decided in this round.
    pressing: Vec<bool>,
    /// For each single trip, what it would cost alone.
    alone: Vec<u64>,
    /// Savings and their trips.
    savings: Vec<(Reverse<u64>, u32)>,
    /// The single trips each pair replaces, in the order of the pairs.
    ends: Vec<[u32; 2]>,
    /// For each single trip, whether it is on a pair.
    paired: Vec<bool>,
    /// The riders listed for both orders of the pair that is looked at.
    row: Vec<Edge>,
}

impl Scratch {
    /// Looks for pairs, given the best plan without any, and adds them to the table.
    pub(super) fn begin<L: Legs>(
        &mut self,
        view: &View<'_, L>,
        params: &Params,
        table: &mut Table,
        columns: &Columns,
        solution: Solution<'_>,
    ) {
        let singles = table.trips.len();
        self.ends.clear();
        self.prices.clear();
        self.prices.extend((0..columns.candidates.len()).map(|column| solution.price_of(column)));
        self.latest.clear();
        self.pressing.clear();
        self.alone.clear();
        for row in 0..singles {
            let (latest, pressing) = alone(view, params, &table.trips[row], columns, solution, row);
            self.latest.push(latest);
            self.pressing.push(pressing);
            self.alone.push(solution.worth_of(row));
        }
        for first in 0..singles {
            let order = &view.waiting[table.trips[first].orders[0] as usize];
            for second in first + 1..singles {
                let other = &table.trips[second];
                let partner = &view.waiting[other.orders[0] as usize];
                if partner.store != order.store {
                    break;
                }
                // A bag may wait elsewhere, where its rider gave up.
                if partner.store_place != order.store_place {
                    continue;
                }
                let gap_ms = table.trips[first].ready_at.0.abs_diff(other.ready_at.0) / 1_000;
                let close = gap_ms <= u64::from(params.ready_gap_limit.0);
                if close && (self.pressing[first] || self.pressing[second]) {
                    self.consider(view, params, table, columns, [first, second]);
                }
            }
        }
    }

    /// Adds the better order of two doors to the table, if it saves anything.
    fn consider<L: Legs>(
        &mut self,
        view: &View<'_, L>,
        params: &Params,
        table: &mut Table,
        columns: &Columns,
        [a, b]: [usize; 2],
    ) {
        let [trip_a, trip_b] = [table.trips[a], table.trips[b]];
        let Some(leg_ms) = estimate_leg_ms(view, params, [&trip_a, &trip_b]) else { return };
        self.common_row(view, [&trip_a, &trip_b]);
        let alone = self.alone[a] + self.alone[b];
        let mut best = None;
        let mut least = alone;
        for sequence in [[a, b], [b, a]] {
            let pays = self.try_pair(view, params, table, columns, sequence, leg_ms);
            table.drop_trip();
            if pays < least {
                (least, best) = (pays, Some(sequence));
            }
        }
        let Some(sequence) = best else { return };
        let doors = sequence.map(|single| {
            let order = table.trips[single].orders[0];
            view.waiting[order as usize].door
        });
        let leg_ms = view.legs.leg_ms(doors[0], doors[1], view.now);
        let pays = self.try_pair(view, params, table, columns, sequence, leg_ms);
        if pays < alone {
            self.ends.push([a, b].map(|single| u32::try_from(single).expect("below 2^32 trips")));
        } else {
            table.drop_trip();
        }
    }

    /// Adds a pair to the table and says what it would cost at today's prices.
    fn try_pair<L>(
        &self,
        view: &View<'_, L>,
        params: &Params,
        table: &mut Table,
        columns: &Columns,
        sequence: [usize; 2],
        leg_ms: u32,
    ) -> u64 {
        let ends = sequence.map(|single| &table.trips[single]);
        let trip = Trip::pair(params, view.waiting, ends, leg_ms);
        let latest = sequence.map(|single| self.latest[single]);
        let in_time = |approach: &Approach| {
            let mut arrivals = trip.arrivals(params, approach.reach).zip(latest);
            arrivals.all(|((_, arrival), latest)| arrival <= latest)
        };
        // Left without a rider, they cost what they cost apart: sharing must not look like help.
        let penalty = sequence.map(|single| table.penalties[single]).iter().sum();
        table.begin_trip(trip, penalty);
        for &edge in &self.row {
            table.add_rider(view, params, columns, edge, in_time);
        }
        table.end_trip();
        let index = u32::try_from(table.trips.len() - 1).expect("below 2^32 trips");
        table.worth(index, &self.prices)
    }

    /// The riders who are listed for both orders.
    fn common_row<L>(&mut self, view: &View<'_, L>, trips: [&Trip; 2]) {
        let [a, b] = trips.map(|trip| trip.orders[0] as usize);
        self.row.clear();
        if view.edges.rows[a] == view.edges.rows[b] {
            self.row.extend_from_slice(view.edges.row(a));
            return;
        }
        // Both are sorted by ride and rider, and the rides to their store are the same.
        let mut others = view.edges.row(b).iter().peekable();
        let key = |edge: &Edge| (edge.ms, view.riders[edge.candidate as usize].rider);
        for edge in view.edges.row(a) {
            while others.next_if(|other| key(other) < key(edge)).is_some() {}
            if others.next_if(|other| other.candidate == edge.candidate).is_some() {
                self.row.push(*edge);
            }
        }
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
    columns: &Columns,
    solution: Solution<'_>,
    row: usize,
) -> (Timestamp, bool) {
    const NEVER: Timestamp = Timestamp(u64::MAX);
    let Some(column) = solution.column_of(row) else { return (NEVER, true) };
    let candidate = columns.candidates[column];
    let order = trip.orders[0] as usize;
    let edge = view.edges.row(order).iter().find(|edge| edge.candidate == candidate);
    let Some(&edge) = edge else { return (NEVER, true) };
    let approach = Approach::new(view.now, view.riders, edge);
    let arrival = trip.arrivals(params, approach.reach).map(|(_, arrival)| arrival).max();
    let promise_by = view.waiting[order].promise_by.0;
    let spare = Timestamp(promise_by.saturating_sub(params.batch_slack.as_micros()));
    let pressing = approach.is_due(params, view.now, trip.ready_at, trip.urgent);
    (arrival.unwrap_or(NEVER).max(spare), pressing)
}

/// The ride from door to door at the pace of the two rides from the store; none if the tour
/// would be too long for sharing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn estimate_leg_ms<L>(view: &View<'_, L>, params: &Params, trips: [&Trip; 2]) -> Option<u32> {
    let [a, b] = trips.map(|trip| &view.waiting[trip.orders[0] as usize]);
    let rides_ms = u64::from(a.ride_ms) + u64::from(b.ride_ms);
    let rides_m = a.store_place.straight_m(a.door) + b.store_place.straight_m(b.door);
    let pace_ms_per_m = Millis(u32::try_from(rides_ms).ok()?).as_s() * 1e3 / rides_m.max(1e-6);
    let leg_ms = (a.door.straight_m(b.door) * pace_ms_per_m).clamp(0.0, 1e9) as u32;
    let tour_ms = rides_ms + u64::from(leg_ms);
    let limit_ms = 2 * rides_ms * u64::from(params.detour_limit.0) / 10_000;
    (tour_ms <= limit_ms).then_some(leg_ms)
}
