//! Graphs saved by OSMnx: vertices are junctions, edges are one-way, attributes are named by
//! keys declared at the top.
//!
//! Source: <http://graphml.graphdrawing.org/specification.html> and OSMnx `save_graphml`.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::xml::{Document, Piece, Tag, shown};
use super::{Counts, Import, ImportError, ImportRules, NODE_LIMIT, place_of};
use crate::{Graph, GraphBuilder, NodeId, RoadClass};

/// The most attribute keys (assumed; OSMnx declares about thirty).
const KEY_LIMIT: usize = 1 << 10;

/// Reads a network.
pub(super) fn read(reader: impl BufRead, rules: &ImportRules) -> Result<Import, ImportError> {
    let mut document = Document::new(reader, "graphml");
    let mut sketch = Sketch::default();
    loop {
        let at_byte = document.at_byte();
        let step = match document.next()? {
            Piece::Start(tag) => sketch.start(&tag),
            Piece::Text(text) => {
                sketch.text(&text);
                Ok(())
            }
            Piece::End(end) => sketch.end(end.local_name().into_inner()),
            Piece::Other => Ok(()),
            Piece::Eof => return sketch.finish(rules),
        };
        step.map_err(|failure| failure.at(at_byte))?;
    }
}

/// An attribute this importer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Lat,
    Lon,
    Length,
    Highway,
}

/// The node or edge being read, with its attributes as text.
#[derive(Clone, Debug, Default)]
struct Item {
    /// The node's id, or the edge's source.
    id: Option<i64>,
    /// The edge's target.
    target: Option<i64>,
    lat: String,
    lon: String,
    length: String,
    highway: String,
}

/// What a step can fail of: the text, or what it says.
enum Failure {
    Defect(String),
    Import(ImportError),
}

impl From<&str> for Failure {
    fn from(defect: &str) -> Self {
        Self::Defect(defect.to_owned())
    }
}

impl From<String> for Failure {
    fn from(defect: String) -> Self {
        Self::Defect(defect)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl Failure {
    fn at(self, at_byte: u64) -> ImportError {
        match self {
            Self::Defect(what) => ImportError::Malformed { at_byte, what },
            Self::Import(error) => error,
        }
    }
}

/// An edge whose ends may come later in the file.
struct Edge {
    source: i64,
    target: i64,
    length_m: Option<f64>,
    class: RoadClass,
}

/// The graph as far as it was read.
#[derive(Default)]
struct Sketch {
    keys: BTreeMap<String, Field>,
    nodes: BTreeMap<i64, NodeId>,
    edges: Vec<Edge>,
    builder: GraphBuilder,
    item: Item,
    /// The attribute whose text is being read.
    field: Option<Field>,
    undirected: bool,
    counts: Counts,
}

impl Sketch {
    fn start(&mut self, tag: &Tag<'_>) -> Result<(), Failure> {
        match tag.name() {
            "key" => self.declare(tag)?,
            "graph" => tag.attributes(|key, value| {
                self.undirected |= key == "edgedefault" && value == "undirected";
            })?,
            "node" | "edge" => {
                self.item = Item::default();
                // Edges have ids of their own, which say nothing.
                let own = if tag.name() == "node" { "id" } else { "source" };
                tag.attributes(|key, value| match key {
                    "target" => self.item.target = value.parse().ok(),
                    _ if key == own => self.item.id = value.parse().ok(),
                    _ => {}
                })?;
                if tag.empty {
                    self.end(tag.name())?;
                }
            }
            "data" if !tag.empty => tag.attributes(|key, value| {
                if key == "key" {
                    self.field = self.keys.get(value).copied();
                }
            })?,
            _ => {}
        }
        Ok(())
    }

    /// Remembers which key stands for an attribute this importer reads.
    fn declare(&mut self, tag: &Tag<'_>) -> Result<(), Failure> {
        let (mut id, mut of, mut name) = (String::new(), String::new(), String::new());
        tag.attributes(|key, value| match key {
            "id" => id = shown(value),
            "for" => of = shown(value),
            "attr.name" => name = shown(value),
            _ => {}
        })?;
        let field = match (of.as_str(), name.as_str()) {
            ("node", "y") => Field::Lat,
            ("node", "x") => Field::Lon,
            ("edge", "length") => Field::Length,
            ("edge", "highway") => Field::Highway,
            _ => return Ok(()),
        };
        if self.keys.len() >= KEY_LIMIT {
            return Err("too many keys".into());
        }
        self.keys.insert(id, field);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let Some(field) = self.field else { return };
        let target = match field {
            Field::Lat => &mut self.item.lat,
            Field::Lon => &mut self.item.lon,
            Field::Length => &mut self.item.length,
            Field::Highway => &mut self.item.highway,
        };
        target.push_str(&shown(text.trim()));
    }

    fn end(&mut self, name: &str) -> Result<(), Failure> {
        match name {
            "data" => self.field = None,
            "node" => self.node()?,
            "edge" => self.edge()?,
            _ => {}
        }
        Ok(())
    }

    fn node(&mut self) -> Result<(), Failure> {
        let item = std::mem::take(&mut self.item);
        let Some(id) = item.id else {
            return Err("a node without a whole id".into());
        };
        let (Ok(lat), Ok(lon)) = (item.lat.parse(), item.lon.parse()) else {
            return Err(format!("node {id} without x and y in degrees").into());
        };
        if self.nodes.len() >= NODE_LIMIT {
            return Err(ImportError::TooLarge { what: "nodes", limit: NODE_LIMIT as u64 }.into());
        }
        self.counts.nodes_read += 1;
        let place = place_of(id, lat, lon)?;
        let builder = &mut self.builder;
        self.nodes.entry(id).or_insert_with(|| builder.add_node(place));
        Ok(())
    }

    fn edge(&mut self) -> Result<(), Failure> {
        let item = std::mem::take(&mut self.item);
        let (Some(source), Some(target)) = (item.id, item.target) else {
            return Err("an edge without whole ends".into());
        };
        if self.edges.len() >= Graph::ARC_LIMIT {
            return Err(
                ImportError::TooLarge { what: "edges", limit: Graph::ARC_LIMIT as u64 }.into()
            );
        }
        self.counts.ways_read += 1;
        let length_m = match item.length.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| format!("a length of `{text}`"))?),
        };
        if let Some(class) = class_of(&item.highway) {
            self.edges.push(Edge { source, target, length_m, class });
        }
        Ok(())
    }

    fn finish(mut self, rules: &ImportRules) -> Result<Import, ImportError> {
        self.counts.roads = self.edges.len();
        if rules.merge_parallel {
            self.builder.merge_parallel(rules.speeds);
        }
        let mut laid = 0_usize;
        for edge in &self.edges {
            let ends = [edge.source, edge.target].map(|id| self.nodes.get(&id).copied());
            let [Some(a), Some(b)] = ends else {
                self.counts.refs_missing += ends.iter().filter(|end| end.is_none()).count();
                self.counts.roads_short += 1;
                continue;
            };
            self.builder.add_street(a, b, edge.length_m, edge.class, !self.undirected);
            laid += 1;
        }
        if laid == 0 {
            return Err(ImportError::NoRoads { ways: self.counts.ways_read });
        }
        Ok(Import::of(self.builder.build_mapped()?, self.counts))
    }
}

/// The class of an edge. Where OSMnx joined ways it writes a list, `['living_street',
/// 'residential']`, of which the most important class counts; none if no class is known.
fn class_of(highway: &str) -> Option<RoadClass> {
    highway
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter_map(RoadClass::from_highway)
        .min()
}
