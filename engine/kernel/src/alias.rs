//! Alias tables: one draw picks from any number of weighted choices in constant time.
//!
//! Walker's method as built by Vose, "A linear algorithm for generating random numbers with a given
//! distribution", IEEE Trans. Softw. Eng. 17(9), 1991. A pick is not monotone in its uniform; where
//! common random numbers must be coupled, use a cumulative table.

use crate::chance::Draw;
use rand_core::Rng;

/// Why weights make no table.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum AliasError {
    /// There was nothing to choose from, or more than 2³² − 1 choices.
    #[error("{choices} choices")]
    Choices {
        /// How many weights there were.
        choices: usize,
    },
    /// A weight was negative, infinite or not a number.
    #[error("weight {index} is {weight}")]
    Weight {
        /// Which weight.
        index: usize,
        /// The weight.
        weight: f64,
    },
    /// The weights added up to zero or overflowed.
    #[error("the weights sum to {sum}")]
    Sum {
        /// The sum.
        sum: f64,
    },
}

/// One column: its own choice with probability `keep` / 2³², its alias otherwise.
#[derive(Clone, Copy, Debug)]
struct Column {
    keep: u32,
    alias: u32,
}

/// A table over choices `0..len`, 8 bytes each. Probabilities are exact to 2⁻³² / len.
#[derive(Clone, Debug)]
pub struct Alias {
    columns: Box<[Column]>,
}

impl Alias {
    /// Builds the table for weights of any positive sum, in time proportional to their number.
    ///
    /// # Errors
    /// [`AliasError`] when there are none, one is not a finite non-negative number, or all are zero.
    pub fn new(weights: &[f64]) -> Result<Self, AliasError> {
        let choices = weights.len();
        if choices == 0 || choices >= u32::MAX as usize {
            return Err(AliasError::Choices { choices });
        }
        if let Some(index) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
            return Err(AliasError::Weight { index, weight: weights[index] });
        }
        let sum: f64 = weights.iter().sum();
        if !(sum.is_finite() && sum > 0.0) {
            return Err(AliasError::Sum { sum });
        }
        let shares = weights.iter().map(|w| w / sum * choices as f64).collect();
        Ok(Self { columns: pair_up(shares) })
    }

    /// Counts the choices.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Tells whether there is nothing to choose; no table is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Picks a choice by one 64-bit draw.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a column is below 2^32; the coin is 32 bits"
    )]
    pub fn sample(&self, draw: &mut Draw) -> u32 {
        let product = u128::from(draw.next_u64()) * self.columns.len() as u128;
        let column = (product >> 64) as u32;
        let coin = (product >> 32) as u32;
        let Column { keep, alias } = self.columns[column as usize];
        if coin < keep { column } else { alias }
    }
}

/// Fills every column to exactly 1 from at most two choices; `shares` average 1.
fn pair_up(mut shares: Vec<f64>) -> Box<[Column]> {
    let index = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
    // What rounding leaves unpaired is a full column, so that is what all start as.
    let mut columns: Vec<_> =
        (0..shares.len()).map(|i| Column { keep: u32::MAX, alias: index(i) }).collect();
    let (mut poor, mut rich): (Vec<_>, Vec<_>) = (0..shares.len()).partition(|&i| shares[i] < 1.0);

    while let (Some(taker), Some(&giver)) = (poor.pop(), rich.last()) {
        columns[taker] = Column { keep: threshold(shares[taker]), alias: index(giver) };
        shares[giver] -= 1.0 - shares[taker];
        if shares[giver] < 1.0 {
            rich.pop();
            poor.push(giver);
        }
    }
    columns.into_boxed_slice()
}

/// Turns a probability below 1 into the coin values that keep a column.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in [0, 2^32)")]
fn threshold(share: f64) -> u32 {
    (share * (1_u64 << 32) as f64) as u32
}

/// Gives Zipf–Mandelbrot weights of `ranks` choices, most popular first: (k + shift)^−exponent, k = 1, 2, …
///
/// Mandelbrot, "An informational theory of the statistical structure of language", 1953.
#[must_use]
pub fn zipf_mandelbrot(ranks: u32, exponent: f64, shift: f64) -> Vec<f64> {
    (1..=ranks).map(|k| libm::pow(f64::from(k) + shift, -exponent)).collect()
}

#[cfg(test)]
mod tests;
