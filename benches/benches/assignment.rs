//! How long one dispatch round takes: its exact assignment, what peers need for the same costs,
//! and whole rounds by policy.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use domain::dispatch::assign::{Cell, Matrix, Scratch, assign};
use domain::dispatch::{self, Candidate, Edge, Edges, Legs, Params, Policy, View, Waiting};
use domain::ids::{OrderId, RiderId, StoreId};
use domain::place::Place;
use domain::time::{Millis, Timestamp};
use kernel::chance::{Draw, draw};

/// A city of stores on a plane with riders around them; costs are seconds of riding.
struct City {
    rows: Vec<(u32, u32)>,
    cells: Vec<Cell>,
    penalties: Vec<u32>,
    riders: usize,
}

/// A point of a square of twenty kilometres, metres.
fn point(dice: &mut Draw) -> (u32, u32) {
    (dice.below(20_000), dice.below(20_000))
}

impl City {
    /// Each order lists the `nearest` riders of its store, or twice as many as orders wait there.
    fn new(stores: u32, orders: u32, riders: u32, nearest: usize) -> Self {
        let mut dice = draw(7, 0, 0, 0);
        let riders: Vec<_> = (0..riders).map(|_| point(&mut dice)).collect();
        let mut city =
            Self { rows: vec![], cells: vec![], penalties: vec![], riders: riders.len() };
        for store in 0..stores {
            let (x, y) = point(&mut dice);
            let waiting = orders / stores + u32::from(store < orders % stores);
            let mut near: Vec<_> = (0_u32..)
                .zip(&riders)
                // Roads wind (1.35, calibration A13); 15 km/h is 4.17 m/s; tenths of a second.
                .map(|(column, &(rx, ry))| {
                    let m = f64::hypot(f64::from(x.abs_diff(rx)), f64::from(y.abs_diff(ry)));
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "a ride across the city fits"
                    )]
                    let cost = (m * 1.35 / 4.17 * 10.0) as u32;
                    (cost, column)
                })
                .collect();
            near.sort_unstable();
            near.truncate(nearest.max(2 * waiting as usize));
            for _ in 0..waiting {
                // Orders differ in what being late is worth, which makes their rows differ.
                let weight = 8 + dice.below(8);
                let begin = u32::try_from(city.cells.len()).expect("cells fit 32 bits");
                let cell = |&(cost, column): &(u32, u32)| Cell { column, cost: cost * weight / 8 };
                city.cells.extend(near.iter().map(cell));
                city.rows.push((begin, u32::try_from(city.cells.len()).expect("as above")));
                city.penalties.push(100_000);
            }
        }
        city
    }

    fn matrix(&self) -> Matrix<'_> {
        Matrix {
            rows: &self.rows,
            cells: &self.cells,
            penalties: &self.penalties,
            columns: self.riders,
        }
    }

    fn dense(&self) -> Vec<i64> {
        let mut dense = vec![1 << 32; self.rows.len() * self.riders];
        for (row, out) in dense.chunks_mut(self.riders).enumerate() {
            for cell in self.matrix().row(row) {
                out[cell.column as usize] = i64::from(cell.cost);
            }
        }
        dense
    }

    /// Each row in turn takes its cheapest column that is left.
    fn greedy(&self) -> u64 {
        let mut taken = vec![false; self.riders];
        let mut total = 0;
        for (row, &penalty) in self.penalties.iter().enumerate() {
            let free = self.matrix().row(row).iter().filter(|cell| !taken[cell.column as usize]);
            match free.min_by_key(|cell| cell.cost) {
                Some(cell) => {
                    taken[cell.column as usize] = true;
                    total += u64::from(cell.cost);
                }
                None => total += u64::from(penalty),
            }
        }
        total
    }
}

/// Orders by riders, at 16 candidates: an even hour, a city's peak, and a shortage of riders.
fn rounds(c: &mut Criterion) {
    let mut group = c.benchmark_group("assignment");
    for (name, stores, orders, riders) in [
        ("1k_orders_10k_riders", 100, 1_000, 10_000),
        ("10k_orders_10k_riders", 1_000, 10_000, 10_000),
        ("3k_orders_1k_riders", 100, 3_000, 1_000),
    ] {
        let city = City::new(stores, orders, riders, 16);
        let mut scratch = Scratch::default();
        let best = assign(&city.matrix(), &mut scratch).total();
        assert!(best <= city.greedy(), "greedy cannot be better");
        group.throughput(Throughput::Elements(u64::from(orders))); // unit: orders
        group.bench_function(name, |b| {
            b.iter(|| {
                let total = assign(black_box(&city.matrix()), &mut scratch).total();
                assert_eq!(total, best);
            });
        });
    }
    group.finish();
}

