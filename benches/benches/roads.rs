//! How long rides, store tables and changes of traffic take on a metro of 100 000 crossings,
//! beside petgraph and `fast_paths` on the same network.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::ids::StoreId;
use domain::money::Bps;
use domain::place::Place;
use kernel::chance::{Draw, draw};
use petgraph::graph::{DiGraph, NodeIndex};
use roads::{ArcId, Graph, GraphBuilder, NodeId, RoadClass, Roads, SpeedProfile, StoreTables};

/// Crossings along one side of the metro.
const SIDE: u32 = 330;
/// Crossings along one side of a neighbourhood, which main roads enclose.
const NEIGHBOURHOOD: u32 = 12;
/// Stores of the metro.
const STORES: u32 = 250;
/// Rides of each kind.
const RIDES: usize = 1_000;
/// A near ride takes at most this long.
const NEAR_MS: u32 = 600_000;

/// Any junction.
fn node(dice: &mut Draw, roads: &Roads) -> NodeId {
    NodeId::at(dice.below(u32::try_from(roads.nodes()).expect("below 2^32 junctions")) as usize)
}

/// Crossings some 100 m apart. Main roads enclose neighbourhoods, whose streets leave them at
/// every fourth crossing; a tenth of the streets is missing and a fifth one-way.
fn metro() -> Graph {
    let mut dice = draw(1, 0, 0, 0);
    let mut builder = GraphBuilder::new();
    for n in 0..SIDE * SIDE {
        let mut e7 = |cells: u32, size: u32| {
            i32::try_from(cells * size + dice.below(6_000)).expect("a metro is small")
        };
        let (lat_e7, lon_e7) = (e7(n / SIDE, 9_000), e7(n % SIDE, 9_200));
        builder.add_node(Place { lat_e7: 129_000_000 + lat_e7, lon_e7: 776_000_000 + lon_e7 });
    }
    for n in 0..SIDE * SIDE {
        let (row, col) = (n / SIDE, n % SIDE);
        for (next, street, block) in [(n + 1, row, col + 1), (n + SIDE, col, row + 1)] {
            let main = street % NEIGHBOURHOOD == 0;
            let leaves = block % NEIGHBOURHOOD <= 1 && street % 4 != 2;
            let kind = dice.below(10);
            if block == SIDE || !main && (leaves || kind == 0) {
                continue;
            }
            let class = match street % (4 * NEIGHBOURHOOD) {
                0 => RoadClass::Primary,
                _ if main => RoadClass::Tertiary,
                _ => RoadClass::Residential,
            };
            builder.add_street(NodeId(n), NodeId(next), None, class, !main && kind <= 2);
        }
    }
    builder.build().expect("the metro's streets are sound")
}

/// The metro in all hands.
struct Metro {
    roads: Roads,
    stores: Vec<NodeId>,
    petgraph: DiGraph<(), u32>,
    fast: fast_paths::FastGraph,
    near: Vec<(NodeId, NodeId)>,
    far: Vec<(NodeId, NodeId)>,
}

impl Metro {
    fn new() -> Self {
        let roads = Roads::new(metro(), SpeedProfile::default());
        let mut petgraph = DiGraph::new();
        for _ in 0..roads.nodes() {
            petgraph.add_node(());
        }
        let mut input = fast_paths::InputGraph::new();
        for (arc, ends) in roads.graph().arcs().iter().enumerate() {
            let ms = roads.arc_ms(ArcId::at(arc)).expect("nothing is closed");
            let (from, to) = (ends.from.index(), ends.to.index());
            petgraph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ms);
            input.add_edge(from, to, ms as usize);
        }
        input.freeze();
        let mut dice = draw(2, 0, 0, 0);
        let stores = (0..STORES).map(|_| node(&mut dice, &roads)).collect();
        let (mut near, mut far) = (Vec::new(), Vec::new());
        while near.len() < RIDES || far.len() < RIDES {
            let ends = (node(&mut dice, &roads), node(&mut dice, &roads));
            let is_near = roads.travel_ms(ends.0, ends.1).is_some_and(|ms| ms <= NEAR_MS);
            if is_near { &mut near } else { &mut far }.push(ends);
        }
        near.truncate(RIDES);
        far.truncate(RIDES);
        let metro = Self { roads, stores, petgraph, fast: fast_paths::prepare(&input), near, far };
        metro.check();
        metro
    }

    /// All hands agree on every ride, petgraph on those it finds in time.
    fn check(&self) {
        let mut fast = fast_paths::create_calculator(&self.fast);
        for &(from, to) in self.near.iter().chain(&self.far) {
            let ms = self.roads.travel_ms(from, to);
            let peer = fast.calc_path(&self.fast, from.index(), to.index());
            assert_eq!(ms.map(|ms| ms as usize), peer.map(|path| path.get_weight()));
        }
        for &(from, to) in &self.near {
            assert_eq!(self.roads.travel_ms(from, to), self.petgraph_ms(from, to));
        }
    }

    fn petgraph_ms(&self, from: NodeId, to: NodeId) -> Option<u32> {
        let [from, to] = [from, to].map(|node| NodeIndex::new(node.index()));
        let times = petgraph::algo::dijkstra(&self.petgraph, from, Some(to), |edge| *edge.weight());
        times.get(&to).copied()
    }
}

