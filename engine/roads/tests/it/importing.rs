//! What an import keeps, and that no file, however broken, does worse than an error.

use std::io::Write as _;

use dastak_roads::RoadClass;
use dastak_roads::import::{Format, Import, ImportError, ImportRules, import};
use proptest::prelude::*;

use crate::village::{Village, Way, arcs_of, blob, field, framed, village};

fn imported(bytes: &[u8], format: Format) -> Result<Import, ImportError> {
    import(bytes, format, &ImportRules::default())
}

/// An error and what caused it, in one line.
fn said(error: &ImportError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

#[test]
fn every_format_gives_the_same_network() {
    let village = village();
    let xml = imported(&village.osm(), Format::OsmXml).unwrap();
    assert_eq!(imported(&village.osm_gz(), Format::OsmXmlGz).unwrap(), xml);
    assert_eq!(imported(&village.pbf(true), Format::OsmPbf).unwrap(), xml);
    assert_eq!(imported(&village.pbf(false), Format::OsmPbf).unwrap(), xml);
    assert_eq!(
        arcs_of(&xml.graph),
        [(0, 2), (0, 5), (2, 0), (2, 3), (2, 5), (3, 2), (3, 5), (5, 3)]
    );
    // OSMnx files have no way ends, so inner nodes stay; elsewhere it is the same.
    let graphml = imported(&village.graphml(), Format::GraphMl).unwrap();
    assert_eq!(graphml.graph.nodes(), 9);
    assert_eq!(arcs_of(&graphml.graph).len(), 15);
}

#[test]
fn roads_are_what_riders_may_use() {
    #[track_caller]
    fn check(ways: &[Way], arcs: &[(i64, i64)]) {
        let village = Village { nodes: 6, ways: ways.to_vec() };
        assert_eq!(arcs_of(&imported(&village.osm(), Format::OsmXml).unwrap().graph), arcs);
        assert_eq!(arcs_of(&imported(&village.pbf(true), Format::OsmPbf).unwrap().graph), arcs);
    }
    const ROAD: (&str, &str) = ("highway", "residential");
    let both = [(0, 2), (2, 0)];
    check(&[(&[0, 1, 2], &[ROAD])], &both);
    check(&[(&[0, 1, 2], &[ROAD, ("oneway", "no")])], &both);
    check(&[(&[0, 1, 2], &[ROAD, ("oneway", "alternating")])], &both);
    check(&[(&[0, 1, 2], &[ROAD]), (&[2, 3], &[("highway", "steps")])], &both);
    check(&[(&[0, 1, 2], &[ROAD]), (&[2, 3], &[("railway", "rail")])], &both);
    // Streets that cross make a vertex; those that only touch other ways do not.
    check(
        &[(&[0, 1, 2], &[ROAD]), (&[1, 3], &[ROAD])],
        &[(0, 1), (1, 0), (1, 2), (1, 3), (2, 1), (3, 1)],
    );
    check(&[(&[0, 1, 2], &[ROAD]), (&[1, 3], &[("highway", "footway")])], &both);
    // One-way streets, whichever way they are drawn.
    let back = (&[2_i64, 3, 0] as &[i64], &[ROAD] as &[_]);
    for oneway in ["yes", "true", "1"] {
        let tags = Box::leak(Box::new([ROAD, ("oneway", oneway)]));
        check(&[(&[0, 1, 2], tags), back], &both);
    }
    for oneway in ["-1", "reverse"] {
        let tags = Box::leak(Box::new([ROAD, ("oneway", oneway)]));
        check(&[(&[2, 1, 0], tags), (&[2, 3, 0], &[ROAD, ("oneway", "yes")])], &both);
    }
    // A roundabout is one-way unless it says otherwise.
    let arms: [Way; 2] = [(&[0, 3], &[ROAD]), (&[1, 4], &[ROAD])];
    let round = |tags| vec![(&[0_i64, 1, 2, 0] as &[i64], tags), arms[0], arms[1]];
    let arms_only = [(0, 3), (1, 4), (3, 0), (4, 1)];
    let with = |arcs: &[(i64, i64)]| {
        let mut all = [arcs, &arms_only].concat();
        all.sort_unstable();
        all
    };
    check(&round(&[ROAD, ("junction", "roundabout")]), &with(&[(0, 1), (1, 0)]));
    check(&round(&[ROAD, ("junction", "roundabout"), ("oneway", "no")]), &with(&[(0, 1), (1, 0)]));
    // So is a motorway, but not its ramps.
    check(&[(&[0, 1, 2], &[("highway", "motorway")]), back], &both);
    check(&[(&[0, 1, 2], &[("highway", "motorway_link")])], &both);
    // A way is cut where a node is missing, and a node that repeats is no loop.
    check(&[(&[0, 1, 99, 2, 2, 3], &[ROAD]), (&[4, 5], &[ROAD])], &[(0, 1), (1, 0)]);
}

#[test]
fn of_parallel_arcs_the_quickest_stays() {
    // The primary road is longer, but quicker.
    let ways: Vec<Way> = vec![
        (&[0, 2], &[("highway", "service")]),
        (&[0, 3, 2], &[("highway", "primary")]),
        (&[2, 2, 1, 2], &[("highway", "service")]),
    ];
    let village = Village { nodes: 4, ways };
    let Import { graph, counts } = imported(&village.osm(), Format::OsmXml).unwrap();
    assert_eq!((counts.parallel_arcs, counts.self_loops), (2, 1));
    assert!(graph.arcs().iter().all(|arc| arc.class == RoadClass::Primary));

    let rules = ImportRules { merge_parallel: false, ..ImportRules::default() };
    let all = import(village.osm().as_slice(), Format::OsmXml, &rules).unwrap();
    assert_eq!((all.graph.arc_count(), all.counts.parallel_arcs), (4, 0));
}

#[test]
fn names_tell_formats() {
    #[track_caller]
    fn check(name: &str, format: Option<Format>) {
        assert_eq!(Format::of_name(name), format);
    }
    check("andorra-latest.osm.pbf", Some(Format::OsmPbf));
    check("City.OSM.GZ", Some(Format::OsmXmlGz));
    check("map.osm", Some(Format::OsmXml));
    check("centre.graphml", Some(Format::GraphMl));
    check("roads.csv", None);
}

#[test]
fn broken_protocol_buffers_are_refused() {
    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(said(&imported(bytes, Format::OsmPbf).unwrap_err()), expected);
    }
    let header = blob(b"OSMHeader", &[], true);
    check(b"", "the file ends at byte 0 in the middle of a file that has no header yet");
    check(b"\0\0", "the file ends at byte 2 in the middle of a blob's length");
    check(b"not a map", "at byte 0: a blob header of 1852797984 bytes; the limit is 65536");
    check(
        &framed(b"OSMHeader", 1 << 30, b""),
        "at byte 0: a blob of 1073741824 bytes; the limit is 33554432",
    );
    check(&framed(b"OSMHeader", 100, b""), "the file ends at byte 17 in the middle of a blob");
    check(
        &framed(b"OSMHeader", u64::MAX, b""),
        "at byte 0: a blob of -1 bytes; the limit is 33554432",
    );
    check(&blob(b"OSMData", b"", true), "at byte 0: the file does not start with a header");
    check(&header, "none of the 0 ways is a road between known nodes");
    check(
        &blob(b"OSMHeader", b"\x22\x03Lzm", true),
        "at byte 0: the file requires a feature that this reader lacks",
    );
    check(&framed(b"OSMHeader", 0, b""), "at byte 0: a blob without content");
    let mut lzma = Vec::new();
    field(&mut lzma, 4, b"...");
    check(
        &framed(b"OSMHeader", lzma.len() as u64, &lzma),
        "at byte 0: a blob packed by other means than zlib",
    );
    let block = |content: &[u8]| [header.as_slice(), &blob(b"OSMData", content, false)].concat();
    let after = |what: &str| format!("at byte {}: {what}", header.len());
    check(&block(b"\x08"), &after("a number cut short"));
    check(&block(b"\x0a\x7f"), &after("a field that reaches past its message's end"));
    check(&block(&[0xff; 11]), &after("a number of more than 64 bits"));
    check(
        &block(b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
        &after("a number of more than 64 bits"),
    );
    check(&block(b"\x0f"), &after("a field of unknown wire type"));
    let mut lying = Vec::new();
    field(&mut lying, 1, b"raw");
    lying.extend([2 << 3, 4]);
    check(
        &framed(b"OSMHeader", lying.len() as u64, &lying),
        "at byte 0: a blob that does not unpack to the size it claims",
    );
    // A bomb: 33 MiB of nothing, packed.
    let bomb = blob(b"OSMData", &vec![0; 33 << 20], true);
    let bytes = [header.as_slice(), &bomb].concat();
    let expected =
        format!("at byte {}: a blob that unpacks to more than 33554432 bytes", header.len());
    check(&bytes, &expected);
}

#[test]
fn broken_xml_is_refused() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(said(&imported(text.as_bytes(), Format::OsmXml).unwrap_err()), expected);
    }
    check("", "the file ends at byte 0 in the middle of a document with no element yet");
    check("lat,lon\n1,2\n", "at byte 0: text before the first element");
    check("<html></html>", "at byte 0: the root element is `html`, not what this format has");
    check("<osm></osm>", "none of the 0 ways is a road between known nodes");
    check("<osm><way>", "the file ends at byte 10 in the middle of an element");
    check(
        "<osm><node id='1' lat='1' ",
        "at byte 5: tag not closed: `>` not found before end of input",
    );
    check(
        "<osm><node id='7' lat='91' lon='1'/>",
        "node 7 lies at latitude 91, longitude 1, which is not on the globe",
    );
    check(
        "<osm><node id='7' lat='NaN' lon='1'/>",
        "node 7 lies at latitude NaN, longitude 1, which is not on the globe",
    );
    check(
        "<osm><node id='7' lat='1' lon='inf'/>",
        "node 7 lies at latitude 1, longitude inf, which is not on the globe",
    );
    check(
        "<osm><node id='x' lat='1' lon='1'/>",
        "at byte 5: a node without a whole id, or lat and lon in degrees",
    );
    check("<osm><way><nd/></way>", "at byte 10: an nd without a whole ref");
    check(
        &("<osm>".to_owned() + &"<a>".repeat(20)),
        "at byte 50: elements are nested more than 16 deep",
    );
    let endless = "<osm><node id='".to_owned() + &"1".repeat(5 << 20);
    check(&endless, "cannot read on after byte 5: a tag or text of more than 4194304 bytes");
}

