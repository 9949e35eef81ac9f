//! What a road network looks like in numbers, counted as studies of street networks count.
//!
//! The network is taken as undirected and simplified: a street runs from one junction or dead end
//! to the next, and what lies between does not count. Measures and their names follow Boeing,
//! "Street network models and indicators for every urban area in the world", Geographical
//! Analysis 54(3), 2022, and "Urban spatial order", Applied Network Science 4(67), 2019.

use kernel::chance::draw;
use roads::{Graph, NodeId, Roads};

use crate::plane::{Plane, Xy};
use crate::purpose;

/// Bins of street bearings, each 10° wide and centred on multiples of 10°.
const BEARING_BINS: usize = 36;

/// Measures of a road network.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Description {
    /// Junctions and dead ends.
    pub nodes: usize,
    /// Streets between them.
    pub streets: usize,
    /// Streets that meet at a node, on average.
    pub streets_per_node: f64,
    /// Share of nodes at which one street ends.
    pub dead_ends: f64,
    /// Share of nodes at which three streets meet.
    pub three_way: f64,
    /// Share of nodes at which four streets meet.
    pub four_way: f64,
    /// Length of all streets over the straight lines between their ends.
    pub edge_circuity: f64,
    /// Mean length of a street, metres.
    pub mean_m: f64,
    /// Median length of a street, metres.
    pub median_m: f64,
    /// Entropy of the streets' bearings in nats; 3.58 when every direction is as common.
    pub entropy: f64,
    /// Order of the bearings: 1 for a perfect grid, 0 when every direction is as common.
    pub order: f64,
}

/// One street of the simplified network.
struct Street {
    ends: [NodeId; 2],
    length_m: f64,
}

impl Description {
    /// Describes a network.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
    pub fn of(graph: &Graph) -> Self {
        let streets = simplified(graph);
        let mut degrees = vec![0_usize; graph.nodes()];
        for end in streets.iter().flat_map(|street| street.ends) {
            degrees[end.index()] += 1;
        }
        let nodes = degrees.iter().filter(|&&degree| degree > 0).count();
        let share =
            |ways| degrees.iter().filter(|&&degree| degree == ways).count() as f64 / nodes as f64;
        let mut lengths: Vec<f64> = streets.iter().map(|street| street.length_m).collect();
        lengths.sort_by(f64::total_cmp);
        let total_m: f64 = lengths.iter().sum();
        let (bins, straight_m) = bearings(graph, &streets);
        let entropy = entropy(&bins);
        Self {
            nodes,
            streets: streets.len(),
            streets_per_node: 2.0 * streets.len() as f64 / nodes as f64,
            dead_ends: share(1),
            three_way: share(3),
            four_way: share(4),
            edge_circuity: total_m / straight_m,
            mean_m: total_m / streets.len() as f64,
            median_m: lengths.get(lengths.len() / 2).copied().unwrap_or(0.0),
            entropy,
            order: order(entropy),
        }
    }
}

/// The streets between nodes at which not exactly two streets meet.
///
/// Of a street that is one-way each way, both directions count as one.
fn simplified(graph: &Graph) -> Vec<Street> {
    let around = neighbours(graph);
    let passed = |node: NodeId| around[node.index()].len() == 2;
    let mut streets = Vec::new();
    for start in (0..graph.nodes()).map(NodeId::at).filter(|&node| !passed(node)) {
        for &(next, length_m) in &around[start.index()] {
            let (mut before, mut at, mut length_m) = (start, next, length_m);
            while passed(at) {
                let ways = &around[at.index()];
                let onward = usize::from(ways[0].0 == before);
                (before, at, length_m) = (at, ways[onward].0, length_m + ways[onward].1);
            }
            // Every street is met from both its ends; a loop is met twice from its one.
            if start <= at {
                streets.push(Street { ends: [start, at], length_m });
            }
        }
    }
    streets
}

/// For each node, the nodes that a street leads to or comes from, and its length in metres.
fn neighbours(graph: &Graph) -> Vec<Vec<(NodeId, f64)>> {
    let mut around: Vec<Vec<(NodeId, f64)>> = vec![Vec::new(); graph.nodes()];
    for arc in graph.arcs() {
        let length_m = f64::from(arc.length_dm) / 10.0;
        for (node, other) in [(arc.from, arc.to), (arc.to, arc.from)] {
            let known = &mut around[node.index()];
            if known.iter().all(|&(there, _)| there != other) {
                known.push((other, length_m));
            }
        }
    }
    around
}

/// How many streets run in each direction, and the sum of the straight lines between their ends,
/// metres. A street counts once in each of its two directions.
#[expect(clippy::cast_possible_truncation, reason = "a bearing is below 360")]
#[expect(clippy::cast_sign_loss, reason = "a bearing is not negative")]
fn bearings(graph: &Graph, streets: &[Street]) -> ([f64; BEARING_BINS], f64) {
    let mut bins = [0.0; BEARING_BINS];
    let mut straight_m = 0.0;
    for street in streets {
        let [from, to] = street.ends.map(|end| graph.place(end));
        let Xy { x, y } = Plane::new(from).xy(to);
        straight_m += libm::sqrt(x * x + y * y);
        if street.ends[0] != street.ends[1] {
            let degrees = libm::atan2(x, y).to_degrees() + 360.0 + 5.0;
            let bin = (degrees / 10.0) as usize;
            bins[bin % BEARING_BINS] += 1.0;
            bins[(bin + BEARING_BINS / 2) % BEARING_BINS] += 1.0;
        }
    }
    (bins, straight_m)
}

/// Shannon entropy in nats.
fn entropy(counts: &[f64]) -> f64 {
    let total: f64 = counts.iter().sum();
    let shares = counts.iter().filter(|&&count| count > 0.0).map(|count| count / total);
    -shares.map(|share| share * libm::log(share)).sum::<f64>()
}

/// How far an entropy is from that of every direction alike (0), towards a grid's (1).
fn order(entropy: f64) -> f64 {
    let grid = libm::log(4.0);
    let even = libm::log(36.0);
    let share = (entropy - grid) / (even - grid);
    1.0 - share * share
}

/// Road over straight line for quickest trips of 1 to 4 km between nodes drawn at random, sorted.
///
/// Fewer trips than asked for come back from a network so small that no more can be drawn.
#[must_use]
pub fn trip_circuity(roads: &Roads, seed: u64, trips: u32) -> Vec<f64> {
    let nodes = u32::try_from(roads.nodes()).expect("nodes are limited");
    let mut found = Vec::new();
    for attempt in 0..trips.saturating_mul(1_000) {
        if found.len() == trips as usize {
            break;
        }
        let mut draw = draw(seed, 0, purpose::TRIP, attempt);
        let [from, to] = [draw.below(nodes), draw.below(nodes)].map(NodeId);
        let straight_m = roads.place(from).straight_m(roads.place(to));
        if (1_000.0..4_000.0).contains(&straight_m)
            && let Some(path) = roads.path(from, to)
        {
            found.push(f64::from(path.length_dm) / 10.0 / straight_m);
        }
    }
    found.sort_by(f64::total_cmp);
    found
}
