//! How much longer streets are than the straight line.

use roads::RoadClass;

use super::{Pattern, Points, Seed, Street};
use crate::purpose;

/// How much a main road winds, as a share of what other streets do (assumed).
const MAIN_SHARE: f64 = 0.4;

/// Lengthens streets by exponential shares until the whole has its circuity.
pub(super) fn wind(pattern: &Pattern, points: &Points, streets: &mut [Street], seed: Seed) {
    let share =
        |street: &Street| if street.class < RoadClass::Residential { MAIN_SHARE } else { 1.0 };
    let straight_m: f64 = streets.iter().map(|street| street.straight_m).sum();
    let length_m: f64 = streets.iter().map(|street| street.length_m).sum();
    let weighted_m: f64 = streets.iter().map(|street| street.length_m * share(street)).sum();
    let mean = ((pattern.edge_circuity * straight_m - length_m) / weighted_m).max(0.0);
    for street in streets {
        let mut draw = points.street_draw(seed, purpose::CURVE, street.ends);
        street.length_m *= 1.0 + draw.exponential(mean * share(street));
    }
}
