//! A promise that a given share of orders keeps: a quantile of the time they take.
//!
//! The time is taken to be lognormal, for delivery times are skewed to the right (calibration
//! B18 reports a Weibull fit; the two are close at the quantiles that are promised).

use crate::eta::normal::lognormal_quantile;
use crate::eta::{Params, Parts, View, millis};
use crate::time::Millis;

/// Shares are kept this far from never and always, in basis points.
const SHARE_RANGE: (u32, u32) = (1, 9_999);

pub(super) fn promise(view: &View, params: &Params) -> Millis {
    let whole = Parts::new(view, params).whole();
    let (least, most) = SHARE_RANGE;
    let share = f64::from(params.quantile.0.clamp(least, most)) / 10_000.0;
    let exact = millis(lognormal_quantile(whole.mean_ms.max(1.0), whole.variance, share));
    let step_ms = params.step.0.max(1);
    let rounded = exact.0.div_ceil(step_ms).saturating_mul(step_ms);
    Millis(rounded.min(params.longest.0).max(params.shortest.0))
}
