//! The costs between sixteen nodes and every node near them, in one pass over the hierarchy.
//!
//! From each source a search climbs to the top; then every node, highest rank first, takes the
//! least over its links up, for all sixteen sources at once. A node with nothing within the
//! limit is passed over, and so is everything that could be had only through it.
//!
//! Source: Delling, Goldberg, Nowatzyk, Werneck, "PHAST", JPDC 73 (2013).

use crate::hierarchy::{Climb, Hierarchy};
use crate::metric::{Metric, Steps};
use crate::weight::Weight;

/// How many sources are swept together.
pub(crate) const LANES: usize = 16;

/// Which way the rides go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the sources to the nodes.
    Outward,
    /// From the nodes to the sources.
    Homeward,
}

/// Rows of costs by rank.
#[derive(Clone, Debug)]
pub(crate) struct Sweep<'a> {
    hierarchy: &'a Hierarchy,
    /// By link, what leads away from the source up the tree, and down it.
    climbing: &'a Steps,
    descending: &'a Steps,
    /// The least weight that is beyond the limit.
    limit: Weight,
    rows: Vec<[Weight; LANES]>,
    /// Whether the row of a rank holds anything within the limit; else it is stale.
    near: Vec<bool>,
    /// By depth, what one source's climb knows.
    costs: Vec<Weight>,
}

impl<'a> Sweep<'a> {
    /// Prepares sweeps in one direction, up to a limit.
    pub(crate) fn new(
        hierarchy: &'a Hierarchy,
        metric: &'a Metric,
        direction: Direction,
        limit_ms: u32,
    ) -> Self {
        let (climbing, descending) = match direction {
            Direction::Outward => (&metric.out, &metric.home),
            Direction::Homeward => (&metric.home, &metric.out),
        };
        Self {
            hierarchy,
            climbing,
            descending,
            limit: Weight::beyond(limit_ms),
            rows: vec![[Weight::CLOSED; LANES]; hierarchy.nodes()],
            near: vec![false; hierarchy.nodes()],
            costs: Vec::new(),
        }
    }

    /// Sweeps from up to sixteen ranks, then hands the row of each rank near one of them to
    /// `take`, highest rank first.
    ///
    /// Lanes beyond the limit may hold more than the least cost.
    pub(crate) fn run(&mut self, sources: &[u32], mut take: impl FnMut(u32, &[Weight; LANES])) {
        self.near.fill(false);
        for (lane, &source) in sources.iter().enumerate() {
            self.climb(lane, source);
        }
        for rank in (0..u32::try_from(self.near.len()).expect("ranks fit 32 bits")).rev() {
            if self.settle(rank) {
                take(rank, &self.rows[rank as usize]);
            }
        }
    }

    /// Notes what one source reaches on its way up.
    fn climb(&mut self, lane: usize, source: u32) {
        self.costs.clear();
        self.costs.resize(self.hierarchy.height(), Weight::CLOSED);
        let mut rank = source;
        let mut at = self.hierarchy.climb(rank);
        self.costs[at.depth as usize] = Weight::ZERO;
        loop {
            let cost = self.costs[at.depth as usize];
            if cost < self.limit {
                let row = &mut self.rows[rank as usize];
                if !std::mem::replace(&mut self.near[rank as usize], true) {
                    *row = [Weight::CLOSED; LANES];
                }
                row[lane] = cost;
                for step in self.climbing.of(rank) {
                    let slot = &mut self.costs[step.depth as usize];
                    *slot = cost.plus(step.cost).min(*slot);
                }
            }
            rank = at.parent;
            if rank == Climb::TOP {
                return;
            }
            at = self.hierarchy.climb(rank);
        }
    }

    /// Makes a rank's row final; answers whether anything in it is within the limit.
    fn settle(&mut self, rank: u32) -> bool {
        let mut row = [Weight::CLOSED; LANES];
        if self.near[rank as usize] {
            row = self.rows[rank as usize];
        }
        let heads = self.hierarchy.heads();
        for step in self.descending.of(rank) {
            let head = heads[step.link as usize];
            if !self.near[head as usize] {
                continue;
            }
            for (lane, above) in row.iter_mut().zip(&self.rows[head as usize]) {
                *lane = above.plus(step.cost).min(*lane);
            }
        }
        let nearest = row.iter().fold(Weight::CLOSED, |nearest, &lane| lane.min(nearest));
        let near = nearest < self.limit;
        self.near[rank as usize] = near;
        if near {
            self.rows[rank as usize] = row;
        }
        near
    }
}
