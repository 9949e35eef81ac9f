//! Tables pick in proportion to weights, and refuse weights that mean nothing.

use super::*;
use crate::chance::draw;

/// Adds up what each choice gets over all columns: exact probabilities, no sampling.
fn shares(table: &Alias) -> Vec<f64> {
    let mut shares = vec![0.0; table.len()];
    for (choice, column) in table.columns.iter().enumerate() {
        let keep = f64::from(column.keep) / 4_294_967_296.0;
        shares[choice] += keep;
        shares[column.alias as usize] += 1.0 - keep;
    }
    shares.iter().map(|share| share / table.len() as f64).collect()
}

#[test]
fn columns_add_up_to_the_weights() {
    let check = |weights: &[f64]| {
        let sum: f64 = weights.iter().sum();
        for (choice, share) in shares(&Alias::new(weights).unwrap()).iter().enumerate() {
            let wanted = weights[choice] / sum;
            assert!((share - wanted).abs() < 1e-9, "choice {choice}: {share} for {wanted}");
        }
    };
    check(&[3.0]);
    check(&[1.0, 1.0, 1.0]);
    check(&[0.0, 5.0, 0.0, 1.0]);
    check(&[1e-12, 1e12, 1.0]);
    check(&zipf_mandelbrot(7_000, 1.1, 20.0));
}

#[test]
fn samples_follow_the_columns() {
    let weights = [1.0, 2.0, 3.0, 0.0, 4.0];
    let table = Alias::new(&weights).unwrap();
    let mut counts = [0_u32; 5];
    for index in 0..100_000 {
        counts[table.sample(&mut draw(1, index, 0, 0)) as usize] += 1;
    }
    for (count, weight) in counts.iter().zip(weights) {
        // Four standard errors of a count of 100 000 · p.
        let expected = 10_000.0 * weight;
        assert!((f64::from(*count) - expected).abs() <= 4.0 * libm::sqrt(expected), "{counts:?}");
    }
}

#[test]
fn meaningless_weights_are_refused() {
    let refused = |weights: &[f64]| Alias::new(weights).unwrap_err();
    assert_eq!(refused(&[]), AliasError::Choices { choices: 0 });
    assert_eq!(refused(&[0.0, 0.0]), AliasError::Sum { sum: 0.0 });
    assert_eq!(refused(&[1.0, -1.0]), AliasError::Weight { index: 1, weight: -1.0 });
    assert_eq!(refused(&[f64::MAX, f64::MAX]), AliasError::Sum { sum: f64::INFINITY });
    assert!(matches!(refused(&[f64::NAN]), AliasError::Weight { index: 0, .. }));
}

/// The head and tail that the default popularity of 7 000 SKUs was chosen for.
#[test]
fn default_popularity_has_the_published_shape() {
    let weights = zipf_mandelbrot(7_000, 1.1, 20.0);
    let sum: f64 = weights.iter().sum();
    let top = |ranks: usize| weights[..ranks].iter().sum::<f64>() / sum;
    assert!((top(1) - 0.0107).abs() < 0.0001, "{}", top(1));
    assert!((top(70) - 0.31).abs() < 0.01, "{}", top(70));
    assert!((top(1_400) - 0.78).abs() < 0.01, "{}", top(1_400));
}
