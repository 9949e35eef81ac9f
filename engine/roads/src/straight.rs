//! Travel times where no roads are known: the straight line, made longer and ridden at one speed.

use domain::dispatch::Legs;
use domain::money::Bps;
use domain::place::Place;
use domain::time::Timestamp;

/// Estimates a ride from the straight-line distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StraightLine {
    /// Road distance over straight-line distance.
    pub circuity: Bps,
    /// Riding speed in metres per hour, door to door.
    pub speed_m_per_h: u32,
}

impl Default for StraightLine {
    /// Circuity 1.35 (calibration A13: mean road distance 1.8 km in a disc of 2 km radius, grade
    /// O/P) at 15 km/h (B4, grade O).
    fn default() -> Self {
        Self { circuity: Bps(13_500), speed_m_per_h: 15_000 }
    }
}

impl StraightLine {
    /// The estimated road distance in metres.
    #[must_use]
    pub fn road_m(&self, from: Place, to: Place) -> f64 {
        from.straight_m(to) * self.circuity.as_ratio()
    }
}

impl Legs for StraightLine {
    /// Rounded to the nearest millisecond; [`u32::MAX`] where it does not fit or nobody moves.
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates at u32::MAX")]
    #[expect(clippy::cast_sign_loss, reason = "distances are not negative")]
    fn leg_ms(&self, from: Place, to: Place, _now: Timestamp) -> u32 {
        if self.speed_m_per_h == 0 {
            return u32::MAX;
        }
        let hours = self.road_m(from, to) / f64::from(self.speed_m_per_h);
        libm::round(hours * 3_600_000.0) as u32
    }
}
