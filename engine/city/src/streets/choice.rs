//! Which junctions are joined.

use std::cmp::Reverse;

use super::districts::District;
use super::{Pattern, Points, Seed};
use crate::plane::Xy;
use crate::purpose;

/// How much longer a street at 45° to its district's bearing counts, when streets are chosen
/// (assumed).
const MISALIGNED: f64 = 1.2;
/// Share of junctions that want two streets beyond those that get a dead end; they become bends
/// (assumed; makes some streets long).
const BENDS: f64 = 0.1;
/// Spread of what streets count: σ of the logarithm (assumed; makes no two blocks alike).
const WHIM: f64 = 0.25;
/// No way round is counted as longer than so many streets (assumed: beyond it, all are long).
const LONG_WAY: u32 = 40;

/// A street between two junctions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) ends: [u32; 2],
    /// Part of the spanning tree.
    pub(super) tree: bool,
}

/// Chooses streets among candidates.
///
/// First a spanning tree of short streets along their districts' bearings; then others, those that
/// spare the longest way round first, up to the number that each junction wants; at last what
/// keeps a junction from having one street only.
pub(super) fn streets(
    pattern: &Pattern,
    districts: &[District],
    points: &Points,
    candidates: Vec<[u32; 2]>,
    seed: Seed,
) -> Vec<Link> {
    let mut ranked: Vec<(f64, [u32; 2])> = candidates
        .into_iter()
        .map(|ends| (rank(pattern, districts, points, ends, seed), ends))
        .collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let keys = points.key.iter();
    let wanted = keys.map(|&key| wanted(pattern, seed.draw(purpose::WANTED, key, 0).unit()));
    let mut chosen = Chosen::new(wanted.collect());
    let mut rest = chosen.span(&ranked);
    let rooted = Rooted::new(chosen.degrees.len(), &chosen.links);
    // The sort is stable, so streets that spare as much keep their rank.
    rest.sort_by_cached_key(|&[a, b]| Reverse(rooted.steps(a, b)));
    let rest = chosen.add_where(rest, |chosen, [a, b]| chosen.wants(a) && chosen.wants(b));
    chosen.add_where(rest, |chosen, [a, b]| {
        let [a, b] = [a, b].map(|end| chosen.degree(end));
        a.min(b) < 2 && a.max(b) < 4
    });
    chosen.links
}

/// What a street counts when it is compared with others. Bridges count nothing: all are built.
fn rank(
    pattern: &Pattern,
    districts: &[District],
    points: &Points,
    ends: [u32; 2],
    seed: Seed,
) -> f64 {
    let [a, b] = ends.map(|end| points.at[end as usize]);
    if pattern.water.is_some_and(|water| water.crossing(a, b).is_some()) {
        return 0.0;
    }
    let whim = points.street_draw(seed, purpose::WHIM, ends).lognormal(1.0, WHIM);
    whim * cost(districts, points, ends)
}

/// What a street counts: its length in blocks, more if it runs across its district's grain.
fn cost(districts: &[District], points: &Points, ends: [u32; 2]) -> f64 {
    let [a, b] = ends.map(|end| points.at[end as usize]);
    let own = districts[points.district[ends[0] as usize] as usize];
    let Xy { x, y } = own.blocks(a, b);
    let direction = libm::atan2(b.y - a.y, b.x - a.x);
    let across = libm::sin(2.0 * (direction - own.bearing)).abs();
    libm::sqrt(x * x + y * y) * (1.0 + MISALIGNED * across)
}

/// How many streets a junction wants, by a draw.
fn wanted(pattern: &Pattern, at: f64) -> u8 {
    // Dead ends are added later, mostly to junctions of two, so those must be as many.
    let junctions = 1.0 - pattern.dead_ends;
    // Of the junctions that want four streets about half get them, and a few others do: fitted.
    let four = (pattern.four_way - 0.033).max(0.0) / 0.475 / junctions;
    let two = pattern.dead_ends / junctions + BENDS;
    if at < four {
        4
    } else if at < four + two {
        2
    } else {
        3
    }
}

