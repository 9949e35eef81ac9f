//! How far and how long a ride is.

use domain::place::Place;
use domain::time::Millis;
use roads::NodeId;

/// An end of a ride.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Where it is.
    pub place: Place,
    /// The junction it is at, in a city with roads.
    pub node: Option<NodeId>,
}

/// A ride from one stop to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leg {
    /// How long it takes.
    pub ms: Millis,
    /// How far it is along the road, metres, rounded up.
    pub m: u32,
}

/// How rides are measured in a city.
#[derive(Clone, Debug)]
pub enum Travel {
    /// Straight lines, lengthened by a factor, at one speed.
    Straight(Straight),
}

/// Rides along straight lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Straight {
    /// Length of the road over length of the straight line; at least one.
    pub circuity: f64,
    /// Speed along the road, metres an hour.
    pub speed_m_per_h: u32,
}

impl Travel {
    /// The ride from one stop to another, without congestion or rain.
    #[must_use]
    pub fn ride(&self, from: Stop, to: Stop) -> Leg {
        match self {
            Self::Straight(straight) => straight.ride(from.place, to.place),
        }
    }
}

impl Straight {
    /// The ride from one place to another; milliseconds are rounded up.
    ///
    /// # Panics
    /// If the speed is zero.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "half the globe at walking pace fits")]
    #[expect(clippy::cast_sign_loss, reason = "distances are not negative")]
    pub fn ride(&self, from: Place, to: Place) -> Leg {
        assert!(self.speed_m_per_h > 0, "a ride has a speed");
        let length_m = from.straight_m(to) * self.circuity;
        let ms = length_m * 3.6e6 / f64::from(self.speed_m_per_h);
        Leg { ms: Millis(libm::ceil(ms) as u32), m: libm::ceil(length_m) as u32 }
    }
}
