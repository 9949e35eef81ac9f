//! Real extracts give the networks that other tools find in them.

use crate::real_data;
use crate::towns::Luck;
use dastak_roads::import::{Format, Import, ImportRules, import};
use dastak_roads::{Roads, SpeedProfile};

fn imported(name: &str) -> Option<Import> {
    let file = real_data::open(&format!("osm/{name}"))?;
    let format = Format::of_name(name).unwrap();
    Some(import(file, format, &ImportRules::default()).unwrap())
}

/// Checks a file's network against counts found independently (README of the shared data).
#[track_caller]
fn check(name: &str, nodes: usize, arcs: usize) {
    let Some(Import { graph, counts }) = imported(name) else {
        return;
    };
    let within_a_percent = |found: usize, known: usize| found.abs_diff(known) * 100 <= known;
    let found = (graph.nodes(), graph.arc_count());
    assert!(within_a_percent(found.0, nodes), "{found:?} {counts:?}");
    assert!(within_a_percent(found.1, arcs), "{found:?} {counts:?}");
    assert_eq!(graph.digest(), imported(name).unwrap().graph.digest());
}

#[test]
fn andorra_from_protocol_buffers() {
    check("andorra.osm.pbf", 1_719, 3_423);
}

#[test]
fn campo_grande_from_xml() {
    check("campo-grande.osm.gz", 8_492, 24_868);
}

#[test]
fn bengaluru_from_graphml() {
    check("central_bengaluru.graphml", 2_657, 6_388);
}

#[test]
fn what_is_dropped_is_said() {
    let Some(import) = imported("andorra.osm.pbf") else {
        return;
    };
    assert_eq!(
        import.notes(),
        [
            "1546 ways are not roads for riders",
            "9 stretches return to where they started, and were dropped",
            "24 arcs run beside a quicker one, and were dropped",
            "20 vertices cannot be reached from everywhere, and were dropped",
            "20 arcs lead to or from those vertices, and were dropped",
        ]
    );
}

/// Rides of up to 3 km across central Bengaluru average the speed that operators state.
#[test]
fn riders_in_bengaluru_average_15_km_h() {
    let Some(import) = imported("central_bengaluru.graphml") else { return };
    let roads = Roads::new(import.graph, SpeedProfile::default());
    let mut luck = Luck(1);
    let (mut length_m, mut hours) = (0.0, 0.0);
    for _ in 0..3_000 {
        let ends = (luck.node(roads.nodes()), luck.node(roads.nodes()));
        let path = roads.path(ends.0, ends.1).unwrap();
        if (500..3_000).contains(&path.length_m()) {
            length_m += f64::from(path.length_dm) / 10.0;
            hours += f64::from(path.ms) / 3_600_000.0;
        }
    }
    let speed = length_m / hours / 1e3;
    assert!((14.5..15.5).contains(&speed), "{speed} km/h");
}
