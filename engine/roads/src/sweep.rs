//! The costs between sixteen nodes and every node near them, in one pass over the hierarchy.
//!
//! From each source a search climbs to the top; then every node, highest rank first, takes the
//! least over its links up, for all sixteen sources at once. A node with nothing within the
//! limit is passed over, and so is everything that could be had only through it.
//!
//! Source: Delling, Goldberg, Nowatzyk, Werneck, "PHAST", JPDC 73 (2013).

use crate::hierarchy::{Climb, Hierarchy};
use crate::metric::Metric;
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
    climbing: &'a [Weight],
    descending: &'a [Weight],
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
            Direction::Outward => (&metric.up, &metric.down),
            Direction::Homeward => (&metric.down, &metric.up),
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
    /// A lane holds nothing of use unless [`Sweep::within`] finds it within the limit.
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

    /// The time in milliseconds and the length in decimetres of a lane; none beyond the limit.
    #[expect(clippy::cast_possible_truncation, reason = "limits are below 2^24 ms and 2^24 dm")]
    #[expect(clippy::cast_sign_loss, reason = "costs are not negative")]
    pub(crate) fn within(&self, lane: f64) -> Option<(u32, u32)> {
        (lane < self.limit).then(|| {
            let whole = lane as u64;
            ((whole >> 24) as u32, (whole & 0xff_ffff) as u32)
        })
    }

    /// Notes what one source reaches on its way up.
    fn climb(&mut self, lane: usize, source: u32) {
        self.costs.clear();
        self.costs.resize(self.hierarchy.height(), Weight::CLOSED);
        let depths = self.hierarchy.head_depths();
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
                for link in self.hierarchy.ups(rank) {
                    let slot = &mut self.costs[depths[link] as usize];
                    *slot = cost.plus(self.climbing[link]).min(*slot);
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
        let links = self.hierarchy.ups(rank);
        let heads = &self.hierarchy.heads()[links.clone()];
        for (&head, &cost) in heads.iter().zip(&self.descending[links]) {
            if !self.near[head as usize] {
                continue;
            }
            let cost = in_lane(cost);
            for (lane, above) in row.iter_mut().zip(&self.rows[head as usize]) {
                let through = above + cost;
                *lane = if through < *lane { through } else { *lane };
            }
        }
        let near = row.iter().any(|&lane| lane < self.limit);
        self.near[rank as usize] = near;
        if near {
            self.rows[rank as usize] = row;
        }
        near
    }
}

/// A cost as a lane holds it.
fn in_lane(cost: Weight) -> f64 {
    match cost.open() {
        Some(cost) => f64::from(cost.ms()) * UNIT + f64::from(cost.length_dm()),
        None => f64::INFINITY,
    }
}
