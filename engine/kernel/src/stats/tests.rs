//! Statistics against an oracle, hand-made cases and exact identities.
#![expect(clippy::float_cmp, reason = "these results are exact")]

use super::*;
use crate::chance::draw;
use proptest::prelude::*;
use statrs::distribution::{ContinuousCDF, StudentsT};

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs()).max(1e-300)
}

#[test]
fn student_quantiles_are_those_of_an_oracle() {
    for freedom in [1.0, 2.0, 3.0, 4.5, 9.0, 29.0, 100.0, 999.0, 10_000.0] {
        let oracle = StudentsT::new(0.0, 1.0, freedom).unwrap();
        for p in [1e-6, 0.0005, 0.01, 0.025, 0.2, 0.4999, 0.5, 0.7, 0.95, 0.975, 0.9995] {
            let t = student_t_quantile(p, freedom);
            assert!(close(oracle.cdf(t), p, 1e-9), "{p} of {freedom}: {t}");
            assert!(close(student_t_cdf(t, freedom), p, 1e-9), "{p} of {freedom}: {t}");
        }
    }
}

/// Closed forms: Cauchy at 1 degree, 2p − 1 over √(2p(1−p)) at 2; and the usual table.
#[test]
fn student_quantiles_are_those_of_the_tables() {
    let check = |p, freedom, t: f64| {
        let found = student_t_quantile(p, freedom);
        assert!(close(found, t, 1e-9), "{p} of {freedom}: {found} for {t}");
    };
    check(0.75, 1.0, 1.0);
    check(0.975, 2.0, 0.95 / libm::sqrt(2.0 * 0.975 * 0.025));
    check(0.975, 29.0, 2.045_229_642_132_703);
    check(0.9995, 29.0, 3.659_405_019_466_333);
    assert_eq!(student_t_quantile(1.0, 5.0), f64::INFINITY);
    assert_eq!(student_t_quantile(0.0, 5.0), f64::NEG_INFINITY);
}

#[test]
fn moments_of_a_known_sample() {
    let moments: Moments = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0].into_iter().collect();
    assert_eq!((moments.count(), moments.mean()), (8, 5.0));
    assert!(close(moments.variance(), 32.0 / 7.0, 1e-15));
    let interval = moments.interval(0.95);
    assert!(close(interval.half_width, 2.364_624_251_592_785 * libm::sqrt(4.0 / 7.0), 1e-12));
    assert!(interval.contains(3.3) && !interval.contains(3.2) && !interval.contains(6.8));
    assert_eq!(Moments::default().interval(0.95).half_width, f64::INFINITY);
}

proptest! {
    /// Merging is adding together, up to rounding.
    #[test]
    fn merging_moments_is_adding_together(
        a in prop::collection::vec(-1e3..1e3_f64, 0..40),
        b in prop::collection::vec(-1e3..1e3_f64, 0..40),
    ) {
        let mut merged: Moments = a.iter().copied().collect();
        merged.merge(&b.iter().copied().collect());
        let whole: Moments = a.iter().chain(&b).copied().collect();
        prop_assert_eq!(merged.count(), whole.count());
        prop_assert!((merged.mean() - whole.mean()).abs() < 1e-9);
        prop_assert!((merged.variance() - whole.variance()).abs() < 1e-6);
    }

    /// Little's law holds at every time of every path, and only for the true arrival times.
    #[test]
    fn littles_law_is_an_identity(script in prop::collection::vec((0_u64..50, any::<bool>()), 1..80)) {
        let (mut now, mut little, mut there) = (0, Little::default(), Vec::new());
        for (wait, leaves) in script {
            now += wait;
            if leaves && !there.is_empty() {
                little.depart(now, there.swap_remove(there.len() / 2));
            } else {
                there.push(now);
                little.arrive(now);
            }
            prop_assert!(little.holds(now, there.iter().copied()));
            prop_assert!(little.holds(now + 7, there.iter().copied()));
            prop_assert!(!little.holds(now + 7, there.iter().skip(1).copied()) || there.is_empty());
        }
        little.arrive(now + 1);
        little.depart(now + 3, now + 2);
        prop_assert!(!little.holds(now + 3, there));
    }
}

#[test]
fn little_counts_and_averages() {
    let mut little = Little::default();
    assert_eq!(little.mean_stay(), 0.0);
    little.arrive(10);
    little.arrive(20);
    little.depart(40, 10);
    assert_eq!((little.arrivals(), little.level().value(), little.mean_stay()), (2, 1, 30.0));
    assert_eq!(little.level().mean(0, 0, 50), 1.2);
}

#[test]
#[should_panic(expected = "level 0 changed by -1")]
fn a_level_is_never_negative() {
    Level::default().add(5, -1);
}

#[test]
fn batches_are_equal_and_drop_the_rest() {
    assert_eq!(batch_means(&[1.0, 3.0, 5.0, 7.0, 100.0], 2), [2.0, 6.0]);
    assert!(batch_means(&[1.0], 2).is_empty());
    assert!(batch_means(&[1.0], 0).is_empty());
}

/// A decaying start plus noise: the cut falls where the decay has drowned in the noise.
fn decaying(length: u32, decay: f64) -> Vec<f64> {
    let noise = |i| draw(3, u64::from(i), 0, 0).normal();
    (0..length).map(|i| 20.0 * libm::exp(-f64::from(i) / decay) + noise(i)).collect()
}

#[test]
fn warm_up_is_cut_where_it_ends() {
    let cut = mser5(&decaying(5_000, 100.0)).unwrap();
    assert!((150..900).contains(&cut) && cut.is_multiple_of(5), "{cut}");
    let steady = mser5(&decaying(5_000, 1e-9)).unwrap();
    assert!(steady < 2_500, "{steady}");
}

#[test]
fn a_run_that_is_all_warm_up_is_rejected() {
    assert_eq!(mser5(&decaying(1_000, 600.0)), None);
    assert_eq!(mser5(&[1.0; 20]), None);
}
