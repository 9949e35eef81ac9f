//! What a deployment says, as far as agents read it. Ids are decimal strings.

use std::borrow::Cow;
use std::str::FromStr;

use domain::place::Place;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An id: a number that is written as a decimal string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id<N>(pub(crate) N);

impl<N: std::fmt::Display> Serialize for Id<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, N: FromStr> Deserialize<'de> for Id<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| D::Error::custom(format_args!("{text:?} is no id")))
    }
}

/// A position, in 1e-7 degree.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct WirePlace {
    lat_e7: i32,
    lon_e7: i32,
}

impl From<Place> for WirePlace {
    fn from(Place { lat_e7, lon_e7 }: Place) -> Self {
        Self { lat_e7, lon_e7 }
    }
}

impl From<WirePlace> for Place {
    fn from(WirePlace { lat_e7, lon_e7 }: WirePlace) -> Self {
        Self { lat_e7, lon_e7 }
    }
}

/// A line of a quote.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct QuotedLine {
    pub(crate) units: u32,
}

/// A quote.
#[derive(Debug, Deserialize)]
pub(crate) struct Quote {
    pub(crate) quote_id: Id<u64>,
    pub(crate) total_paise: i64,
    pub(crate) lines: Vec<QuotedLine>,
}

/// An order that was taken.
#[derive(Debug, Deserialize)]
pub(crate) struct Taken {
    pub(crate) order_id: Id<u64>,
}

/// An order as its customer sees it.
#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    pub(crate) order_id: Id<u64>,
    pub(crate) status: String,
    pub(crate) is_over: bool,
    pub(crate) version: u64,
    pub(crate) total_paise: i64,
    #[serde(default)]
    pub(crate) asks_to_pay_again: bool,
    pub(crate) lines: Vec<OrderLine>,
}

/// A line of an order.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct OrderLine {
    pub(crate) picked_units: u32,
}

/// What a rider is to do now.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Todo {
    pub(crate) trip_id: Id<u32>,
    pub(crate) what: String,
    pub(crate) orders: Vec<Id<u64>>,
    pub(crate) order_id: Option<Id<u64>>,
    pub(crate) place: Option<WirePlace>,
}

/// A rider as they see themselves.
#[derive(Debug, Deserialize)]
pub(crate) struct Rider {
    pub(crate) place: WirePlace,
    pub(crate) todo: Option<Todo>,
}

/// What somebody is asked, as their device gets it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Notice {
    pub(crate) kind: String,
    pub(crate) order_id: Option<Id<u64>>,
    pub(crate) store_id: Option<Id<u32>>,
    pub(crate) trip_id: Option<Id<u32>>,
    pub(crate) rider_id: Option<Id<u32>>,
    pub(crate) line: Option<u16>,
}

/// A pick list that somebody may work on.
#[derive(Debug, Deserialize)]
pub(crate) struct Task {
    pub(crate) order_id: Id<u64>,
    pub(crate) status: String,
    pub(crate) next_line: Option<u16>,
}

/// The pick lists of a store.
#[derive(Debug, Deserialize)]
pub(crate) struct Tasks {
    pub(crate) tasks: Vec<Task>,
}

/// Reads a body of JSON; none if it does not say what it should.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}
