//! How long one dispatch round's exact assignment takes, and how peers do on the same costs.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use domain::dispatch::assign::{Cell, Matrix, Scratch, assign};

/// A city of stores on a plane with riders around them; costs are seconds of riding.
struct City {
    rows: Vec<(u32, u32)>,
    cells: Vec<Cell>,
    penalties: Vec<u32>,
    riders: usize,
}

/// A linear congruential generator (Knuth's MMIX constants): enough for a bench's towns.
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(below)).expect("it is below 32 bits")
    }

    /// A point of a square of twenty kilometres, metres.
    fn point(&mut self) -> (u32, u32) {
        (self.below(20_000), self.below(20_000))
    }
}

impl City {
    /// Each order lists the `nearest` riders of its store, or twice as many as orders wait there.
    fn new(stores: u32, orders: u32, riders: u32, nearest: usize) -> Self {
        let mut dice = Dice(7);
        let riders: Vec<_> = (0..riders).map(|_| dice.point()).collect();
        let mut city =
            Self { rows: vec![], cells: vec![], penalties: vec![], riders: riders.len() };
        for store in 0..stores {
            let (x, y) = dice.point();
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

criterion_group!(benches, rounds, peers);
criterion_main!(benches);
