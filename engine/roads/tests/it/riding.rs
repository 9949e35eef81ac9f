//! Rides against petgraph, and the laws that closures, trips and tables keep.

use dastak_roads::{ArcId, NodeId, Path, RoadClass, Roads, SpeedProfile, StoreTables};
use domain::dispatch::Legs;
use domain::ids::StoreId;
use domain::money::Bps;
use domain::place::Place;
use domain::time::Timestamp;
use petgraph::algo::dijkstra;
use petgraph::graph::{DiGraph, NodeIndex};
use proptest::prelude::*;

use crate::towns::{Luck, town, winding_road};

/// The same roads in petgraph, whose Dijkstra is the oracle.
fn oracle(roads: &Roads) -> DiGraph<(), u32> {
    let mut model = DiGraph::new();
    for _ in 0..roads.nodes() {
        model.add_node(());
    }
    for (arc, ends) in roads.graph().arcs().iter().enumerate() {
        if let Some(ms) = roads.arc_ms(ArcId::at(arc)) {
            model.add_edge(NodeIndex::new(ends.from.index()), NodeIndex::new(ends.to.index()), ms);
        }
    }
    model
}

/// Riding times from one node to every node, by petgraph.
fn oracle_ms(model: &DiGraph<(), u32>, from: NodeId) -> Vec<Option<u32>> {
    let times = dijkstra(model, NodeIndex::new(from.index()), None, |edge| *edge.weight());
    model.node_indices().map(|node| times.get(&node).copied()).collect()
}

/// Checks all rides from some nodes; answers how many pairs were compared.
#[track_caller]
fn check_against_petgraph(roads: &Roads, sources: usize, seed: u64) -> usize {
    let model = oracle(roads);
    let mut luck = Luck(seed);
    for _ in 0..sources {
        let from = luck.node(roads.nodes());
        for (to, expected) in oracle_ms(&model, from).into_iter().enumerate() {
            let to = NodeId::at(to);
            assert_eq!(roads.travel_ms(from, to), expected, "{from} to {to}");
        }
    }
    sources * roads.nodes()
}

/// A hundred and fifty thousand rides across a town of ten thousand crossings, half of them with
/// streets closed in the rain.
#[test]
fn slow_rides_take_as_long_as_petgraph_says() {
    if std::env::var_os("RUN_SLOW").is_none() {
        eprintln!("SKIPPED: a slow test (set RUN_SLOW=1)");
        return;
    }
    let mut roads = Roads::new(town(100, 11), SpeedProfile::default());
    let mut pairs = check_against_petgraph(&roads, 8, 1);
    roads.close(&some_arcs(&roads, 500, &mut Luck(2)));
    roads.reweight(Bps(7_000));
    pairs += check_against_petgraph(&roads, 8, 3);
    assert!(pairs >= 150_000, "{pairs} pairs");
}

/// Checks that a path leads from one node to the other over open arcs, and sums to its totals.
#[track_caller]
fn check_path(roads: &Roads, from: NodeId, to: NodeId, path: &Path) {
    let mut at = from;
    let (mut ms, mut length_dm) = (0, 0);
    for &arc in &path.arcs {
        let ends = roads.graph().arc(arc);
        assert_eq!(ends.from, at);
        at = ends.to;
        ms += roads.arc_ms(arc).unwrap();
        length_dm += ends.length_dm;
    }
    assert_eq!(at, to);
    assert_eq!((ms, length_dm), (path.ms, path.length_dm));
    assert_eq!(roads.travel_ms(from, to), Some(path.ms));
}

