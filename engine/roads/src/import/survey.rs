//! Turns nodes and ways, in whatever order a file gives them, into a network.

use domain::place::Place;

use super::{Counts, Import, ImportError, ImportRules, NODE_LIMIT, REF_LIMIT};
use crate::{GraphBuilder, NodeId, RoadClass};

/// Which way a road may be ridden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Both,
    Forward,
    Backward,
}

/// What a way's tags say about riding on it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RoadTags {
    class: Option<RoadClass>,
    oneway: Option<Direction>,
    motorway: bool,
    roundabout: bool,
}

impl RoadTags {
    /// Takes in one tag.
    ///
    /// Values of `oneway`, and that roundabouts and motorways are one-way unless they say
    /// otherwise, are those of <https://wiki.openstreetmap.org/wiki/Key:oneway>. Other values
    /// count as none.
    pub(super) fn tag(&mut self, key: &str, value: &str) {
        match key {
            "highway" => {
                self.class = RoadClass::from_highway(value);
                self.motorway = value == "motorway";
            }
            "oneway" => {
                self.oneway = match value {
                    "yes" | "true" | "1" => Some(Direction::Forward),
                    "-1" | "reverse" => Some(Direction::Backward),
                    "no" | "false" | "0" => Some(Direction::Both),
                    _ => None,
                }
            }
            "junction" => self.roundabout = matches!(value, "roundabout" | "circular"),
            _ => {}
        }
    }

    fn direction(self) -> Direction {
        let implied = self.roundabout || self.motorway;
        self.oneway.unwrap_or(if implied { Direction::Forward } else { Direction::Both })
    }
}

/// A way that is a road; its references end where the next road's start.
#[derive(Clone, Copy, Debug)]
struct Road {
    first_ref: usize,
    class: RoadClass,
    direction: Direction,
}

/// Nodes and roads as read.
#[derive(Debug, Default)]
pub(super) struct Survey {
    nodes: Vec<(i64, Place)>,
    refs: Vec<i64>,
    roads: Vec<Road>,
    /// Where the references of the way being read start.
    way_start: usize,
    counts: Counts,
}

impl Survey {
    /// Takes in a node.
    pub(super) fn node(&mut self, id: i64, place: Place) -> Result<(), ImportError> {
        if self.nodes.len() >= NODE_LIMIT {
            return Err(ImportError::TooLarge { what: "nodes", limit: NODE_LIMIT as u64 });
        }
        self.counts.nodes_read += 1;
        self.nodes.push((id, place));
        Ok(())
    }

    /// Starts a way.
    pub(super) fn start_way(&mut self) {
        self.refs.truncate(self.way_start);
        self.counts.ways_read += 1;
    }

    /// Takes in the next node of the way being read.
    pub(super) fn way_ref(&mut self, node: i64) -> Result<(), ImportError> {
        if self.refs.len() >= REF_LIMIT {
            return Err(ImportError::TooLarge { what: "node references", limit: REF_LIMIT as u64 });
        }
        self.refs.push(node);
        Ok(())
    }

    /// Ends the way being read, keeping it if it is a road.
    pub(super) fn end_way(&mut self, tags: RoadTags) {
        if let Some(class) = tags.class {
            let first_ref = self.way_start;
            self.roads.push(Road { first_ref, class, direction: tags.direction() });
            self.way_start = self.refs.len();
        }
    }

    /// Makes the network.
    pub(super) fn finish(mut self, rules: &ImportRules) -> Result<Import, ImportError> {
        self.refs.truncate(self.way_start);
        self.counts.roads = self.roads.len();
        // Extracts are sorted by id already, which a stable sort notices in one pass.
        self.nodes.sort_by_key(|&(id, _)| id);
        self.nodes.dedup_by_key(|&mut (id, _)| id);

        let pieces = self.pieces();
        if pieces.ends.is_empty() {
            return Err(ImportError::NoRoads { ways: self.counts.ways_read });
        }
        let mut builder = GraphBuilder::new();
        if rules.merge_parallel {
            builder.merge_parallel(rules.speeds);
        }
        self.lay(&pieces, &mut builder);
        Ok(Import::of(builder.build_mapped()?, self.counts))
    }

