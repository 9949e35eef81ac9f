//! Phases of a run: warm-up, ramp, hold and so on, by when an arrival was intended.
//!
//! Everything an arrival leads to belongs to the arrival's phase, however late it happens. So what
//! is excluded as warm-up is excluded whole, and what is counted is counted to its end.

/// Phases of one run, at most.
pub const PHASES_LIMIT: usize = 64;

/// One stretch of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// What reports call it.
    pub name: String,
    /// When it ends, µs after the run's start. It starts where the one before it ends.
    pub until_us: u64,
    /// Whether it is judged; warm-up is not.
    pub counted: bool,
}

/// The phases of a run, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phases(Vec<Phase>);

impl Phases {
    /// Takes the phases of a run.
    ///
    /// # Panics
    /// If there is none, more than [`PHASES_LIMIT`], or one ends before it starts.
    #[must_use]
    pub fn new(phases: Vec<Phase>) -> Self {
        assert!((1..=PHASES_LIMIT).contains(&phases.len()), "{} phases", phases.len());
        assert!(phases.is_sorted_by_key(|phase| phase.until_us), "phases out of order");
        Self(phases)
    }

    /// Takes one counted phase, `hold`.
    #[must_use]
    pub fn hold(lasts_us: u64) -> Self {
        Self(vec![Phase { name: "hold".to_owned(), until_us: lasts_us, counted: true }])
    }

    /// Gives the number of the phase at an instant; the last one for anything after the end.
    #[must_use]
    pub fn at(&self, at_us: u64) -> usize {
        let phase = self.0.partition_point(|phase| phase.until_us <= at_us);
        phase.min(self.0.len() - 1)
    }

    /// Gives them all.
    #[must_use]
    pub fn all(&self) -> &[Phase] {
        &self.0
    }

    /// Gives when the last one ends, µs after the run's start.
    #[must_use]
    pub fn until_us(&self) -> u64 {
        self.0.last().map_or(0, |phase| phase.until_us)
    }
}

#[cfg(test)]
mod tests;
