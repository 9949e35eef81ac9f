use roads::{Roads, SpeedProfile};

use super::*;
use crate::describe::{Description, trip_circuity};
use crate::lattice;
use crate::setup::{Metro, StoreSetup};
use crate::siting::People;

const CITY: CityId = CityId(0);

fn built(metro: &Metro, stores: u32, seed: u64) -> Built {
    let setup = StoreSetup { count: stores, ..StoreSetup::default() };
    let plane = Plane::new(metro.centre);
    let sites = lattice::sites(1, CITY, &setup, &People { plane, wards: None });
    let region = Region::around(&sites, 2_500.0);
    network(&metro.streets, &plane, &region, seed, CITY).unwrap()
}

/// Holds a made-up metro to Boeing's worldwide indicators (2022) of the real one: streets per
/// node; shares of dead ends, three-way and four-way junctions; edge circuity; mean and median
/// length, metres; entropy of bearings.
/// Trips, if any are asked for, have a median circuity of 1.25 to 1.45.
fn looks_like(name: &str, surveyed: [f64; 8], seeds: std::ops::RangeInclusive<u64>, trips: u32) {
    let [degree, dead_ends, three, four, circuity, mean_m, median_m, entropy] = surveyed;
    for seed in seeds {
        let found = built(&Metro::named(name).unwrap(), 30, seed);
        let is = Description::of(&found.graph);
        let check = |what: &str, found: f64, want: f64, tolerance: f64| {
            assert!((found - want).abs() <= tolerance, "{name}, {what}: {found}, not {want}");
        };
        check("streets per node", is.streets_per_node, degree, 0.05);
        check("dead ends", is.dead_ends, dead_ends, 0.03);
        check("three-way", is.three_way, three, 0.03);
        check("four-way", is.four_way, four, 0.03);
        check("edge circuity", is.edge_circuity, circuity, 0.01);
        check("mean length", is.mean_m / mean_m, 1.0, 0.08);
        check("median length", is.median_m / median_m, 1.0, 0.08);
        check("entropy", is.entropy, entropy, 0.1);
        check("connected", found.largest_scc_share(), 1.0, 0.01);
        let roads = Roads::new(found.graph, SpeedProfile::uniform(15_000));
        let trips = trip_circuity(&roads, seed, trips);
        if let Some(&median) = trips.get(trips.len() / 2) {
            check("trip circuity", median, 1.35, 0.1);
        }
    }
}

const DELHI: [f64; 8] = [2.79, 0.177, 0.677, 0.143, 1.051, 90.3, 58.1, 3.393];
const MUMBAI: [f64; 8] = [2.79, 0.181, 0.658, 0.156, 1.068, 115.9, 78.7, 3.518];
const BENGALURU: [f64; 8] = [2.75, 0.197, 0.647, 0.152, 1.040, 76.3, 50.6, 3.248];
const HYDERABAD: [f64; 8] = [2.75, 0.204, 0.632, 0.161, 1.046, 63.8, 46.6, 3.387];
const CHENNAI: [f64; 8] = [2.70, 0.208, 0.671, 0.118, 1.058, 95.3, 64.6, 3.169];

#[test]
fn made_up_metros_look_like_the_real_ones() {
    looks_like("delhi", DELHI, 1..=1, 0);
    looks_like("mumbai", MUMBAI, 1..=1, 0);
    looks_like("bengaluru", BENGALURU, 1..=1, 30);
    looks_like("chennai", CHENNAI, 1..=1, 0);
}

#[test]
fn slow_made_up_metros_look_like_the_real_ones_for_any_seed() {
    if std::env::var_os("RUN_SLOW").is_none() {
        eprintln!("skipped: a slow test (set RUN_SLOW=1)");
        return;
    }
    looks_like("delhi", DELHI, 1..=4, 300);
    looks_like("mumbai", MUMBAI, 1..=4, 300);
    looks_like("bengaluru", BENGALURU, 1..=4, 300);
    looks_like("hyderabad", HYDERABAD, 1..=4, 300);
    looks_like("chennai", CHENNAI, 1..=4, 300);
}

#[test]
fn real_networks_are_described_as_they_are() {
    use std::path::PathBuf;
    let root = std::env::var_os("DASTAK_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join("osm/central_bengaluru.graphml");
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: {} is not here (set DASTAK_DATA)", path.display());
        return;
    };
    let rules = roads::import::ImportRules::default();
    let graph = roads::import::import(file, roads::import::Format::GraphMl, &rules).unwrap().graph;
    let is = Description::of(&graph);
    assert!((2.7..3.3).contains(&is.streets_per_node), "{is:?}");
    assert!((1.0..1.1).contains(&is.edge_circuity), "{is:?}");
    let roads = Roads::new(graph, SpeedProfile::uniform(15_000));
    let trips = trip_circuity(&roads, 1, 400);
    let median = trips[trips.len() / 2];
    assert!((median - 1.416).abs() < 0.04, "trips of 1 to 4 km: {median}");
}

#[test]
fn the_same_seed_gives_the_same_streets() {
    let metro = Metro::named("chennai").unwrap();
    let digest = |seed| built(&metro, 3, seed).graph.digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn a_larger_city_keeps_the_junctions_of_a_smaller_one() {
    let metro = Metro::default();
    let places = |stores| built(&metro, stores, 1).graph.places().to_vec();
    let (small, mut large) = (places(7), places(19));
    large.sort_unstable();
    let kept = small.iter().filter(|place| large.binary_search(place).is_ok()).count();
    let share = kept as f64 / small.len() as f64;
    assert!(share > 0.97, "{share}");
}

#[test]
fn rivers_are_crossed_at_bridges_alone() {
    let metro = Metro::named("delhi").unwrap();
    let water = metro.streets.water.unwrap();
    let graph = built(&metro, 30, 1).graph;
    let plane = Plane::new(metro.centre);
    let mut bridges = std::collections::BTreeMap::new();
    for arc in graph.arcs() {
        let [from, to] = [arc.from, arc.to].map(|node| plane.xy(graph.place(node)));
        if let Some((bridge, off_m)) = water.crossing(from, to) {
            *bridges.entry(bridge).or_insert(0) += 1;
            assert!(off_m < water.bridge_m / 2.0 + 1.0);
        }
    }
    assert!((6..15).contains(&bridges.len()), "{bridges:?}");
    // A bridge is one street, ridden both ways.
    assert!(bridges.values().all(|&arcs| arcs == 2), "{bridges:?}");
}