/// The streets that were chosen so far.
struct Chosen {
    links: Vec<Link>,
    wanted: Vec<u8>,
    degrees: Vec<u8>,
}

impl Chosen {
    fn new(wanted: Vec<u8>) -> Self {
        let nodes = wanted.len();
        Self { links: Vec::with_capacity(nodes + nodes / 2), wanted, degrees: vec![0; nodes] }
    }

    fn degree(&self, node: u32) -> u8 {
        self.degrees[node as usize]
    }

    fn wants(&self, node: u32) -> bool {
        self.degree(node) < self.wanted[node as usize]
    }

    fn add(&mut self, ends: [u32; 2], tree: bool) {
        for end in ends {
            self.degrees[end as usize] += 1;
        }
        self.links.push(Link { ends, tree });
    }

    /// Adds those of the streets that fit at their turn, and gives back the others.
    fn add_where(
        &mut self,
        mut streets: Vec<[u32; 2]>,
        fits: impl Fn(&Self, [u32; 2]) -> bool,
    ) -> Vec<[u32; 2]> {
        streets.retain(|&ends| {
            let fits = fits(self, ends);
            if fits {
                self.add(ends, false);
            }
            !fits
        });
        streets
    }

    /// Adds Kruskal's spanning forest over ranked streets, and gives back the other streets.
    fn span(&mut self, ranked: &[(f64, [u32; 2])]) -> Vec<[u32; 2]> {
        let mut parts: Vec<u32> = (0_u32..).take(self.degrees.len()).collect();
        let mut rest = Vec::new();
        for &(_, ends) in ranked {
            let [a, b] = ends.map(|end| part_of(&mut parts, end));
            if a == b {
                rest.push(ends);
            } else {
                parts[a.max(b) as usize] = a.min(b);
                self.add(ends, true);
            }
        }
        rest
    }
}

/// The part a node belongs to; halves the way there for the next who asks.
fn part_of(parts: &mut [u32], mut node: u32) -> u32 {
    while parts[node as usize] != node {
        parts[node as usize] = parts[parts[node as usize] as usize];
        node = parts[node as usize];
    }
    node
}
/// A spanning forest with every junction's way to its root.
struct Rooted {
    parent: Vec<u32>,
    depth: Vec<u32>,
}

impl Rooted {
    fn new(nodes: usize, tree: &[Link]) -> Self {
        let mut first = vec![0_u32; nodes + 1];
        for end in tree.iter().flat_map(|link| link.ends) {
            first[end as usize + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut far_ends = vec![0_u32; 2 * tree.len()];
        for &Link { ends: [a, b], .. } in tree {
            for (near, far) in [(a, b), (b, a)] {
                far_ends[next[near as usize] as usize] = far;
                next[near as usize] += 1;
            }
        }
        let mut rooted =
            Self { parent: (0_u32..).take(nodes).collect(), depth: vec![u32::MAX; nodes] };
        let mut stack = Vec::new();
        for root in (0_u32..).take(nodes) {
            if rooted.depth[root as usize] != u32::MAX {
                continue;
            }
            rooted.depth[root as usize] = 0;
            stack.push(root);
            while let Some(node) = stack.pop() {
                for &far in
                    &far_ends[first[node as usize] as usize..first[node as usize + 1] as usize]
                {
                    if rooted.depth[far as usize] == u32::MAX {
                        rooted.depth[far as usize] = rooted.depth[node as usize] + 1;
                        rooted.parent[far as usize] = node;
                        stack.push(far);
                    }
                }
            }
        }
        rooted
    }

    /// Streets on the way between two junctions of one tree, at most [`LONG_WAY`].
    fn steps(&self, mut a: u32, mut b: u32) -> u32 {
        for steps in 0..LONG_WAY {
            if a == b {
                return steps;
            }
            let deeper =
                if self.depth[a as usize] >= self.depth[b as usize] { &mut a } else { &mut b };
            *deeper = self.parent[*deeper as usize];
        }
        LONG_WAY
    }
}
