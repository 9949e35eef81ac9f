//! What each link of a hierarchy costs now, and which links a search needs.

use std::ops::Range;

use crate::hierarchy::{Down, Hierarchy};
use crate::weight::Weight;

/// The costs of all links, and the links worth climbing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metric {
    /// By link, the least cost over its arcs and over the nodes below it.
    costs: Vec<Both>,
    /// Links along which a ride can start.
    pub(crate) out: Steps,
    /// Links along which, downwards, a ride can end.
    pub(crate) home: Steps,
    /// Kept to spare their allocation: by link, the least cost by any way; by depth, the link up
    /// from the node at work.
    least: Vec<Both>,
    links: Vec<u32>,
}

/// The costs of a link in its two directions.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Both {
    /// From the lower end to the higher.
    up: Weight,
    /// From the higher end to the lower.
    down: Weight,
}

/// By rank, the links up that are the quickest way between their ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    /// `first[r]..first[r + 1]` are the positions in `steps` of rank `r`.
    first: Vec<u32>,
    steps: Vec<Step>,
}

/// A link as a search takes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// The depth of its higher end.
    pub(crate) depth: u32,
    /// The link.
    pub(crate) link: u32,
    /// What it costs.
    pub(crate) cost: Weight,
}

impl Metric {
    /// Works out the costs of links from those of arcs.
    pub(crate) fn customise(&mut self, hierarchy: &Hierarchy, arcs: &[Weight]) {
        self.costs.clear();
        self.costs.resize(hierarchy.links(), Both { up: Weight::CLOSED, down: Weight::CLOSED });
        self.links.resize(hierarchy.height(), 0);
        for (&(link, up), &cost) in hierarchy.arc_links().iter().zip(arcs) {
            let both = &mut self.costs[link as usize];
            let slot = if up { &mut both.up } else { &mut both.down };
            *slot = cost.min(*slot);
        }
        for rank in hierarchy.ranks() {
            self.settle(hierarchy, rank);
        }
        self.least.clone_from(&self.costs);
        for rank in hierarchy.ranks().rev() {
            self.shorten(hierarchy, rank);
        }
        self.out.keep(hierarchy, &self.costs, &self.least, |both| both.up);
        self.home.keep(hierarchy, &self.costs, &self.least, |both| both.down);
    }

    /// What a link costs in one direction.
    pub(crate) fn cost(&self, link: u32, up: bool) -> Weight {
        let both = self.costs[link as usize];
        if up { both.up } else { both.down }
    }

    /// Makes the costs of a rank's links up final: each is the least of its own arcs' and of
    /// every way round by a lower node, whose links are final already.
    fn settle(&mut self, hierarchy: &Hierarchy, rank: u32) {
        let costs = &mut self.costs;
        each_wedge(hierarchy, rank, &mut self.links, |aside, overs| {
            let low = costs[aside];
            for (over, link) in overs {
                let high = costs[over];
                let both = &mut costs[link];
                both.up = low.down.plus(high.up).min(both.up);
                both.down = high.down.plus(low.up).min(both.down);
            }
        });
    }

    /// Shortens the links of lower nodes by ways round over a rank, whose links up are as short
    /// as they get: ranks above it came before.
    fn shorten(&mut self, hierarchy: &Hierarchy, rank: u32) {
        let least = &mut self.least;
        each_wedge(hierarchy, rank, &mut self.links, |aside, overs| {
            let low = least[aside];
            let mut shortest = low;
            for (over, link) in overs {
                let (high, top) = (least[over], least[link]);
                shortest.up = high.up.plus(top.down).min(shortest.up);
                shortest.down = top.up.plus(high.down).min(shortest.down);
                least[over] = Both {
                    up: low.up.plus(top.up).min(high.up),
                    down: top.down.plus(low.down).min(high.down),
                };
            }
            least[aside] = shortest;
        });
    }
}

/// Visits the triangles in which a rank is the middle node, by their lowest node: calls `visit`
/// with the link from the lowest to the middle, and for each triangle the links from the lowest
/// and from the middle to the highest.
fn each_wedge(
    hierarchy: &Hierarchy,
    rank: u32,
    links: &mut [u32],
    mut visit: impl FnMut(usize, Wedge<'_>),
) {
    let depths = hierarchy.head_depths();
    for (link, depth) in numbered(depths, hierarchy.ups(rank)) {
        links[depth as usize] = link;
    }
    for &Down { tail, link: aside } in hierarchy.downs(rank) {
        // Links are sorted by head, so those after this one lead above `rank`, where `rank` has
        // a link too: contracting the tail made its neighbours neighbours.
        let first = aside as usize + 1;
        let depths = depths[first..hierarchy.ups(tail).end].iter();
        visit(aside as usize, Wedge { depths, over: first, links });
    }
}

/// The triangles over one link: the links of their other two sides.
struct Wedge<'a> {
    depths: std::slice::Iter<'a, u32>,
    over: usize,
    links: &'a [u32],
}

impl Iterator for Wedge<'_> {
    type Item = (usize, usize);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let &depth = self.depths.next()?;
        let over = self.over;
        self.over += 1;
        Some((over, self.links[depth as usize] as usize))
    }
}

/// Some links, with their depths.
fn numbered(depths: &[u32], links: Range<usize>) -> impl Iterator<Item = (u32, u32)> {
    let first = u32::try_from(links.start).expect("links fit 32 bits");
    (first..).zip(depths[links].iter().copied())
}

impl Steps {
    /// A rank's links up that are worth taking.
    #[inline]
    pub(crate) fn of(&self, rank: u32) -> &[Step] {
        let rank = rank as usize;
        &self.steps[self.first[rank] as usize..self.first[rank + 1] as usize]
    }

    /// Keeps the links that cost no more than the least between their ends.
    fn keep(
        &mut self,
        hierarchy: &Hierarchy,
        costs: &[Both],
        least: &[Both],
        side: impl Fn(&Both) -> Weight,
    ) {
        self.first.clear();
        self.steps.clear();
        for rank in hierarchy.ranks() {
            self.first.push(u32::try_from(self.steps.len()).expect("links fit 32 bits"));
            for (link, depth) in numbered(hierarchy.head_depths(), hierarchy.ups(rank)) {
                let cost = side(&costs[link as usize]);
                if cost.open().is_some() && cost == side(&least[link as usize]) {
                    self.steps.push(Step { depth, link, cost });
                }
            }
        }
        self.first.push(u32::try_from(self.steps.len()).expect("links fit 32 bits"));
    }
}
