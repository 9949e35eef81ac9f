//! Where things are: fixed-point positions on the ground.

/// A position in 1e-7 degrees (about a centimetre), as in OpenStreetMap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Latitude, 1e-7 degree, north positive.
    pub lat_e7: i32,
    /// Longitude, 1e-7 degree, east positive.
    pub lon_e7: i32,
}

/// Metres in one degree of latitude on a sphere of the mean Earth radius (6 371 008.8 m, IUGG).
const M_PER_DEGREE: f64 = 111_195.08;

impl Place {
    /// The position nearest to a latitude and a longitude in degrees; none outside the globe.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "180 degrees fit 1e-7 fixed point")]
    pub fn from_degrees(lat: f64, lon: f64) -> Option<Self> {
        let inside = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        inside.then(|| Self {
            lat_e7: libm::round(lat * 1e7) as i32,
            lon_e7: libm::round(lon * 1e7) as i32,
        })
    }

    /// Latitude in degrees.
    #[must_use]
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e7) / 1e7
    }

    /// Longitude in degrees.
    #[must_use]
    pub fn lon(self) -> f64 {
        f64::from(self.lon_e7) / 1e7
    }

    /// Straight-line distance in metres.
    ///
    /// Equirectangular with the cosine of the mean latitude: within 0.1 % of the great circle
    /// for the distances of a city, and the same on every machine.
    #[must_use]
    pub fn straight_m(self, other: Self) -> f64 {
        let mean_lat = f64::midpoint(self.lat(), other.lat()).to_radians();
        let dy = (self.lat() - other.lat()) * M_PER_DEGREE;
        let dx = (self.lon() - other.lon()) * M_PER_DEGREE * libm::cos(mean_lat);
        libm::sqrt(dx * dx + dy * dy)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.7},{:.7}", self.lat(), self.lon())
    }
}
