//! Mean, variance and the interval they give.

use super::student_t_quantile;

/// A two-sided confidence interval: mean ± half-width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The sample mean.
    pub mean: f64,
    /// Half the interval's width.
    pub half_width: f64,
}

impl Interval {
    /// Tells whether a value is inside, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (value - self.mean).abs() <= self.half_width
    }
}

/// Count, mean and spread of a sample, one value at a time.
///
/// Welford, Technometrics 4(3), 1962; merging as Chan, Golub, LeVeque, 1979.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let off = value - self.mean;
        self.mean += off / self.count as f64;
        self.squares += off * (value - self.mean);
    }

    /// Adds another sample.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let count = self.count + other.count;
        let off = other.mean - self.mean;
        let share = other.count as f64 / count as f64;
        self.squares += other.squares + off * off * self.count as f64 * share;
        self.mean += off * share;
        self.count = count;
    }

    /// Counts the values.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Gives the mean; zero when empty.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Gives the unbiased variance; zero below two values.
    #[must_use]
    pub fn variance(&self) -> f64 {
        if self.count < 2 { 0.0 } else { self.squares / (self.count - 1) as f64 }
    }

    /// Gives the Student interval of the mean at a confidence such as 0.95.
    ///
    /// Below two values the half-width is infinite.
    #[must_use]
    pub fn interval(&self, confidence: f64) -> Interval {
        if self.count < 2 {
            return Interval { mean: self.mean, half_width: f64::INFINITY };
        }
        let freedom = (self.count - 1) as f64;
        let t = student_t_quantile(0.5 + confidence / 2.0, freedom);
        Interval {
            mean: self.mean,
            half_width: t * libm::sqrt(self.variance() / self.count as f64),
        }
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Self::default();
        for value in values {
            moments.add(value);
        }
        moments
    }
}
