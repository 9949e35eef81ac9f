//! How fast a loaded two-wheeler rides each class of road.

use domain::money::Bps;

use crate::RoadClass;

/// Riding speed by road class, junction delays included.
///
/// The levels between classes are assumed (grade E); together they are scaled so that trips
/// within a store's catchment average 15 km/h, which is what the largest operator states for
/// its riders (Goyal, 1 January 2026: "average trip under 2 km in about 8 minutes", grade O).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpeedProfile {
    /// Metres per hour, by [`RoadClass::index`].
    pub m_per_h: [u32; RoadClass::ALL.len()],
}

/// Milliseconds in an hour over millimetres in a metre.
const MS_PER_H_PER_MM: u64 = 3_600;

impl Default for SpeedProfile {
    fn default() -> Self {
        Self {
            m_per_h: [
                24_000, // motorway
                22_000, // trunk
                19_000, // primary
                18_000, // secondary
                16_500, // tertiary
                15_000, // unclassified
                14_000, // residential
                10_500, // living street
                9_000,  // service
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
    /// arcs' times. A speed of zero takes [`u32::MAX`]: nobody passes.
    #[must_use]
    pub fn ride_ms(&self, length_mm: u32, class: RoadClass, speed: Bps) -> u32 {
        let pace = u64::from(self.m_per_h[class.index()]) * u64::from(speed.0);
        if pace == 0 {
            return u32::MAX;
        }
        let work = u64::from(length_mm) * MS_PER_H_PER_MM * u64::from(Bps::ONE.0);
        u32::try_from((work + pace / 2) / pace).unwrap_or(u32::MAX).max(1)
    }
}