#[test]
fn broken_gzip_is_refused() {
    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(said(&imported(bytes, Format::OsmXmlGz).unwrap_err()), expected);
    }
    let whole = village().osm_gz();
    check(b"<osm></osm>", "cannot read on after byte 0: invalid gzip header");
    check(&whole[..whole.len() / 2], "the file ends at byte 515 in the middle of compressed text");
    // A bomb: 40 MiB of blanks in some 40 KiB.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(b"<osm>").unwrap();
    packer.write_all(&vec![b' '; 40 << 20]).unwrap();
    check(
        &packer.finish().unwrap(),
        "cannot read on after byte 5: a tag or text of more than 4194304 bytes",
    );
}

#[test]
fn broken_graphs_are_refused() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let text = format!(
            "<graphml><key id='y' for='node' attr.name='y'/><key id='x' for='node' attr.name='x'/>\
             <key id='l' for='edge' attr.name='length'/><key id='h' for='edge' attr.name='highway'/>\
             {text}</graphml>"
        );
        let error = imported(text.as_bytes(), Format::GraphMl).unwrap_err();
        let said = said(&error);
        assert!(said.ends_with(expected), "{said}");
    }
    let node = |id: i64, x: &str| {
        format!("<node id='{id}'><data key='y'>1</data><data key='x'>{x}</data></node>")
    };
    let edge = |length: &str| {
        let data = format!("<data key='l'>{length}</data><data key='h'>primary</data>");
        node(1, "1") + &node(2, "2") + &format!("<edge source='1' target='2'>{data}</edge>")
    };
    check("", "none of the 0 ways is a road between known nodes");
    check("<node id='a'/>", "a node without a whole id");
    check("<node id='4'/>", "node 4 without x and y in degrees");
    check(&node(4, "181"), "node 4 lies at latitude 1, longitude 181, which is not on the globe");
    check(&node(4, "NaN"), "node 4 lies at latitude 1, longitude NaN, which is not on the globe");
    check("<edge source='1'/>", "an edge without whole ends");
    check(&edge("long"), "a length of `long`");
    check(
        &edge("NaN"),
        "the roads make no network: street 0 is NaN m long, not within 0 to 500000 m",
    );
    check(
        &edge("-5"),
        "the roads make no network: street 0 is -5 m long, not within 0 to 500000 m",
    );
    check(
        "<edge source='1' target='2'><data key='h'>primary</data></edge>",
        "none of the 1 ways is a road between known nodes",
    );
}

