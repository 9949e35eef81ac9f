//! Error bounds, and merging as recording together.
#![expect(clippy::float_cmp, reason = "these results are exact")]

use super::*;
use proptest::prelude::*;

const LIMIT: u64 = 1 << 40;

fn of(values: &[u64]) -> Histogram {
    let mut histogram = Histogram::new(LIMIT);
    for &value in values {
        histogram.record(value);
    }
    histogram
}

/// Values of every size up to the limit.
fn values() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec((0_u32..40).prop_flat_map(|bits| 0..=1_u64 << bits), 1..200)
}

proptest! {
    /// A quantile is within 1/2048 of the value of that rank.
    #[test]
    fn quantiles_are_within_the_stated_error(mut values in values(), q in 0.0..=1.0_f64) {
        let found = of(&values).quantile(q);
        values.sort_unstable();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
        let rank = ((q * values.len() as f64).ceil() as usize).max(1);
        let exact = values[rank - 1];
        prop_assert!(found.abs_diff(exact) * 2_048 <= exact, "{} for {}", found, exact);
    }

    /// Merging is recording together.
    #[test]
    fn merging_is_recording_together(a in values(), b in values()) {
        let mut merged = of(&a);
        merged.merge(&of(&b));
        prop_assert_eq!(merged, of(&[a, b].concat()));
    }
}

#[test]
fn small_values_are_exact() {
    let histogram = of(&(0..2_048).collect::<Vec<_>>());
    for rank in 1..=2_048_u64 {
        assert_eq!(histogram.quantile(rank as f64 / 2_048.0), rank - 1);
    }
}

#[test]
fn totals_are_exact() {
    let histogram = of(&[3, 5, LIMIT, 1_000_003]);
    assert_eq!(histogram.count(), 4);
    assert_eq!(histogram.sum(), u128::from(LIMIT) + 1_000_011);
    assert_eq!(histogram.min(), 3);
    assert_eq!(histogram.max(), LIMIT);
    assert_eq!(histogram.mean(), (LIMIT + 1_000_011) as f64 / 4.0);
}

#[test]
fn values_over_the_limit_count_as_the_limit() {
    let mut histogram = Histogram::new(1_000);
    histogram.record(5_000);
    histogram.record(10);
    assert_eq!((histogram.quantile(0.9), histogram.max(), histogram.sum()), (1_000, 5_000, 5_010));
}

#[test]
fn an_empty_histogram_is_zero() {
    let mut histogram = of(&[7]);
    histogram.clear();
    assert_eq!(histogram, Histogram::new(LIMIT));
    assert_eq!((histogram.quantile(0.5), histogram.min(), histogram.max()), (0, 0, 0));
    assert_eq!(histogram.mean(), 0.0);
}

#[test]
fn the_whole_range_fits() {
    let mut histogram = Histogram::with_bits(u64::MAX, 7);
    histogram.record(u64::MAX);
    histogram.record(0);
    assert_eq!(histogram.quantile(0.0), 0);
    assert!(histogram.quantile(1.0) > u64::MAX - (u64::MAX >> 8));
}

#[test]
#[should_panic(expected = "different layout")]
fn merging_different_layouts_is_refused() {
    Histogram::new(10).merge(&Histogram::new(10_000));
}
