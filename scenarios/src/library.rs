//! The scenarios that ship with the program.

use crate::Problem;

/// A shipped scenario.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// The name it is asked for by.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(Shipped { name: $name, text: include_str!(concat!("../library/", $name, ".toml")) }),*]
    };
}

const ALL: &[Shipped] = shipped![
    "evening-peak",
    "flash-sku",
    "gateway-brownout",
    "inventory-drift",
    "midnight-low",
    "monsoon",
    "national-peak",
    "real-day",
    "seed-literal",
    "store-outage"
];

/// Every shipped scenario, by name.
#[must_use]
pub fn all() -> &'static [Shipped] {
    ALL
}

/// The shipped scenario of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Shipped> {
    ALL.iter().find(|shipped| shipped.name == name)
}

impl Shipped {
    /// What it shows, in a sentence.
    ///
    /// # Errors
    /// If the shipped text is no TOML, which a test rules out.
    pub fn summary(&self) -> Result<String, Problem> {
        let table: toml::Table = self
            .text
            .parse()
            .map_err(|error| Problem::new(format!("{} is broken: {error}", self.name)))?;
        Ok(table.get("summary").and_then(toml::Value::as_str).unwrap_or_default().to_owned())
    }
}

/// A small recorded day of our own, played by `real-day` when no folder is given.
pub mod real_day {
    /// Its orders.
    pub const ORDERS: &str = include_str!("../library/real-day/orders.csv");
    /// Its couriers.
    pub const COURIERS: &str = include_str!("../library/real-day/couriers.csv");
    /// Its stores.
    pub const STORES: &str = include_str!("../library/real-day/stores.csv");
    /// Its baskets.
    pub const BASKETS: &str = include_str!("../library/real-day/baskets.csv");
}
