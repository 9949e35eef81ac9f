//! Stretches of road that are closed, and what that cuts off.

use dastak_roads::{GraphBuilder, NodeId, RoadClass, Roads, SpeedProfile, StoreTables};
use domain::ids::StoreId;
use domain::place::Place;
use proptest::prelude::*;

use crate::towns::{Luck, town};

/// Streets of 1 km between numbered nodes, one-way where it says so, after a few nodes.
fn roads(nodes: i32, streets: &[(u32, u32, bool)]) -> Roads {
    let mut builder = GraphBuilder::new();
    for n in 0..nodes {
        builder.add_node(Place { lat_e7: n * 1_000, lon_e7: 0 });
    }
    for &(a, b, oneway) in streets {
        builder.add_street(NodeId(a), NodeId(b), Some(1_000.0), RoadClass::Tertiary, oneway);
    }
    Roads::new(builder.build().unwrap(), SpeedProfile::default())
}

/// A ring of four with a road across it in two parts, one of them one-way, beside a dead end.
const TOWN: &[(u32, u32, bool)] = &[
    (0, 1, false),
    (1, 2, false),
    (2, 3, false),
    (3, 0, false),
    (0, 4, true),
    (4, 2, false),
    (2, 0, true),
    (3, 5, false),
];

#[test]
fn a_stretch_is_the_road_between_two_junctions_both_ways() {
    let roads = roads(6, TOWN);
    let check = |a: u32, b: u32, ends: &[(u32, u32)], km: u32| {
        let stretch = roads.stretch(NodeId(a), NodeId(b)).unwrap();
        let arcs = stretch.arcs.iter().map(|&arc| roads.graph().arc(arc));
        let mut found: Vec<_> = arcs.map(|arc| (arc.from.0, arc.to.0)).collect();
        found.sort_unstable();
        assert_eq!((found.as_slice(), stretch.length_dm), (ends, km * 10_000), "{a} to {b}");
    };
    check(0, 1, &[(0, 1), (1, 0)], 1);
    check(0, 2, &[(2, 0)], 1);
    check(2, 0, &[(2, 0)], 1);
    check(0, 4, &[(0, 4)], 1);
    check(5, 2, &[(2, 3), (3, 2), (3, 5), (5, 3)], 2);
    check(4, 5, &[(2, 3), (2, 4), (3, 2), (3, 5), (4, 2), (5, 3)], 3);
    check(3, 3, &[], 0);
}

#[test]
fn what_a_closure_cuts_off_is_counted() {
    let check = |closed: &[(u32, u32)], cut_off: usize| {
        let mut roads = roads(6, TOWN);
        for &(a, b) in closed {
            let stretch = roads.stretch(NodeId(a), NodeId(b)).unwrap();
            roads.close(&stretch.arcs);
        }
        assert_eq!(roads.cut_off_from(NodeId(0)).len(), cut_off, "{closed:?}");
    };
    check(&[], 0);
    check(&[(0, 1)], 0);
    check(&[(3, 5)], 1);
    check(&[(0, 1), (1, 2)], 1);
    check(&[(0, 1), (0, 4)], 0);
    check(&[(0, 1), (0, 4), (3, 0)], 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Where arcs take whole steps of the tables, a table holds the sum of its ride's arcs.
    #[test]
    fn tables_hold_exact_sums(side in 2_u32..10, seed: u64, limit_ms in 0_u32..10_000_000) {
        let mut roads = Roads::new(town(side, seed), SpeedProfile::default());
        roads.set_grain(StoreTables::quantum_of(limit_ms));
        let mut luck = Luck(seed);
        let stores: Vec<NodeId> = (0..20).map(|_| luck.node(roads.nodes())).collect();
        let tables = StoreTables::build(&roads, &stores, limit_ms);
        prop_assert_eq!(tables.quantum_ms(), StoreTables::quantum_of(limit_ms));
        for node in (0..roads.nodes()).map(NodeId::at) {
            for (store, &at) in (0..).map(StoreId).zip(&stores) {
                for (from, to, ms, m) in [
                    (at, node, tables.from_store_ms(store, node), tables.from_store_m(store, node)),
                    (node, at, tables.to_store_ms(node, store), tables.to_store_m(node, store)),
                ] {
                    let path = roads.path(from, to).filter(|path| path.ms <= limit_ms);
                    let sum = |path: &dastak_roads::Path| -> u32 {
                        path.arcs.iter().map(|&arc| roads.arc_ms(arc).unwrap()).sum()
                    };
                    prop_assert_eq!(ms, path.as_ref().map(sum));
                    prop_assert_eq!(m, path.as_ref().map(dastak_roads::Path::length_m));
                    let travel = roads.travel(from, to).filter(|&(ms, _)| ms <= limit_ms);
                    prop_assert_eq!(travel, path.map(|path| (path.ms, path.length_dm)));
                }
            }
        }
    }
}
