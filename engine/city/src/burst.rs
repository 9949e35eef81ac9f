//! Rushes: a store's demand rises and falls for an hour or so beyond what chance arrivals do.
//!
//! Each store has a chain of Gamma factors with mean one, a quarter of an hour each. The chain
//! is the Beta-Gamma autoregression of Lewis, McKenzie and Hugus, "Gamma processes",
//! Communications in Statistics: Stochastic Models 5(1), 1989: with shape k and memory ρ the next
//! factor is B times this one plus G, B being Beta(kρ, k(1 − ρ)) and G Gamma(k(1 − ρ)) / k, which
//! keeps the Gamma(k) / k law and has correlation ρ. Counts in a quarter with mean μ then have
//! variance over mean 1 + μ cv².

use kernel::chance::{Draw, draw};

use crate::purpose;

/// The factors of one store from the beginning of time, a quarter of an hour each.
pub(crate) fn chain(seed: u64, luck: u64, cv: f64, memory: f64, quarters: usize) -> Vec<f64> {
    if cv <= 0.0 {
        return vec![1.0; quarters];
    }
    let shape = 1.0 / (cv * cv);
    let mut factor = gamma(&mut draw(seed, luck, purpose::BURST, 0), shape) / shape;
    let mut factors = Vec::with_capacity(quarters);
    for quarter in 1..=u32::try_from(quarters).expect("a run is limited") {
        factors.push(factor);
        let mut draw = draw(seed, luck, purpose::BURST, quarter);
        let kept = gamma(&mut draw, shape * memory);
        let lost = gamma(&mut draw, shape * (1.0 - memory));
        let fresh = gamma(&mut draw, shape * (1.0 - memory)) / shape;
        let share = if kept > 0.0 { kept / (kept + lost) } else { 0.0 };
        factor = share * factor + fresh;
    }
    factors
}

/// A Gamma variate of unit scale.
///
/// Marsaglia and Tsang, "A simple method for generating gamma variables", ACM Transactions on
/// Mathematical Software 26(3), 2000; shapes below one by their section 6.
fn gamma(draw: &mut Draw, shape: f64) -> f64 {
    if shape <= 0.0 {
        return 0.0;
    }
    if shape < 1.0 {
        let larger = gamma(draw, shape + 1.0);
        return larger * libm::pow(draw.unit_open(), 1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let normal = draw.normal();
        let cube = 1.0 + c * normal;
        if cube <= 0.0 {
            continue;
        }
        let v = cube * cube * cube;
        let accept = 0.5 * normal * normal + d - d * v + d * libm::log(v);
        if libm::log(draw.unit_open()) < accept {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_have_mean_one_the_cv_that_was_asked_and_a_memory() {
        let check = |cv: f64, memory: f64| {
            let chain = chain(3, 1, cv, memory, 60_000);
            let n = chain.len() as f64;
            let mean = chain.iter().sum::<f64>() / n;
            let variance = chain.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            let covariance =
                chain.windows(2).map(|w| (w[0] - mean) * (w[1] - mean)).sum::<f64>() / (n - 1.0);
            assert!((mean - 1.0).abs() < 0.02, "cv {cv}: mean {mean}");
            assert!((variance.sqrt() / cv - 1.0).abs() < 0.06, "cv {cv}: {}", variance.sqrt());
            assert!((covariance / variance - memory).abs() < 0.04, "cv {cv}, memory {memory}");
        };
        check(0.2, 0.7);
        check(0.3, 0.0);
        check(1.2, 0.5);
        assert_eq!(chain(3, 1, 0.0, 0.7, 3), [1.0; 3]);
    }
}
