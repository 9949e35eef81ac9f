//! Roads as a file: the network, its order of contraction, and the speeds by road class.
//!
//! The order is what takes seconds to find, so a saved city opens in a tenth of a second. A
//! file is not trusted: it must carry the checksum of its content, and every index is checked.
//!
//! ```text
//! "dastakR1" · nodes u32 · arcs u32 · m/h by class 9 × u32
//! nodes × (lat i32, lon i32) · arcs × (from u32, to u32, dm u32, class u8) · order nodes × u32
//! xxh3-128 of all that, 16 bytes        (all little-endian)
//! ```

use std::io::{Read, Write};

use domain::place::Place;
use xxhash_rust::xxh3::xxh3_128;

use crate::{Arc, Graph, NodeId, RoadClass, Roads, SpeedProfile};

const MAGIC: &[u8; 8] = b"dastakR1";
const CHECKSUM_BYTES: usize = 16;
const NODE_BYTES: usize = 12;
const ARC_BYTES: usize = 13;
/// The longest file: one of as many nodes and arcs as a network may have.
const FILE_LIMIT: u64 = (Graph::NODE_LIMIT * NODE_BYTES + Graph::ARC_LIMIT * ARC_BYTES) as u64;

/// Why saved roads cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("cannot read the saved roads")]
    Read(#[from] std::io::Error),
    /// The file was not written by [`Roads::save`], or by another version of it.
    #[error("the file does not hold saved roads of this version")]
    NotRoads,
    /// The file is cut short or damaged.
    #[error("the file's {bytes} bytes do not match its checksum")]
    Damaged {
        /// How long the file is.
        bytes: usize,
    },
    /// The file says something that cannot be; its writer was at fault.
    #[error("the saved roads contradict themselves: {what}")]
    Contradiction {
        /// What cannot be.
        what: &'static str,
    },
}

impl Roads {
    /// Writes the network, its order of contraction and the speeds by road class; closures and
    /// the multiple set by [`Roads::reweight`] belong to the hour and are not written.
    ///
    /// # Errors
    /// Whatever the writer answers.
    pub fn save(&self, mut writer: impl Write) -> std::io::Result<()> {
        let graph = self.graph();
        let order = self.hierarchy().0.nodes_by_rank();
        let mut bytes = MAGIC.to_vec();
        put(&mut bytes, &[NodeId::at(graph.nodes()).0, NodeId::at(graph.arc_count()).0]);
        put(&mut bytes, &self.speeds().m_per_h);
        for place in graph.places() {
            put(&mut bytes, &[place.lat_e7.cast_unsigned(), place.lon_e7.cast_unsigned()]);
        }
        for arc in graph.arcs() {
            put(&mut bytes, &[arc.from.0, arc.to.0, arc.length_dm]);
            bytes.push(arc.class as u8);
        }
        for node in order {
            put(&mut bytes, &[node.0]);
        }
        let checksum = xxh3_128(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        writer.write_all(&bytes)
    }

    /// Opens saved roads, every street open.
    ///
    /// # Errors
    /// [`LoadError`]: the file cannot be read, is damaged, or contradicts itself.
    pub fn load(reader: impl Read) -> Result<Self, LoadError> {
        let mut bytes = Vec::new();
        reader.take(FILE_LIMIT).read_to_end(&mut bytes)?;
        let content = bytes.strip_prefix(MAGIC).ok_or(LoadError::NotRoads)?;
        let damaged = LoadError::Damaged { bytes: bytes.len() };
        let Some((content, checksum)) = content.split_last_chunk::<CHECKSUM_BYTES>() else {
            return Err(damaged);
        };
        let hashed = &bytes[..bytes.len() - CHECKSUM_BYTES];
        if xxh3_128(hashed).to_le_bytes() != *checksum {
            return Err(damaged);
        }
        let (graph, speeds, order) =
            read(content).map_err(|what| LoadError::Contradiction { what })?;
        Ok(Self::contracted(graph, speeds, 1, order))
    }
}

/// Reads what stands between the magic and the checksum.
fn read(content: &[u8]) -> Result<(Graph, SpeedProfile, Vec<NodeId>), &'static str> {
    let mut words = Words(content);
    let (nodes, arcs) = (words.next()? as usize, words.next()? as usize);
    let mut speeds = SpeedProfile::uniform(0);
    for m_per_h in &mut speeds.m_per_h {
        *m_per_h = words.next()?;
    }
    let expected = nodes as u64 * NODE_BYTES as u64 + arcs as u64 * ARC_BYTES as u64;
    if words.0.len() as u64 != expected || nodes == 0 {
        return Err("its counts do not fit its length");
    }
    let mut places = Vec::with_capacity(nodes);
    for _ in 0..nodes {
        let (lat_e7, lon_e7) = (words.next()?.cast_signed(), words.next()?.cast_signed());
        let place = Place { lat_e7, lon_e7 };
        places.push(Place::from_degrees(place.lat(), place.lon()).ok_or("a node off the globe")?);
    }
    let mut streets = Vec::with_capacity(arcs);
    for _ in 0..arcs {
        let (from, to) = (NodeId(words.next()?), NodeId(words.next()?));
        let (length_dm, class) = (words.next()?, RoadClass::at(words.byte()?));
        let ends_exist = from.index() < nodes && to.index() < nodes && from != to;
        let class =
            class.filter(|_| ends_exist && f64::from(length_dm) <= Graph::ARC_LIMIT_M * 10.0);
        let class =
            class.ok_or("an arc that leads nowhere, or whose length or class is unknown")?;
        streets.push(Arc { from, to, length_dm, class });
    }
    let mut order = Vec::with_capacity(nodes);
    let mut seen = vec![false; nodes];
    for _ in 0..nodes {
        let node = NodeId(words.next()?);
        match seen.get_mut(node.index()) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err("an order that does not name every node once"),
        }
        order.push(node);
    }
    Ok((Graph::freeze(places, streets), speeds, order))
}

/// Appends little-endian words.
fn put(bytes: &mut Vec<u8>, words: &[u32]) {
    words.iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
}

/// Little-endian words.
struct Words<'a>(&'a [u8]);

impl Words<'_> {
    fn next(&mut self) -> Result<u32, &'static str> {
        let (word, rest) = self.0.split_first_chunk().ok_or("it ends too early")?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*word))
    }

    fn byte(&mut self) -> Result<usize, &'static str> {
        let (&byte, rest) = self.0.split_first().ok_or("it ends too early")?;
        self.0 = rest;
        Ok(usize::from(byte))
    }
}
