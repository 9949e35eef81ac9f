//! An order of contraction by nested dissection: few nodes part a network, and come last; so in
//! each of its parts.
//!
//! A part's nodes are swept along a few axes. Where the fewest nodes on one side of the line have
//! a neighbour on the other, for how many are left on the smaller side, the part is cut; the least
//! nodes that touch every street across the cut are its separator. Cuts along lines are longer
//! than the best ones, which flows find (Schild, Sommer, "On balanced separators in road networks",
//! SEA 2015, whose axes these are), but take a fortieth of the time.

use crate::{Graph, NodeId};

/// Directions of sweeps: as many metres east and north as this.
const AXES: [(i64, i64); 8] = [(1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, 2), (2, -1), (1, -2)];
/// A side of a cut has at least one in so many of a part's nodes (as Schild and Sommer's).
const LEAST_SIDE: usize = 4;
/// Parts of at least so many nodes are swept along all axes, others along the first four: where
/// they are cut matters less (assumed).
const LARGE: usize = 8_192;
/// No node.
const NOBODY: u32 = u32::MAX;

/// All nodes, those that are contracted first first.
pub(crate) fn order(graph: &Graph) -> Vec<NodeId> {
    let mut dissection = Dissection::new(graph);
    let mut parts = vec![(0, graph.nodes())];
    while let Some((from, to)) = parts.pop() {
        // A separator stands behind its sides, so the first axis ends up in order.
        if to - from >= LEAST_SIDE {
            let (left, right) = dissection.part(from, to);
            parts.extend([(from, left), (left, right)]);
        }
    }
    let [first, ..] = dissection.sorted;
    first.into_iter().map(NodeId).collect()
}

/// Nodes being parted. A part is a range of positions, the same along each axis.
struct Dissection {
    /// `first[n]..first[n + 1]` are the positions in `neighbours` of node `n`'s.
    first: Vec<u32>,
    neighbours: Vec<u32>,
    /// By axis, the nodes of each part in the order in which a sweep meets them.
    sorted: [Vec<u32>; AXES.len()],
    /// By node, its position along the axis looked at last; none for what is in order already.
    at: Vec<u32>,
    /// By node, its neighbour across the cut in the matching.
    mate: Vec<u32>,
    /// By node, where it goes.
    side: Vec<Side>,
    /// By node, the last search that met it.
    met_by: Vec<u32>,
    searches: u32,
    /// By position, how many more nodes than at the one before touch the cut there from before it,
    /// and from behind it.
    touching: Vec<(i32, i32)>,
    scratch: Vec<u32>,
    separator: Vec<u32>,
}

/// Where a node goes when its part is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    Separator,
}

/// A cut of a part.
#[derive(Clone, Copy, Debug)]
struct Cut {
    axis: usize,
    /// Nodes before it.
    before: usize,
    /// Nodes that touch it.
    touching: u64,
    /// Nodes on its smaller side.
    smaller: u64,
}

impl Cut {
    /// Whether it parts more nodes for each that touches it; of equals, the earlier axis.
    fn is_better_than(&self, other: &Self) -> bool {
        let (own, others) = (self.touching * other.smaller, other.touching * self.smaller);
        own < others || (own == others && self.smaller > other.smaller)
    }
}

