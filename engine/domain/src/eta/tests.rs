//! Expected times by hand, promises that hold as often as they say, and what makes them later.

use proptest::prelude::*;

use super::normal::{lognormal_quantile, normal_quantile};
use super::*;

/// A calm store: pickers and riders to spare.
const CALM: Load = Load {
    queued: 0,
    picking: 1,
    pickers: 4,
    unassigned: 0,
    open_orders: 3,
    riders: 20,
    idle_riders: 10,
};

fn view(load: Load) -> View {
    View { load, pick: Millis::from_s(112), ride: Millis::from_s(432), extra: Millis::ZERO }
}

#[test]
fn the_expected_time_is_the_sum_of_the_way() {
    let params = Params::default();
    let check = |load, want_s: u32| {
        assert_eq!(expected(&view(load), &params), Millis::from_s(want_s), "{load:?}");
    };
    // 112 picking, 60 handover, 432 riding.
    check(CALM, 604);
    // All four pickers busy: a quarter of 130 s more, and as much for everybody ahead.
    check(Load { picking: 4, queued: 1, ..CALM }, 604 + 65);
    check(Load { picking: 4, queued: 7, ..CALM }, 604 + 260);
    // Three wait for none of twenty riders: 4 gaps of 57 s and 60 s to come, instead of 112 s.
    check(Load { unassigned: 3, idle_riders: 0, ..CALM }, 604 - 112 + 4 * 57 + 60);
    // Nobody there at all counts as one.
    check(Load { pickers: 0, picking: 0, queued: 0, ..CALM }, 604 + 130);
    check(Load { unassigned: 900, idle_riders: 0, riders: 0, ..CALM }, 90 * 60);
}

#[test]
fn a_fixed_promise_is_fixed_and_a_throttled_store_adds_to_it() {
    let busy = Load { queued: 40, idle_riders: 0, unassigned: 40, ..CALM };
    for load in [CALM, busy] {
        let promise_s = |extra| {
            let view = View { extra, ..view(load) };
            promise(Policy::Fixed, &view, &Params::default()).0 / 1_000
        };
        assert_eq!([promise_s(Millis::ZERO), promise_s(Millis::from_min(5))], [900, 1_200]);
    }
}

#[test]
fn a_quantile_promise_is_rounded_up_and_bounded() {
    let check = |quantile, ride_s, want_min: u32| {
        let params = Params { quantile: Bps(quantile), ..Params::default() };
        let view = View { ride: Millis::from_s(ride_s), ..view(CALM) };
        assert_eq!(promise(Policy::Quantile, &view, &params), Millis::from_min(want_min));
    };
    check(5_000, 432, 10);
    check(9_000, 432, 13);
    check(9_900, 432, 15);
    check(10_000, 432, 18);
    check(9_000, 30, 8);
    check(9_000, 6_000, 90);
}

#[test]
fn normal_quantiles_match_the_tables() {
    for (share, want) in [
        (0.5, 0.0),
        (0.9, 1.281_551_6),
        (0.925, 1.439_531_5),
        (0.93, 1.475_791_0),
        (0.975, 1.959_964_0),
        (0.999_9, 3.719_016_5),
        (1e-15, -7.941_345_3),
    ] {
        let got = normal_quantile(share);
        assert!((got - want).abs() < 1e-6, "{share}: {got}, not {want}");
        assert!((normal_quantile(1.0 - share) + got).abs() < 1e-6 || share < 1e-9);
    }
}

/// A lognormal with the mean and variance asked for, drawn at even shares, has them.
#[test]
fn lognormal_quantiles_have_their_mean_and_variance() {
    let (mean, variance) = (600.0, 150.0 * 150.0);
    let n = 200_000_u32;
    let draws =
        (0..n).map(|i| lognormal_quantile(mean, variance, (f64::from(i) + 0.5) / f64::from(n)));
    let (mut sum, mut squares) = (0.0, 0.0);
    for draw in draws {
        sum += draw;
        squares += draw * draw;
    }
    let got_mean = sum / f64::from(n);
    let got_variance = squares / f64::from(n) - got_mean * got_mean;
    assert!((got_mean / mean - 1.0).abs() < 1e-3, "{got_mean}");
    assert!((got_variance / variance - 1.0).abs() < 1e-2, "{got_variance}");
}

prop_compose! {
    fn loads()(
        (queued, picking, pickers) in (0_u32..30, 0_u32..8, 0_u32..8),
        (unassigned, riders) in (0_u32..40, 0_u32..40),
        idle in 0_u32..40,
    ) -> Load {
        let idle_riders = idle.min(riders);
        Load { queued, picking, pickers, unassigned, open_orders: unassigned, riders, idle_riders }
    }
}

proptest! {
    /// More work, fewer people, a longer way, a larger share: never an earlier time.
    #[test]
    fn times_grow_with_what_makes_them_longer(load in loads(), ride_s in 0_u32..3_000) {
        let params = Params::default();
        let base = View { ride: Millis::from_s(ride_s), ..view(load) };
        let longer = [
            View { ride: base.ride + Millis(60_000), ..base },
            View { pick: base.pick + Millis(60_000), ..base },
            View { load: Load { queued: load.queued + 1, ..load }, ..base },
            View { load: Load { pickers: load.pickers.saturating_sub(1), ..load }, ..base },
            View { load: Load { unassigned: load.unassigned + 1, ..load }, ..base },
            View { load: Load { idle_riders: load.idle_riders.saturating_sub(1), ..load }, ..base },
        ];
        for view in longer {
            prop_assert!(expected(&view, &params) >= expected(&base, &params), "{view:?}");
        }
        let at = |quantile| {
            promise(Policy::Quantile, &base, &Params { quantile: Bps(quantile), ..params })
        };
        prop_assert!(at(5_000) <= at(9_000) && at(9_000) <= at(9_900));
    }
}
