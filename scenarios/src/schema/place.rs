//! Where: cities, their stores and their streets.

use crate::values::{Count, Decimal, Distance, Multiplier};

/// The most dark stores a city may have (limit of the program; India's largest has 400).
pub const MAX_STORES: u32 = 2_000;
/// The most SKUs in a catalogue (limit of the program; a mega store has 20 000).
pub const MAX_SKUS: u32 = 50_000;

section! {
    /// What every city is like.
    pub struct City {
        /// A store serves addresses within this straight line.
        radius: Distance = Distance::m(2_000), "O: within 2 km, Blinkit 2022 (tribuneindia 498125); average trip under 2 km (hindustantimes 101767327013786)";
        /// Length of the way over length of the straight line, where there are no streets.
        circuity: Multiplier = Multiplier::bps(13_500), "E: the median trip of central Bengaluru has 1.42; 1.35 gives 1.8 km on average";
        /// What riders ride on.
        roads: Roads = Roads::Straight, "E: straight lines are quick, and near enough for most questions";
        /// How many different items are sold.
        skus: Count<1, MAX_SKUS> = Count::new(7_000), "P: a normal store in 2024 (thecore.in); small 3 000, mega 20 000";
        /// How unequal stores are: sigma of the lognormal of their demand.
        store_spread: Decimal<3> = Decimal::new(0.35), "D: the top 50 of 639 stores take 1.83 times the average (filesadmin.co)";
    }
}

/// What riders ride on.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Roads {
    /// Straight lines, lengthened by `circuity`.
    Straight,
    /// Streets made up to be like the city's real ones.
    Generated,
    /// Streets of a file: `.osm.pbf`, `.osm.gz`, `.osm` or `.graphml`.
    File(String),
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
    }
}

impl Cities {
    /// Each city's name and number of stores; those without stores are left out.
    #[must_use]
    pub fn named(&self) -> Vec<(&'static str, u32)> {
        let Self { mumbai, delhi, bengaluru, hyderabad, chennai } = self;
        [
            ("Mumbai", mumbai),
            ("Delhi", delhi),
            ("Bengaluru", bengaluru),
            ("Hyderabad", hyderabad),
            ("Chennai", chennai),
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
