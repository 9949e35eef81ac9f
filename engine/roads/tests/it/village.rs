//! A few nodes and ways, written in every format that can be imported.

use std::fmt::Write as _;
use std::io::Write as _;

use dastak_roads::Graph;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

/// A way: its nodes and its tags.
pub(crate) type Way = (&'static [i64], &'static [(&'static str, &'static str)]);

/// Nodes 0 to `nodes - 1`, the nth at latitude 12.9, longitude 77.6 + n / 1000, and ways.
#[derive(Clone, Debug)]
pub(crate) struct Village {
    pub(crate) nodes: i64,
    pub(crate) ways: Vec<Way>,
}

/// A village with a bit of everything.
pub(crate) fn village() -> Village {
    Village {
        nodes: 9,
        ways: vec![
            (&[0, 1, 2, 3], &[("highway", "residential"), ("name", "पहली गली")]),
            (&[2, 4, 5], &[("highway", "primary"), ("oneway", "yes")]),
            (&[5, 6, 0], &[("highway", "tertiary_link"), ("oneway", "-1")]),
            (&[5, 3], &[("highway", "service")]),
            (&[3, 7, 8, 3], &[("highway", "residential"), ("junction", "roundabout")]),
            (&[1, 6], &[("highway", "footway")]),
        ],
    }
}

const LAT_E7: i64 = 129_000_000;

fn lon_e7(node: i64) -> i64 {
    776_000_000 + node * 10_000
}

/// A network's arcs as pairs of the village's nodes.
pub(crate) fn arcs_of(graph: &Graph) -> Vec<(i64, i64)> {
    let node = |node| (i64::from(graph.place(node).lon_e7) - lon_e7(0)) / 10_000;
    let mut arcs: Vec<_> = graph.arcs().iter().map(|a| (node(a.from), node(a.to))).collect();
    arcs.sort_unstable();
    arcs
}

impl Village {
    /// OpenStreetMap XML.
    pub(crate) fn osm(&self) -> Vec<u8> {
        let mut text = "<?xml version='1.0' encoding='UTF-8'?>\n<osm version=\"0.6\">\n".to_owned();
        for id in 0..self.nodes {
            let lon = lon_e7(id);
            writeln!(text, "<node id='{id}' lat='12.9' lon='77.{}'/>", lon % 10_000_000).unwrap();
        }
        for (id, (refs, tags)) in self.ways.iter().enumerate() {
            writeln!(text, "<way id='{id}'>").unwrap();
            refs.iter().for_each(|node| writeln!(text, "<nd ref='{node}'/>").unwrap());
            tags.iter().for_each(|(k, v)| writeln!(text, "<tag k='{k}' v='{v}'/>").unwrap());
            text += "</way>\n";
        }
        text +=
            "<!-- a comment --><relation id='1'><member type='way' ref='0' role=''/></relation>";
        (text + "</osm>").into_bytes()
    }

