//! Where: cities, their stores and their streets.

use crate::values::{Count, Decimal, Distance, Multiplier, Road, Share, Streets};

/// The most dark stores a city may have (limit of the program; India's largest has 400).
pub const MAX_STORES: u32 = 2_000;
/// The most SKUs in a catalogue (limit of the program; a mega store has 20 000).
pub const MAX_SKUS: u32 = 50_000;
/// The most roads that may be closed (limit of the program).
pub const MAX_CLOSED: usize = 1_000;

section! {
    /// What every city is like.
    pub struct City {
        /// No customer lives farther from the nearest store, straight line.
        catchment: Distance = Distance::m(2_000), "O: within 2 km, Blinkit 2022 (madhyamamonline 944878)";
        /// A store serves addresses within this straight line.
        radius: Distance = Distance::m(3_000), "P: 2 to 3 km (riders in the press; Morgan Stanley)";
        /// What riders ride on: "straight" lines, "generated" streets like the metro's, or the
        /// streets of a file, which is an extract of OpenStreetMap or a graph saved by OSMnx.
        streets: Streets = Streets::Straight, "E: straight lines are quick, and near enough for most questions";
        /// Roads that are closed both ways all day, each named by its ends, such as
        /// "42.5077,1.5211 to 42.5081,1.5230".
        closed: Vec<Road> = Vec::new(), "E: all are open";
        /// A GeoJSON file of wards and their population: where the city's people live.
        #[serde(skip_serializing_if = "Option::is_none")]
        wards: Option<String> = None, "";
        /// Length of the way over length of the straight line, where there are no streets.
        circuity: Multiplier = Multiplier::bps(13_500), "R: the median trip of 1 to 4 km in central Bengaluru has 1.42";
        /// How many different items are sold.
        skus: Count<1, MAX_SKUS> = Count::new(3_000), "P: 2 000 to 4 000 (business-standard 125080601602); 7 000 in large stores";
        /// How unequal stores are: sigma of the lognormal of their demand.
        store_spread: Decimal<2> = Decimal::new(0.35), "D: the top 50 of 639 stores take 1.8 times the average (filesadmin.co)";
        /// Share of items on the shelf at the start.
        availability: Share = Share::bps(9_400), "V: 90 to 95 % (letspickquick)";
        /// Days of average demand on the shelf at the start.
        cover_days: Decimal<365> = Decimal::new(2.0), "E: dry goods come once a day";
    }
}

section! {
    /// How many dark stores there are in which city.
    pub struct Cities {
        /// Dark stores in Mumbai.
        mumbai: Count<0, MAX_STORES> = Count::new(0), "";
        /// Dark stores in Delhi and its surroundings.
        delhi: Count<0, MAX_STORES> = Count::new(0), "";
        /// Dark stores in Bengaluru.
        bengaluru: Count<0, MAX_STORES> = Count::new(0), "";
        /// Dark stores in Hyderabad.
        hyderabad: Count<0, MAX_STORES> = Count::new(0), "";
        /// Dark stores in Chennai.
        chennai: Count<0, MAX_STORES> = Count::new(0), "";
        /// Dark stores in a place of your own, whose streets or wards are a file's.
        elsewhere: Count<0, MAX_STORES> = Count::new(0), "";
    }
}

impl Cities {
    /// Each city's name and number of stores; those without stores are left out.
    #[must_use]
    pub fn named(&self) -> Vec<(&'static str, u32)> {
        let Self { mumbai, delhi, bengaluru, hyderabad, chennai, elsewhere } = self;
        [
            ("mumbai", mumbai),
            ("delhi", delhi),
            ("bengaluru", bengaluru),
            ("hyderabad", hyderabad),
            ("chennai", chennai),
            ("elsewhere", elsewhere),
        ]
        .into_iter()
        .map(|(name, stores)| (name, stores.get()))
        .filter(|(_, stores)| *stores > 0)
        .collect()
    }

    /// How many stores there are in all cities.
    #[must_use]
    pub fn stores(&self) -> u32 {
        self.named().iter().map(|(_, stores)| stores).sum()
    }
}