impl Dissection {
    fn new(graph: &Graph) -> Self {
        let nodes = graph.nodes();
        let (first, neighbours) = neighbours(graph);
        let middle = graph.places().get(nodes / 2).copied().unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "a cosine is at most one")]
        let narrowing = (libm::cos(middle.lat().to_radians()) * 1024.0) as i64;
        let sorted = AXES.map(|(east, north)| {
            let along = |node: &u32| {
                let place = graph.place(NodeId(*node));
                let x = i64::from(place.lon_e7) * narrowing / 1024;
                (east * x + north * i64::from(place.lat_e7), *node)
            };
            let mut sorted: Vec<u32> = (0..).take(nodes).collect();
            sorted.sort_by_cached_key(along);
            sorted
        });
        Self {
            first,
            neighbours,
            sorted,
            at: vec![NOBODY; nodes],
            mate: vec![NOBODY; nodes],
            side: vec![Side::Left; nodes],
            met_by: vec![0; nodes],
            searches: 0,
            touching: vec![(0, 0); nodes + 2],
            scratch: Vec::with_capacity(nodes),
            separator: Vec::new(),
        }
    }

    /// Cuts a part: the left side's nodes come first, then the right side's, then the separator's.
    /// Gives where the left and the right side end.
    fn part(&mut self, from: usize, to: usize) -> (usize, usize) {
        let axes = if to - from >= LARGE { AXES.len() } else { AXES.len() / 2 };
        let mut best: Option<Cut> = None;
        for axis in 0..axes {
            let cut = self.sweep(axis, from, to);
            if best.is_none_or(|best| cut.is_better_than(&best)) {
                best = Some(cut);
            }
        }
        let Cut { axis, before, .. } = best.expect("there are axes");
        self.number(axis, from, to);
        self.separate(axis, from, from + before, to);
        // From the last axis to the first: positions are then those along the first.
        let mut ends = (from, to);
        for axis in (0..axes).rev() {
            ends = self.sort(axis, from, to);
        }
        self.number(0, from, ends.1);
        for &node in &self.sorted[0][ends.1..to] {
            self.at[node as usize] = NOBODY;
        }
        ends
    }

    /// Finds the best cut across an axis.
    fn sweep(&mut self, axis: usize, from: usize, to: usize) -> Cut {
        self.number(axis, from, to);
        let nodes = to - from;
        self.touching[..nodes + 2].fill((0, 0));
        for position in from..to {
            let node = self.sorted[axis][position];
            let (mut near, mut far) = (position, position);
            for next in self.around(node) {
                if let Some(next) = self.position_of(next, from, to) {
                    near = near.min(next);
                    far = far.max(next);
                }
            }
            let [near, own, far] = [near, position, far].map(|position| position - from);
            // A cut before position `c` is touched by a node before it with a neighbour from `c` on.
            self.touching[own + 1].0 += 1;
            self.touching[far + 1].0 -= 1;
            self.touching[near + 1].1 += 1;
            self.touching[own + 1].1 -= 1;
        }
        let least = (nodes / LEAST_SIDE).max(1);
        let mut best: Option<Cut> = None;
        let (mut left, mut right) = (0, 0);
        for before in 1..=nodes - least {
            left += self.touching[before].0;
            right += self.touching[before].1;
            if before < least {
                continue;
            }
            let touching = u64::from(left.min(right).unsigned_abs());
            let smaller = before.min(nodes - before) as u64;
            let cut = Cut { axis, before, touching, smaller };
            if best.is_none_or(|best| cut.is_better_than(&best)) {
                best = Some(cut);
            }
        }
        best.expect("a part has two sides")
    }

    /// Notes the positions of a part's nodes along an axis.
    fn number(&mut self, axis: usize, from: usize, to: usize) {
        for position in from..to {
            let node = self.sorted[axis][position];
            self.at[node as usize] = u32::try_from(position).expect("nodes are limited to 2^24");
        }
    }

    /// The position of a node along the axis that was numbered last, if it is between two.
    ///
    /// Positions of other parts' nodes are in those parts' ranges, and separators have none.
    fn position_of(&self, node: u32, from: usize, to: usize) -> Option<usize> {
        let position = self.at[node as usize] as usize;
        (from..to).contains(&position).then_some(position)
    }

    fn around(&self, node: u32) -> impl Iterator<Item = u32> + use<'_> {
        let node = node as usize;
        self.neighbours[self.first[node] as usize..self.first[node + 1] as usize].iter().copied()
    }

    /// Tells the sides of a cut and its separator: the least nodes that touch every street across,
    /// which are as many as there are streets that share no node (Kőnig).
    fn separate(&mut self, axis: usize, from: usize, cut: usize, to: usize) {
        let mut touching = Vec::new();
        for position in from..to {
            let node = self.sorted[axis][position];
            self.mate[node as usize] = NOBODY;
            self.side[node as usize] = if position < cut { Side::Left } else { Side::Right };
        }
        let across = Across { cut, to };
        for position in from..cut {
            let node = self.sorted[axis][position];
            if self.streets_across(node, across).next().is_some() {
                touching.push(node);
            }
        }
        for &node in &touching {
            self.searches += 1;
            self.find_mate(node, across);
        }
        // What is reached from nodes without a mate, over streets across and back over mates.
        self.searches += 1;
        let mut reached: Vec<u32> = touching.clone();
        reached.retain(|&node| self.mate[node as usize] == NOBODY);
        let mut next = 0;
        while let Some(&node) = reached.get(next) {
            next += 1;
            self.met_by[node as usize] = self.searches;
            let far: Vec<u32> = self.streets_across(node, across).collect();
            for far in far {
                if self.side[far as usize] != Side::Separator {
                    self.side[far as usize] = Side::Separator;
                    reached.push(self.mate[far as usize]);
                }
            }
        }
        for node in touching {
            if self.met_by[node as usize] != self.searches {
                self.side[node as usize] = Side::Separator;
            }
        }
    }

    /// The neighbours across the cut of a node before it.
    fn streets_across(&self, node: u32, across: Across) -> impl Iterator<Item = u32> + use<'_> {
        let Across { cut, to } = across;
        self.around(node).filter(move |&far| self.position_of(far, cut, to).is_some())
    }

    /// Finds a node a mate across the cut, if others may change theirs.
    fn find_mate(&mut self, node: u32, across: Across) -> bool {
        let far: Vec<u32> = self.streets_across(node, across).collect();
        for far in far {
            if std::mem::replace(&mut self.met_by[far as usize], self.searches) == self.searches {
                continue;
            }
            let rival = self.mate[far as usize];
            if rival == NOBODY || self.find_mate(rival, across) {
                self.mate[far as usize] = node;
                self.mate[node as usize] = far;
                return true;
            }
        }
        false
    }

    /// Sorts a part along an axis by side, keeping the order within each; gives where the left and
    /// the right side end.
    fn sort(&mut self, axis: usize, from: usize, to: usize) -> (usize, usize) {
        self.scratch.clear();
        self.separator.clear();
        let part = &mut self.sorted[axis][from..to];
        let mut left = 0;
        for at in 0..part.len() {
            let node = part[at];
            match self.side[node as usize] {
                Side::Left => {
                    part[left] = node;
                    left += 1;
                }
                Side::Right => self.scratch.push(node),
                Side::Separator => self.separator.push(node),
            }
        }
        let right = left + self.scratch.len();
        part[left..right].copy_from_slice(&self.scratch);
        part[right..].copy_from_slice(&self.separator);
        (from + left, from + right)
    }
}

