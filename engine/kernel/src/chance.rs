//! Counter-based chance: a draw is a function of what it is for, not of what was drawn before.
//!
//! [`draw`]`(seed, entity, purpose, index)` names one draw. Adding a draw elsewhere moves no other,
//! so two policies under comparison share their luck. Where that coupling matters, values come from
//! one uniform by an increasing inverse: a larger uniform never gives a smaller value. All
//! transcendental functions are `libm`'s, equal on every machine.

mod normal;
#[cfg(test)]
mod tests;

use crate::philox::philox4x32_10;
use core::convert::Infallible;
use rand_core::{Rng, TryRng};

pub use normal::normal_quantile;

/// Added to the seed for each further block of one draw: 2⁶⁴ over the golden ratio.
const NEXT_BLOCK: u64 = 0x9E37_79B9_7F4A_7C15;

/// Names one draw: who it is for, what for, and which of several.
///
/// The counter of Philox4x32-10 is (entity, purpose, index), low words first; its key is the seed.
/// A draw that needs more than 128 bits goes on under the key `seed + n · 2⁶⁴/φ`, so no draw of a
/// run ever meets another.
#[inline]
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the two halves are both used")]
pub fn draw(seed: u64, entity: u64, purpose: u32, index: u32) -> Draw {
    let counter = [entity as u32, (entity >> 32) as u32, purpose, index];
    let mut draw = Draw { counter, key: seed, words: [0; 4], used: 0 };
    draw.fill();
    draw
}

/// One named draw, as a generator of any length.
#[derive(Clone, Debug)]
pub struct Draw {
    counter: [u32; 4],
    key: u64,
    words: [u32; 4],
    used: u8,
}

impl Draw {
    /// Gives a uniform in [0, 1) with 53 random bits.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Gives a uniform in (0, 1) with 52 random bits: an odd multiple of 2⁻⁵³.
    #[inline]
    pub fn unit_open(&mut self) -> f64 {
        ((self.next_u64() >> 12) as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
    }

    /// Tells whether something of probability `p` happens; increasing in `p` for one draw.
    #[inline]
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Gives a whole number below `n`, biased by less than n / 2⁶⁴.
    ///
    /// # Panics
    /// If `n` is zero.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the product's high half is below n")]
    pub fn below(&mut self, n: u32) -> u32 {
        assert!(n > 0, "a number below zero");
        ((u128::from(self.next_u64()) * u128::from(n)) >> 64) as u32
    }

    /// Gives an exponential with the given mean: −mean · ln(1 − u).
    #[inline]
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.unit())
    }

    /// Gives an Erlang with `shape` stages and the given mean: the sum of that many exponentials.
    ///
    /// It uses `shape` uniforms and is increasing in each.
    pub fn erlang(&mut self, shape: u32, mean: f64) -> f64 {
        let mut sum = 0.0;
        for _ in 0..shape {
            sum += self.exponential(1.0);
        }
        sum * mean / f64::from(shape)
    }

    /// Gives a standard normal by [`normal_quantile`].
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.unit_open())
    }

    /// Gives a lognormal: median · exp(sigma · normal).
    #[inline]
    pub fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * libm::exp(sigma * self.normal())
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are both used")]
    fn fill(&mut self) {
        self.words = philox4x32_10(self.counter, [self.key as u32, (self.key >> 32) as u32]);
        self.used = 0;
    }

    #[inline]
    fn word(&mut self) -> u32 {
        if self.used == 4 {
            self.key = self.key.wrapping_add(NEXT_BLOCK);
            self.fill();
        }
        let word = self.words[usize::from(self.used & 3)];
        self.used += 1;
        word
    }
}

/// The generator trait of `rand` 0.10, so that `rand_distr` can be used where no coupling is needed.
impl TryRng for Draw {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.word());
        Ok(u64::from(self.word()) << 32 | low)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            chunk.copy_from_slice(&self.word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
