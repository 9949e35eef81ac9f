//! Numbers with a unit.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

use super::message;

/// How one kind of value is written.
struct Spec {
    /// What it is called: `a length of time`.
    what: &'static str,
    /// A value as one would write it.
    example: &'static str,
    /// Unit and how many of the smallest unit it is; the first that divides exactly is printed.
    units: &'static [(&'static str, u64)],
    /// The unit stands before the number.
    prefix: bool,
    /// Several parts may follow each other, as in `1h30min`.
    compound: bool,
    /// What a number without a unit counts, if it may stand alone.
    bare: Option<u64>,
    /// The largest value, in the smallest unit.
    most: u64,
}

/// Why a text is not a value.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    NotANumber,
    Negative,
    NoUnit,
    UnknownUnit(String),
    TooFine,
    TooLarge,
}

macro_rules! measures {
    ($($(#[$doc:meta])* $name:ident = $spec:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub u64);

        impl $name {
            const SPEC: Spec = $spec;
        }

        impl std::str::FromStr for $name {
            type Err = String;
            /// Reads the value; the error says what was expected instead.
            fn from_str(text: &str) -> Result<Self, String> {
                Self::SPEC.read(text).map(Self).map_err(|fault| Self::SPEC.explain(text, &fault))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&Self::SPEC.write(self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Reader(&Self::SPEC)).map(Self)
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
                Self::SPEC.schema()
            }
        }
    )*};
}

measures! {
    /// A length of time in milliseconds, written `"15min"`; at most 30 days.
    Duration = Spec {
        what: "a length of time",
        example: "\"15min\"",
        units: &[("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)],
        prefix: false,
        compound: true,
        bare: None,
        most: 30 * 86_400_000,
    };
    /// A distance in metres, written `"2km"`; at most 1 000 km.
    Distance = Spec {
        what: "a distance",
        example: "\"2km\"",
        units: &[("km", 1_000), ("m", 1)],
        prefix: false,
        compound: false,
        bare: None,
        most: 1_000_000,
    };
    /// An amount in paise, written `"₹25"`; at most ₹1 crore.
    Money = Spec {
        what: "an amount of money",
        example: "\"₹25\"",
        units: &[("₹", 100), ("Rs", 100)],
        prefix: true,
        compound: false,
        bare: None,
        most: 1_000_000_000,
    };
    /// A part of a whole in basis points, written `"94%"`; at most all of it.
    Share = Spec {
        what: "a share",
        example: "\"94%\"",
        units: &[("%", 100)],
        prefix: false,
        compound: false,
        bare: None,
        most: 10_000,
    };
    /// A factor in basis points, written `"1.35x"`; at most 100 times.
    Multiplier = Spec {
        what: "a multiplier",
        example: "\"1.35x\"",
        units: &[("x", 10_000)],
        prefix: false,
        compound: false,
        bare: None,
        most: 1_000_000,
    };
    /// A speed in metres an hour, written `"15km/h"`; at most 120 km/h.
    Speed = Spec {
        what: "a speed",
        example: "\"15km/h\"",
        units: &[("km/h", 1_000)],
        prefix: false,
        compound: false,
        bare: None,
        most: 120_000,
    };
    /// So many an hour, written `100000` or `"100000/h"`; at most ten million.
    Rate = Spec {
        what: "a rate",
        example: "\"100000/h\"",
        units: &[("/h", 1), ("/min", 60), ("/s", 3_600)],
        prefix: false,
        compound: false,
        bare: Some(1),
        most: 10_000_000,
    };
}

impl Duration {
    /// A length of whole milliseconds.
    #[must_use]
    pub const fn ms(ms: u64) -> Self {
        Self(ms)
    }

    /// A length of whole seconds.
    #[must_use]
    pub const fn s(seconds: u64) -> Self {
        Self(seconds * 1_000)
    }

    /// A length of whole minutes.
    #[must_use]
    pub const fn min(minutes: u64) -> Self {
        Self(minutes * 60_000)
    }

    /// Seconds, for statistics.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "30 days of milliseconds are exact")]
    pub fn as_s(self) -> f64 {
        self.0 as f64 / 1e3
    }
}

impl Distance {
    /// A distance of whole metres.
    #[must_use]
    pub const fn m(metres: u64) -> Self {
        Self(metres)
    }
}

impl Money {
    /// An amount of whole rupees.
    #[must_use]
    pub const fn rupees(rupees: u64) -> Self {
        Self(rupees * 100)
    }
}

impl Share {
    /// A share in basis points.
    #[must_use]
    pub const fn bps(bps: u64) -> Self {
        Self(bps)
    }

    /// The share as a number from 0 to 100, for statistics.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "ten thousand is exact")]
    pub fn as_percent(self) -> f64 {
        self.0 as f64 / 1e2
    }

    /// The share as a number from 0 to 1, for statistics.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "ten thousand is exact")]
    pub fn as_part(self) -> f64 {
        self.0 as f64 / 1e4
    }
}

impl Multiplier {
    /// A factor in basis points.
    #[must_use]
    pub const fn bps(bps: u64) -> Self {
        Self(bps)
    }

    /// The factor as a number, for statistics.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a million is exact")]
    pub fn as_factor(self) -> f64 {
        self.0 as f64 / 1e4
    }
}

impl Speed {
    /// A speed of whole kilometres an hour.
    #[must_use]
    pub const fn km_per_h(km_per_h: u64) -> Self {
        Self(km_per_h * 1_000)
    }
}

impl Spec {
    /// Reads a text into the smallest unit.
    fn read(&self, text: &str) -> Result<u64, Fault> {
        let mut rest = text.trim();
        let mut total = 0_u64;
        loop {
            let (value, after) = self.read_part(rest)?;
            total = total.checked_add(value).ok_or(Fault::TooLarge)?;
            rest = after.trim_start();
            if rest.is_empty() {
                break;
            }
            if !self.compound {
                return Err(Fault::UnknownUnit(rest.to_owned()));
            }
        }
        if total > self.most { Err(Fault::TooLarge) } else { Ok(total) }
    }

    /// Reads one number with its unit off the front of a text.
    fn read_part<'t>(&self, text: &'t str) -> Result<(u64, &'t str), Fault> {
        let before = self.units.iter().find(|(unit, _)| self.prefix && text.starts_with(unit));
        let digits = text[before.map_or(0, |(unit, _)| unit.len())..].trim_start();
        if digits.starts_with('-') {
            return Err(Fault::Negative);
        }
        let end = digits
            .find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_')
            .unwrap_or(digits.len());
        let (digits, after) = digits.split_at(end);
        let after = after.trim_start();
        if !digits.contains(|c: char| c.is_ascii_digit()) {
            return Err(Fault::NotANumber);
        }
        if let Some((_, factor)) = before {
            return Ok((scaled(digits, *factor)?, after));
        }
        let end = after.find(|c: char| c.is_ascii_digit() || c.is_whitespace());
        let (unit, after) = after.split_at(end.unwrap_or(after.len()));
        let factor = match self.units.iter().find(|(known, _)| *known == unit && !self.prefix) {
            Some((_, factor)) => *factor,
            None if unit.is_empty() => self.bare.ok_or(Fault::NoUnit)?,
            None => return Err(Fault::UnknownUnit(unit.to_owned())),
        };
        Ok((scaled(digits, factor)?, after))
    }

    /// Writes a value so that reading it gives the same value.
    fn write(&self, value: u64) -> String {
        let whole =
            self.units.iter().find(|(_, factor)| value > 0 && value.is_multiple_of(*factor));
        let (unit, factor) = whole.or(self.units.last()).copied().unwrap_or(("", 1));
        let number = match (value / factor, value % factor) {
            (whole, 0) => whole.to_string(),
            (whole, part) => {
                let width = factor.ilog10() as usize;
                format!("{whole}.{part:0width$}").trim_end_matches('0').to_owned()
            }
        };
        if self.prefix { format!("{}{number}", self.units[0].0) } else { number + unit }
    }

    /// Says what is wrong with a text and what to write instead.
    fn explain(&self, text: &str, fault: &Fault) -> String {
        let Self { what, example, .. } = self;
        let units: Vec<_> = self.units.iter().map(|(unit, _)| *unit).collect();
        let help = match units.as_slice() {
            [only] => format!("write it with its unit `{only}`, such as {example}"),
            _ => format!("write {what} such as {example}; units: {}", units.join(", ")),
        };
        let shown = shorten(text);
        let (title, label) = match fault {
            Fault::NotANumber => (format!("`{shown}` is not {what}"), "not a number".to_owned()),
            Fault::Negative => {
                (format!("{what} cannot be negative: `{shown}`"), "negative".to_owned())
            }
            Fault::NoUnit => (format!("`{shown}` lacks a unit"), format!("expected {what}")),
            Fault::UnknownUnit(unit) => (
                format!("`{shown}` is not {what}"),
                format!("there is no unit `{}`", shorten(unit)),
            ),
            Fault::TooFine => (
                format!("`{shown}` is finer than {} can be", what),
                format!("the finest step is {}", self.write(1)),
            ),
            Fault::TooLarge => (
                format!("`{shown}` is too large for {what}"),
                format!("at most {}", self.write(self.most)),
            ),
        };
        message(&title, &label, &help)
    }

    /// The JSON schema of a value: a string by example, or also a number where one may stand.
    fn schema(&self) -> Schema {
        let example = self.example.trim_matches('"');
        if self.bare.is_some() {
            json_schema!({ "type": ["string", "integer"], "minimum": 0, "maximum": self.most, "examples": [example] })
        } else {
            json_schema!({ "type": "string", "examples": [example] })
        }
    }
}

/// A decimal number times a factor, exactly.
fn scaled(digits: &str, factor: u64) -> Result<u64, Fault> {
    let plain = digits.replace('_', "");
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    if part.contains('.') {
        return Err(Fault::NotANumber);
    }
    let part = part.trim_end_matches('0');
    let mut value = 0_u128;
    for digit in whole.bytes().chain(part.bytes()) {
        value = value * 10 + u128::from(digit - b'0');
        if value > u128::from(u64::MAX) {
            return Err(if whole.len() > 19 { Fault::TooLarge } else { Fault::TooFine });
        }
    }
    let product = value * u128::from(factor);
    let decimals = u32::try_from(part.len()).map_err(|_| Fault::TooFine)?;
    let divisor = 10_u128.checked_pow(decimals).ok_or(Fault::TooFine)?;
    if !product.is_multiple_of(divisor) {
        return Err(Fault::TooFine);
    }
    u64::try_from(product / divisor).map_err(|_| Fault::TooLarge)
}

/// At most 40 characters of a text, for a message.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Reads a value out of whatever TOML holds at its place.
struct Reader(&'static Spec);

impl Reader {
    fn number<E: Error>(&self, text: &str) -> Result<u64, E> {
        let spec = self.0;
        spec.read(text).map_err(|fault| E::custom(spec.explain(text, &fault)))
    }
}

impl Visitor<'_> for Reader {
    type Value = u64;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} such as {}", self.0.what, self.0.example)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        self.number(text)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        self.number(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<u64, E> {
        self.number(&number.to_string())
    }
}

/// A time of day in whole minutes since midnight, written `"18:30"`; at most 24:00.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock(pub u16);

impl std::str::FromStr for Clock {
    type Err = String;
    /// Reads a time of day; the error says what was expected instead.
    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (hours, minutes) = text.trim().split_once(':')?;
            let digits = |part: &str| {
                (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
            };
            if !digits(hours) || !digits(minutes) {
                return None;
            }
            let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?);
            let at = hours * 60 + minutes;
            (minutes < 60 && at <= 24 * 60).then_some(Self(at))
        };
        read().ok_or_else(|| {
            let title = format!("`{}` is not a time of day", shorten(text));
            message(&title, "expected hours and minutes", "write a time of day such as \"18:30\"")
        })
    }
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ClockReader;
        impl Visitor<'_> for ClockReader {
            type Value = Clock;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a time of day such as \"18:30\"")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Clock, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(ClockReader)
    }
}

impl Serialize for Clock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Clock {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Clock".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-2]?[0-9]:[0-5][0-9]$", "examples": ["18:30"] })
    }
}
