//! Do the intervals cover what they say, and is a warm-up found?

use crate::judge::{replicate, slow};
use crate::network::{Network, Shape, Source, Station, levels};
use dastak_kernel::stats::{Moments, batch_means, mser5};

/// M/M/1 at load 0.8: four there in the mean.
fn mm1(first: u32) -> Network {
    Network {
        stations: vec![Station::new(1, Shape::Exponential, 1.0)],
        sources: vec![Source { station: 0, class: 0, rate: 0.8 }],
        closed: first,
    }
}

/// Gives the share of runs whose 95 % interval, from 20 batch means, contains the truth.
fn coverage(runs: u64, batch_s: f64) -> f64 {
    let network = mm1(0);
    let covers = replicate(runs, |seed| {
        let spans = levels(&network, seed, batch_s, batch_s / 5.0, 100);
        let batches: Moments = batch_means(&spans, 20).into_iter().collect();
        batches.interval(0.95).contains(4.0)
    });
    covers.iter().filter(|covers| **covers).count() as f64 / runs as f64
}

#[test]
fn short_intervals_cover_roughly() {
    let share = coverage(100, 500.0);
    assert!((0.85..=1.0).contains(&share), "{share}");
}

#[test]
fn slow_intervals_cover_what_they_say() {
    if slow() {
        let share = coverage(1_000, 10_000.0);
        eprintln!("coverage of nominal 95 % intervals: {:.1} %", share * 100.0);
        assert!((0.927..=0.973).contains(&share), "{share}");
    }
}

/// A line of 200 at the start drains at 0.2 a second: 1 000 seconds of warm-up in 50 000.
#[test]
fn the_warm_up_of_a_full_start_is_found() {
    for seed in 1..=5 {
        let series = levels(&mm1(200), seed, 0.0, 10.0, 5_000);
        let cut_s = mser5(&series).map(|cut| cut * 10);
        assert!(cut_s.is_some_and(|cut| (500..25_000).contains(&cut)), "{seed}: {cut_s:?}");
    }
}

/// A run that ends before the line has drained is no basis for anything.
#[test]
fn a_run_that_is_all_warm_up_is_rejected() {
    for seed in 1..=5 {
        assert_eq!(mser5(&levels(&mm1(1_000), seed, 0.0, 10.0, 300)), None, "{seed}");
    }
}
