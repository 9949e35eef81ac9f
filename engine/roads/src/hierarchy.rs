//! The contraction hierarchy of a network: what depends on its shape alone.
//!
//! Nodes are contracted in an order that puts separators last; where two neighbours of a
//! contracted node remain, a *link* joins them. Every quickest ride then climbs links to higher
//! ranks and descends again, whatever the arcs cost. The order is that of [`crate::dissection`].
//!
//! Source: Dibbelt, Strasser, Wagner, "Customizable Contraction Hierarchies", JEA 21 (2016).

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::buckets::Buckets;
use crate::{Arc, ArcId, Graph, NodeId};

/// Ranks, links, and the elimination tree they form.
///
/// A node's number here is its rank, the position at which it is contracted. All ranks a node
/// has links up to are its ancestors in the elimination tree, and have different depths, so a
/// search keeps what it knows by depth in a short array.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hierarchy {
    rank: Vec<u32>,
    order: Vec<NodeId>,
    climbs: Vec<Climb>,
    /// By link, links sorted by tail, then head: the higher end, its depth, the lower end.
    heads: Vec<u32>,
    head_depths: Vec<u32>,
    tails: Vec<u32>,
    /// `first_down[r]..first_down[r + 1]` are the positions in `downs` of the links down from `r`.
    first_down: Vec<u32>,
    downs: Vec<Down>,
    /// The link of each arc, and whether the arc leads up it.
    arc_links: Vec<(u32, bool)>,
    /// The arcs of each link.
    link_arcs: Buckets,
    height: usize,
}

/// How a search goes on from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Climb {
    /// The first of the node's links up; the next node's first follows the last.
    first: u32,
    /// The node above in the elimination tree; [`Climb::TOP`] if there is none.
    pub(crate) parent: u32,
    /// How many nodes are above it.
    pub(crate) depth: u32,
}

impl Climb {
    /// The parent of a root.
    pub(crate) const TOP: u32 = u32::MAX;
}

/// A link seen from its higher end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Down {
    /// The lower end.
    pub(crate) tail: u32,
    /// The link.
    pub(crate) link: u32,
}

impl Hierarchy {
    /// Contracts the network in an order that names every node once.
    pub(crate) fn new(graph: &Graph, order: Vec<NodeId>) -> Self {
        let mut rank = vec![0; order.len()];
        for (position, node) in (0..).zip(&order) {
            rank[node.index()] = position;
        }
        let links = Links::new(graph, &rank);
        let climbs = links.climbs();
        let tails: Vec<u32> = (0..)
            .zip(links.first.windows(2))
            .flat_map(|(tail, ends)| (ends[0]..ends[1]).map(move |_| tail))
            .collect();
        // Links are sorted by tail, so those down from a node are too.
        let by_head = Buckets::new(order.len(), links.heads.iter().copied());
        let downs =
            by_head.items().iter().map(|&link| Down { tail: tails[link as usize], link }).collect();
        let arc_links = links.of_arcs(graph, &rank);
        Self {
            head_depths: links.heads.iter().map(|&head| climbs[head as usize].depth).collect(),
            height: climbs.iter().map(|climb| climb.depth as usize + 1).max().unwrap_or(0),
            link_arcs: Buckets::new(tails.len(), arc_links.iter().map(|&(link, _)| link)),
            first_down: by_head.first().to_vec(),
            heads: links.heads,
            rank,
            order,
            climbs,
            tails,
            downs,
            arc_links,
        }
    }

    /// How many nodes there are.
    pub(crate) fn nodes(&self) -> usize {
        self.rank.len()
    }

    /// Every rank, lowest first.
    pub(crate) fn ranks(&self) -> Range<u32> {
        0..u32::try_from(self.rank.len()).expect("nodes are limited to 2^24")
    }

    /// How many links there are.
    pub(crate) fn links(&self) -> usize {
        self.heads.len()
    }

    /// The most nodes on a way up, the node itself included.
    pub(crate) const fn height(&self) -> usize {
        self.height
    }

    /// A node's rank.
    pub(crate) fn rank(&self, node: NodeId) -> u32 {
        self.rank[node.index()]
    }

    /// The nodes by rank.
    pub(crate) fn nodes_by_rank(&self) -> &[NodeId] {
        &self.order
    }

    /// How a search goes on from a rank.
    pub(crate) fn climb(&self, rank: u32) -> Climb {
        self.climbs[rank as usize]
    }

    /// A rank's links up, lowest head first.
    pub(crate) fn ups(&self, rank: u32) -> Range<usize> {
        let rank = rank as usize;
        self.climbs[rank].first as usize..self.climbs[rank + 1].first as usize
    }

