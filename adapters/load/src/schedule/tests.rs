use proptest::prelude::*;

use super::{Arrival, Shape, ShapeError};

const S: u64 = 1_000_000;

fn arrivals(shape: &Shape, seed: u64) -> Vec<Arrival> {
    shape.schedule(seed).expect("the shape can be followed").collect()
}

/// The arrivals of a shape are as many as expected, within five standard deviations, between
/// two instants.
fn check(shape: &Shape, from_us: u64, until_us: u64, expected: f64) {
    let list = arrivals(shape, 11);
    let count = list.iter().filter(|one| (from_us..until_us).contains(&one.at_us)).count();
    let off = (count as f64 - expected).abs();
    assert!(off <= 5.0 * expected.sqrt() + 0.5, "{count} arrivals, expected {expected}");
}

#[test]
fn rates_are_followed() {
    let hold = Shape::new().hold(300.0, 20 * S);
    check(&hold, 0, 20 * S, 6_000.0);
    check(&hold, 20 * S, u64::MAX, 0.0);
    let high = Shape::new().hold(12_345.0, 2 * S);
    check(&high, 0, 2 * S, 24_690.0);
    let ramp = Shape::new().warm_up(100.0, S).ramp(0.0, 4_000.0, 4 * S).hold(0.0, S);
    check(&ramp, 0, S, 100.0);
    check(&ramp, S, 3 * S, 2_000.0);
    check(&ramp, 3 * S, 5 * S, 6_000.0);
    check(&ramp, 5 * S, 6 * S, 0.0);
    let spike = Shape::new().hold(50.0, S).spike(5_000.0, S / 2).soak(50.0, 10 * S);
    check(&spike, S, S + S / 2, 2_500.0);
    check(&spike, S + S / 2, 11 * S + S / 2, 500.0);
}

/// Gaps of a steady Poisson stream are exponential: mean, spread and the share of short ones.
#[test]
fn gaps_are_exponential() {
    let list = arrivals(&Shape::new().hold(700.0, 100 * S), 3);
    let gaps: Vec<_> = list.windows(2).map(|two| (two[1].at_us - two[0].at_us) as f64).collect();
    let count = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / count;
    let variance = gaps.iter().map(|gap| (gap - mean) * (gap - mean)).sum::<f64>() / count;
    let short = gaps.iter().filter(|&&gap| gap < mean * 0.1).count() as f64 / count;
    assert!((mean * 700.0 / 1e6 - 1.0).abs() < 0.02, "mean {mean} µs");
    assert!((variance.sqrt() / mean - 1.0).abs() < 0.03, "spread {variance} µs²");
    assert!((short - 0.095).abs() < 0.006, "{short} shorter than a tenth of the mean");
}

#[test]
fn one_seed_is_one_list() {
    let shape = Shape::new().ramp(10.0, 900.0, 3 * S);
    assert_eq!(arrivals(&shape, 5), arrivals(&shape, 5));
    assert_ne!(arrivals(&shape, 5), arrivals(&shape, 6));
    let first: Vec<_> = arrivals(&shape, 5).iter().take(3).map(|one| one.at_us).collect();
    expect_test::expect!["[6567, 79466, 114940]"].assert_eq(&format!("{first:?}"));
}

#[test]
fn shapes_that_cannot_be_followed_are_refused() {
    let refused = |shape: Shape| shape.schedule(0).expect_err("it cannot be followed");
    assert_eq!(refused(Shape::new()), ShapeError::Lasts { lasts_us: 0 });
    assert_eq!(refused(Shape::new().hold(-1.0, S)), ShapeError::Rate { per_s: -1.0 });
    assert_eq!(refused(Shape::new().hold(1e9, S)), ShapeError::Rate { per_s: 1e9 });
    assert!(matches!(refused(Shape::new().hold(f64::NAN, S)), ShapeError::Rate { .. }));
    let long = Shape::new().soak(1.0, u64::MAX);
    assert_eq!(refused(long), ShapeError::Lasts { lasts_us: u64::MAX });
    let many = (0..65).fold(Shape::new(), |shape, _| shape.hold(1.0, S));
    assert_eq!(refused(many), ShapeError::Pieces { pieces: 65 });
}

proptest! {
    /// A higher rate, in whatever shape, keeps every arrival, at its time, with its own number.
    #[test]
    fn more_demand_is_a_superset(
        seed in any::<u64>(),
        low in prop::collection::vec(0_u32..1_500, 1..4),
        more in prop::collection::vec(0_u32..1_500, 4),
    ) {
        let shape = |add: &dyn Fn(usize) -> u32| {
            low.iter().enumerate().fold(Shape::new(), |shape, (piece, &low)| {
                shape.hold(f64::from(low + add(piece)), 50_003)
            })
        };
        let few = arrivals(&shape(&|_| 0), seed);
        let many = arrivals(&shape(&|piece| more[piece]), seed);
        prop_assert!(many.is_sorted_by_key(|one| one.at_us));
        let mut others = many.iter();
        for one in &few {
            let same = others.any(|other| (other.at_us, other.own) == (one.at_us, one.own));
            prop_assert!(same, "{one:?} is gone");
        }
    }
}
