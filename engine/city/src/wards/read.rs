//! Reads wards and lays them out as a raster.

use std::io::{BufReader, Read};

use domain::place::Place;
use geo::{Area, BoundingRect, Contains, Coord, LineString, MultiPolygon, Point, Polygon};
use geojson::{Feature, FeatureCollection, GeoJson, GeometryValue, JsonValue, Position};

use super::{CELL_M, EXTENT_LIMIT_M, Wards};
use crate::plane::{Plane, Xy};

/// The largest file that is read, bytes (assumed: twenty times a metro's wards).
pub const FILE_LIMIT_BYTES: u64 = 64 << 20;
/// The most wards (assumed: a hundred times a metro's).
pub const FEATURE_LIMIT: usize = 20_000;

/// Why a file of wards is refused. Wards count from one.
#[derive(Debug, thiserror::Error)]
pub enum WardsError {
    /// It is no GeoJSON, or cut short.
    #[error("the wards are no GeoJSON")]
    Unreadable(#[source] Box<geojson::Error>),
    /// It is GeoJSON, but not a collection of features.
    #[error("the wards are not a collection of features")]
    NoCollection,
    /// A ward is no polygon.
    #[error("ward {ward} is {found}, not a polygon")]
    Shape {
        /// The ward.
        ward: usize,
        /// What it is.
        found: &'static str,
    },
    /// A corner is not on the globe.
    #[error("ward {ward} has a corner at {lon}, {lat}: no longitude and latitude in degrees")]
    OffGlobe {
        /// The ward.
        ward: usize,
        /// First coordinate.
        lon: f64,
        /// Second coordinate.
        lat: f64,
    },
    /// The number of people is negative or no number.
    #[error("ward {ward} has {found} as its population, not a number of people")]
    Population {
        /// The ward.
        ward: usize,
        /// What it has.
        found: String,
    },
    /// There are no wards, or they have no area.
    #[error("there are no wards")]
    Empty,
    /// There are too many wards.
    #[error("there are more than {limit} wards")]
    TooMany {
        /// The most that are read.
        limit: usize,
    },
    /// The wards reach too far for one city.
    #[error("the wards reach over {extent_m:.0} m, more than one city's {limit_m:.0} m")]
    TooWide {
        /// How far they reach.
        extent_m: f64,
        /// The most that is accepted.
        limit_m: f64,
    },
}

/// A ward in degrees.
struct Ward {
    shape: Vec<Vec<Vec<Place>>>,
    people: Option<f64>,
}

/// Reads the wards of a city.
pub(super) fn wards(file: impl Read) -> Result<Wards, WardsError> {
    let reader = BufReader::new(file.take(FILE_LIMIT_BYTES));
    let read = GeoJson::from_reader(reader);
    let GeoJson::FeatureCollection(FeatureCollection { features, .. }) =
        read.map_err(|source| WardsError::Unreadable(Box::new(source.into())))?
    else {
        return Err(WardsError::NoCollection);
    };
    if features.len() > FEATURE_LIMIT {
        return Err(WardsError::TooMany { limit: FEATURE_LIMIT });
    }
    let wards = (1..).zip(&features).map(|(number, feature)| ward(number, feature));
    rastered(&wards.collect::<Result<Vec<_>, _>>()?)
}

fn ward(ward: usize, feature: &Feature) -> Result<Ward, WardsError> {
    let polygons: Vec<&Vec<Vec<Position>>> =
        match feature.geometry.as_ref().map(|shape| &shape.value) {
            Some(GeometryValue::Polygon { coordinates }) => vec![coordinates],
            Some(GeometryValue::MultiPolygon { coordinates }) => coordinates.iter().collect(),
            Some(other) => return Err(WardsError::Shape { ward, found: other.type_name() }),
            None => return Err(WardsError::Shape { ward, found: "nothing" }),
        };
    let ring = |ring: &Vec<Position>| ring.iter().map(|at| place(ward, at.as_slice())).collect();
    let rings = |polygon: &Vec<Vec<Position>>| polygon.iter().map(ring).collect();
    let shape = polygons.into_iter().map(rings).collect::<Result<_, _>>()?;
    Ok(Ward { shape, people: people(ward, feature)? })
}

fn place(ward: usize, position: &[f64]) -> Result<Place, WardsError> {
    let (lon, lat) = match *position {
        [lon, lat, ..] => (lon, lat),
        _ => (f64::NAN, f64::NAN),
    };
    Place::from_degrees(lat, lon).ok_or(WardsError::OffGlobe { ward, lon, lat })
}

fn people(ward: usize, feature: &Feature) -> Result<Option<f64>, WardsError> {
    let properties = feature.properties.iter().flatten();
    let named = |(name, _): &(&String, &JsonValue)| name.eq_ignore_ascii_case("population");
    let Some((_, value)) = properties.into_iter().find(named) else { return Ok(None) };
    if value.is_null() {
        return Ok(None);
    }
    let number = value.as_f64().filter(|people| *people >= 0.0);
    number.map(Some).ok_or_else(|| WardsError::Population { ward, found: value.to_string() })
}

/// Lays wards out as a raster of densities.
fn rastered(wards: &[Ward]) -> Result<Wards, WardsError> {
    let places = || wards.iter().flat_map(|ward| ward.shape.iter().flatten().flatten());
    let (south, north) = range(places().map(|place| place.lat_e7)).ok_or(WardsError::Empty)?;
    let (west, east) = range(places().map(|place| place.lon_e7)).ok_or(WardsError::Empty)?;
    let middle = Place { lat_e7: i32::midpoint(south, north), lon_e7: i32::midpoint(west, east) };
    let plane = Plane::new(middle);
    let [low, high] =
        [(south, west), (north, east)].map(|(lat_e7, lon_e7)| plane.xy(Place { lat_e7, lon_e7 }));
    let extent_m = (high.x - low.x).max(high.y - low.y);
    if extent_m > EXTENT_LIMIT_M {
        return Err(WardsError::TooWide { extent_m, limit_m: EXTENT_LIMIT_M });
    }
    let shapes: Vec<MultiPolygon<f64>> = wards.iter().map(|ward| on_plane(&plane, ward)).collect();
    let areas: Vec<f64> = shapes.iter().map(|shape| shape.unsigned_area() / 1e6).collect();
    let known = || wards.iter().zip(&areas).filter_map(|(ward, area)| Some((ward.people?, area)));
    let known_km2: f64 = known().map(|(_, area)| area).sum();
    let mean = if known_km2 > 0.0 {
        known().map(|(people, _)| people).sum::<f64>() / known_km2
    } else {
        1.0
    };
    let [columns, rows] = [high.x - low.x, high.y - low.y].map(cells);
    let mut raster = Wards {
        middle,
        corner: low,
        columns,
        rows,
        density: vec![0.0; columns * rows],
        count: wards.len(),
        area_km2: areas.iter().sum(),
        people: 0.0,
    };
    for ((ward, shape), area_km2) in wards.iter().zip(&shapes).zip(areas) {
        if area_km2 > 0.0 {
            let density = ward.people.map_or(mean, |people| people / area_km2);
            raster.people += density * area_km2;
            raster.fill(shape, density);
        }
    }
    if raster.people > 0.0 { Ok(raster) } else { Err(WardsError::Empty) }
}

fn range(values: impl Iterator<Item = i32> + Clone) -> Option<(i32, i32)> {
    Some((values.clone().min()?, values.max()?))
}

#[expect(clippy::cast_possible_truncation, reason = "an extent is limited")]
#[expect(clippy::cast_sign_loss, reason = "an extent is not negative")]
fn cells(extent_m: f64) -> usize {
    libm::floor(extent_m / CELL_M) as usize + 1
}

/// A ward in metres around the city's middle; the first ring of a polygon is its border, the
/// others are holes.
fn on_plane(plane: &Plane, ward: &Ward) -> MultiPolygon<f64> {
    let ring = |places: &Vec<Place>| -> LineString<f64> {
        let coord = |&place: &Place| {
            let Xy { x, y } = plane.xy(place);
            Coord { x, y }
        };
        places.iter().map(coord).collect()
    };
    let polygon = |rings: &Vec<Vec<Place>>| {
        let mut rings = rings.iter().map(ring);
        let border = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Polygon::new(border, rings.collect())
    };
    MultiPolygon::new(ward.shape.iter().map(polygon).collect())
}

impl Wards {
    /// Gives a density to the cells whose middle is in a shape.
    #[expect(clippy::cast_precision_loss, reason = "cells are few")]
    fn fill(&mut self, shape: &MultiPolygon<f64>, density: f64) {
        let Some(bounds) = shape.bounding_rect() else { return };
        let first = |m: f64, corner: f64| cells((m - corner).max(0.0)) - 1;
        let (columns, rows) = (
            first(bounds.min().x, self.corner.x)..cells(bounds.max().x - self.corner.x),
            first(bounds.min().y, self.corner.y)..cells(bounds.max().y - self.corner.y),
        );
        for row in rows.start..rows.end.min(self.rows) {
            for column in columns.start..columns.end.min(self.columns) {
                let middle = |cell: usize, corner: f64| corner + (cell as f64 + 0.5) * CELL_M;
                let at = Point::new(middle(column, self.corner.x), middle(row, self.corner.y));
                if shape.contains(&at) {
                    self.density[row * self.columns + column] = density;
                }
            }
        }
    }
}
