//! Rain and what it does.

use domain::money::Bps;
use domain::time::Timestamp;

/// The rain of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// When it rains. Where spells overlap, the first in the list counts.
    pub spells: Vec<Spell>,
}

/// A stretch of rain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// It begins.
    pub from: Timestamp,
    /// It ends.
    pub to: Timestamp,
    /// What demand is multiplied by.
    pub demand: Bps,
    /// What speed is multiplied by.
    pub speed: Bps,
    /// What the number of riders on duty is multiplied by.
    pub riders: Bps,
}

impl Spell {
    /// Heavy rain: demand 1.25×, speed 0.7×, riders 0.75× (D6: 1.15 to 1.3× by Flipkart and
    /// Zippee, Economic Times 123751641; speed and riders assumed).
    #[must_use]
    pub const fn heavy(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to, demand: Bps(12_500), speed: Bps(7_000), riders: Bps(7_500) }
    }
}

impl Weather {
    /// The rain at an instant; none when it is dry.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Option<&Spell> {
        self.spells.iter().find(|spell| spell.from <= at && at < spell.to)
    }
}
