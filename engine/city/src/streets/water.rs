//! A river through a city, and its bridges.

use crate::plane::Xy;

/// A river that winds about a straight line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Water {
    /// Where it flows, degrees clockwise from north.
    pub bearing_deg: f64,
    /// How far its line passes to the right of the city's middle, for one who looks the way it
    /// flows, metres.
    pub offset_m: f64,
    /// How wide it is, metres.
    pub width_m: f64,
    /// How far its bends reach to either side, metres.
    pub swing_m: f64,
    /// How far apart its bends are, metres.
    pub bend_m: f64,
    /// How far apart its bridges are, metres.
    pub bridge_m: f64,
}

impl Water {
    /// Along the river, and across it from its middle, metres.
    fn local(&self, at: Xy) -> (f64, f64) {
        let (sin, cos) = libm::sincos(self.bearing_deg.to_radians());
        let along = at.x * sin + at.y * cos;
        let across = at.x * cos - at.y * sin - self.offset_m;
        let bend = self.swing_m * libm::sin(std::f64::consts::TAU * along / self.bend_m);
        (along, across - bend)
    }

    /// Whether a point is in the river.
    pub(super) fn covers(&self, at: Xy) -> bool {
        let (_, across) = self.local(at);
        across.abs() < self.width_m / 2.0
    }

    /// The bridge that a way from one point to another would use, and how far from it the way
    /// crosses, metres; none if it does not cross.
    pub(super) fn crossing(&self, from: Xy, to: Xy) -> Option<(i64, f64)> {
        let ((from_along, from_across), (to_along, to_across)) = (self.local(from), self.local(to));
        if (from_across < 0.0) == (to_across < 0.0) {
            return None;
        }
        let share = from_across / (from_across - to_across);
        let along = from_along + share * (to_along - from_along);
        let bridge = libm::round(along / self.bridge_m);
        #[expect(clippy::cast_possible_truncation, reason = "a city has few bridges")]
        let number = bridge as i64;
        Some((number, (along - bridge * self.bridge_m).abs()))
    }
}
