//! The cost and the way from one node to another, by climbing the elimination tree from both.

use crate::ArcId;
use crate::hierarchy::{Climb, Hierarchy};
use crate::metric::{Metric, Step};
use crate::weight::Weight;

/// What a search needs: links and what they cost.
#[derive(Clone, Copy)]
pub(crate) struct Query<'a> {
    pub(crate) hierarchy: &'a Hierarchy,
    pub(crate) metric: &'a Metric,
    /// What arcs cost, by arc.
    pub(crate) arcs: &'a [Weight],
}

/// Tree heights up to these are searched in arrays on the stack of that size.
const LOW: usize = 256;
const MIDDLE: usize = 1_024;
const HIGH: usize = 4_096;

impl Query<'_> {
    /// The least cost between two ranks; [`Weight::CLOSED`] if there is no way.
    pub(crate) fn cost(&self, from: u32, to: u32) -> Weight {
        // The arrays are on the stack so that a query needs nothing from the heap.
        let height = self.hierarchy.height();
        if height <= LOW {
            return self.cost_in(from, to, &mut [[Weight::CLOSED; LOW]; 2]);
        }
        if height <= MIDDLE {
            return self.cost_in(from, to, &mut [[Weight::CLOSED; MIDDLE]; 2]);
        }
        if height <= HIGH {
            return self.cost_in(from, to, &mut [[Weight::CLOSED; HIGH]; 2]);
        }
        let [mut out, mut home] = [(); 2].map(|()| vec![Weight::CLOSED; height]);
        self.climb(from, to, &mut out, &mut home, relax).0
    }

    fn cost_in<const N: usize>(&self, from: u32, to: u32, costs: &mut [[Weight; N]; 2]) -> Weight {
        let [out, home] = costs;
        self.climb(from, to, out, home, relax).0
    }

    /// The arcs of a least-cost way between two ranks; none if there is no way.
    pub(crate) fn way(&self, from: u32, to: u32) -> Option<(Weight, Vec<ArcId>)> {
        let height = self.hierarchy.height();
        let [mut out, mut home] = [(); 2].map(|()| vec![Weight::CLOSED; height]);
        let mut via = [vec![0_u32; height], vec![0_u32; height]];
        let relax_noting = |side: Side, costs: &mut [Weight], steps: &[Step], cost: Weight| {
            for step in steps {
                let through = cost.plus(step.cost);
                if through < costs[step.depth as usize] {
                    costs[step.depth as usize] = through;
                    via[side as usize][step.depth as usize] = step.link;
                }
            }
        };
        let (cost, top) = self.climb(from, to, &mut out, &mut home, relax_noting);
        cost.open()?;

        let links_down_from_top = |side: Side, end: u32| {
            let end = self.hierarchy.climb(end).depth;
            let mut depth = top;
            let mut links = Vec::new();
            while depth != end as usize {
                let link = via[side as usize][depth];
                links.push(link);
                depth = self.hierarchy.climb(self.hierarchy.tail(link)).depth as usize;
            }
            links
        };
        let mut arcs = Vec::new();
        for &link in links_down_from_top(Side::Out, from).iter().rev() {
            self.unpack(link, true, &mut arcs);
        }
        for &link in &links_down_from_top(Side::Home, to) {
            self.unpack(link, false, &mut arcs);
        }
        Some((cost, arcs))
    }

    /// Climbs from both ends; answers the least cost and the depth of the top of the way.
    ///
    /// `out` and `home` are by depth, all closed, and at least as long as the tree is high.
    /// `relax` lowers the costs at the ends of steps to what they cost from where these start.
    fn climb(
        &self,
        from: u32,
        to: u32,
        out: &mut [Weight],
        home: &mut [Weight],
        mut relax: impl FnMut(Side, &mut [Weight], &[Step], Weight),
    ) -> (Weight, usize) {
        let Metric { out: outs, home: homes, .. } = self.metric;
        let (mut a, mut b) = (from, to);
        let (mut at_a, mut at_b) = (self.hierarchy.climb(a), self.hierarchy.climb(b));
        out[at_a.depth as usize] = Weight::ZERO;
        home[at_b.depth as usize] = Weight::ZERO;

        // Below the first common ancestor the lower of the two moves. Depths of the two sides
        // do not meet there, for each side has arrays of its own.
        while a != b {
            if a < b {
                let cost = out[at_a.depth as usize];
                relax(Side::Out, out, outs.of(a), cost);
                a = at_a.parent;
                if a == Climb::TOP {
                    return (Weight::CLOSED, 0);
                }
                at_a = self.hierarchy.climb(a);
            } else {
                let cost = home[at_b.depth as usize];
                relax(Side::Home, home, homes.of(b), cost);
                b = at_b.parent;
                if b == Climb::TOP {
                    return (Weight::CLOSED, 0);
                }
                at_b = self.hierarchy.climb(b);
            }
        }
        // Above it, only what is cheaper than the best way so far can be part of a better one.
        let (mut best, mut top) = (Weight::CLOSED, 0);
        loop {
            let depth = at_a.depth as usize;
            let (cost_out, cost_home) = (out[depth], home[depth]);
            let through = cost_out.plus(cost_home);
            if through < best {
                (best, top) = (through, depth);
            }
            if cost_out < best {
                relax(Side::Out, out, outs.of(a), cost_out);
            }
            if cost_home < best {
                relax(Side::Home, home, homes.of(a), cost_home);
            }
            a = at_a.parent;
            if a == Climb::TOP {
                return (best, top);
            }
            at_a = self.hierarchy.climb(a);
        }
    }

    /// Appends the arcs of a link, in riding order.
    ///
    /// Of equally cheap ways the one along an arc is taken, else the one by the lowest node, so
    /// closing arcs that are not on the way does not change it.
    fn unpack(&self, link: u32, up: bool, arcs: &mut Vec<ArcId>) {
        let mut stack = vec![(link, up)];
        while let Some((link, up)) = stack.pop() {
            let cost = self.metric.cost(link, up);
            let along = self.hierarchy.arcs_of(link, up);
            if let Some(arc) = { along }.find(|arc| self.arcs[arc.index()] == cost) {
                arcs.push(arc);
                continue;
            }
            let (first, second) = self.detour(link, up, cost);
            stack.push(second);
            stack.push(first);
        }
    }

    /// The two links below a link that cost as much as it does.
    fn detour(&self, link: u32, up: bool, cost: Weight) -> ((u32, bool), (u32, bool)) {
        let over = self.hierarchy.downs(self.hierarchy.heads()[link as usize]);
        for below in self.hierarchy.downs(self.hierarchy.tail(link)) {
            let Ok(other) = over.binary_search_by_key(&below.tail, |other| other.tail) else {
                continue;
            };
            let other = over[other].link;
            let (first, second) = if up { (below.link, other) } else { (other, below.link) };
            if self.metric.cost(first, false).plus(self.metric.cost(second, true)) == cost {
                return ((first, false), (second, true));
            }
        }
        unreachable!("a link costs what its arcs or a way below it cost");
    }
}

/// The end a climb started from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// Where the ride starts.
    Out,
    /// Where it ends.
    Home,
}

/// Lowers costs without a branch: whether a step helps cannot be foreseen.
#[inline]
fn relax(_: Side, costs: &mut [Weight], steps: &[Step], cost: Weight) {
    for step in steps {
        let slot = &mut costs[step.depth as usize];
        *slot = cost.plus(step.cost).min(*slot);
    }
}
