//! Objectives: a comparison and a target for a figure of the run.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

use crate::values::{Duration, Share, message};

/// On which side of the target a figure must lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
}

/// What a figure is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A share.
    Share(Share),
    /// A length of time.
    Duration(Duration),
}

/// A comparison and a target, written `">= 95%"` or `"<= 20min"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The side.
    pub comparison: Comparison,
    /// The target.
    pub target: Target,
}

impl std::str::FromStr for Bound {
    type Err = String;
    /// Reads a bound; the error says what was expected instead.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let sides = [(">=", Comparison::AtLeast), ("<=", Comparison::AtMost)];
        let found = sides
            .into_iter()
            .find_map(|(sign, side)| text.strip_prefix(sign).map(|rest| (side, rest.trim())));
        let Some((comparison, rest)) = found else {
            let help = "write a comparison and a target, such as \">= 95%\" or \"<= 20min\"";
            return Err(message("this is no objective", "expected `>=` or `<=`", help));
        };
        let target = if rest.ends_with('%') {
            Target::Share(rest.parse()?)
        } else {
            Target::Duration(rest.parse()?)
        };
        Ok(Self { comparison, target })
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = match self.comparison {
            Comparison::AtLeast => ">=",
            Comparison::AtMost => "<=",
        };
        match self.target {
            Target::Share(share) => write!(f, "{sign} {share}"),
            Target::Duration(duration) => write!(f, "{sign} {duration}"),
        }
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BoundReader;
        impl Visitor<'_> for BoundReader {
            type Value = Bound;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a comparison and a target, such as \">= 95%\"")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Bound, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(BoundReader)
    }
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Bound {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Bound".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^\\s*[<>]=",
            "examples": [">= 95%", "<= 20min"],
        })
    }
}
