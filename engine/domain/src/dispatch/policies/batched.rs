//! Exact matching of trips to riders at least expected delay, lateness and rider time, just in
//! time, with two orders on a trip where that is cheaper.
//!
//! All waiting orders take part, also those it is too early for, so that an order about to be
//! packed keeps the rider it needs; what is not due is decided again in the next round. Every
//! order is matched alone first. The prices of riders from that matching say what a rider is
//! worth now, so pairs are chosen by what they save at those prices, and the matching is solved
//! again with pairs in place of their orders ([`super::pairs`]). The cheapest plan found wins;
//! it never costs more than the best plan without sharing.

use super::pairs;
use crate::dispatch::assign::{self, Cell, Matrix, Solution};
use crate::dispatch::timing::Approach;
use crate::dispatch::trip::Trip;
use crate::dispatch::{Assignment, Edge, Legs, Params, View};
use crate::ids::OrderId;

/// Buffers of a round.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    /// Waiting orders looked at, by store, the most urgent of each store first.
    queue: Vec<u32>,
    columns: Columns,
    table: Table,
    pairing: pairs::Scratch,
    solver: assign::Scratch,
    plan: Plan,
    /// The trips of the cheapest plan so far, and which of them go to which candidate.
    best: Vec<u32>,
    offers: Vec<(u32, u32)>,
}

/// Riders in the order of their ids, so that ties do not depend on how they are listed.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// The candidate of each column.
    pub(super) candidates: Vec<u32>,
    /// The column of each candidate.
    of: Vec<u32>,
}

/// Trips that could be made: one for each queued order, then pairs; and what each would cost.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) trips: Vec<Trip>,
    pub(super) rows: Vec<(u32, u32)>,
    pub(super) cells: Vec<Cell>,
    pub(super) penalties: Vec<u32>,
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
    let Scratch { queue, columns, table, pairing, solver, plan, best, offers } = scratch;
    fill_queue(view, params, queue);
    columns.fill(view);
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

/// The most urgent orders of each store: those that must leave it first.
fn fill_queue<L>(view: &View<'_, L>, params: &Params, queue: &mut Vec<u32>) {
    queue.clear();
    queue.extend((0_u32..).take(view.waiting.len()));
    queue.sort_unstable_by_key(|&index| {
        let order = &view.waiting[index as usize];
        let leave_by = order.promise_by.0.saturating_sub(u64::from(order.ride_ms) * 1_000);
        (order.store, leave_by, order.order)
    });
    let mut store = None;
    let mut place = 0;
    queue.retain(|&index| {
        let this = Some(view.waiting[index as usize].store);
        place = if this == store { place + 1 } else { 0 };
        store = this;
        place < params.window
    });
}

impl Columns {
    fn fill<L>(&mut self, view: &View<'_, L>) {
        self.candidates.clear();
        self.candidates.extend((0_u32..).take(view.riders.len()));
        self.candidates.sort_unstable_by_key(|&index| view.riders[index as usize].rider);
        self.of.clear();
        self.of.resize(view.riders.len(), 0);
        for (column, &candidate) in (0..).zip(&self.candidates) {
            self.of[candidate as usize] = column;
        }
    }
}

impl Table {
    fn fill_singles<L>(
        &mut self,
        view: &View<'_, L>,
        params: &Params,
        queue: &[u32],
        columns: &Columns,
    ) {
        self.trips.clear();
        self.rows.clear();
        self.cells.clear();
        self.penalties.clear();
        for &index in queue {
            let trip = Trip::single(params, view.now, view.waiting, index);
            self.begin_trip(trip, trip.penalty(params, view.now, view.waiting));
            for &edge in view.edges.row(index as usize) {
                self.add_rider(view, params, columns, edge, |_| true);
            }
            self.end_trip();
        }
    }

    /// Opens the row of a trip that costs as much if nobody makes it.
    pub(super) fn begin_trip(&mut self, trip: Trip, penalty: u32) {
        self.penalties.push(penalty);
        self.trips.push(trip);
        let begin = u32::try_from(self.cells.len()).expect("a round has below 2^32 options");
        self.rows.push((begin, begin));
    }

    /// Adds a rider to the open row, if they may make the trip.
    pub(super) fn add_rider<L>(
        &mut self,
        view: &View<'_, L>,
        params: &Params,
        columns: &Columns,
        edge: Edge,
        allowed: impl Fn(&Approach) -> bool,
    ) {
        let Some(trip) = self.trips.last() else { return };
        let approach = Approach::new(view.now, view.riders, edge);
        if approach.may_fetch(params, trip.refusals, trip.ready_at) && allowed(&approach) {
            let column = columns.of[edge.candidate as usize];
            let cost = trip.cost(params, view.now, view.waiting, &approach);
            self.cells.push(Cell { column, cost });
        }
    }

    /// Closes the open row.
    pub(super) fn end_trip(&mut self) {
        let Some((begin, end)) = self.rows.last_mut() else { return };
        *end = u32::try_from(self.cells.len()).expect("a round has below 2^32 options");
        self.cells[*begin as usize..].sort_unstable_by_key(|cell| (cell.cost, cell.column));
    }

    /// Takes the last trip back.
    pub(super) fn drop_trip(&mut self) {
        if let Some((begin, _)) = self.rows.pop() {
            self.cells.truncate(begin as usize);
            self.trips.pop();
            self.penalties.pop();
        }
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
        columns: &Columns,
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
    columns: &Columns,
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
        let row = view.edges.row(trip.orders[0] as usize);
        let Some(&edge) = row.iter().find(|edge| edge.candidate == candidate) else { continue };
        let approach = Approach::new(view.now, view.riders, edge);
        if approach.is_due(params, view.now, trip.ready_at, trip.urgent) {
            let mut orders: [Option<OrderId>; 2] = [None; 2];
            for (slot, order) in orders.iter_mut().zip(trip.orders()) {
                *slot = Some(view.waiting[order as usize].order);
            }
            chosen.push(Assignment {
                rider: approach.rider.rider,
                orders,
                expected_at_store: approach.reach,
            });
        }
    }
}
