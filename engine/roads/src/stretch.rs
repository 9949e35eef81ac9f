//! Stretches of road between two junctions, and what closing them would cut off.

use crate::buckets::Buckets;
use crate::{Arc, ArcId, NodeId, Roads};

impl Roads {
    /// The stretch of road between two nodes, both ways: the arcs that join them, or else the
    /// shorter of the quickest ways from one to the other and whatever runs beside its arcs. None
    /// if there is no way.
    ///
    /// The carriageways of a divided road that share no node are two stretches.
    ///
    /// # Panics
    /// If a node is not of this network.
    #[must_use]
    pub fn stretch(&self, a: NodeId, b: NodeId) -> Option<Stretch> {
        let joined = self.beside(a, b);
        let graph = self.graph();
        if let Some(length_dm) = joined.iter().map(|&arc| graph.arc(arc).length_dm).min() {
            return Some(Stretch { arcs: joined, length_dm });
        }
        let ways = [self.path(a, b), self.path(b, a)];
        let way = ways.into_iter().flatten().min_by_key(|way| way.length_dm)?;
        let ends = way.arcs.iter().map(|&arc| graph.arc(arc));
        let mut arcs: Vec<ArcId> =
            ends.flat_map(|Arc { from, to, .. }| self.beside(from, to)).collect();
        arcs.sort_unstable();
        arcs.dedup();
        Some(Stretch { arcs, length_dm: way.length_dm })
    }

    /// The nodes that do not reach a node over open arcs, or are not reached from it; lowest first.
    ///
    /// # Panics
    /// If the node is not of this network.
    #[must_use]
    pub fn cut_off_from(&self, node: NodeId) -> Vec<NodeId> {
        let graph = self.graph();
        let open =
            || (0..graph.arc_count()).map(ArcId::at).filter(|&arc| self.arc_ms(arc).is_some());
        let ends = || open().map(|arc| graph.arc(arc));
        let reached = reach(self.nodes(), node, ends().map(|arc| (arc.from, arc.to)));
        let reaching = reach(self.nodes(), node, ends().map(|arc| (arc.to, arc.from)));
        let both = reached.iter().zip(&reaching).map(|(&out, &home)| out && home);
        both.enumerate().filter(|&(_, both)| !both).map(|(node, _)| NodeId::at(node)).collect()
    }

    /// The arcs between two nodes, either way.
    fn beside(&self, a: NodeId, b: NodeId) -> Vec<ArcId> {
        let graph = self.graph();
        let arcs = |from, to| graph.out_arcs(from).filter(move |&arc| graph.arc(arc).to == to);
        arcs(a, b).chain(arcs(b, a)).collect()
    }
}

/// A stretch of road.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its arcs, both ways.
    pub arcs: Vec<ArcId>,
    /// Its length one way, decimetres.
    pub length_dm: u32,
}

/// Which nodes can be reached from one.
fn reach(
    nodes: usize,
    from: NodeId,
    ends: impl Iterator<Item = (NodeId, NodeId)> + Clone,
) -> Vec<bool> {
    let next = Buckets::new(nodes, ends.clone().map(|(tail, _)| tail.0));
    let heads: Vec<NodeId> = ends.map(|(_, head)| head).collect();
    let mut reached = vec![false; nodes];
    reached[from.index()] = true;
    let mut met = vec![from];
    while let Some(node) = met.pop() {
        for &arc in next.of(node.0) {
            let head = heads[arc as usize];
            if !std::mem::replace(&mut reached[head.index()], true) {
                met.push(head);
            }
        }
    }
    reached
}
