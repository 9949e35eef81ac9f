//! The contraction hierarchy of a network: what depends on its shape alone.
//!
//! Nodes are contracted in an order that puts separators last; where two neighbours of a
//! contracted node remain, a *link* joins them. Every quickest ride then climbs links to higher
//! ranks and descends again, whatever the arcs cost. Order and links come from the `cch` crate;
//! costs ([`crate::metric`]), searches and sweeps are ours, because they carry length beside
//! time and need no memory from the heap.
//!
//! Source: Dibbelt, Strasser, Wagner, "Customizable Contraction Hierarchies", JEA 21 (2016).

use std::ops::Range;

use cch::Cch;

use crate::{ArcId, Graph, NodeId};

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
    /// Arcs by link: those of link `l` are `first_arc[l]..first_arc[l + 1]` in `link_arcs`.
    first_arc: Vec<u32>,
    link_arcs: Vec<ArcId>,
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
    /// An order of contraction found by cutting the network along lines over the ground.
    #[expect(clippy::cast_possible_truncation, reason = "single precision is enough to sort by")]
    pub(crate) fn order(graph: &Graph) -> Vec<NodeId> {
        let nodes = u32::try_from(graph.nodes()).expect("nodes are limited to 2^24");
        let ends = |end: fn(&crate::Arc) -> NodeId| -> Vec<u32> {
            graph.arcs().iter().map(|arc| end(arc).0).collect()
        };
        let tails = ends(|arc| arc.from);
        let heads = ends(|arc| arc.to);
        let lats: Vec<f32> = graph.places().iter().map(|place| place.lat() as f32).collect();
        let lons: Vec<f32> = graph.places().iter().map(|place| place.lon() as f32).collect();
        cch::inertial_order(nodes, &tails, &heads, &lats, &lons).into_iter().map(NodeId).collect()
    }

    /// Contracts the network in an order that names every node once.
    pub(crate) fn new(graph: &Graph, order: Vec<NodeId>) -> Self {
        let built = Cch::build(&plain(graph), &order.iter().map(|node| node.0).collect::<Vec<_>>());
        let depths = depths(&built.elimination_tree_parent);
        let climbs = climbs(&built, &depths);
        let head_depths = built.up_head.iter().map(|&head| depths[head as usize]).collect();
        let downs = built
            .down_head
            .iter()
            .zip(&built.down_to_up)
            .map(|(&tail, &link)| Down { tail, link })
            .collect();
        let arc_links: Vec<(u32, bool)> = graph
            .arcs()
            .iter()
            .zip(&built.input_arc_to_cch_arc)
            .map(|(arc, &link)| (link, built.rank[arc.from.index()] < built.rank[arc.to.index()]))
            .collect();
        let (first_arc, link_arcs) = by_link(&arc_links, built.up_head.len());
        Self {
            rank: built.rank,
            order,
            climbs,
            head_depths,
            heads: built.up_head,
            tails: built.up_tail,
            first_down: built.down_first_out,
            downs,
            arc_links,
            first_arc,
            link_arcs,
            height: depths.iter().max().map_or(0, |&depth| depth as usize + 1),
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
        let link = link as usize;
        let range = self.first_arc[link] as usize..self.first_arc[link + 1] as usize;
        let arcs = self.link_arcs[range].iter().copied();
        arcs.filter(move |arc| self.arc_links[arc.index()].1 == up)
    }
}

/// The network as the `cch` crate takes it, without costs.
fn plain(graph: &Graph) -> cch::graph::Graph {
    cch::graph::Graph {
        first_out: graph.first_out().to_vec(),
        head: graph.arcs().iter().map(|arc| arc.to.0).collect(),
        weight: vec![0; graph.arc_count()],
    }
}

/// How many nodes are above each rank.
fn depths(parents: &[u32]) -> Vec<u32> {
    let mut depths = vec![0; parents.len()];
    for rank in (0..parents.len()).rev() {
        // Parents have higher ranks, so theirs are known.
        if let Some(above) = depths.get(parents[rank] as usize) {
            depths[rank] = above + 1;
        }
    }
    depths
}

/// How a search goes on from each rank, and one entry more that ends the last rank's links.
fn climbs(built: &Cch, depths: &[u32]) -> Vec<Climb> {
    let ends = std::iter::once((Climb::TOP, 0));
    let ranks = built.elimination_tree_parent.iter().copied().zip(depths.iter().copied());
    ranks
        .chain(ends)
        .zip(&built.up_first_out)
        .map(|((parent, depth), &first)| Climb { first, parent, depth })
        .collect()
}

/// Sorts arcs by link, stably.
fn by_link(arc_links: &[(u32, bool)], links: usize) -> (Vec<u32>, Vec<ArcId>) {
    let mut first = vec![0_u32; links + 1];
    for &(link, _) in arc_links {
        first[link as usize + 1] += 1;
    }
    for link in 0..links {
        first[link + 1] += first[link];
    }
    let mut arcs: Vec<ArcId> = (0..arc_links.len()).map(ArcId::at).collect();
    arcs.sort_by_key(|arc| arc_links[arc.index()].0);
    (first, arcs)
}
