//! How people and providers behave: every draw about an order that is made while it runs.
//!
//! A draw is keyed by the seed, the order's luck ([`crate::Arrival::luck`]), what it is for and
//! which of several it is. It does not depend on who is asked, when, or what was drawn before, so
//! two policies under comparison meet the same people. Where a parameter is raised, what was so
//! before stays so: durations grow with their medians, and the orders something happens to at a
//! low probability are among those it happens to at a higher one.

mod customer;
mod provider;
mod rider;
mod store;
#[cfg(test)]
mod tests;

pub use customer::Customers;
pub use provider::{Answer, Outcome, Provider};
pub use rider::{Reply, Riders};
pub use store::Picking;

use domain::time::Millis;
use kernel::chance::{Draw, draw};

use crate::Calibrated;

/// The numbers behind behaviour, group by group.
pub(crate) const GROUPS: &[&[Calibrated]] =
    &[Picking::ROWS, Riders::ROWS, Customers::ROWS, Provider::ROWS];

/// Everything that behaviour is drawn with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params {
    /// Pickers and the store's floor.
    pub picking: Picking,
    /// Riders.
    pub riders: Riders,
    /// Customers.
    pub customers: Customers,
    /// The payment provider in its normal state.
    pub provider: Provider,
}

/// Draws what people and providers do.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    seed: u64,
    /// What it is drawn with.
    pub params: Params,
}

impl Behaviour {
    /// People of one seed.
    #[must_use]
    pub fn new(seed: u64, params: Params) -> Self {
        Self { seed, params }
    }

    fn draw(&self, luck: u64, purpose: u32, index: u32) -> Draw {
        draw(self.seed, luck, purpose, index)
    }

    /// A lognormal length of time with the given mean.
    fn spread(&self, luck: u64, purpose: u32, index: u32, mean_s: f64, sigma: f64) -> Millis {
        let median = mean_s * libm::exp(-sigma * sigma / 2.0);
        millis(self.draw(luck, purpose, index).lognormal(median, sigma))
    }
}

/// A length of time, rounded to the millisecond and limited to what a [`Millis`] holds.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "a float cast saturates")]
fn millis(seconds: f64) -> Millis {
    Millis(libm::round(seconds * 1e3) as u32)
}