    /// OpenStreetMap XML under gzip.
    pub(crate) fn osm_gz(&self) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&self.osm()).unwrap();
        packer.finish().unwrap()
    }

    /// OpenStreetMap protocol buffers, in blobs that are packed or not.
    pub(crate) fn pbf(&self, packed: bool) -> Vec<u8> {
        let mut header = Vec::new();
        field(&mut header, 4, b"OsmSchema-V0.6");
        field(&mut header, 4, b"DenseNodes");
        [blob(b"OSMHeader", &header, packed), blob(b"OSMData", &self.block(), packed)].concat()
    }

    fn block(&self) -> Vec<u8> {
        let mut strings: Vec<&str> = vec![""];
        for (key, value) in self.ways.iter().flat_map(|(_, tags)| *tags) {
            strings.extend([key, value]);
        }
        let mut table = Vec::new();
        strings.iter().for_each(|string| field(&mut table, 1, string.as_bytes()));

        let mut dense = Vec::new();
        field(&mut dense, 1, &deltas(0..self.nodes));
        field(&mut dense, 8, &deltas((0..self.nodes).map(|_| LAT_E7)));
        field(&mut dense, 9, &deltas((0..self.nodes).map(lon_e7)));
        let mut nodes = Vec::new();
        field(&mut nodes, 2, &dense);

        let mut ways = Vec::new();
        let mut next_string = 1;
        for (refs, tags) in &self.ways {
            let (mut keys, mut values) = (Vec::new(), Vec::new());
            for _ in *tags {
                varint(&mut keys, next_string);
                varint(&mut values, next_string + 1);
                next_string += 2;
            }
            let mut way = Vec::new();
            number(&mut way, 1, 7);
            field(&mut way, 2, &keys);
            field(&mut way, 3, &values);
            field(&mut way, 8, &deltas(refs.iter().copied()));
            field(&mut ways, 3, &way);
        }
        let mut block = Vec::new();
        field(&mut block, 1, &table);
        field(&mut block, 2, &nodes);
        field(&mut block, 2, &ways);
        number(&mut block, 17, 100);
        block
    }

    /// An OSMnx graph: every stretch between neighbouring nodes is an edge, two if two-way.
    pub(crate) fn graphml(&self) -> Vec<u8> {
        let mut text = "<?xml version='1.0' encoding='utf-8'?>\n\
            <graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n\
            <key id=\"d0\" for=\"node\" attr.name=\"y\" attr.type=\"string\" />\n\
            <key id=\"d1\" for=\"node\" attr.name=\"x\" attr.type=\"string\" />\n\
            <key id=\"d2\" for=\"edge\" attr.name=\"highway\" attr.type=\"string\" />\n\
            <key id=\"d3\" for=\"edge\" attr.name=\"length\" attr.type=\"string\" />\n\
            <key id=\"d4\" for=\"edge\" attr.name=\"name\" attr.type=\"string\" />\n\
            <graph edgedefault=\"directed\">\n"
            .to_owned();
        for id in 0..self.nodes {
            let lon = lon_e7(id) % 10_000_000;
            writeln!(text, "<node id=\"{id}\"><data key=\"d0\">12.9</data>").unwrap();
            writeln!(text, "<data key=\"d1\">77.{lon}</data></node>").unwrap();
        }
        for (refs, tags) in &self.ways {
            let tag = |key| tags.iter().find(|(k, _)| *k == key).map(|&(_, value)| value);
            for pair in refs.windows(2) {
                let both = [(pair[0], pair[1]), (pair[1], pair[0])];
                let ends = match (tag("oneway"), tag("junction")) {
                    (Some("-1"), _) => &both[1..],
                    (Some(_), _) | (None, Some(_)) => &both[..1],
                    (None, None) => &both[..],
                };
                for (source, target) in ends {
                    writeln!(text, "<edge source=\"{source}\" target=\"{target}\" id=\"0\">")
                        .unwrap();
                    let highway = tag("highway").unwrap_or_default();
                    writeln!(text, "<data key=\"d2\">['{highway}', 'path']</data>").unwrap();
                    writeln!(text, "<data key=\"d4\">A &amp; B</data></edge>").unwrap();
                }
            }
        }
        (text + "</graph></graphml>").into_bytes()
    }
}

/// One blob with its header.
pub(crate) fn blob(kind: &[u8], content: &[u8], packed: bool) -> Vec<u8> {
    let mut body = Vec::new();
    if packed {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(content).unwrap();
        number(&mut body, 2, content.len() as u64);
        field(&mut body, 3, &packer.finish().unwrap());
    } else {
        field(&mut body, 1, content);
    }
    framed(kind, body.len() as u64, &body)
}

/// A blob that claims to be of some size.
pub(crate) fn framed(kind: &[u8], claimed: u64, body: &[u8]) -> Vec<u8> {
    let mut header = Vec::new();
    field(&mut header, 1, kind);
    number(&mut header, 3, claimed);
    let length = u32::try_from(header.len()).unwrap().to_be_bytes();
    [length.as_slice(), &header, body].concat()
}

/// A field of bytes.
pub(crate) fn field(message: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    varint(message, number << 3 | 2);
    varint(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}

fn number(message: &mut Vec<u8>, field: u64, value: u64) {
    varint(message, field << 3);
    varint(message, value);
}

fn varint(message: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        message.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    message.push(u8::try_from(value).unwrap());
}

fn deltas(values: impl Iterator<Item = i64>) -> Vec<u8> {
    let (mut bytes, mut last) = (Vec::new(), 0);
    for value in values {
        let delta = value - last;
        varint(&mut bytes, ((delta << 1) ^ (delta >> 63)).cast_unsigned());
        last = value;
    }
    bytes
}
