//! Made-up networks, equal for equal seeds.

use dastak_roads::{Graph, GraphBuilder, NodeId, RoadClass};
use domain::place::Place;
use geo::{Distance, Haversine};

/// A small source of chance for tests (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Luck(pub(crate) u64);

impl Luck {
    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    /// A node of a network of that many.
    pub(crate) fn node(&mut self, nodes: usize) -> NodeId {
        NodeId(u32::try_from(self.below(nodes as u64)).unwrap())
    }
}

/// A town of `side` × `side` crossings about 100 m apart, a tenth of its streets missing and a
/// third of them one-way.
pub(crate) fn town(side: u32, seed: u64) -> Graph {
    let mut luck = Luck(seed);
    let mut builder = GraphBuilder::new();
    for n in 0..side * side {
        let jitter = |luck: &mut Luck| i32::try_from(luck.below(6_000)).unwrap();
        let (row, col) = (i32::try_from(n / side).unwrap(), i32::try_from(n % side).unwrap());
        builder.add_node(Place {
            lat_e7: 129_000_000 + row * 9_000 + jitter(&mut luck),
            lon_e7: 776_000_000 + col * 9_200 + jitter(&mut luck),
        });
    }
    for n in 0..side * side {
        let east = (n % side + 1 < side).then_some(n + 1);
        let north = (n + side < side * side).then_some(n + side);
        for next in [east, north].into_iter().flatten() {
            let kind = luck.below(10);
            let (a, b) = if luck.below(2) == 0 { (n, next) } else { (next, n) };
            let class = RoadClass::ALL[usize::try_from(luck.below(9)).unwrap()];
            if kind > 0 {
                builder.add_street(NodeId(a), NodeId(b), None, class, kind <= 3);
            }
        }
    }
    builder.build().unwrap()
}

/// One winding road over the ground of [`town`], its bends thick in one corner and rare elsewhere.
pub(crate) fn winding_road(bends: u32, seed: u64) -> Graph {
    let mut luck = Luck(seed);
    let mut builder = GraphBuilder::new();
    for n in 0..bends {
        let skewed = |luck: &mut Luck| i32::try_from(luck.below(300) * luck.below(300)).unwrap();
        builder.add_node(Place {
            lat_e7: 129_000_000 + skewed(&mut luck),
            lon_e7: 776_000_000 + skewed(&mut luck),
        });
        if n > 0 {
            builder.add_street(NodeId(n - 1), NodeId(n), None, RoadClass::Tertiary, false);
        }
    }
    builder.build().unwrap()
}

/// Streets are as long as geo finds the great circle between their ends.
#[test]
fn street_lengths_agree_with_the_great_circle() {
    for graph in [town(9, 1), winding_road(50, 2)] {
        for arc in graph.arcs() {
            let [a, b] = [arc.from, arc.to].map(|node| {
                let place = graph.place(node);
                geo::Point::new(place.lon(), place.lat())
            });
            let expected_m = Haversine.distance(a, b);
            let off_m = (f64::from(arc.length_dm) / 10.0 - expected_m).abs();
            assert!(off_m <= 0.05 + expected_m / 1e3, "{arc:?} is {expected_m} m long");
        }
    }
}
