//! Where cities are.

use domain::place::Place;

/// A metropolis.
#[derive(Clone, Debug, PartialEq)]
pub struct Metro {
    /// Its name.
    pub name: String,
    /// Its middle.
    pub centre: Place,
}

impl Metro {
    /// The names of the metros that are known.
    pub const NAMES: [&'static str; 5] = ["mumbai", "delhi", "bengaluru", "hyderabad", "chennai"];

    /// A metro by name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (lat_e7, lon_e7) = match name {
            "mumbai" => (190_760_000, 728_777_000),
            "delhi" => (286_139_000, 772_090_000),
            "bengaluru" => (129_716_000, 775_946_000),
            "hyderabad" => (173_850_000, 784_867_000),
            "chennai" => (130_827_000, 802_707_000),
            _ => return None,
        };
        Some(Self { name: name.to_owned(), centre: Place { lat_e7, lon_e7 } })
    }
}

impl Default for Metro {
    /// Bengaluru.
    fn default() -> Self {
        Self::named("bengaluru").expect("a metro of the list")
    }
}
