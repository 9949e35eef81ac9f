//! A flat map of a city: metres east and north of its middle.

use domain::place::Place;

/// Metres in one degree of latitude, as [`Place::straight_m`] has it.
const M_PER_DEGREE: f64 = 111_195.08;

/// A point on a [`Plane`], metres.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Xy {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Xy {
    pub(crate) fn distance_m(self, other: Self) -> f64 {
        libm::sqrt(self.distance_m2(other))
    }

    pub(crate) fn distance_m2(self, other: Self) -> f64 {
        let (dx, dy) = (self.x - other.x, self.y - other.y);
        dx * dx + dy * dy
    }
}

/// A map that is true at its middle and within 0.1 % in a city around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plane {
    middle: Place,
    m_per_degree_lon: f64,
}

impl Plane {
    pub(crate) fn new(middle: Place) -> Self {
        Self { middle, m_per_degree_lon: M_PER_DEGREE * libm::cos(middle.lat().to_radians()) }
    }

    /// The place of a point.
    ///
    /// # Panics
    /// If the point is not on the globe.
    pub(crate) fn place(&self, at: Xy) -> Place {
        let lat = self.middle.lat() + at.y / M_PER_DEGREE;
        let lon = self.middle.lon() + at.x / self.m_per_degree_lon;
        Place::from_degrees(lat, lon).expect("a city is on the globe")
    }

    /// The point of a place.
    pub(crate) fn xy(&self, place: Place) -> Xy {
        Xy {
            x: (place.lon() - self.middle.lon()) * self.m_per_degree_lon,
            y: (place.lat() - self.middle.lat()) * M_PER_DEGREE,
        }
    }
}
