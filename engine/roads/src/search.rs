//! Dijkstra's algorithm on the frozen network.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::weight::Weight;
use crate::{ArcId, Graph, NodeId};

/// Which way a search follows the arcs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the source to where it leads.
    Forward,
    /// From the source to where it is reached from.
    Backward,
}

/// The arcs to follow, and what they cost.
pub(crate) struct Search<'a> {
    graph: &'a Graph,
    weights: &'a [Weight],
    /// For a backward search: where each node's incoming arcs start in `incoming`.
    first_in: Vec<u32>,
    incoming: Vec<ArcId>,
}

/// What a search found: by node, the least cost and the arc by which it is had.
pub(crate) struct Found {
    pub(crate) costs: Vec<Weight>,
    via: Vec<Option<ArcId>>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(graph: &'a Graph, weights: &'a [Weight], direction: Direction) -> Self {
        let mut search = Self { graph, weights, first_in: Vec::new(), incoming: Vec::new() };
        if direction == Direction::Backward {
            search.incoming = (0..graph.arc_count()).map(ArcId::at).collect();
            search.incoming.sort_by_key(|&arc| graph.arc(arc).to);
            search.first_in = vec![0; graph.nodes() + 1];
            for arc in graph.arcs() {
                search.first_in[arc.to.index() + 1] += 1;
            }
            for node in 0..graph.nodes() {
                search.first_in[node + 1] += search.first_in[node];
            }
        }
        search
    }

    /// Searches until `goal` is settled or everything within `limit_ms` is.
    pub(crate) fn run(&self, source: NodeId, goal: Option<NodeId>, limit_ms: u32) -> Found {
        let nodes = self.graph.nodes();
        let mut found = Found { costs: vec![Weight::CLOSED; nodes], via: vec![None; nodes] };
        let mut queue = BinaryHeap::from([(Reverse(Weight::ZERO), source)]);
        found.costs[source.index()] = Weight::ZERO;
        while let Some((Reverse(cost), node)) = queue.pop() {
            if Some(node) == goal {
                break;
            }
            if cost > found.costs[node.index()] {
                continue;
            }
            self.each_next(node, |arc, next| {
                let through = cost.plus(self.weights[arc.index()]);
                if through < found.costs[next.index()] && through.ms() <= limit_ms {
                    found.costs[next.index()] = through;
                    found.via[next.index()] = Some(arc);
                    queue.push((Reverse(through), next));
                }
            });
        }
        found
    }

    fn each_next(&self, node: NodeId, mut each: impl FnMut(ArcId, NodeId)) {
        if self.first_in.is_empty() {
            self.graph.out_arcs(node).for_each(|arc| each(arc, self.graph.arc(arc).to));
        } else {
            let range = self.first_in[node.index()]..self.first_in[node.index() + 1];
            for &arc in &self.incoming[range.start as usize..range.end as usize] {
                each(arc, self.graph.arc(arc).from);
            }
        }
    }
}

impl Found {
    /// The arcs that lead to a node, in riding order, after a forward search.
    pub(crate) fn arcs_to(&self, graph: &Graph, goal: NodeId) -> Vec<ArcId> {
        let mut arcs = Vec::new();
        let mut node = goal;
        while let Some(arc) = self.via[node.index()] {
            arcs.push(arc);
            node = graph.arc(arc).from;
        }
        arcs.reverse();
        arcs
    }
}
