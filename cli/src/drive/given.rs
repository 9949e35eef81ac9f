//! Rates and lengths as they are typed.

use std::str::FromStr;

/// A rate: `100000/h`, `1500/min`, `28/s`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate(f64);

impl Rate {
    /// In a second.
    pub(crate) const fn per_s(self) -> f64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no rate such as 100000/h, 1500/min or 28/s");
        let (number, unit) = text.split_once('/').ok_or_else(wrong)?;
        let per = match unit {
            "h" => 3_600.0,
            "min" => 60.0,
            "s" => 1.0,
            _ => return Err(wrong()),
        };
        let number: f64 = number.parse().map_err(|_| wrong())?;
        (number.is_finite() && number > 0.0).then_some(Self(number / per)).ok_or_else(wrong)
    }
}

/// A length of time: `500ms`, `20s`, `10min`, `1h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length(u64);

impl Length {
    /// In microseconds.
    pub(crate) const fn us(self) -> u64 {
        self.0
    }
}

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no length of time such as 20s, 10min or 1h");
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at(digits);
        let us: u64 = match unit {
            "ms" => 1_000,
            "s" => 1_000_000,
            "min" => 60_000_000,
            "h" => 3_600_000_000,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        number.checked_mul(us).filter(|us| *us > 0).map(Self).ok_or_else(wrong)
    }
}

/// A while at another rate: `84/s@10s..15s`, from and until counted from the first customer on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spike {
    /// The rate meanwhile.
    pub(crate) rate: Rate,
    /// When it begins.
    pub(crate) from: Length,
    /// When it ends.
    pub(crate) until: Length,
}

impl FromStr for Spike {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no spike such as 300000/h@10s..15s");
        let (rate, when) = text.split_once('@').ok_or_else(wrong)?;
        let (from, until) = when.split_once("..").ok_or_else(wrong)?;
        Ok(Self { rate: rate.parse()?, from: from.parse()?, until: until.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::{Length, Rate, Spike};

    fn check<T: std::str::FromStr + PartialEq + std::fmt::Debug>(text: &str, is: Option<T>) {
        assert_eq!(text.parse::<T>().ok(), is, "{text}");
    }

    #[test]
    fn rates_and_lengths_are_read_or_refused() {
        check("100800/h", Some(Rate(28.0)));
        check("120/min", Some(Rate(2.0)));
        check("0.5/s", Some(Rate(0.5)));
        for wrong in ["", "28", "28/day", "-1/s", "0/s", "inf/s", "NaN/s", "/s"] {
            check::<Rate>(wrong, None);
        }
        check("1500ms", Some(Length(1_500_000)));
        check("10min", Some(Length(600_000_000)));
        check("1h", Some(Length(3_600_000_000)));
        for wrong in ["", "20", "s", "0s", "1.5s", "-1s", "9999999999999999999h", "20 s"] {
            check::<Length>(wrong, None);
        }
    }

    #[test]
    fn spikes_are_read_or_refused() {
        let (from, until) = (Length(10_000_000), Length(15_000_000));
        check("84/s@10s..15s", Some(Spike { rate: Rate(84.0), from, until }));
        for wrong in ["84/s", "84@10s..15s", "84/s@10s", "84/s@10s-15s", "84/s@..15s", "@1s..2s"] {
            check::<Spike>(wrong, None);
        }
    }
}
