//! What the builder keeps, numbers and refuses.

use crate::{ArcId, GraphBuilder, GraphError, NodeId, RoadClass};
use domain::place::Place;

type Street = (u32, u32, Option<f64>, bool);

/// A builder with nodes 1 km apart on a line, and the streets given.
fn laid_out(nodes: i32, streets: &[Street]) -> GraphBuilder {
    let mut builder = GraphBuilder::new();
    for n in 0..nodes {
        builder.add_node(Place { lat_e7: 129_000_000, lon_e7: 776_000_000 + n % 1_000 * 92_260 });
    }
    for &(a, b, length_m, oneway) in streets {
        builder.add_street(NodeId(a), NodeId(b), length_m, RoadClass::Residential, oneway);
    }
    builder
}

#[test]
fn keeps_the_largest_strongly_connected_part() {
    #[track_caller]
    fn check(nodes: i32, streets: &[Street], kept: &[u32], arcs: &[(u32, u32)]) {
        let built = laid_out(nodes, streets).build_mapped().unwrap();
        let expected: Vec<Option<NodeId>> = (0..u32::try_from(nodes).unwrap())
            .map(|n| kept.iter().position(|&k| k == n).map(NodeId::at))
            .collect();
        assert_eq!(built.renumbered, expected);
        let found: Vec<(u32, u32)> =
            built.graph.arcs().iter().map(|arc| (arc.from.0, arc.to.0)).collect();
        assert_eq!(found, arcs);
    }
    let two_way = |a, b| (a, b, None, false);
    let one_way = |a, b| (a, b, None, true);

    check(1, &[], &[0], &[]);
    check(2, &[two_way(1, 0)], &[0, 1], &[(0, 1), (1, 0)]);
    // A one-way street into a dead end leaves the dead end out.
    check(3, &[two_way(0, 1), one_way(1, 2)], &[0, 1], &[(0, 1), (1, 0)]);
    // A one-way ring is strongly connected.
    check(3, &[one_way(2, 0), one_way(0, 1), one_way(1, 2)], &[0, 1, 2], &[(0, 1), (1, 2), (2, 0)]);
    // The later, larger part wins; its nodes are numbered anew in their order.
    check(
        5,
        &[two_way(0, 1), two_way(4, 3), two_way(3, 2)],
        &[2, 3, 4],
        &[(0, 1), (1, 2), (1, 0), (2, 1)],
    );
    // Of equals, the part with the earliest node wins.
    check(4, &[two_way(2, 3), two_way(1, 0)], &[0, 1], &[(0, 1), (1, 0)]);
    // Parallel streets both stay: closing one leaves the other. Self-loops go.
    check(
        2,
        &[two_way(0, 1), (0, 1, Some(5_000.0), false), two_way(1, 1)],
        &[0, 1],
        &[(0, 1), (0, 1), (1, 0), (1, 0)],
    );
}

#[test]
fn counts_what_it_left_out() {
    let streets =
        [(0, 1, None, false), (1, 1, None, false), (1, 2, None, true), (3, 4, None, true)];
    let built = laid_out(5, &streets).build_mapped().unwrap();
    assert_eq!((built.self_loops, built.arcs_outside), (1, 2));
    assert_eq!(built.largest_scc_share().to_bits(), 0.4_f64.to_bits());
}

#[test]
fn lengths_are_kept_to_the_decimetre() {
    #[track_caller]
    fn check(length_m: Option<f64>, length_dm: u32) {
        let graph = laid_out(2, &[(0, 1, length_m, false)]).build().unwrap();
        assert_eq!(graph.arc(ArcId(0)).length_dm, length_dm);
    }
    check(Some(12.3456), 123);
    check(Some(0.0), 0);
    check(Some(500_000.0), 5_000_000);
    check(None, 10_000);
}

#[test]
fn refuses_what_cannot_be_a_road() {
    #[track_caller]
    fn check(nodes: i32, streets: &[Street], said: &str) {
        let error: GraphError = laid_out(nodes, streets).build().unwrap_err();
        assert_eq!(error.to_string(), said);
    }
    check(0, &[], "the network has no nodes");
    check(
        2,
        &[(0, 1, None, false), (0, 2, None, false)],
        "street 1 ends at node2, but only 2 nodes were added",
    );
    for (length_m, shown) in
        [(-1.0, "-1"), (f64::NAN, "NaN"), (f64::INFINITY, "inf"), (500_000.5, "500000.5")]
    {
        let said = format!("street 0 is {shown} m long, not within 0 to 500000 m");
        check(2, &[(0, 1, Some(length_m), true)], &said);
    }
}

#[test]
fn the_digest_sees_every_field() {
    let base = [(0, 1, Some(10.0), false), (1, 2, Some(10.0), false)];
    let digest = |nodes, streets: &[Street]| laid_out(nodes, streets).build().unwrap().digest();
    assert_eq!(digest(3, &base), digest(3, &base));

    let others: [&[Street]; 3] = [
        &[(0, 1, Some(10.1), false), (1, 2, Some(10.0), false)],
        &[(0, 1, Some(10.0), false), (0, 2, Some(10.0), false)],
        &[(0, 1, Some(10.0), false), (1, 2, Some(10.0), false), (0, 1, Some(10.0), true)],
    ];
    for other in others {
        assert_ne!(digest(3, &base), digest(3, other), "{other:?}");
    }
    let mut class = laid_out(2, &[(0, 1, Some(10.0), true)]);
    class.add_street(NodeId(1), NodeId(0), Some(10.0), RoadClass::Service, true);
    assert_ne!(digest(2, &[(0, 1, Some(10.0), false)]), class.build().unwrap().digest());
}

#[test]
fn a_long_road_does_not_exhaust_the_stack() {
    let streets: Vec<Street> = (0..200_000).map(|n| (n, n + 1, Some(1.0), false)).collect();
    assert_eq!(laid_out(200_001, &streets).build().unwrap().nodes(), 200_001);
}