/// Some arcs of a network.
fn some_arcs(roads: &Roads, count: usize, luck: &mut Luck) -> Vec<ArcId> {
    let arcs = roads.graph().arc_count() as u64;
    (0..count).map(|_| ArcId(u32::try_from(luck.below(arcs)).unwrap())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the town, its closures and the weather, rides take as long as petgraph says.
    #[test]
    fn rides_take_as_long_as_petgraph_says(
        side in 2_u32..9, seed: u64, closures in 0_usize..30, speed in 300_u32..15_000,
    ) {
        let mut roads = Roads::new(town(side, seed), SpeedProfile::default());
        check_against_petgraph(&roads, 3, seed);
        if roads.graph().arc_count() > 0 {
            let arcs = some_arcs(&roads, closures, &mut Luck(seed));
            roads.close(&arcs);
            check_against_petgraph(&roads, 3, seed);
            roads.reweight(Bps(speed));
            check_against_petgraph(&roads, 3, seed);
            roads.reopen(&arcs);
            check_against_petgraph(&roads, 3, seed);
        }
    }

    /// A trip's arcs join up, are open, and sum to the trip's time and length.
    #[test]
    fn trips_sum_to_their_totals(side in 2_u32..12, seed: u64, closures in 0_usize..30) {
        let mut roads = Roads::new(town(side, seed), SpeedProfile::default());
        let mut luck = Luck(seed);
        if roads.graph().arc_count() > 0 {
            roads.close(&some_arcs(&roads, closures, &mut luck));
        }
        for _ in 0..20 {
            let (from, to) = (luck.node(roads.nodes()), luck.node(roads.nodes()));
            match roads.path(from, to) {
                Some(path) => check_path(&roads, from, to, &path),
                None => prop_assert_eq!(roads.travel_ms(from, to), None),
            }
        }
    }

    /// Tables agree with exact rides to half a quantum, and leave out what is beyond the limit.
    #[test]
    fn tables_agree_with_rides(
        side in 2_u32..10, seed: u64, stores in 0_usize..40, limit_ms in 0_u32..400_000,
    ) {
        let roads = Roads::new(town(side, seed), SpeedProfile::default());
        let mut luck = Luck(seed);
        let stores: Vec<NodeId> = (0..stores).map(|_| luck.node(roads.nodes())).collect();
        let tables = StoreTables::build(&roads, &stores, limit_ms);
        let half = tables.quantum_ms() / 2;
        for node in (0..roads.nodes()).map(NodeId::at) {
            let mut near = Vec::new();
            for (store, &at) in stores.iter().enumerate() {
                let store = StoreId::at(store);
                let out = tables.from_store_ms(store, node);
                near.extend(out.map(|ms| (store, ms)));
                let path = roads.path(at, node).filter(|path| path.ms <= limit_ms);
                prop_assert_eq!(tables.from_store_m(store, node), path.as_ref().map(Path::length_m));
                let back = roads.travel_ms(node, at).filter(|&ms| ms <= limit_ms);
                for (table, exact) in
                    [(out, path.map(|path| path.ms)), (tables.to_store_ms(node, store), back)]
                {
                    prop_assert_eq!(table.is_some(), exact.is_some());
                    let off = table.unwrap_or(0).abs_diff(exact.unwrap_or(0));
                    prop_assert!(off <= half, "{table:?} {exact:?}");
                }
            }
            let mut listed: Vec<_> = tables.stores_near(node).collect();
            listed.sort_unstable();
            prop_assert_eq!(listed, near);
        }
    }

    /// The nearest node is the one that a look at every node finds, in town and far from it.
    #[test]
    fn snapping_finds_the_nearest_node(side in 1_u32..9, seed: u64, winding: bool) {
        let graph = if winding { winding_road(side * side, seed) } else { town(side, seed) };
        let roads = Roads::new(graph, SpeedProfile::default());
        let mut luck = Luck(seed);
        for n in 0..100 {
            let spread = if n < 90 { 90_000 } else { 600_000_000 };
            let offset = |luck: &mut Luck| i32::try_from(luck.below(spread)).unwrap();
            let place = Place {
                lat_e7: 128_995_000 + offset(&mut luck),
                lon_e7: 775_995_000 - offset(&mut luck) + 85_000,
            };
            let distance_m = |&node: &NodeId| place.straight_m(roads.place(node));
            let nearest = (0..roads.nodes()).map(NodeId::at)
                .min_by(|a, b| distance_m(a).total_cmp(&distance_m(b)));
            prop_assert_eq!(Some(roads.snap(place)), nearest);
        }
    }
}

#[test]
fn closing_a_bridge_changes_exactly_the_trips_that_used_it() {
    let open = Roads::new(town(9, 7), SpeedProfile::default());
    let pairs = (0..open.nodes())
        .flat_map(|from| (0..open.nodes()).map(move |to| (NodeId::at(from), NodeId::at(to))));
    let trips: Vec<_> = pairs.map(|(a, b)| (a, b, open.path(a, b).unwrap())).collect();

    // The arc that most trips use stands for the bridge.
    let mut uses = vec![0; open.graph().arc_count()];
    trips.iter().flat_map(|(_, _, path)| &path.arcs).for_each(|arc| uses[arc.index()] += 1);
    let bridge = ArcId::at((0..uses.len()).max_by_key(|&arc| uses[arc]).unwrap());

    let mut closed = open.clone();
    closed.close(&[bridge]);
    let mut longer = 0;
    for (from, to, before) in &trips {
        let after = closed.path(*from, *to);
        if before.arcs.contains(&bridge) {
            // Another way may be equally long, but not shorter, and does not use the bridge.
            assert!(
                after
                    .as_ref()
                    .is_none_or(|after| { after.ms >= before.ms && !after.arcs.contains(&bridge) })
            );
            longer += usize::from(after.is_none_or(|after| after.ms > before.ms));
        } else {
            assert_eq!(after.as_ref(), Some(before));
        }
    }
    assert!(longer > 0, "the bridge mattered to nobody");
    assert_eq!(open.travel_ms(NodeId(0), NodeId(1)), trips[1].2.ms.into(), "a clone is apart");

    closed.reopen(&[bridge]);
    assert_eq!(closed.digest(), open.digest());
    assert!(trips.iter().all(|(from, to, path)| closed.path(*from, *to).as_ref() == Some(path)));
}

#[test]
fn rain_makes_rides_longer_in_proportion() {
    #[track_caller]
    fn check(length_dm: u32, speed: u32, ms: Option<u32>) {
        let profile = SpeedProfile::uniform(15_000);
        assert_eq!(profile.ride_ms(length_dm, RoadClass::Primary, Bps(speed)), ms);
    }
    check(10_000, 10_000, Some(240_000)); // 1 km at 15 km/h
    check(10_000, 7_000, Some(342_857)); // at 10.5 km/h
    check(0, 10_000, Some(1));
    check(10_000, 0, None);
    check(10_000, u32::MAX, Some(30_000)); // never faster than 120 km/h
    check(u32::MAX, 1, None);
}

#[test]
fn rides_of_more_than_37_hours_count_as_no_way() {
    let roads = |m_per_h| Roads::new(town(3, 1), SpeedProfile::uniform(m_per_h));
    let (there, back) = (NodeId(0), NodeId::at(roads(1).nodes() - 1));
    let hours = |ms| ms / 3_600_000;
    assert_eq!(roads(11).travel_ms(there, back).map(hours), Some(33));
    assert_eq!(roads(9).travel_ms(there, back).map(hours), None); // 41 hours
    assert_eq!(roads(1).travel_ms(there, there), Some(0));
}

#[test]
fn a_ride_of_exactly_the_limit_is_in_the_table() {
    let roads = Roads::new(town(9, 5), SpeedProfile::default());
    let (store, node) = (NodeId(0), NodeId::at(roads.nodes() - 1));
    let (out, back) = (roads.travel_ms(store, node), roads.travel_ms(node, store));
    let tables = |limit_ms| StoreTables::build(&roads, &[store], limit_ms);
    let id = StoreId(0);
    assert!(tables(out.unwrap()).from_store_ms(id, node).is_some());
    assert!(tables(out.unwrap() - 1).from_store_ms(id, node).is_none());
    assert!(tables(back.unwrap()).to_store_ms(node, id).is_some());
    assert!(tables(back.unwrap() - 1).to_store_ms(node, id).is_none());
}

#[test]
fn the_digest_sees_network_speeds_and_closures() {
    let base = Roads::new(town(4, 1), SpeedProfile::default());
    let changed = |change: fn(&mut Roads)| {
        let mut roads = base.clone();
        change(&mut roads);
        roads.digest()
    };
    let digests = [
        base.digest(),
        Roads::new(town(4, 2), SpeedProfile::default()).digest(),
        changed(|roads| roads.reweight(Bps(9_999))),
        changed(|roads| roads.set_speeds(SpeedProfile::uniform(15_000))),
        changed(|roads| roads.close(&[ArcId(0)])),
        changed(|roads| roads.close(&[ArcId(1)])),
    ];
    let distinct: std::collections::BTreeSet<u128> = digests.into();
    assert_eq!(distinct.len(), digests.len());
    assert_eq!(changed(|roads| roads.reweight(Bps::ONE)), base.digest());
}

/// A mask names 64 blocks of 16 stores; more stores need more masks.
#[test]
fn tables_hold_more_than_a_thousand_stores() {
    let roads = Roads::new(town(6, 2), SpeedProfile::default());
    let mut luck = Luck(2);
    let stores: Vec<NodeId> = (0..1_100).map(|_| luck.node(roads.nodes())).collect();
    let tables = StoreTables::build(&roads, &stores, 60_000);
    for node in (0..roads.nodes()).map(NodeId::at) {
        let mut near: Vec<_> = tables.stores_near(node).collect();
        near.sort_unstable();
        let exact = stores.iter().enumerate().filter_map(|(store, &at)| {
            roads.travel_ms(at, node).filter(|&ms| ms <= 60_000)?;
            Some((StoreId::at(store), tables.from_store_ms(StoreId::at(store), node)?))
        });
        assert_eq!(near, exact.collect::<Vec<_>>());
        assert!(!near.is_empty(), "{node}");
    }
}

#[test]
fn dispatch_asks_roads_by_place() {
    let mut roads = Roads::new(town(5, 4), SpeedProfile::default());
    let (from, to) = (NodeId(0), NodeId::at(roads.nodes() - 1));
    let leg_ms = |roads: &Roads| roads.leg_ms(roads.place(from), roads.place(to), Timestamp(0));
    assert_eq!(Some(leg_ms(&roads)), roads.travel_ms(from, to));
    let out: Vec<ArcId> = roads.graph().out_arcs(from).collect();
    roads.close(&out);
    assert_eq!(leg_ms(&roads), Roads::NO_WAY_MS);
}