/// A village in a format, by number.
fn fixture(kind: usize) -> (Vec<u8>, Format) {
    let village = village();
    match kind {
        0 => (village.pbf(false), Format::OsmPbf),
        1 => (village.pbf(true), Format::OsmPbf),
        2 => (village.osm(), Format::OsmXml),
        3 => (village.osm_gz(), Format::OsmXmlGz),
        _ => (village.graphml(), Format::GraphMl),
    }
}

#[test]
fn a_file_cut_short_is_refused() {
    for kind in 0..5 {
        let (whole, format) = fixture(kind);
        imported(&whole, format).unwrap();
        for length in 0..whole.len() {
            let result = imported(&whole[..length], format);
            assert!(result.is_err(), "{format:?} cut to {length} bytes of {}", whole.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever happens to a file's bytes, the answer is a network or an error.
    #[test]
    fn damaged_files_do_not_panic(
        kind in 0_usize..5,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..8),
    ) {
        let (mut bytes, format) = fixture(kind);
        for (at, byte, change) in changes {
            let at = at.index(bytes.len());
            match change {
                0 => bytes[at] = byte,
                1 => bytes[at] ^= 1 << (byte % 8),
                2 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        if let Ok(import) = imported(&bytes, format) {
            prop_assert!(import.graph.nodes() > 0);
        }
    }

    /// Nor does any sequence of bytes that was never a file.
    #[test]
    fn noise_does_not_panic(
        noise in prop::collection::vec(any::<u8>(), 0..300), kind in 0_usize..5, framed: bool,
    ) {
        let (_, format) = fixture(kind);
        let bytes = if framed {
            [blob(b"OSMHeader", &[], true), blob(b"OSMData", &noise, false)].concat()
        } else {
            noise
        };
        prop_assert!(imported(&bytes, format).is_err());
    }
}
