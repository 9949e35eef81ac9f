//! How fast a loaded two-wheeler rides each class of road.

use domain::money::Bps;

use crate::RoadClass;
use crate::weight::Weight;

/// Riding speed by road class, junction delays included.
///
/// The levels between classes are assumed (grade E); together they are scaled so that rides of
/// 0.5 to 3 km across central Bengaluru average 15 km/h, which is what the largest operator
/// states for its riders (Goyal, 1 January 2026: "average trip under 2 km in about 8 minutes",
/// grade O).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpeedProfile {
    /// Metres per hour, by [`RoadClass::index`].
    pub m_per_h: [u32; RoadClass::ALL.len()],
}

/// Milliseconds in an hour over decimetres in a metre.
const MS_PER_H_PER_DM: u64 = 360_000;

impl Default for SpeedProfile {
    fn default() -> Self {
        Self {
            m_per_h: [
                22_000, // motorway
                20_000, // trunk
                17_000, // primary
                16_000, // secondary
                15_000, // tertiary
                13_500, // unclassified
                12_500, // residential
                9_500,  // living street
                8_000,  // service
            ],
        }
    }
}

impl SpeedProfile {
    /// The same speed on every road.
    #[must_use]
    pub const fn uniform(m_per_h: u32) -> Self {
        Self { m_per_h: [m_per_h; RoadClass::ALL.len()] }
    }

    /// How long a stretch takes at a multiple of this profile's speed, in milliseconds.
    ///
    /// Rounded to the nearest millisecond, at least 1, so a trip's time is the exact sum of its
    /// arcs' times. Nobody rides faster than 120 km/h. None at a speed of zero, or if it takes longer than 32 bits can say.
    #[must_use]
    pub fn ride_ms(&self, length_dm: u32, class: RoadClass, speed: Bps) -> Option<u32> {
        let one = u64::from(Bps::ONE.0);
        let pace = u64::from(self.m_per_h[class.index()]) * u64::from(speed.0);
        let pace = pace.min(Weight::SPEED_LIMIT_M_PER_H * one);
        let work = u64::from(length_dm) * MS_PER_H_PER_DM * one;
        let ms = (work + pace / 2).checked_div(pace)?;
        u32::try_from(ms.max(1)).ok()
    }
}
