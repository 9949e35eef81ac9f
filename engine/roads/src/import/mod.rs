//! Reads real road networks: OpenStreetMap extracts and OSMnx graphs.
//!
//! A way counts as a road by its `highway` value ([`RoadClass::from_highway`]). Vertices are
//! the ends of ways and the nodes that ways share; one-way streets and roundabouts are
//! respected; a way is cut where the extract lacks one of its nodes; self-loops are dropped; of
//! parallel arcs the quickest stays; the largest strongly connected part is kept.
//!
//! Files are not trusted: whatever the bytes, the answer is a network or an [`ImportError`],
//! and memory stays within the limits named here.

mod graphml;
mod osm_xml;
mod pbf;
mod survey;
mod wire;
mod xml;

use std::io::{BufRead, BufReader, Read};

use domain::place::Place;
use flate2::bufread::MultiGzDecoder;

use crate::{Built, Graph, GraphError, SpeedProfile};

/// The most nodes read from one file (assumed: ten times a state's extract; 1 GiB).
pub const NODE_LIMIT: usize = 1 << 26;
/// The most node references of roads read from one file (1 GiB).
pub const REF_LIMIT: usize = 1 << 27;
/// The most bytes read from one file, after unpacking.
pub const BYTE_LIMIT: u64 = 1 << 34;

/// The layout of a file of roads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// OpenStreetMap protocol buffers, `.osm.pbf`.
    OsmPbf,
    /// OpenStreetMap XML, `.osm`.
    OsmXml,
    /// OpenStreetMap XML under gzip, `.osm.gz`.
    OsmXmlGz,
    /// A graph saved by OSMnx, `.graphml`.
    GraphMl,
}

impl Format {
    /// The format a file's name stands for; none if the ending is not known.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        const ENDINGS: [(&str, Format); 5] = [
            (".pbf", Format::OsmPbf),
            (".osm.gz", Format::OsmXmlGz),
            (".osm.xml", Format::OsmXml),
            (".osm", Format::OsmXml),
            (".graphml", Format::GraphMl),
        ];
        let name = name.to_ascii_lowercase();
        ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|&(_, format)| format)
    }
}

/// What an import does where there is a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportRules {
    /// Keep only the quickest of the arcs that lead from one node to another. Without it,
    /// both sides of a divided street can be closed one at a time.
    pub merge_parallel: bool,
    /// The speeds by which the quickest is told.
    pub speeds: SpeedProfile,
}

impl Default for ImportRules {
    fn default() -> Self {
        Self { merge_parallel: true, speeds: SpeedProfile::default() }
    }
}

/// Why a file gives no network.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file could not be read, or its compression is broken.
    #[error("cannot read on after byte {at_byte}")]
    Read {
        /// How far reading came.
        at_byte: u64,
        /// What the reader or the unpacker said.
        #[source]
        source: std::io::Error,
    },
    /// The file ends in the middle of something.
    #[error("the file ends at byte {at_byte} in the middle of {what}")]
    Truncated {
        /// Where it ends.
        at_byte: u64,
        /// What is incomplete.
        what: &'static str,
    },
    /// The bytes do not follow the format.
    #[error("at byte {at_byte}: {what}")]
    Malformed {
        /// Where, in the file or in what was unpacked from it.
        at_byte: u64,
        /// What is wrong.
        what: String,
    },
    /// A position is not on the globe or not a number.
    #[error("node {node} lies at latitude {lat}, longitude {lon}, which is not on the globe")]
    OffGlobe {
        /// The node's id in the file.
        node: i64,
        /// Its latitude in degrees.
        lat: f64,
        /// Its longitude in degrees.
        lon: f64,
    },
    /// There is more of something than this importer holds in memory.
    #[error("more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The most that is accepted.
        limit: u64,
    },
    /// The file was read to its end and holds no road.
    #[error("none of the {ways} ways is a road between known nodes")]
    NoRoads {
        /// How many ways (or edges) the file holds.
        ways: usize,
    },
    /// The roads make no network.
    #[error("the roads make no network")]
    Network(#[from] GraphError),
}

/// How much an import read, kept and dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nodes in the file.
    pub nodes_read: usize,
    /// Ways (in an OSMnx graph: edges) in the file.
    pub ways_read: usize,
    /// Ways that are roads for riders.
    pub roads: usize,
    /// Roads' references to nodes that the extract lacks; the road is cut there.
    pub refs_missing: usize,
    /// Roads of which less than two neighbouring nodes are known; dropped.
    pub roads_short: usize,
    /// Stretches that return to where they started; dropped.
    pub self_loops: usize,
    /// Arcs that ran beside a quicker one; dropped.
    pub parallel_arcs: usize,
    /// Vertices outside the largest strongly connected part; dropped.
    pub nodes_outside: usize,
    /// Arcs with an end outside the largest strongly connected part; dropped.
    pub arcs_outside: usize,
}

/// A real network, and what was dropped on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The largest strongly connected part of the roads.
    pub graph: Graph,
    /// How much was read, kept and dropped.
    pub counts: Counts,
}

impl Import {
    /// One sentence for each kind of thing that was dropped.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let c = &self.counts;
        [
            (c.ways_read - c.roads, "ways are not roads for riders"),
            (c.refs_missing, "references to nodes that the extract lacks; the road is cut there"),
            (c.roads_short, "roads lie outside the extract but for one node, and were dropped"),
            (c.self_loops, "stretches return to where they started, and were dropped"),
            (c.parallel_arcs, "arcs run beside a quicker one, and were dropped"),
            (c.nodes_outside, "vertices cannot be reached from everywhere, and were dropped"),
            (c.arcs_outside, "arcs lead to or from those vertices, and were dropped"),
        ]
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect()
    }

    /// Joins what the builder kept to what the reader counted.
    fn of(built: Built, mut counts: Counts) -> Self {
        counts.self_loops += built.self_loops;
        counts.parallel_arcs = built.parallel_arcs;
        counts.nodes_outside = built.renumbered.len() - built.graph.nodes();
        counts.arcs_outside = built.arcs_outside;
        Self { graph: built.graph, counts }
    }
}

/// Reads a road network.
///
/// The reader need not be buffered. Memory grows with the roads in the file and is limited by
/// [`NODE_LIMIT`] and [`REF_LIMIT`].
///
/// # Errors
/// [`ImportError`]: what is wrong with the file, and where.
pub fn import(
    reader: impl Read,
    format: Format,
    rules: &ImportRules,
) -> Result<Import, ImportError> {
    let reader = BufReader::with_capacity(1 << 16, reader.take(BYTE_LIMIT));
    match format {
        Format::OsmPbf => pbf::read(reader, rules),
        Format::OsmXml => osm_xml::read(reader, rules),
        Format::OsmXmlGz => osm_xml::read(unpacked(reader), rules),
        Format::GraphMl => graphml::read(reader, rules),
    }
}

/// The unpacked bytes of a gzip stream.
fn unpacked(reader: impl BufRead) -> impl BufRead {
    BufReader::with_capacity(1 << 16, MultiGzDecoder::new(reader).take(BYTE_LIMIT))
}

/// The position of a node, if it is on the globe.
fn place_of(node: i64, lat: f64, lon: f64) -> Result<Place, ImportError> {
    Place::from_degrees(lat, lon).ok_or(ImportError::OffGlobe { node, lat, lon })
}