    /// A rank's links down, lowest tail first.
    pub(crate) fn downs(&self, rank: u32) -> &[Down] {
        let rank = rank as usize;
        &self.downs[self.first_down[rank] as usize..self.first_down[rank + 1] as usize]
    }

    /// The higher ends of links.
    pub(crate) fn heads(&self) -> &[u32] {
        &self.heads
    }

    /// The depths of the higher ends of links.
    pub(crate) fn head_depths(&self) -> &[u32] {
        &self.head_depths
    }

    /// The lower end of a link.
    pub(crate) fn tail(&self, link: u32) -> u32 {
        self.tails[link as usize]
    }

    /// By arc: its link, and whether it leads up.
    pub(crate) fn arc_links(&self) -> &[(u32, bool)] {
        &self.arc_links
    }

    /// The arcs that run along a link in one direction.
    pub(crate) fn arcs_of(&self, link: u32, up: bool) -> impl Iterator<Item = ArcId> {
        let arcs = self.link_arcs.of(link).iter().map(|&arc| ArcId(arc));
        arcs.filter(move |arc| self.arc_links[arc.index()].1 == up)
    }
}

/// The links that contraction leaves, by their lower end.
struct Links {
    /// `first[r]..first[r + 1]` are the links up from rank `r`, lowest head first.
    first: Vec<u32>,
    heads: Vec<u32>,
}

impl Links {
    /// Contracts the network.
    ///
    /// A node's neighbours above it become neighbours of each other. It is enough to hand them
    /// to the lowest of them, its parent, which hands them on when its turn comes.
    fn new(graph: &Graph, rank: &[u32]) -> Self {
        let nodes = rank.len();
        let ends = graph.arcs().iter().map(|arc| ordered(arc, rank));
        let arcs = Buckets::new(nodes, ends.map(|(low, _)| low));
        let mut links = Self { first: vec![0], heads: Vec::new() };
        // By rank: its first child, and the next child of its parent.
        let mut children = vec![Climb::TOP; nodes];
        let mut siblings = vec![Climb::TOP; nodes];
        let mut seen_by = vec![Climb::TOP; nodes];
        for low in 0..u32::try_from(nodes).expect("nodes are limited to 2^24") {
            let start = links.heads.len();
            let mut add = |heads: &mut Vec<u32>, head: u32| {
                if std::mem::replace(&mut seen_by[head as usize], low) != low {
                    heads.push(head);
                }
            };
            for &arc in arcs.of(low) {
                add(&mut links.heads, ordered(&graph.arcs()[arc as usize], rank).1);
            }
            let mut child = children[low as usize];
            while child != Climb::TOP {
                // The child's first head is this node itself.
                let range = links.first[child as usize] + 1..links.first[child as usize + 1];
                for link in range {
                    let head = links.heads[link as usize];
                    add(&mut links.heads, head);
                }
                child = siblings[child as usize];
            }
            links.heads[start..].sort_unstable();
            if let Some(&parent) = links.heads.get(start) {
                siblings[low as usize] = std::mem::replace(&mut children[parent as usize], low);
            }
            links.first.push(u32::try_from(links.heads.len()).expect("links fit 32 bits"));
        }
        links
    }

    /// The heads of a rank's links.
    fn up(&self, rank: u32) -> &[u32] {
        let rank = rank as usize;
        &self.heads[self.first[rank] as usize..self.first[rank + 1] as usize]
    }

    /// How a search goes on from each rank, and one entry more that ends the last rank's links.
    fn climbs(&self) -> Vec<Climb> {
        let end = Climb { first: 0, parent: Climb::TOP, depth: 0 };
        let mut climbs = vec![end; self.first.len()];
        for rank in (0..self.first.len()).rev() {
            climbs[rank].first = self.first[rank];
            let up = if rank + 1 < self.first.len() { self.up(NodeId::at(rank).0) } else { &[] };
            // Parents have higher ranks, so theirs are known.
            if let Some(&parent) = up.first() {
                climbs[rank].parent = parent;
                climbs[rank].depth = climbs[parent as usize].depth + 1;
            }
        }
        climbs
    }

    /// By arc, its link and whether it leads up.
    fn of_arcs(&self, graph: &Graph, rank: &[u32]) -> Vec<(u32, bool)> {
        let arcs = graph.arcs().iter();
        arcs.map(|arc| {
            let (low, high) = ordered(arc, rank);
            let position = self.up(low).binary_search(&high).expect("every arc has a link");
            let offset = u32::try_from(position).expect("links fit 32 bits");
            (self.first[low as usize] + offset, low == rank[arc.from.index()])
        })
        .collect()
    }
}

/// The ranks of an arc's ends, lower first.
fn ordered(arc: &Arc, rank: &[u32]) -> (u32, u32) {
    let (from, to) = (rank[arc.from.index()], rank[arc.to.index()]);
    (from.min(to), from.max(to))
}
