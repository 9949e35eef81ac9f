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

/// Decimetres to a millisecond's unit in a lane.
///
/// Lanes are floats because a processor of the common kind adds and compares floats, but not
/// 64-bit integers, several at a time. All values up to the limit are whole and below 2^53, so
/// nothing is rounded, and lengths below this unit do not carry into the time.
const UNIT: f64 = 16_777_216.0;

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
    limit: f64,
    rows: Vec<[f64; LANES]>,
    /// Whether the row of a rank holds anything within the limit; else it is stale.
    near: Vec<bool>,
    /// By depth, what one source's climb knows.
    costs: Vec<Weight>,
}

impl<'a> Sweep<'a> {
    /// The longest limit: 3 hours, in which nobody rides the length at which lanes overflow.
    pub(crate) const LIMIT_MS: u32 = 10_800_000;

    /// Prepares sweeps in one direction, up to a limit of at most [`Sweep::LIMIT_MS`].
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
            limit: f64::from(limit_ms.min(Self::LIMIT_MS) + 1) * UNIT,
            rows: vec![[f64::INFINITY; LANES]; hierarchy.nodes()],
            near: vec![false; hierarchy.nodes()],
            costs: Vec::new(),
        }
    }

    /// Sweeps from up to sixteen ranks, then hands the row of each rank near one of them to
    /// `take`, highest rank first.
    ///
    /// [`time_and_length`] reads a lane. Lanes beyond the limit may hold more than the least cost.
    pub(crate) fn run(&mut self, sources: &[u32], mut take: impl FnMut(u32, &[f64; LANES])) {
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
            if in_lane(cost) < self.limit {
                let row = &mut self.rows[rank as usize];
                if !std::mem::replace(&mut self.near[rank as usize], true) {
                    *row = [f64::INFINITY; LANES];
                }
                row[lane] = in_lane(cost);
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
        let mut row = [f64::INFINITY; LANES];
        if self.near[rank as usize] {
            row = self.rows[rank as usize];
        }
        let heads = self.hierarchy.heads();
        for step in self.descending.of(rank) {
            let head = heads[step.link as usize];
            if !self.near[head as usize] {
                continue;
            }
            let cost = in_lane(step.cost);
            for (lane, above) in row.iter_mut().zip(&self.rows[head as usize]) {
                let through = above + cost;
                *lane = if through < *lane { through } else { *lane };
            }
        }
        let nearest = row.iter().fold(f64::INFINITY, |a, &b| if b < a { b } else { a });
        let near = nearest < self.limit;
        self.near[rank as usize] = near;
        if near {
            self.rows[rank as usize] = row;
        }
        near
    }
}

/// The time in milliseconds and the length in decimetres that a lane holds; [`i32::MAX`] and
/// nothing of use where there is no way.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
pub(crate) fn time_and_length(lane: f64) -> (i32, i32) {
    // A division by a power of two rounds nothing, and the cast drops the length.
    let ms = (lane / UNIT) as i32;
    (ms, (lane - f64::from(ms) * UNIT) as i32)
}

/// A cost as a lane holds it.
fn in_lane(cost: Weight) -> f64 {
    match cost.open() {
        Some(cost) => f64::from(cost.ms()) * UNIT + f64::from(cost.length_dm()),
        None => f64::INFINITY,
    }
}
