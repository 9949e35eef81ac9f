//! The frozen road network: arrays, nothing to follow but indices.
//!
//! Nodes keep the order in which they were given. Arcs are sorted by their tail, and arcs of
//! one tail keep the order of their streets, so equal input gives equal numbering and digest.

use domain::place::Place;
use xxhash_rust::xxh3::Xxh3;

use crate::{ArcId, NodeId, RoadClass};

/// Why a network cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// Nothing is left: no node was given.
    #[error("the network has no nodes")]
    Empty,
    /// A street ends at a node that was never added.
    #[error("street {street} ends at {node}, but only {nodes} nodes were added")]
    UnknownNode {
        /// The street, counted from zero.
        street: usize,
        /// The end that does not exist.
        node: NodeId,
        /// How many nodes there were when the street was added.
        nodes: usize,
    },
    /// A length is negative, not a number, or longer than [`Graph::ARC_LIMIT_M`].
    #[error("street {street} is {length_m} m long, not within 0 to {limit_m} m")]
    Length {
        /// The street, counted from zero.
        street: usize,
        /// The length given, or the straight line between the ends.
        length_m: f64,
        /// The longest that is accepted.
        limit_m: f64,
    },
    /// More nodes or arcs than 32-bit indices can name.
    #[error("{count} {what} are more than the limit of {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many are accepted.
        limit: usize,
    },
}

/// One directed stretch of road between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    /// Where it starts.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// Its length along the road, in decimetres.
    pub length_dm: u32,
    /// Its class.
    pub class: RoadClass,
}

/// A frozen, strongly connected road network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    places: Vec<Place>,
    /// `first_out[n]..first_out[n + 1]` are the arcs that leave node `n`.
    first_out: Vec<u32>,
    arcs: Vec<Arc>,
}

impl Graph {
    /// The longest arc accepted, in metres (assumed: no street is longer; keeps sums in 32 bits).
    pub const ARC_LIMIT_M: f64 = 500_000.0;
    /// The most nodes accepted (assumed: sixteen times India's largest metro).
    pub const NODE_LIMIT: usize = 1 << 24;
    /// The most arcs accepted.
    pub const ARC_LIMIT: usize = 1 << 26;

    /// Freezes nodes and arcs whose ends exist; arcs are sorted by tail, stably.
    pub(crate) fn freeze(places: Vec<Place>, mut arcs: Vec<Arc>) -> Self {
        arcs.sort_by_key(|arc| arc.from);
        let mut first_out = vec![0_u32; places.len() + 1];
        for arc in &arcs {
            first_out[arc.from.index() + 1] += 1;
        }
        for node in 0..places.len() {
            first_out[node + 1] += first_out[node];
        }
        Self { places, first_out, arcs }
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.places.len()
    }

    /// How many arcs there are; a two-way street is two.
    #[must_use]
    pub fn arc_count(&self) -> usize {
        self.arcs.len()
    }

    /// Where a node is.
    ///
    /// # Panics
    /// If the node is not of this network.
    #[must_use]
    pub fn place(&self, node: NodeId) -> Place {
        self.places[node.index()]
    }

    /// Where every node is, by node.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// One arc.
    ///
    /// # Panics
    /// If the arc is not of this network.
    #[must_use]
    pub fn arc(&self, arc: ArcId) -> Arc {
        self.arcs[arc.index()]
    }

    /// Every arc, by arc.
    #[must_use]
    pub fn arcs(&self) -> &[Arc] {
        &self.arcs
    }

    /// The arcs that leave a node.
    ///
    /// # Panics
    /// If the node is not of this network.
    pub fn out_arcs(&self, node: NodeId) -> impl ExactSizeIterator<Item = ArcId> + Clone + use<> {
        (self.first_out[node.index()]..self.first_out[node.index() + 1]).map(ArcId)
    }

    /// Where each node's arcs start; one entry more than there are nodes.
    #[must_use]
    pub fn first_out(&self) -> &[u32] {
        &self.first_out
    }

    /// Fingerprint of the network: xxh3-128 over the counts, then each node's latitude and
    /// longitude, then each arc's ends, length and class, all little-endian.
    #[must_use]
    pub fn digest(&self) -> u128 {
        let mut hash = Xxh3::new();
        hash.update(&(self.places.len() as u64).to_le_bytes());
        hash.update(&(self.arcs.len() as u64).to_le_bytes());
        for place in &self.places {
            hash.update(&place.lat_e7.to_le_bytes());
            hash.update(&place.lon_e7.to_le_bytes());
        }
        for arc in &self.arcs {
            hash.update(&arc.from.0.to_le_bytes());
            hash.update(&arc.to.0.to_le_bytes());
            hash.update(&arc.length_dm.to_le_bytes());
            hash.update(&[arc.class as u8]);
        }
        hash.digest128()
    }
}
