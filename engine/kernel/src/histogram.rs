//! Log-linear histograms of whole numbers: fixed memory, bounded relative error, mergeable.
//!
//! Buckets are one wide up to 2^(bits + 1), then twice as wide for each doubling of the value, so
//! a bucket is never wider than 2^−bits of its values. The layout is that of Tene's
//! `HdrHistogram`. Counts are integers: merging in any order gives the histogram of everything
//! recorded together.

/// Bits that give three significant digits: a relative error under 1/2048.
pub const THREE_DIGITS: u32 = 10;

/// Counts of values by size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    bits: u32,
    limit: u64,
    counts: Box<[u64]>,
    count: u64,
    sum: u128,
    min: u64,
    max: u64,
}

impl Histogram {
    /// Makes an empty histogram of values up to `limit`, quantiles good to three digits.
    ///
    /// Values over the limit count as the limit in quantiles, as themselves in mean and maximum.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        Self::with_bits(limit, THREE_DIGITS)
    }

    /// Makes an empty histogram whose quantiles are good to one part in 2^(bits + 1).
    ///
    /// Memory: about 2^bits · (log₂ limit − bits) · 8 bytes.
    ///
    /// # Panics
    /// If `bits` is over 30.
    #[must_use]
    pub fn with_bits(limit: u64, bits: u32) -> Self {
        assert!(bits <= 30, "{bits} bits of precision");
        let buckets = bucket(limit, bits) + 1;
        Self {
            bits,
            limit,
            counts: vec![0; buckets].into_boxed_slice(),
            count: 0,
            sum: 0,
            min: u64::MAX,
            max: 0,
        }
    }

    /// Counts one value.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.counts[bucket(value.min(self.limit), self.bits)] += 1;
        self.count += 1;
        self.sum += u128::from(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds what another histogram recorded.
    ///
    /// # Panics
    /// If the two have different limits or precision.
    pub fn merge(&mut self, other: &Self) {
        assert!(
            (self.limit, self.bits) == (other.limit, other.bits),
            "histograms of different layout"
        );
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Forgets everything recorded.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.count = 0;
        self.sum = 0;
        self.min = u64::MAX;
        self.max = 0;
    }

    /// Counts the values recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Gives the exact sum.
    #[must_use]
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Gives the mean of the exact sum; zero when empty.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum as f64 / self.count as f64 }
    }

    /// Gives the least value; zero when empty.
    #[must_use]
    pub fn min(&self) -> u64 {
        if self.count == 0 { 0 } else { self.min }
    }

    /// Gives the greatest value; zero when empty.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.max
    }

    /// Gives the buckets that hold anything, the least first: the middle of each, kept between
    /// least and greatest, and how many values it holds.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let held = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        held.map(|(index, &count)| (middle(index, self.bits).clamp(self.min, self.max), count))
    }

    /// Gives the value that a share `q` of all values do not exceed, by nearest rank.
    ///
    /// It is the middle of the bucket that holds it, kept between least and greatest; `q` is held
    /// to [0, 1]. Zero when empty.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ rank ≤ count")]
    pub fn quantile(&self, q: f64) -> u64 {
        let rank = libm::ceil(q.clamp(0.0, 1.0) * self.count as f64) as u64;
        let rank = rank.clamp(1, self.count.max(1));
        let mut below = 0;
        for (index, &count) in self.counts.iter().enumerate() {
            below += count;
            if below >= rank {
                return middle(index, self.bits).clamp(self.min, self.max);
            }
        }
        0
    }
}

/// Gives the bucket of a value: the leading `bits + 1` bits, after the number of those behind.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "below 2^31 + 64 · 2^30")]
fn bucket(value: u64, bits: u32) -> usize {
    let shift = (value | 1).ilog2().saturating_sub(bits);
    ((u64::from(shift) << bits) + (value >> shift)) as usize
}

/// Gives the middle value of a bucket, rounded down.
fn middle(index: usize, bits: u32) -> u64 {
    let index = index as u64;
    let shift = (index >> bits).saturating_sub(1);
    let least = (index - (shift << bits)) << shift;
    least + ((1 << shift) - 1) / 2
}

#[cfg(test)]
mod tests;
