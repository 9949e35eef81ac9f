//! Contraction beside that of the `cch` crate, which shares no code with it.

use cch::Cch;
use domain::place::Place;
use proptest::prelude::*;

use super::Hierarchy;
use crate::dissection;
use crate::{Graph, GraphBuilder, NodeId, RoadClass};

/// A ring road with chords.
fn ring(nodes: u32, chords: &[(u32, u32)]) -> Graph {
    let mut builder = GraphBuilder::new();
    for n in 0..nodes {
        let lon_e7 = i32::try_from(n * 7_919 % 1_000 * 10_000).unwrap();
        builder.add_node(Place { lat_e7: i32::try_from(n * 10_000).unwrap(), lon_e7 });
    }
    let ring = (0..nodes).map(|n| (n, (n + 1) % nodes));
    for (a, b) in ring.chain(chords.iter().map(|&(a, b)| (a % nodes, b % nodes))) {
        builder.add_street(NodeId(a), NodeId(b), Some(100.0), RoadClass::Residential, a % 3 == 0);
    }
    builder.build().unwrap()
}

proptest! {
    /// Links, their order and the elimination tree are those the crate finds.
    #[test]
    fn contraction_is_that_of_the_crate(
        nodes in 1_u32..60, chords in prop::collection::vec((0_u32..60, 0_u32..60), 0..90),
    ) {
        let graph = ring(nodes, &chords);
        let order = dissection::order(&graph);
        let ours = Hierarchy::new(&graph, order.clone());
        let plain = cch::graph::Graph {
            first_out: graph.first_out().to_vec(),
            head: graph.arcs().iter().map(|arc| arc.to.0).collect(),
            weight: vec![0; graph.arc_count()],
        };
        let theirs = Cch::build(&plain, &order.iter().map(|node| node.0).collect::<Vec<_>>());
        prop_assert_eq!(&ours.rank, &theirs.rank);
        prop_assert_eq!(&ours.heads, &theirs.up_head);
        prop_assert_eq!(&ours.tails, &theirs.up_tail);
        let first: Vec<u32> = ours.climbs.iter().map(|climb| climb.first).collect();
        prop_assert_eq!(first, theirs.up_first_out);
        let links: Vec<u32> = ours.arc_links.iter().map(|&(link, _)| link).collect();
        prop_assert_eq!(links, theirs.input_arc_to_cch_arc);
        for (rank, &parent) in theirs.elimination_tree_parent.iter().enumerate() {
            prop_assert_eq!(ours.climbs[rank].parent, parent);
        }
        let downs: Vec<(u32, u32)> = ours.downs.iter().map(|down| (down.tail, down.link)).collect();
        let expected: Vec<(u32, u32)> =
            theirs.down_head.iter().copied().zip(theirs.down_to_up.iter().copied()).collect();
        prop_assert_eq!(downs, expected);
    }
}
