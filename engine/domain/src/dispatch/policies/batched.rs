//! Exact matching of trips to riders at least expected delay, lateness and rider time, just in
//! time, with two orders on a trip where that is cheaper.
//!
//! All waiting orders take part, also those it is too early for, so that an order about to be
//! packed keeps the rider it needs; what is not due is decided again in the next round. Every
//! order is matched alone first. The prices of riders from that matching say what a rider is
//! worth now, so pairs are chosen by what they save at those prices, and the matching is solved
//! again with pairs in place of their orders ([`super::pairs`]). The cheapest plan found wins;
//! it never costs more than the best plan without sharing.
//!
//! Stores that no rider could choose between do not bear on each other, so each such group of
//! stores is a small problem of its own ([`super::groups`]).

use super::groups::Groups;
use super::pairs;
use crate::dispatch::assign::{self, Cell, Matrix, Solution};
use crate::dispatch::timing::Approach;
use crate::dispatch::trip::Trip;
use crate::dispatch::{Assignment, Legs, Params, View};
use crate::ids::OrderId;
use crate::time::Millis;

/// Buffers of a round.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    /// Waiting orders looked at, by store, the most urgent of each store first.
    queue: Vec<u32>,
    groups: Groups,
    table: Table,
    pairing: pairs::Scratch,
    solver: assign::Scratch,
    plan: Plan,
    /// The trips of the cheapest plan so far, and which of them go to which candidate.
    best: Vec<u32>,
    offers: Vec<(u32, u32)>,
}

/// The riders of one group in the order of their ids, so that ties do not depend on how they are
/// listed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns<'a> {
    /// The candidate of each column.
    pub(super) candidates: &'a [u32],
    /// The column of each candidate.
    pub(super) of: &'a [u32],
}

/// Trips that could be made: one for each queued order, then pairs; and what each would cost.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) trips: Vec<Trip>,
    pub(super) rows: Vec<(u32, u32)>,
    pub(super) cells: Vec<Cell>,
    pub(super) penalties: Vec<u32>,
    /// For each order's trip, when the first of its riders is at the store, milliseconds after the
    /// round's time.
    pub(super) least_reach_ms: Vec<u32>,
    /// The riders near the store that is looked at, by column.
    near: Vec<(u32, Approach)>,
}

/// The trips that take part in one matching; every queued order is on exactly one.
#[derive(Clone, Debug, Default)]
struct Plan {
    trips: Vec<u32>,
    rows: Vec<(u32, u32)>,
    penalties: Vec<u32>,
}

pub(super) fn choose<L: Legs>(
    view: &View<'_, L>,
    params: &Params,
    scratch: &mut Scratch,
    chosen: &mut Vec<Assignment>,
) {
    let params = &params.at_scarcity(view.waiting.len(), view.riders.len());
    fill_queue(view, params, &mut scratch.queue);
    let mut groups = std::mem::take(&mut scratch.groups);
    groups.divide(view, &scratch.queue);
    for group in 0..groups.count() {
        choose_in(view, params, groups.queue(group), &groups.columns(group), scratch, chosen);
    }
    scratch.groups = groups;
}

/// Chooses within one group.
fn choose_in<L: Legs>(
    view: &View<'_, L>,
    params: &Params,
    queue: &[u32],
    columns: &Columns<'_>,
    scratch: &mut Scratch,
    chosen: &mut Vec<Assignment>,
) {
    let Scratch { table, pairing, solver, plan, best, offers, .. } = scratch;
    table.fill_singles(view, params, queue, columns);
    plan.trips.clear();
    plan.trips.extend((0_u32..).take(queue.len()));

    let mut best_total = plan.solve(table, columns, solver).total();
    best.clone_from(&plan.trips);
    note_offers(plan, columns, solver.solution(), offers);
    if params.max_batch >= 2 {
        pairing.begin(view, params, table, columns, solver.solution());
        for _ in 0..params.pair_passes {
            pairing.choose(table, queue.len(), &mut plan.trips);
            if plan.trips == *best {
                break;
            }
            let solution = plan.solve(table, columns, solver);
            pairing.learn(solution);
            if solution.total() < best_total {
                best_total = solution.total();
                best.clone_from(&plan.trips);
                note_offers(plan, columns, solution, offers);
            }
        }
    }
    offer(view, params, table, offers, chosen);
}

/// The most urgent orders of each store, those that must leave it first; no more than are worth
/// comparing for the riders of the first of them.
fn fill_queue<L>(view: &View<'_, L>, params: &Params, queue: &mut Vec<u32>) {
    queue.clear();
    queue.extend((0_u32..).take(view.waiting.len()));
    queue.sort_unstable_by_key(|&index| {
        let order = &view.waiting[index as usize];
        let leave_by = order.promise_by.0.saturating_sub(u64::from(order.ride_ms) * 1_000);
        (order.store, leave_by, order.order)
    });
    let mut store = None;
    let mut left = 0;
    queue.retain(|&index| {
        let this = Some(view.waiting[index as usize].store);
        if this != store {
            let row = view.edges.row(index as usize).iter();
            let free_by = view.now + params.rider_horizon;
            let soon = row.filter(|edge| view.riders[edge.candidate as usize].free_at <= free_by);
            (store, left) = (this, params.window_for(soon.count()));
        }
        let looked_at = left > 0;
        left = left.saturating_sub(1);
        looked_at
    });
}