/// A cut, and where the part behind it ends.
#[derive(Clone, Copy)]
struct Across {
    cut: usize,
    to: usize,
}

/// Each node's neighbours either way, once each, node by node.
fn neighbours(graph: &Graph) -> (Vec<u32>, Vec<u32>) {
    let ends = graph.arcs().iter().filter(|arc| arc.from != arc.to);
    let mut pairs: Vec<(u32, u32)> =
        ends.flat_map(|arc| [(arc.from.0, arc.to.0), (arc.to.0, arc.from.0)]).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut first = vec![0_u32; graph.nodes() + 1];
    for &(node, _) in &pairs {
        first[node as usize + 1] += 1;
    }
    for node in 0..graph.nodes() {
        first[node + 1] += first[node];
    }
    (first, pairs.into_iter().map(|(_, neighbour)| neighbour).collect())
}

#[cfg(test)]
mod tests {
    use cch::inertial_order;
    use domain::place::Place;
    use proptest::prelude::*;

    use super::*;
    use crate::hierarchy::Hierarchy;
    use crate::{GraphBuilder, RoadClass};

    /// Streets between places.
    fn graph(places: &[(i32, i32)], streets: &[(usize, usize)]) -> Graph {
        let mut builder = GraphBuilder::new();
        for &(lat, lon) in places {
            builder.add_node(Place { lat_e7: lat * 10_000, lon_e7: lon * 10_000 });
        }
        for &(a, b) in streets {
            builder.add_street(NodeId::at(a), NodeId::at(b), None, RoadClass::Residential, false);
        }
        builder.build().unwrap()
    }

    proptest! {
        /// Whatever the network, every node is in the order once.
        #[test]
        fn every_node_is_named_once(
            places in prop::collection::vec((-20..20, -20..20), 1..80),
            chords in prop::collection::vec((0_usize..80, 0_usize..80), 0..120),
        ) {
            let nodes = places.len();
            let road = (1..nodes).map(|n| (n - 1, n));
            let chords = chords.iter().map(|&(a, b)| (a % nodes, b % nodes));
            let graph = graph(&places, &road.chain(chords).collect::<Vec<_>>());
            let mut named: Vec<usize> = order(&graph).iter().map(|node| node.index()).collect();
            named.sort_unstable();
            prop_assert_eq!(named, (0..nodes).collect::<Vec<_>>());
        }
    }

    /// Searches climb about as far as in the order that flows find, on a grid of streets without
    /// every seventh.
    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "single precision is enough to sort by")]
    fn searches_climb_little_farther_than_with_flows() {
        const SIDE: usize = 48;
        let at = |n: usize| [n / SIDE, n % SIDE].map(|along| i32::try_from(along).unwrap());
        let places: Vec<(i32, i32)> = (0..SIDE * SIDE).map(|n| (at(n)[0], at(n)[1])).collect();
        let east = (0..SIDE * SIDE).filter(|n| n % SIDE + 1 < SIDE).map(|n| (n, n + 1));
        let north = (0..SIDE * (SIDE - 1)).map(|n| (n, n + SIDE));
        let streets: Vec<_> = east.chain(north).filter(|(a, b)| (a * 31 + b) % 7 != 0).collect();
        let graph = graph(&places, &streets);
        let height = |order| Hierarchy::new(&graph, order).height();
        let ends = |end: fn(&crate::Arc) -> NodeId| -> Vec<u32> {
            graph.arcs().iter().map(|arc| end(arc).0).collect()
        };
        let (tails, heads) = (ends(|arc| arc.from), ends(|arc| arc.to));
        let along = |of: fn(Place) -> f64| -> Vec<f32> {
            graph.places().iter().map(|&place| of(place) as f32).collect()
        };
        let (lats, lons) = (along(Place::lat), along(Place::lon));
        let nodes = u32::try_from(graph.nodes()).unwrap();
        let flows = inertial_order(nodes, &tails, &heads, &lats, &lons);
        let (own, flows) = (height(order(&graph)), height(flows.into_iter().map(NodeId).collect()));
        assert!(2 * own <= 3 * flows, "{own} beside {flows}");
    }
}
