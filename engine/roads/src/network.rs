//! A city's roads as they are ridden now: the frozen network, closures, and the speed of the hour.

use std::collections::BTreeSet;
use std::sync::Arc as Shared;

use domain::dispatch::Legs;
use domain::money::Bps;
use domain::place::Place;
use domain::time::Timestamp;
use xxhash_rust::xxh3::Xxh3;

use crate::dissection;
use crate::grid::Grid;
use crate::hierarchy::Hierarchy;
use crate::metric::Metric;
use crate::query::Query;
use crate::weight::Weight;
use crate::{Arc, ArcId, Graph, NodeId, SpeedProfile};

/// The roads of one city and the time each stretch takes.
///
/// A clone shares the network and has closures and speeds of its own, so one city can be ridden
/// in many conditions at once.
#[derive(Clone, Debug)]
pub struct Roads {
    frozen: Shared<Frozen>,
    speeds: SpeedProfile,
    speed: Bps,
    grain_ms: u32,
    closed: BTreeSet<ArcId>,
    /// What each arc costs now, by arc.
    weights: Vec<Weight>,
    /// What each link of the hierarchy costs now.
    metric: Metric,
}

/// What no closure and no congestion changes.
#[derive(Debug)]
struct Frozen {
    graph: Graph,
    grid: Grid,
    hierarchy: Hierarchy,
    digest: u128,
}

/// A quickest way from one node to another; of equally quick ones, a shortest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// The arcs in riding order; none if the ends are one node.
    pub arcs: Vec<ArcId>,
    /// The sum of the arcs' times, milliseconds.
    pub ms: u32,
    /// The sum of the arcs' lengths, decimetres.
    pub length_dm: u32,
}

impl Path {
    /// The length in metres, rounded to the nearest.
    #[must_use]
    pub const fn length_m(&self) -> u32 {
        self.length_dm.saturating_add(5) / 10
    }
}

impl Roads {
    /// What [`Legs`] answers where closures leave no way: a day, in milliseconds.
    pub const NO_WAY_MS: u32 = 86_400_000;

    /// Opens a network to traffic, every street open and at the profile's speeds.
    #[must_use]
    pub fn new(graph: Graph, speeds: SpeedProfile) -> Self {
        Self::grained(graph, speeds, 1)
    }

    /// As [`Roads::new`], with the step of [`Roads::set_grain`].
    ///
    /// # Panics
    /// If the step is zero.
    #[must_use]
    pub fn grained(graph: Graph, speeds: SpeedProfile, grain_ms: u32) -> Self {
        let order = dissection::order(&graph);
        Self::contracted(graph, speeds, grain_ms, order)
    }

    /// Opens a network whose order of contraction is known.
    pub(crate) fn contracted(
        graph: Graph,
        speeds: SpeedProfile,
        grain_ms: u32,
        order: Vec<NodeId>,
    ) -> Self {
        assert!(grain_ms > 0, "a step of time");
        let hierarchy = Hierarchy::new(&graph, order);
        let grid = Grid::new(graph.places());
        let digest = graph.digest();
        let mut roads = Self {
            frozen: Shared::new(Frozen { graph, grid, hierarchy, digest }),
            speeds,
            speed: Bps::ONE,
            grain_ms,
            closed: BTreeSet::new(),
            weights: Vec::new(),
            metric: Metric::default(),
        };
        roads.weigh();
        roads
    }

