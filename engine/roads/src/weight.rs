//! What a ride costs: time first, then length, in one number.

/// Milliseconds times [`Weight::UNIT`] plus decimetres, so the least weight is the quickest and
/// of equally quick ones the shortest.
///
/// The number is a float because common processors add and compare two of those at a time, but
/// not two 64-bit integers. It is always whole: open weights are below 2^53, where floats are
/// exact, and what would take longer than 2^27 ms (37 hours) counts as closed. Lengths do not
/// carry into times, because speeds are limited: even if rounding halves up every arc's time,
/// nobody rides 2^26 dm in 2^27 ms.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Weight(f64);

impl Weight {
    /// Decimetres to a millisecond.
    const UNIT: f64 = 67_108_864.0;
    /// The least weight that counts as closed: 2^27 ms, which is 2^53.
    const LIMIT: Self = Self(134_217_728.0 * Self::UNIT);
    /// The fastest anybody may ride, in metres per hour: two thirds of 2^26 dm in 2^27 ms.
    pub(crate) const SPEED_LIMIT_M_PER_H: u64 = 120_000;

    /// Nothing.
    pub(crate) const ZERO: Self = Self(0.0);
    /// No way through.
    pub(crate) const CLOSED: Self = Self(f64::INFINITY);

    /// A ride of that time and length.
    pub(crate) fn new(ms: u32, length_dm: u32) -> Self {
        Self(f64::from(ms) * Self::UNIT + f64::from(length_dm))
    }

    /// The least weight that takes longer than a time.
    pub(crate) fn beyond(ms: u32) -> Self {
        Self((f64::from(ms) + 1.0) * Self::UNIT)
    }

    /// Both one after the other.
    #[inline]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// The lesser of two.
    #[inline]
    pub(crate) fn min(self, other: Self) -> Self {
        // Written so, it is one instruction; `f64::min` also minds what is not a number.
        if self.0 < other.0 { self } else { other }
    }

    /// The weight, unless there is no way.
    #[inline]
    pub(crate) fn open(self) -> Option<Self> {
        (self < Self::LIMIT).then_some(self)
    }

    /// The time in milliseconds; [`i32::MAX`] where there is no way.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    pub(crate) fn ms(self) -> i32 {
        // A division by a power of two rounds nothing, and the cast drops the length.
        (self.0 / Self::UNIT) as i32
    }

    /// The length in decimetres; nothing of use where there is no way.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    pub(crate) fn length_dm(self) -> i32 {
        (self.0 - f64::from(self.ms()) * Self::UNIT) as i32
    }
}
