//! What a ride costs: time first, then length, in one number.

/// Milliseconds in the upper half, decimetres in the lower, so the least weight is the
/// quickest and of equally quick ones the shortest.
///
/// Two open weights add without carrying from length into time: speeds are limited to 500 km/h,
/// so 2^30 ms (12 days) are less than 2^31 dm. What would take longer is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Weight(u64);

impl Weight {
    /// Nothing.
    pub(crate) const ZERO: Self = Self(0);
    /// No way through; more than any open weight, and two of them still fit.
    pub(crate) const CLOSED: Self = Self(1 << 62);

    /// A ride of that time and length.
    pub(crate) const fn new(ms: u32, length_dm: u32) -> Self {
        if ms >= 1 << 30 {
            return Self::CLOSED;
        }
        Self((ms as u64) << 32 | length_dm as u64)
    }

    /// Both one after the other.
    pub(crate) const fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// The weight, unless there is no way.
    pub(crate) fn open(self) -> Option<Self> {
        (self < Self::CLOSED).then_some(self)
    }

    /// The time in milliseconds.
    pub(crate) const fn ms(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The length in decimetres.
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
    pub(crate) const fn length_dm(self) -> u32 {
        self.0 as u32
    }
}
