//! Draws are what they are for, their shapes are the named distributions, and coupling holds.
#![expect(clippy::float_cmp, reason = "these results are exact")]

use super::*;
use crate::stats::Moments;
use rand_distr::{Distribution, Gamma};
use statrs::distribution::{ContinuousCDF, Normal};

/// The published known answers, through `draw` and the generator trait.
#[test]
fn known_answers_behind_the_generator_trait() {
    let check = |counter: [u32; 4], key: [u32; 2], expected: [u32; 4]| {
        let pair = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
        let mut draw =
            draw(pair(key[0], key[1]), pair(counter[0], counter[1]), counter[2], counter[3]);
        assert_eq!(expected, core::array::from_fn(|_| Rng::next_u32(&mut draw)));
    };
    check([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
    check([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    check(
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
    );
}

/// A golden stream over several blocks, so that the continuation never changes unnoticed.
#[test]
fn a_draw_goes_on_past_its_first_block() {
    let mut long = draw(1, 2, 3, 4);
    let words: Vec<u64> = (0..4).map(|_| long.next_u64()).collect();
    assert_eq!(
        words,
        [
            0x9dd7_9b58_c68e_6a7c,
            0xafd8_fbf1_ba58_9f93,
            0xfca0_c7ae_35da_0665,
            0xf86d_473e_2311_41ad
        ]
    );
    let mut second = draw(1_u64.wrapping_add(NEXT_BLOCK), 2, 3, 4);
    assert_eq!(words[2..], [second.next_u64(), second.next_u64()]);
}

#[test]
fn each_name_has_its_own_luck() {
    let first = |seed, entity, purpose, index| draw(seed, entity, purpose, index).next_u64();
    let mut seen: Vec<u64> = (0..2)
        .flat_map(|s| (0..2).map(move |e| (s, e)))
        .flat_map(|(s, e)| {
            (0..2).flat_map(move |p| (0..2).map(move |i| first(s, e << 32 | e, p, i)))
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 16);
    assert_eq!(first(9, 8, 7, 6), first(9, 8, 7, 6));
}

#[test]
fn bytes_are_the_words_in_little_endian() {
    let mut bytes = [0; 7];
    draw(1, 2, 3, 4).fill_bytes(&mut bytes);
    let word = draw(1, 2, 3, 4).next_u64().to_le_bytes();
    assert_eq!(bytes, word[..7]);
}

#[test]
fn normal_quantiles_are_those_of_an_oracle() {
    let oracle = Normal::standard();
    for p in [1e-300, 1e-20, 1e-9, 1e-4, 0.01, 0.07, 0.08, 0.3, 0.5, 0.6, 0.925, 0.99, 1.0 - 1e-9] {
        let value = normal_quantile(p);
        // The oracle's distribution function is good to about 11 digits.
        let back = oracle.cdf(value);
        assert!((back - p).abs() <= 1e-10 * p, "{p}: {value} has {back} below it");
    }
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    // From Wichura's paper.
    assert!((normal_quantile(0.25) - -0.674_489_750_196_081_7).abs() < 1e-15);
    assert!((normal_quantile(0.001) - -3.090_232_306_167_813_5).abs() < 1e-15);
    assert!((normal_quantile(1e-20) - -9.262_340_089_798_408).abs() < 1e-14);
}

#[test]
fn quantiles_rise_with_their_probability() {
    let grid = 100_000;
    let mut last = f64::NEG_INFINITY;
    for step in 1..grid {
        let value = normal_quantile(f64::from(step) / f64::from(grid));
        assert!(value > last, "at {step}");
        last = value;
    }
}

/// Checks mean and standard deviation of 100 000 draws to 4.5 standard errors.
fn check_moments(name: &str, mean: f64, deviation: f64, sample: impl Fn(&mut Draw) -> f64) {
    const DRAWS: u64 = 100_000;
    let moments: Moments = (0..DRAWS).map(|i| sample(&mut draw(7, i, 0, 0))).collect();
    let error = (moments.mean() - mean).abs() / deviation * libm::sqrt(DRAWS as f64);
    assert!(error < 4.5, "{name}: mean {} for {mean}", moments.mean());
    let spread = libm::sqrt(moments.variance()) / deviation;
    assert!((spread - 1.0).abs() < 0.03, "{name}: deviation off by {spread}");
}

#[test]
fn shapes_have_their_moments() {
    check_moments("unit", 0.5, libm::sqrt(1.0 / 12.0), Draw::unit);
    check_moments("open", 0.5, libm::sqrt(1.0 / 12.0), Draw::unit_open);
    check_moments("exponential", 3.0, 3.0, |d| d.exponential(3.0));
    check_moments("erlang", 6.0, 3.0, |d| d.erlang(4, 6.0));
    check_moments("normal", 0.0, 1.0, Draw::normal);
    let (median, sigma) = (2.0_f64, 0.5_f64);
    let mean = median * libm::exp(sigma * sigma / 2.0);
    let deviation = mean * libm::sqrt(libm::expm1(sigma * sigma));
    check_moments("lognormal", mean, deviation, |d| d.lognormal(median, sigma));
    check_moments("below", 4.5, libm::sqrt(99.0 / 12.0), |d| f64::from(d.below(10)));
    check_moments("chance", 0.2, 0.4, |d| f64::from(u8::from(d.chance(0.2))));
    let gamma = Gamma::new(2.5, 2.0).unwrap();
    check_moments("rand_distr gamma", 5.0, libm::sqrt(10.0), |d| gamma.sample(d));
}

/// A draw whose first uniform is as given, to test the ends.
fn with_word(word: u64) -> Draw {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    let words = [word as u32, (word >> 32) as u32, 0, 0];
    Draw { counter: [0; 4], key: 0, words, used: 0 }
}

#[test]
fn extreme_uniforms_stay_in_range() {
    assert_eq!(with_word(0).unit(), 0.0);
    assert!(with_word(u64::MAX).unit() < 1.0);
    assert!(with_word(0).unit_open() > 0.0);
    assert!(with_word(u64::MAX).unit_open() < 1.0);
    assert_eq!(with_word(0).exponential(1.0), 0.0);
    assert!(with_word(u64::MAX).exponential(1.0).is_finite());
    assert!(with_word(u64::MAX).normal().is_finite());
    assert_eq!(with_word(u64::MAX).below(7), 6);
    assert!(!with_word(u64::MAX).chance(1.0 - 1e-15));
    assert!(with_word(u64::MAX).chance(1.0));
    assert!(!with_word(0).chance(0.0));
}

#[test]
fn a_larger_uniform_never_gives_less() {
    let mut last = [f64::NEG_INFINITY; 3];
    for step in 0..5_000_u64 {
        let word = step * (u64::MAX / 5_000);
        let values = [
            with_word(word).exponential(2.0),
            with_word(word).normal(),
            with_word(word).lognormal(2.0, 0.7),
        ];
        for (value, last) in values.iter().zip(last) {
            assert!(*value >= last, "at word {word}");
        }
        last = values;
    }
}
