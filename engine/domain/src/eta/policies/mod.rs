//! What the customer is promised: one strategy a file, one row each.

mod fixed;
mod quantile;

use super::{Params, View};
use crate::time::Millis;

choices! {
    /// How promises are made.
    pub enum Policy {
        /// The same for everybody.
        Fixed = "fixed",
        /// A time that a given share of orders keeps.
        Quantile = "quantile",
    }
}

/// How long after now the promise is, the extra of a throttled store included.
#[must_use]
pub fn promise(policy: Policy, view: &View, params: &Params) -> Millis {
    let promise = match policy {
        Policy::Fixed => fixed::promise(params),
        Policy::Quantile => quantile::promise(view, params),
    };
    promise + view.extra
}