impl Table {
    fn fill_singles<L>(
        &mut self,
        view: &View<'_, L>,
        params: &Params,
        queue: &[u32],
        columns: &Columns<'_>,
    ) {
        self.trips.clear();
        self.rows.clear();
        self.cells.clear();
        self.penalties.clear();
        self.least_reach_ms.clear();
        let mut near = std::mem::take(&mut self.near);
        let mut listed = None;
        for &index in queue {
            let row = view.edges.rows[index as usize];
            if listed != Some(row) {
                listed = Some(row);
                near.clear();
                near.extend(view.edges.row(index as usize).iter().map(|&edge| {
                    let approach = Approach::new(view.now, view.riders, edge);
                    (columns.of[edge.candidate as usize], approach)
                }));
            }
            let first = near.iter().map(|(_, approach)| approach.reach_ms).min();
            self.least_reach_ms.push(first.unwrap_or(0));
            let trip = Trip::single(params, view.now, view.waiting, index);
            self.add_trip(params, trip, trip.penalty(params), near.iter());
        }
        self.near = near;
    }

    /// Adds a trip that costs so much if nobody makes it, and those who may make it.
    pub(super) fn add_trip<'n>(
        &mut self,
        params: &Params,
        trip: Trip,
        penalty: u32,
        near: impl Iterator<Item = &'n (u32, Approach)>,
    ) {
        let end =
            |cells: &Vec<Cell>| u32::try_from(cells.len()).expect("a round has below 2^32 options");
        let begin = end(&self.cells);
        let able = near.filter(|(_, rider)| rider.may_fetch(params, trip.refusals, trip.ready_ms));
        let cells =
            able.map(|&(column, ref rider)| Cell { column, cost: trip.cost(params, rider) });
        self.cells.extend(cells);
        self.cells[begin as usize..].sort_unstable_by_key(|cell| (cell.cost, cell.column));
        self.rows.push((begin, end(&self.cells)));
        self.penalties.push(penalty);
        self.trips.push(trip);
    }

    /// What a trip would cost, if riders cost extra as given by column.
    pub(super) fn worth(&self, trip: u32, prices: &[u32]) -> u64 {
        let (begin, end) = self.rows[trip as usize];
        let cells = &self.cells[begin as usize..end as usize];
        let mut least = u64::from(self.penalties[trip as usize]);
        for cell in cells {
            if u64::from(cell.cost) >= least {
                break;
            }
            let pays = u64::from(cell.cost) + u64::from(prices[cell.column as usize]);
            least = least.min(pays);
        }
        least
    }
}

impl Plan {
    fn solve<'s>(
        &mut self,
        table: &Table,
        columns: &Columns<'_>,
        solver: &'s mut assign::Scratch,
    ) -> Solution<'s> {
        self.rows.clear();
        self.rows.extend(self.trips.iter().map(|&trip| table.rows[trip as usize]));
        self.penalties.clear();
        self.penalties.extend(self.trips.iter().map(|&trip| table.penalties[trip as usize]));
        let matrix = Matrix {
            rows: &self.rows,
            cells: &table.cells,
            penalties: &self.penalties,
            columns: columns.candidates.len(),
        };
        assign::assign(&matrix, solver)
    }
}

/// Notes which trip goes to which candidate.
fn note_offers(
    plan: &Plan,
    columns: &Columns<'_>,
    solution: Solution<'_>,
    offers: &mut Vec<(u32, u32)>,
) {
    offers.clear();
    let taken = plan.trips.iter().enumerate().filter_map(|(row, &trip)| {
        solution.column_of(row).map(|column| (trip, columns.candidates[column]))
    });
    offers.extend(taken);
}

/// Makes the offers that are due.
fn offer<L>(
    view: &View<'_, L>,
    params: &Params,
    table: &Table,
    offers: &[(u32, u32)],
    chosen: &mut Vec<Assignment>,
) {
    for &(trip, candidate) in offers {
        let trip = &table.trips[trip as usize];
        let row = view.edges.row(trip.first());
        let Some(&edge) = row.iter().find(|edge| edge.candidate == candidate) else { continue };
        let approach = Approach::new(view.now, view.riders, edge);
        if approach.is_due(params, trip.ready_ms, trip.urgent) {
            let mut orders: [Option<OrderId>; 2] = [None; 2];
            for (slot, stop) in orders.iter_mut().zip(trip.stops()) {
                *slot = Some(view.waiting[stop.order as usize].order);
            }
            chosen.push(Assignment {
                rider: view.riders[candidate as usize].rider,
                orders,
                expected_at_store: view.now + Millis(approach.reach_ms),
            });
        }
    }
}