    /// Cuts roads where a node is missing and names the rest by index.
    fn pieces(&mut self) -> Pieces {
        let mut pieces = Pieces::new(self.nodes.len());
        let ends = self.roads.iter().skip(1).map(|road| road.first_ref).chain([self.refs.len()]);
        for (road, end) in self.roads.iter().zip(ends) {
            let before = pieces.ends.len();
            for id in &self.refs[road.first_ref..end] {
                if let Ok(node) = self.nodes.binary_search_by_key(id, |&(id, _)| id) {
                    pieces.extend(node);
                } else {
                    self.counts.refs_missing += 1;
                    pieces.cut(*road);
                }
            }
            pieces.cut(*road);
            self.counts.roads_short += usize::from(pieces.ends.len() == before);
        }
        pieces
    }

    /// Lays streets between the vertices of the pieces.
    fn lay(&self, pieces: &Pieces, builder: &mut GraphBuilder) {
        let mut vertex: Vec<Option<NodeId>> = vec![None; self.nodes.len()];
        let mut start = 0;
        for &(end, road) in &pieces.ends {
            let mut length_m = 0.0;
            let mut tail = None;
            let mut last: Option<Place> = None;
            for &node in &pieces.nodes[start..end] {
                let place = self.nodes[node].1;
                length_m += last.map_or(0.0, |last| last.straight_m(place));
                last = Some(place);
                if !pieces.is_vertex(node) {
                    continue;
                }
                let head = *vertex[node].get_or_insert_with(|| builder.add_node(place));
                if let Some(tail) = tail {
                    let (a, b) = match road.direction {
                        Direction::Backward => (head, tail),
                        Direction::Forward | Direction::Both => (tail, head),
                    };
                    let oneway = road.direction != Direction::Both;
                    builder.add_street(a, b, Some(length_m), road.class, oneway);
                }
                tail = Some(head);
                length_m = 0.0;
            }
            start = end;
        }
    }
}

/// Unbroken stretches of roads, as indices of nodes.
#[derive(Debug)]
struct Pieces {
    nodes: Vec<usize>,
    /// Where each piece ends in `nodes`, and its road.
    ends: Vec<(usize, Road)>,
    /// How often each node is used, counting the ends of pieces twice, up to 255. A road of
    /// which one node is known still makes that node a junction, if another road passes it.
    uses: Vec<u8>,
}

impl Pieces {
    fn new(nodes: usize) -> Self {
        Self { nodes: Vec::new(), ends: Vec::new(), uses: vec![0; nodes] }
    }

    /// Where the piece being built starts.
    fn start(&self) -> usize {
        self.ends.last().map_or(0, |&(end, _)| end)
    }

    /// Adds a node to the piece being built, unless it repeats the one before.
    fn extend(&mut self, node: usize) {
        if self.nodes.len() == self.start() || self.nodes.last() != Some(&node) {
            self.nodes.push(node);
            self.count(node);
        }
    }

    /// Ends the piece being built; one of less than two nodes is forgotten.
    fn cut(&mut self, road: Road) {
        let start = self.start();
        if self.nodes.len() >= start + 2 {
            self.count(self.nodes[start]);
            self.count(self.nodes[self.nodes.len() - 1]);
            self.ends.push((self.nodes.len(), road));
        } else {
            self.nodes.truncate(start);
        }
    }

    fn count(&mut self, node: usize) {
        self.uses[node] = self.uses[node].saturating_add(1);
    }

    /// Whether streets meet or end at a node.
    fn is_vertex(&self, node: usize) -> bool {
        self.uses[node] >= 2
    }
}
