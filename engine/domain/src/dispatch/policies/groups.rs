//! Which stores compete for the same riders: the groups a round falls into.
//!
//! Two stores are in one group if a rider is listed for both, or a chain of such stores joins
//! them. Groups share nothing, so solving them one by one is solving them together, only faster.

use super::batched::Columns;
use crate::dispatch::View;

/// The groups of a round. Reused: once grown, nothing more is allocated.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    /// For each candidate, another of its group; itself for one of them.
    parents: Vec<u32>,
    /// For each candidate that stands for its group, the group's number.
    numbers: Vec<u32>,
    /// Queued orders by group, and candidates by group and rider.
    queue: Vec<(u32, u32)>,
    columns: Vec<(u32, u32, u32)>,
    /// The same without their groups, and where each group ends in them.
    orders: Vec<u32>,
    candidates: Vec<u32>,
    ends: Vec<(usize, usize)>,
    /// For each candidate, its column in its group.
    column_of: Vec<u32>,
}

/// In no group.
const NONE: u32 = u32::MAX;

impl Groups {
    /// Divides a queue that is sorted by store. Orders that nobody could fetch are left out.
    pub(super) fn divide<L>(&mut self, view: &View<'_, L>, queue: &[u32]) {
        self.parents.clear();
        self.parents.extend((0_u32..).take(view.riders.len()));
        self.numbers.clear();
        self.numbers.resize(view.riders.len(), NONE);
        for stores in queue.chunk_by(|&a, &b| store(view, a) == store(view, b)) {
            self.join(view, stores);
        }
        self.number(view, queue);
        self.list_columns(view);
    }

    /// Joins all riders who are listed for an order of one store.
    fn join<L>(&mut self, view: &View<'_, L>, orders: &[u32]) {
        let mut first = NONE;
        let mut last_row = (0, 0);
        for &order in orders {
            let row = view.edges.rows[order as usize];
            if row == last_row {
                continue;
            }
            last_row = row;
            for edge in view.edges.row(order as usize) {
                let root = self.root(edge.candidate);
                if first == NONE {
                    first = root;
                }
                first = self.root(first);
                self.parents[root as usize] = first;
            }
        }
    }

    /// The candidate that stands for another's group.
    fn root(&mut self, mut candidate: u32) -> u32 {
        loop {
            let parent = self.parents[candidate as usize];
            if parent == candidate {
                return candidate;
            }
            let next = self.parents[parent as usize];
            self.parents[candidate as usize] = next;
            candidate = next;
        }
    }

    /// Numbers the groups in the order of their first orders, and sorts the orders by group.
    fn number<L>(&mut self, view: &View<'_, L>, queue: &[u32]) {
        self.queue.clear();
        let mut count = 0;
        for (position, &order) in (0..).zip(queue) {
            let Some(edge) = view.edges.row(order as usize).first() else { continue };
            let root = self.root(edge.candidate) as usize;
            if self.numbers[root] == NONE {
                self.numbers[root] = count;
                count += 1;
            }
            self.queue.push((self.numbers[root], position));
        }
        self.queue.sort_unstable();
        self.ends.clear();
        self.ends.resize(count as usize, (0, 0));
        self.orders.clear();
        for &(group, position) in &self.queue {
            self.orders.push(queue[position as usize]);
            self.ends[group as usize].0 = self.orders.len();
        }
    }

    /// Lists the candidates of each group by rider.
    fn list_columns<L>(&mut self, view: &View<'_, L>) {
        self.columns.clear();
        for (candidate, rider) in (0..).zip(view.riders) {
            let root = self.root(candidate);
            let group = self.numbers[root as usize];
            if group != NONE {
                self.columns.push((group, rider.rider.0, candidate));
            }
        }
        self.columns.sort_unstable();
        self.candidates.clear();
        self.column_of.clear();
        self.column_of.resize(view.riders.len(), NONE);
        let (mut last, mut column) = (NONE, 0);
        for &(group, _, candidate) in &self.columns {
            if group != last {
                (last, column) = (group, 0);
            }
            self.column_of[candidate as usize] = column;
            column += 1;
            self.candidates.push(candidate);
            self.ends[group as usize].1 = self.candidates.len();
        }
    }

    /// How many groups there are.
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// The queued orders of a group, store by store, the most urgent of each first.
    pub(super) fn queue(&self, group: usize) -> &[u32] {
        let begin = group.checked_sub(1).map_or(0, |before| self.ends[before].0);
        &self.orders[begin..self.ends[group].0]
    }

    /// The riders of a group.
    pub(super) fn columns(&self, group: usize) -> Columns<'_> {
        let begin = group.checked_sub(1).map_or(0, |before| self.ends[before].1);
        Columns { candidates: &self.candidates[begin..self.ends[group].1], of: &self.column_of }
    }
}

fn store<L>(view: &View<'_, L>, order: u32) -> crate::ids::StoreId {
    view.waiting[order as usize].store
}
