//! Statistics of runs: moments, Student intervals, batch means, warm-up, time integrals.
//!
//! Nothing here keeps samples it was not given, and time integrals are whole ticks, so identities
//! such as Little's law can be checked to the last tick.

mod batches;
mod level;
mod moments;
mod student;

#[cfg(test)]
mod tests;

pub use batches::{batch_means, mser5};
pub use level::{Level, Little};
pub use moments::{Interval, Moments};
pub use student::{student_t_cdf, student_t_quantile};
