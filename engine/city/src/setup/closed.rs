//! Roads that are closed.

use domain::place::Place;

/// A stretch of road that is closed both ways, named by its ends: the junctions nearest to two
/// places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedRoad {
    /// One end.
    pub from: Place,
    /// The other end.
    pub to: Place,
}

impl ClosedRoad {
    /// An end is at most this far from its junction, metres (assumed: a finger's width on a map).
    pub const ASTRAY_LIMIT_M: u32 = 250;
    /// The stretch is at most this much longer than the straight line between its ends, metres,
    /// beyond twice that line (assumed: longer is a way round, not a road).
    pub const DETOUR_LIMIT_M: u32 = 300;
}

/// Why a road cannot be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClosedRoadError {
    /// There is no junction at an end.
    #[error("{place} is {away_m} m from the nearest junction, more than {limit_m} m")]
    Astray {
        /// The end.
        place: Place,
        /// How far it is.
        away_m: u32,
        /// The most that is accepted.
        limit_m: u32,
    },
    /// Both ends are at one junction.
    #[error("{from} and {to} are at the same junction")]
    Point {
        /// One end.
        from: Place,
        /// The other end.
        to: Place,
    },
    /// No road leads from one end to the other.
    #[error(
        "no road leads straight from {from} to {to}: the way is {way_m} m, more than {limit_m} m"
    )]
    Detour {
        /// One end.
        from: Place,
        /// The other end.
        to: Place,
        /// How long the way between them is.
        way_m: u32,
        /// The longest that is accepted.
        limit_m: u32,
    },
}
