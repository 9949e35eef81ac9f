//! Collects junctions and streets, and freezes their largest strongly connected part.

use domain::money::Bps;
use domain::place::Place;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::{Arc, Graph, GraphError, NodeId, RoadClass, SpeedProfile};

/// One direction of a street in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    length_dm: u32,
    class: RoadClass,
}

/// Collects a road network.
///
/// The model is a petgraph graph, so any of its algorithms can be run on it; what riders use
/// is the frozen [`Graph`].
#[derive(Clone, Debug, Default)]
pub struct GraphBuilder {
    model: DiGraph<Place, Stretch, u32>,
    streets: usize,
    self_loops: usize,
    /// The speeds by which the quickest of parallel arcs is told, if only that one is kept.
    merge_by: Option<SpeedProfile>,
    /// The first thing that was wrong; reported when building.
    defect: Option<GraphError>,
}

/// A frozen network and what was left out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The largest strongly connected part.
    pub graph: Graph,
    /// For each node given, its number in the frozen network; none if it was left out.
    pub renumbered: Vec<Option<NodeId>>,
    /// Streets that started and ended at one node; left out.
    pub self_loops: usize,
    /// Arcs that ran beside a quicker one between the same nodes; left out if merging was asked
    /// for.
    pub parallel_arcs: usize,
    /// Arcs that had an end outside the largest strongly connected part; left out.
    pub arcs_outside: usize,
}

impl Built {
    /// The share of the nodes given that the frozen network kept.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "node counts are below 2^24")]
    pub fn largest_scc_share(&self) -> f64 {
        self.graph.nodes() as f64 / self.renumbered.len() as f64
    }
}

impl GraphBuilder {
    /// Starts with no roads.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many nodes were added.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.model.node_count()
    }

    /// Adds a junction or the end of a street.
    ///
    /// The number is this builder's; [`Built::renumbered`] leads from it to the frozen network's.
    pub fn add_node(&mut self, place: Place) -> NodeId {
        if self.model.node_count() >= Graph::NODE_LIMIT {
            self.note(GraphError::TooLarge {
                what: "nodes",
                count: self.model.node_count() + 1,
                limit: Graph::NODE_LIMIT,
            });
            return NodeId::at(Graph::NODE_LIMIT);
        }
        NodeId::at(self.model.add_node(place).index())
    }

    /// Adds a street from `a` to `b`, and back unless it is one-way.
    ///
    /// The length is in metres and kept to the decimetre; without one it is the straight line
    /// between the ends. A street that returns to where it started is dropped. What is wrong
    /// with a street is reported by [`GraphBuilder::build`].
    pub fn add_street(
        &mut self,
        a: NodeId,
        b: NodeId,
        length_m: Option<f64>,
        class: RoadClass,
        oneway: bool,
    ) {
        let street = self.streets;
        self.streets += 1;
        if let Err(defect) = self.checked(street, a, b, length_m).map(|length_dm| {
            if a == b {
                self.self_loops += 1;
                return;
            }
            let stretch = Stretch { length_dm, class };
            self.model.add_edge(NodeIndex::new(a.index()), NodeIndex::new(b.index()), stretch);
            if !oneway {
                self.model.add_edge(NodeIndex::new(b.index()), NodeIndex::new(a.index()), stretch);
            }
        }) {
            self.note(defect);
        }
    }

    /// Keeps only the quickest of the arcs that lead from one node to another; of equally quick
    /// ones the shortest, then the first.
    pub fn merge_parallel(&mut self, speeds: SpeedProfile) {
        self.merge_by = Some(speeds);
    }

    /// Freezes the largest strongly connected part.
    ///
    /// Of several equally large parts, the one with the earliest node is taken.
    ///
    /// # Errors
    /// [`GraphError`]: the first thing that was wrong with what was added, or that there is nothing.
    pub fn build(self) -> Result<Graph, GraphError> {
        self.build_mapped().map(|built| built.graph)
    }

    /// Freezes the largest strongly connected part and says what became of every node.
    ///
    /// # Errors
    /// As [`GraphBuilder::build`].
    pub fn build_mapped(self) -> Result<Built, GraphError> {
        if let Some(defect) = self.defect {
            return Err(defect);
        }
        let mut renumbered = vec![None; self.model.node_count()];
        let mut places = Vec::new();
        for node in largest_part(&self.model).ok_or(GraphError::Empty)? {
            renumbered[node.index()] = Some(NodeId::at(places.len()));
            places.push(self.model[node]);
        }
        let mut arcs: Vec<Arc> = self
            .model
            .edge_references()
            .filter_map(|edge| {
                let from = renumbered[edge.source().index()]?;
                let to = renumbered[edge.target().index()]?;
                let Stretch { length_dm, class } = *edge.weight();
                Some(Arc { from, to, length_dm, class })
            })
            .collect();
        let arcs_outside = self.model.edge_count() - arcs.len();
        let inside = arcs.len();
        if let Some(speeds) = self.merge_by {
            let ride_ms = |arc: &Arc| speeds.ride_ms(arc.length_dm, arc.class, Bps::ONE);
            // An arc on which nobody moves comes after those that lead somewhere.
            let slowness = |arc: &Arc| (ride_ms(arc).is_none(), ride_ms(arc), arc.length_dm);
            arcs.sort_by_key(|arc| (arc.from, arc.to, slowness(arc)));
            arcs.dedup_by_key(|arc| (arc.from, arc.to));
        }
        let parallel_arcs = inside - arcs.len();
        let graph = Graph::freeze(places, arcs);
        let self_loops = self.self_loops;
        Ok(Built { graph, renumbered, self_loops, parallel_arcs, arcs_outside })
    }

    /// The length of a street in decimetres, if the street can be built.
    #[expect(clippy::cast_possible_truncation, reason = "checked against the limit above")]
    #[expect(clippy::cast_sign_loss, reason = "checked to be positive above")]
    fn checked(
        &self,
        street: usize,
        a: NodeId,
        b: NodeId,
        length_m: Option<f64>,
    ) -> Result<u32, GraphError> {
        let nodes = self.model.node_count();
        for node in [a, b] {
            if node.index() >= nodes {
                return Err(GraphError::UnknownNode { street, node, nodes });
            }
        }
        if self.model.edge_count() + 2 > Graph::ARC_LIMIT {
            return Err(GraphError::TooLarge {
                what: "arcs",
                count: self.model.edge_count() + 2,
                limit: Graph::ARC_LIMIT,
            });
        }
        let at = |node: NodeId| self.model[NodeIndex::new(node.index())];
        let length_m = length_m.unwrap_or_else(|| at(a).straight_m(at(b)));
        let limit_m = Graph::ARC_LIMIT_M;
        if !(0.0..=limit_m).contains(&length_m) {
            return Err(GraphError::Length { street, length_m, limit_m });
        }
        Ok(libm::round(length_m * 10.0) as u32)
    }

    /// Remembers the first thing that was wrong.
    fn note(&mut self, defect: GraphError) {
        self.defect.get_or_insert(defect);
    }
}

/// The nodes of the largest strongly connected part, in the order they were added.
fn largest_part(model: &DiGraph<Place, Stretch, u32>) -> Option<Vec<NodeIndex>> {
    // Kosaraju's algorithm keeps its own stack; petgraph's Tarjan recurses and would overflow
    // the thread's on a long road.
    let mut parts = kosaraju_scc(model);
    for part in &mut parts {
        part.sort_unstable();
    }
    parts.into_iter().min_by_key(|part| (std::cmp::Reverse(part.len()), part[0]))
}