    /// The frozen network.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.frozen.graph
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.graph().nodes()
    }

    /// Where a node is.
    ///
    /// # Panics
    /// If the node is not of this network.
    #[must_use]
    pub fn place(&self, node: NodeId) -> Place {
        self.graph().place(node)
    }

    /// The node nearest to a place as the crow flies; of equally near ones, the first.
    #[must_use]
    pub fn snap(&self, place: Place) -> NodeId {
        self.frozen.grid.nearest(place, self.graph().places())
    }

    /// How long the quickest ride takes, in milliseconds: zero to the same node, none if
    /// closures leave no way or it takes more than 37 hours.
    ///
    /// # Panics
    /// If a node is not of this network.
    #[must_use]
    pub fn travel_ms(&self, from: NodeId, to: NodeId) -> Option<u32> {
        let hierarchy = &self.frozen.hierarchy;
        let cost = self.query().cost(hierarchy.rank(from), hierarchy.rank(to));
        cost.open().map(|cost| cost.ms().unsigned_abs())
    }

    /// How long the quickest ride takes, in milliseconds, and how long it is, in decimetres; none
    /// where [`Roads::travel_ms`] finds none.
    ///
    /// # Panics
    /// If a node is not of this network.
    #[must_use]
    pub fn travel(&self, from: NodeId, to: NodeId) -> Option<(u32, u32)> {
        let hierarchy = &self.frozen.hierarchy;
        let cost = self.query().cost(hierarchy.rank(from), hierarchy.rank(to)).open()?;
        Some((cost.ms().unsigned_abs(), cost.length_dm().unsigned_abs()))
    }

    /// The quickest ride; none where [`Roads::travel_ms`] finds none.
    ///
    /// # Panics
    /// If a node is not of this network.
    #[must_use]
    pub fn path(&self, from: NodeId, to: NodeId) -> Option<Path> {
        let hierarchy = &self.frozen.hierarchy;
        let (cost, arcs) = self.query().way(hierarchy.rank(from), hierarchy.rank(to))?;
        let (ms, length_dm) = (cost.ms().unsigned_abs(), cost.length_dm().unsigned_abs());
        Some(Path { arcs, ms, length_dm })
    }

    /// How long one arc takes now, in milliseconds; none if it is closed
    /// or takes more than 37 hours.
    ///
    /// # Panics
    /// If the arc is not of this network.
    #[must_use]
    pub fn arc_ms(&self, arc: ArcId) -> Option<u32> {
        self.weights[arc.index()].open().map(|cost| cost.ms().unsigned_abs())
    }

    /// Closes arcs until they are reopened.
    ///
    /// # Panics
    /// If an arc is not of this network.
    pub fn close(&mut self, arcs: &[ArcId]) {
        assert!(arcs.iter().all(|arc| arc.index() < self.weights.len()), "arcs of this network");
        self.closed.extend(arcs);
        self.weigh();
    }

    /// Reopens arcs; those that were open stay so.
    pub fn reopen(&mut self, arcs: &[ArcId]) {
        for arc in arcs {
            self.closed.remove(arc);
        }
        self.weigh();
    }

    /// Sets how fast everything moves, as a multiple of the profile's speeds; replaces the last
    /// such multiple. Rain at [`Bps`] `7_000` makes every ride 1 / 0.7 as long.
    pub fn reweight(&mut self, speed: Bps) {
        self.speed = speed;
        self.weigh();
    }

    /// Replaces the speeds by road class, for congestion that hits main roads hardest.
    pub fn set_speeds(&mut self, speeds: SpeedProfile) {
        self.speeds = speeds;
        self.weigh();
    }

    /// Makes every arc's time a whole multiple of so many milliseconds, at least one; replaces the
    /// last such step. With [`StoreTables::quantum_of`](crate::StoreTables::quantum_of) their
    /// limit, tables hold the exact sums of arcs' times.
    ///
    /// # Panics
    /// If it is zero.
    pub fn set_grain(&mut self, grain_ms: u32) {
        assert!(grain_ms > 0, "a step of time");
        self.grain_ms = grain_ms;
        self.weigh();
    }

    /// The speeds by road class, before the multiple set by [`Roads::reweight`].
    #[must_use]
    pub const fn speeds(&self) -> SpeedProfile {
        self.speeds
    }

    /// Fingerprint of the network, the speeds and the closures.
    #[must_use]
    pub fn digest(&self) -> u128 {
        let mut hash = Xxh3::new();
        hash.update(&self.frozen.digest.to_le_bytes());
        for m_per_h in self.speeds.m_per_h {
            hash.update(&m_per_h.to_le_bytes());
        }
        hash.update(&self.speed.0.to_le_bytes());
        hash.update(&self.grain_ms.to_le_bytes());
        for arc in &self.closed {
            hash.update(&arc.0.to_le_bytes());
        }
        hash.digest128()
    }

    /// The hierarchy and what its links cost now.
    pub(crate) fn hierarchy(&self) -> (&Hierarchy, &Metric) {
        (&self.frozen.hierarchy, &self.metric)
    }

    fn query(&self) -> Query<'_> {
        Query { hierarchy: &self.frozen.hierarchy, metric: &self.metric, arcs: &self.weights }
    }

    /// Works out what each arc and each link costs now.
    fn weigh(&mut self) {
        let graph = &self.frozen.graph;
        let weigh = |&Arc { length_dm, class, .. }: &Arc| {
            let ms = self.speeds.ride_ms(length_dm, class, self.speed);
            let ms = ms.and_then(|ms| grained(ms, self.grain_ms));
            ms.map_or(Weight::CLOSED, |ms| Weight::new(ms, length_dm))
        };
        self.weights.clear();
        self.weights.extend(graph.arcs().iter().map(weigh));
        for arc in &self.closed {
            self.weights[arc.index()] = Weight::CLOSED;
        }
        self.metric.customise(&self.frozen.hierarchy, &self.weights);
    }
}

/// The whole multiple of a step that is nearest to a time, at least one step; none above 32 bits.
fn grained(ms: u32, grain_ms: u32) -> Option<u32> {
    let steps = (u64::from(ms) + u64::from(grain_ms / 2)) / u64::from(grain_ms);
    u32::try_from(steps.max(1) * u64::from(grain_ms)).ok()
}

impl Legs for Roads {
    /// From the node nearest to one place to the node nearest to the other, at today's speeds;
    /// [`Roads::NO_WAY_MS`] where closures leave no way.
    fn leg_ms(&self, from: Place, to: Place, _now: Timestamp) -> u32 {
        self.travel_ms(self.snap(from), self.snap(to)).unwrap_or(Self::NO_WAY_MS)
    }
}