/// The same dense costs for everybody, for peers know no sparse rows.
fn peers(c: &mut Criterion) {
    let mut group = c.benchmark_group("dense_assignment");
    group.sample_size(10);
    for size in [100_u32, 400] {
        let city = City::new(size / 10, size, size, size as usize);
        let dense = city.dense();
        let side = size as usize;
        let mut scratch = Scratch::default();
        let best = assign(&city.matrix(), &mut scratch).total();
        group.throughput(Throughput::Elements(u64::from(size))); // unit: orders
        group.bench_function(BenchmarkId::new("dastak", size), |b| {
            b.iter(|| assert_eq!(assign(black_box(&city.matrix()), &mut scratch).total(), best));
        });

        let matrix = pathfinding::matrix::Matrix::from_vec(side, side, dense.clone());
        let matrix = matrix.expect("the costs fill the square");
        group.bench_function(BenchmarkId::new("pathfinding", size), |b| {
            b.iter(|| {
                let (total, _) = pathfinding::kuhn_munkres::kuhn_munkres_min(black_box(&matrix));
                assert_eq!(u64::try_from(total), Ok(best));
            });
        });

        #[expect(clippy::cast_precision_loss, reason = "costs are below 2^53")]
        let floats = dense.iter().map(|&cost| cost as f64).collect();
        let matrix = lapjv::Matrix::from_shape_vec((side, side), floats);
        let matrix = matrix.expect("the costs fill the square");
        group.bench_function(BenchmarkId::new("lapjv", size), |b| {
            b.iter(|| {
                let (columns, _) = lapjv::lapjv(black_box(&matrix)).expect("it is square");
                let total: i64 =
                    columns.iter().enumerate().map(|(row, &c)| dense[row * side + c]).sum();
                assert_eq!(u64::try_from(total), Ok(best));
            });
        });
    }
    group.finish();
}

/// Rides at 15 km/h on roads that wind by 1.35 (calibration A13, B4).
struct Plane;

impl Legs for Plane {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a ride fits")]
    fn leg_ms(&self, from: Place, to: Place, _now: Timestamp) -> u32 {
        (from.straight_m(to) * 1.35 / 4.17 * 1e3) as u32
    }
}

/// One round of a city: orders of stores that are about to be packed, riders around the stores.
struct Round {
    waiting: Vec<Waiting>,
    riders: Vec<Candidate>,
    rows: Vec<(u32, u32)>,
    edges: Vec<Edge>,
}

const NOW: Timestamp = Timestamp::from_s(86_400);

impl Round {
    fn new(stores: u32, orders_each: u32, riders_each: u32) -> Self {
        let mut dice = draw(11, 0, 0, 0);
        let mut round = Self { waiting: vec![], riders: vec![], rows: vec![], edges: vec![] };
        for store in 0..stores {
            let place =
                near(&mut dice, Place { lat_e7: 129_000_000, lon_e7: 775_000_000 }, 900_000);
            let first = round.riders.len();
            for _ in 0..riders_each {
                let rider = RiderId::at(round.riders.len());
                let away = near(&mut dice, place, 50_000);
                let off_at = NOW + Millis::from_min(300);
                let home = StoreId(store);
                round.riders.push(Candidate { rider, place: away, free_at: NOW, off_at, home });
            }
            let begin = round.edges.len();
            for (candidate, rider) in (0..).zip(&round.riders).skip(first) {
                round.edges.push(Edge { candidate, ms: Plane.leg_ms(rider.place, place, NOW) });
            }
            round.edges[begin..].sort_unstable_by_key(|edge| (edge.ms, edge.candidate));
            let small = |index| u32::try_from(index).expect("edges fit 32 bits");
            let row = (small(begin), small(round.edges.len()));
            for _ in 0..orders_each {
                let door = near(&mut dice, place, 160_000);
                let requested_at = Timestamp(NOW.0 - u64::from(dice.below(120)) * 1_000_000);
                round.waiting.push(Waiting {
                    order: OrderId(round.waiting.len() as u64),
                    store: StoreId(store),
                    store_place: place,
                    door,
                    requested_at,
                    ready_at: requested_at + Millis::from_s(130),
                    promise_by: requested_at + Millis::from_min(15),
                    ride_ms: Plane.leg_ms(place, door, NOW),
                    refusals: 0,
                });
                round.rows.push(row);
            }
        }
        round
    }
}

/// A place within a square around another, half its side in 1e-7 degree.
fn near(dice: &mut Draw, place: Place, reach_e7: u32) -> Place {
    let mut off = |value: i32| value.saturating_add_unsigned(dice.below(2 * reach_e7));
    let (lat_e7, lon_e7) = (off(place.lat_e7), off(place.lon_e7));
    let back = |value: i32| value.saturating_sub_unsigned(reach_e7);
    Place { lat_e7: back(lat_e7), lon_e7: back(lon_e7) }
}

/// Whole rounds of a city of a hundred stores, by policy: with riders to spare, and without.
fn policies(c: &mut Criterion) {
    let mut group = c.benchmark_group("round");
    for (name, orders_each, riders_each) in [("ample", 3, 6), ("scarce", 20, 4)] {
        let round = Round::new(100, orders_each, riders_each);
        let view = View {
            now: NOW,
            waiting: &round.waiting,
            riders: &round.riders,
            edges: Edges { rows: &round.rows, edges: &round.edges },
            legs: &Plane,
        };
        let params = Params::default();
        group.throughput(Throughput::Elements(round.waiting.len() as u64)); // unit: orders
        for &policy in Policy::ALL {
            let (mut scratch, mut chosen) = (dispatch::Scratch::default(), Vec::new());
            group.bench_function(BenchmarkId::new(policy.text(), name), |b| {
                b.iter(|| {
                    chosen.clear();
                    dispatch::choose(policy, black_box(&view), &params, &mut scratch, &mut chosen);
                    assert!(!chosen.is_empty(), "some order is due");
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, rounds, policies, peers);
criterion_main!(benches);
