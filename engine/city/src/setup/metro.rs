//! Where cities are and what their streets are like.

use domain::place::Place;

use crate::streets::{Pattern, Water};
use crate::wards::Wards;

/// A metropolis.
#[derive(Clone, Debug, PartialEq)]
pub struct Metro {
    /// Its name.
    pub name: String,
    /// Its middle.
    pub centre: Place,
    /// What its streets are like.
    pub streets: Pattern,
    /// Where its people live; none for everywhere alike.
    pub wards: Option<Wards>,
}

impl Metro {
    /// The names of the metros that are known.
    pub const NAMES: [&'static str; 5] = ["mumbai", "delhi", "bengaluru", "hyderabad", "chennai"];

    /// A metro by name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (lat_e7, lon_e7, streets) = match name {
            "mumbai" => (190_760_000, 728_777_000, mumbai()),
            "delhi" => (286_139_000, 772_090_000, delhi()),
            "bengaluru" => (129_716_000, 775_946_000, Pattern::default()),
            "hyderabad" => (173_850_000, 784_867_000, hyderabad()),
            "chennai" => (130_827_000, 802_707_000, chennai()),
            _ => return None,
        };
        let centre = Place { lat_e7, lon_e7 };
        Some(Self { name: name.to_owned(), centre, streets, wards: None })
    }

    /// The same metro with stores and customers in these wards, around their middle.
    #[must_use]
    pub fn with_wards(self, wards: Wards) -> Self {
        Self { centre: wards.middle(), wards: Some(wards), ..self }
    }
}

impl Default for Metro {
    /// Bengaluru.
    fn default() -> Self {
        Self::named("bengaluru").expect("a metro of the list")
    }
}

// Dead ends, junctions of four and edge circuity are Boeing's (2022), Chennai's a little off so
// that its trips are no longer than real ones. Density, its spread, alignment and stray are fitted
// to his street lengths and entropies; tests hold the result to his figures. Rivers are drawn
// from the map with a rough hand.

fn mumbai() -> Pattern {
    Pattern {
        nodes_per_km2: 58.7,
        density_sigma: 1.693,
        aligned: 0.477,
        stray: 0.25,
        dead_ends: 0.181,
        four_way: 0.156,
        edge_circuity: 1.068,
        // Thane Creek.
        water: Some(Water {
            bearing_deg: 15.0,
            offset_m: 9_000.0,
            width_m: 1_200.0,
            swing_m: 600.0,
            bend_m: 15_000.0,
            bridge_m: 6_000.0,
        }),
        ..Pattern::default()
    }
}

fn delhi() -> Pattern {
    Pattern {
        nodes_per_km2: 89.5,
        density_sigma: 1.87,
        aligned: 0.861,
        stray: 0.25,
        dead_ends: 0.177,
        four_way: 0.143,
        edge_circuity: 1.051,
        // The Yamuna.
        water: Some(Water {
            bearing_deg: 160.0,
            offset_m: -6_000.0,
            width_m: 400.0,
            swing_m: 800.0,
            bend_m: 9_000.0,
            bridge_m: 3_000.0,
        }),
        ..Pattern::default()
    }
}

fn hyderabad() -> Pattern {
    Pattern {
        nodes_per_km2: 189.6,
        density_sigma: 1.447,
        aligned: 0.815,
        stray: 0.25,
        dead_ends: 0.204,
        four_way: 0.161,
        edge_circuity: 1.046,
        // The Musi.
        water: Some(Water {
            bearing_deg: 95.0,
            offset_m: 1_200.0,
            width_m: 120.0,
            swing_m: 500.0,
            bend_m: 6_000.0,
            bridge_m: 1_200.0,
        }),
        ..Pattern::default()
    }
}

fn chennai() -> Pattern {
    Pattern {
        nodes_per_km2: 83.8,
        density_sigma: 1.725,
        aligned: 0.92,
        stray: 0.18,
        dead_ends: 0.203,
        four_way: 0.126,
        edge_circuity: 1.054,
        // The Adyar.
        water: Some(Water {
            bearing_deg: 85.0,
            offset_m: 5_500.0,
            width_m: 150.0,
            swing_m: 700.0,
            bend_m: 7_000.0,
            bridge_m: 1_500.0,
        }),
        ..Pattern::default()
    }
}
