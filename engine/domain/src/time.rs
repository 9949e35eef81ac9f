//! Time: an instant in microseconds and a length in milliseconds. Nobody here reads a clock.

/// An instant: microseconds since the epoch named when a journal opens
/// (the scenario's start, or the Unix epoch for a live run).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub u64);

/// A length of time in milliseconds, at most 49 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u32);

/// Microseconds in one millisecond.
pub const MICROS_PER_MS: u64 = 1_000;
/// Microseconds in one second.
pub const MICROS_PER_S: u64 = 1_000_000;

impl Timestamp {
    /// An instant that many whole seconds after the epoch.
    #[must_use]
    pub const fn from_s(seconds: u64) -> Self {
        Self(seconds * MICROS_PER_S)
    }

    /// How long after an earlier instant this one is; zero if it is not later.
    ///
    /// Whole milliseconds, rounded down, at most [`u32::MAX`].
    #[must_use]
    pub fn since(self, earlier: Self) -> Millis {
        let ms = self.0.saturating_sub(earlier.0) / MICROS_PER_MS;
        Millis(u32::try_from(ms).unwrap_or(u32::MAX))
    }

    /// Seconds since the epoch, for statistics.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "2^53 µs is 285 years")]
    pub fn as_s(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Millis {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// A length in whole seconds.
    #[must_use]
    pub const fn from_s(seconds: u32) -> Self {
        Self(seconds * 1_000)
    }

    /// A length in whole minutes.
    #[must_use]
    pub const fn from_min(minutes: u32) -> Self {
        Self(minutes * 60_000)
    }

    /// The length in microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0 as u64 * MICROS_PER_MS
    }

    /// Seconds, for statistics.
    #[must_use]
    pub fn as_s(self) -> f64 {
        f64::from(self.0) / 1e3
    }
}

impl std::ops::Add<Millis> for Timestamp {
    type Output = Self;
    fn add(self, length: Millis) -> Self {
        Self(self.0 + length.as_micros())
    }
}

impl std::ops::Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::fmt::Display for Timestamp {
    /// `d0 19:04:05.123456`: day, hours, minutes, seconds since the epoch.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = self.0 / MICROS_PER_S;
        let (day, h, m) = (s / 86_400, s / 3_600 % 24, s / 60 % 60);
        write!(f, "d{day} {h:02}:{m:02}:{:02}.{:06}", s % 60, self.0 % MICROS_PER_S)
    }
}

impl std::fmt::Display for Millis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ms", self.0)
    }
}
