//! What riders ride on, and roads that are closed.

use std::borrow::Cow;
use std::fmt;

use domain::place::Place;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

use super::message;
use crate::names::nearest;

/// What riders ride on, written `"straight"`, `"generated"` or as the path of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Streets {
    /// Straight lines, lengthened.
    Straight,
    /// Made-up streets like those of the metro.
    Generated,
    /// The streets of a file, such as an extract of OpenStreetMap.
    File(String),
}

const STRAIGHT: &str = "straight";
const GENERATED: &str = "generated";
/// How a file of streets may end.
const ENDINGS: &str = ".osm.pbf, .osm.gz, .osm or .graphml";

impl std::str::FromStr for Streets {
    type Err = String;

    /// Reads the value; the error says what was expected instead.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            STRAIGHT => Ok(Self::Straight),
            GENERATED => Ok(Self::Generated),
            // Whatever its name, a file of streets has an ending.
            path if path.contains('.') => Ok(Self::File(path.to_owned())),
            other => {
                let title = format!("`{other}` is neither a kind of streets nor a file");
                let label = format!("expected \"{STRAIGHT}\", \"{GENERATED}\" or a file");
                let near = nearest(other, [STRAIGHT, GENERATED].into_iter());
                let help = near.map_or_else(
                    || format!("a file of streets ends in {ENDINGS}"),
                    |near| format!("did you mean \"{near}\"?"),
                );
                Err(message(&title, &label, &help))
            }
        }
    }
}

impl fmt::Display for Streets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Straight => STRAIGHT,
            Self::Generated => GENERATED,
            Self::File(path) => path,
        })
    }
}

/// A stretch of road between two places, written `"42.5077,1.5211 to 42.5081,1.5230"`: latitude
/// and longitude in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Road {
    /// One end.
    pub from: Place,
    /// The other end.
    pub to: Place,
}

impl std::str::FromStr for Road {
    type Err = String;

    /// Reads the value; the error says what was expected instead.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |label: &str| {
            let title = format!("`{text}` is not a stretch of road");
            let help = "write the latitude and longitude of both its ends, such as \
                        \"42.5077,1.5211 to 42.5081,1.5230\"";
            message(&title, label, help)
        };
        let place = |text: &str| {
            let (lat, lon) = text.split_once(',').ok_or("expected `LAT,LON to LAT,LON`")?;
            let degrees = |text: &str| text.trim().parse::<f64>().map_err(|_| "not a number");
            Place::from_degrees(degrees(lat)?, degrees(lon)?).ok_or("not on the globe")
        };
        let (from, to) =
            text.split_once(" to ").ok_or_else(|| wrong("expected `LAT,LON to LAT,LON`"))?;
        Ok(Self { from: place(from).map_err(wrong)?, to: place(to).map_err(wrong)? })
    }
}

impl fmt::Display for Road {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

/// Reads a value from a text.
struct Reader<T>(std::marker::PhantomData<T>);

impl<T: std::str::FromStr<Err = String>> Visitor<'_> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! texts {
    ($($name:ident: $description:literal, $example:literal;)*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Reader(std::marker::PhantomData))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string", "description": $description, "examples": [$example]
                })
            }
        }
    )*};
}

texts! {
    Streets: "\"straight\", \"generated\", or a file: .osm.pbf, .osm.gz, .osm or .graphml",
        "andorra.osm.pbf";
    Road: "latitude and longitude of both its ends", "42.5077,1.5211 to 42.5081,1.5230";
}