fn rides(criterion: &mut Criterion, metro: &Metro) {
    for (name, rides) in [("near_ride", &metro.near), ("far_ride", &metro.far)] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(1)); // unit: rides
        let mut next = rides.iter().cycle();
        let mut next = move || *next.next().expect("it goes round");
        group.bench_function("dastak", |bencher| {
            bencher.iter(|| {
                let (from, to) = next();
                metro.roads.travel_ms(black_box(from), to)
            });
        });
        group.bench_function("dastak_with_path", |bencher| {
            bencher.iter(|| {
                let (from, to) = next();
                metro.roads.path(black_box(from), to)
            });
        });
        let mut fast = fast_paths::create_calculator(&metro.fast);
        group.bench_function("fast_paths", |bencher| {
            bencher.iter(|| {
                let (from, to) = next();
                fast.calc_path(&metro.fast, black_box(from).index(), to.index())
            });
        });
        group.sample_size(10);
        group.bench_function("petgraph", |bencher| {
            bencher.iter(|| {
                let (from, to) = next();
                metro.petgraph_ms(black_box(from), to)
            });
        });
        group.finish();
    }
}

fn tables(criterion: &mut Criterion, metro: &Metro) {
    let tables = StoreTables::build(&metro.roads, &metro.stores, StoreTables::LIMIT_MS);
    eprintln!("{} stores: {} KiB of tables", metro.stores.len(), tables.bytes() >> 10);
    let mut dice = draw(3, 0, 0, 0);
    let mut asked = (0..1_000_000_usize)
        .map(|_| (StoreId(dice.below(STORES)), node(&mut dice, &metro.roads)))
        .collect::<Vec<_>>()
        .into_iter()
        .cycle();
    let mut next = move || asked.next().expect("it goes round");

    let mut group = criterion.benchmark_group("store_tables");
    group.throughput(Throughput::Elements(1_000)); // unit: lookups
    group.bench_function("lookups_1000", |bencher| {
        bencher.iter(|| {
            let times =
                (0..1_000).map(|_| next()).map(|(store, node)| tables.from_store_ms(store, node));
            times.flatten().fold(0_u64, |sum, ms| sum + u64::from(ms))
        });
    });
    group.throughput(Throughput::Elements(1)); // unit: orders
    group.bench_function("candidates_30_to_a_store", |bencher| {
        let riders: Vec<NodeId> = (0..30).map(|_| next().1).collect();
        bencher.iter(|| {
            let (store, _) = next();
            riders.iter().filter_map(|&rider| tables.to_store_ms(rider, store)).min()
        });
    });
    group.bench_function("nearest_store", |bencher| {
        bencher.iter(|| tables.stores_near(next().1).min_by_key(|&(_, ms)| ms));
    });
    group.finish();
}

fn changes(criterion: &mut Criterion, metro: &Metro) {
    let mut group = criterion.benchmark_group("change");
    group.sample_size(10);
    let mut roads = metro.roads.clone();
    group.bench_function("reweight", |bencher| {
        bencher.iter(|| roads.reweight(black_box(Bps(7_000))));
    });
    group.bench_function("store_tables_both_ways", |bencher| {
        bencher.iter(|| StoreTables::build(&metro.roads, &metro.stores, StoreTables::LIMIT_MS));
    });
    let mut saved = Vec::new();
    metro.roads.save(&mut saved).expect("memory takes everything");
    group.bench_function("open_saved", |bencher| {
        bencher.iter(|| Roads::load(black_box(saved.as_slice())));
    });
    group.bench_function("open_new", |bencher| {
        bencher.iter_batched(
            || metro.roads.graph().clone(),
            |graph| Roads::new(graph, SpeedProfile::default()),
            criterion::BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn all(criterion: &mut Criterion) {
    let metro = Metro::new();
    eprintln!("{} nodes, {} arcs", metro.roads.nodes(), metro.roads.graph().arc_count());
    rides(criterion, &metro);
    tables(criterion, &metro);
    changes(criterion, &metro);
}

criterion_group!(benches, all);
criterion_main!(benches);
