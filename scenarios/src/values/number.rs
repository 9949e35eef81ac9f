//! Numbers without a unit, within limits.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

use super::message;

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Count<MIN, MAX> {
    /// A number known to be within the limits.
    ///
    /// # Panics
    /// If it is not; in a constant that is a compile error.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        assert!(MIN <= number && number <= MAX, "a count is within its limits");
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    fn read<E: Error>(number: f64, text: &str) -> Result<Self, E> {
        let help = format!("write a whole number from {MIN} to {MAX}");
        let (title, label) = if number.is_nan() {
            (format!("`{text}` is not a number"), "not a number".to_owned())
        } else if number < f64::from(MIN) {
            let negative = if number < 0.0 { "negative" } else { "too small" };
            (format!("`{text}` is {negative}"), format!("at least {MIN}"))
        } else if number > f64::from(MAX) {
            (format!("`{text}` is too large"), format!("the limit is {MAX}"))
        } else if number.fract() > 0.0 {
            (format!("`{text}` is not a whole number"), "not whole".to_owned())
        } else {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is whole and between two u32"
            )]
            return Ok(Self(number as u32));
        };
        Err(E::custom(message(&title, &label, &help)))
    }
}

impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for Count<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountReader<const MIN: u32, const MAX: u32>;
        impl<const MIN: u32, const MAX: u32> Visitor<'_> for CountReader<MIN, MAX> {
            type Value = Count<MIN, MAX>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "a whole number from {MIN} to {MAX}")
            }
            #[expect(clippy::cast_precision_loss, reason = "only numbers far above MAX lose any")]
            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                Count::read(number as f64, &number.to_string())
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
                Count::read(number, &format!("{number:?}"))
            }
        }
        deserializer.deserialize_any(CountReader)
    }
}

impl<const MIN: u32, const MAX: u32> Serialize for Count<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

impl<const MIN: u32, const MAX: u32> JsonSchema for Count<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Count{MIN}to{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

/// A finite number from 0 to `MAX`, for statistics.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Decimal<const MAX: u32>(f64);

impl<const MAX: u32> Decimal<MAX> {
    /// A number known to be within the limits.
    ///
    /// # Panics
    /// If it is not; in a constant that is a compile error.
    #[must_use]
    pub const fn new(number: f64) -> Self {
        assert!(0.0 <= number && number <= MAX as f64, "a decimal is within its limits");
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl<'de, const MAX: u32> Deserialize<'de> for Decimal<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DecimalReader<const MAX: u32>;
        impl<const MAX: u32> Visitor<'_> for DecimalReader<MAX> {
            type Value = Decimal<MAX>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "a number from 0 to {MAX}")
            }
            #[expect(clippy::cast_precision_loss, reason = "only numbers far above MAX lose any")]
            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                self.visit_f64(number as f64)
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
                if (0.0..=f64::from(MAX)).contains(&number) {
                    // Adding zero turns -0.0 into 0.0.
                    return Ok(Decimal(number + 0.0));
                }
                let title = format!("`{number:?}` is not a number from 0 to {MAX}");
                let label = if number.is_nan() { "not a number" } else { "out of range" };
                Err(E::custom(message(&title, label, &format!("write a number from 0 to {MAX}"))))
            }
        }
        deserializer.deserialize_any(DecimalReader)
    }
}

impl<const MAX: u32> Serialize for Decimal<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl<const MAX: u32> JsonSchema for Decimal<MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("DecimalTo{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": MAX })
    }
}
