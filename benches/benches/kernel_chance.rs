//! What does a named draw cost, by the shape it is given?
//!
//! Prints nanoseconds of CPU time a draw; each names itself anew, as the simulator's do.
//! `cargo bench -p dastak-benches --bench kernel_chance`.

use dastak_benches::contest::{Contestant, Table, contest, rounds};
use kernel::alias::{Alias, zipf_mandelbrot};
use kernel::chance::{Draw, draw};
use kernel::histogram::Histogram;
use std::hint::black_box;

/// Draws of one turn.
const TURN: u64 = 1_000_000;

/// Choices of the alias table: the SKUs of a normal store.
const SKUS: u32 = 7_000;

/// A contestant that makes one value of each named draw.
fn shape<'a, T>(name: &str, mut value: impl FnMut(&mut Draw) -> T + 'a) -> Contestant<'a> {
    Contestant::new(name, move || {
        for entity in 0..TURN {
            black_box(value(&mut draw(black_box(1), entity, 2, 3)));
        }
        TURN
    })
}

fn main() {
    let popularity = Alias::new(&zipf_mandelbrot(SKUS, 1.1, 20.0)).expect("weights are positive");
    let mut histogram = Histogram::new(1 << 40);
    let contestants = vec![
        shape("uniform", Draw::unit),
        shape("whole number below 1000", |draw| draw.below(1_000)),
        shape("exponential", |draw| draw.exponential(60.0)),
        shape("normal", Draw::normal),
        shape("lognormal", |draw| draw.lognormal(110.0, 0.5)),
        shape("one of 7000 SKUs by popularity", |draw| popularity.sample(draw)),
        Contestant::new("recording a value in a histogram", || {
            for value in 0..TURN {
                histogram.record(black_box(value * 7_919));
            }
            TURN
        }),
    ];
    let mut table = Table::new("chance", &["ns"]);
    for cost in contest(contestants, rounds(21)) {
        table.row(&cost.name, &[cost.median_ns]);
    }
    table.print();
}
