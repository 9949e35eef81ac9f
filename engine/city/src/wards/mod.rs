//! Wards of a real city and how many people live in them: where demand is.
//!
//! Wards are read from GeoJSON. What a city needs of them is the density of people at a point, so
//! they are kept as a raster; their borders are not.

mod read;
#[cfg(test)]
mod tests;

use std::io::Read;

use domain::place::Place;

pub use read::{FEATURE_LIMIT, FILE_LIMIT_BYTES, WardsError};

use crate::plane::{Plane, Xy};

/// Side of a raster cell, metres (assumed: far smaller than a ward).
const CELL_M: f64 = 250.0;
/// The largest extent of a city's wards, metres (assumed: twice the largest metro).
const EXTENT_LIMIT_M: f64 = 250_000.0;

/// The density of people in a city.
#[derive(Clone, Debug, PartialEq)]
pub struct Wards {
    middle: Place,
    corner: Xy,
    columns: usize,
    rows: usize,
    /// People per square kilometre, row by row from the south-west.
    density: Vec<f64>,
    /// How many wards there are.
    pub count: usize,
    /// Their area, square kilometres.
    pub area_km2: f64,
    /// Their people; one per square kilometre where the file does not say.
    pub people: f64,
}

impl Wards {
    /// Reads wards from a GeoJSON collection of polygons.
    ///
    /// People are taken from a property called `population`, in any case. Wards without it have
    /// the mean density of the others; if none has it, all wards are alike.
    ///
    /// # Errors
    /// [`WardsError`]: what is wrong with the file, and which ward it is.
    pub fn read(file: impl Read) -> Result<Self, WardsError> {
        read::wards(file)
    }

    /// The middle of the wards' extent.
    #[must_use]
    pub const fn middle(&self) -> Place {
        self.middle
    }

    /// How far the wards reach from the middle at most, metres.
    #[must_use]
    pub(crate) fn reach_m(&self) -> f64 {
        self.corner.distance_m(Xy::default()) + CELL_M
    }

    /// People per square kilometre at a place; zero outside the wards.
    #[must_use]
    pub fn people_per_km2(&self, place: Place) -> f64 {
        self.density_at(Plane::new(self.middle).xy(place))
    }

    /// As [`Wards::people_per_km2`], for a point of the plane around the middle.
    fn density_at(&self, at: Xy) -> f64 {
        let cell = |along_m: f64, count: usize| {
            let cell = libm::floor(along_m / CELL_M);
            #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
            #[expect(clippy::cast_sign_loss, reason = "checked to be positive")]
            (cell >= 0.0).then_some(cell as usize).filter(|&cell| cell < count)
        };
        let found =
            cell(at.x - self.corner.x, self.columns).zip(cell(at.y - self.corner.y, self.rows));
        found.map_or(0.0, |(column, row)| self.density[row * self.columns + column])
    }
}
