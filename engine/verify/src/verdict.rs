//! What a judge finds: for each invariant how much it judged, and what broke it.

use domain::facts::Record;
use domain::ids::CityId;
use domain::time::Timestamp;

use crate::Subject;

/// Breaks of one invariant that are described; more are counted only.
pub const KEPT_BREAKS: usize = 5;

/// How an invariant fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It was judged and held.
    Held,
    /// It was broken at least once.
    Broken,
    /// A journal does not show it; it is judged elsewhere.
    NotObservable,
    /// A journal shows it, but this one had no fact to judge it by.
    NeverExercised,
}

impl Status {
    /// The status in words, as reports print it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broken => "broken",
            Self::NotObservable => "not observable here",
            Self::NeverExercised => "never exercised",
        }
    }

    /// The status of what was judged so often, and broken so often.
    pub(crate) const fn of(judged: u64, broken: u64) -> Self {
        match (judged, broken) {
            (0, 0) => Self::NeverExercised,
            (_, 0) => Self::Held,
            _ => Self::Broken,
        }
    }
}

/// One break of an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The invariant.
    pub id: &'static str,
    /// The city whose journal shows it.
    pub city: CityId,
    /// What it is broken for.
    pub subject: Subject,
    /// When it was seen.
    pub at: Timestamp,
    /// The number of the record at which it was seen; of the last one if the journal had ended.
    pub seq: u64,
    /// The record that broke it; none if something that should have come never came.
    pub record: Option<Record>,
    /// What is wrong, with the numbers.
    pub sentence: String,
}

/// How one invariant fared over the journals judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name, such as `I9`.
    pub id: &'static str,
    /// What must hold, in one sentence; for what is not observable, where it is judged.
    pub law: &'static str,
    /// Facts, and at the end subjects, that were judged by it.
    pub judged: u64,
    /// How many of them broke it.
    pub broken: u64,
    /// How it fared.
    pub status: Status,
    /// The first breaks, at most [`KEPT_BREAKS`] of each city.
    pub breaks: Vec<Break>,
}

impl Finding {
    pub(crate) fn new(
        (id, law): (&'static str, &'static str),
        judged: u64,
        broken: u64,
        breaks: Vec<Break>,
    ) -> Self {
        let status = Status::of(judged, broken);
        Self { id, law, judged, broken, status, breaks }
    }

    fn merge(&mut self, other: Self) {
        self.judged += other.judged;
        self.broken += other.broken;
        self.breaks.extend(other.breaks);
        if self.status != Status::NotObservable {
            self.status = Status::of(self.judged, self.broken);
        }
    }
}

/// What a judge finds: every invariant of the design, in order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The invariants. `I` are those of the design; `J` are laws of the journal itself and those
    /// that come with facts the design's list does not name.
    pub invariants: Vec<Finding>,
}

impl Verdict {
    /// Adds what was found in another city's journal.
    pub fn merge(&mut self, other: Self) {
        for finding in other.invariants {
            match self.invariants.iter_mut().find(|known| known.id == finding.id) {
                Some(known) => known.merge(finding),
                None => self.invariants.push(finding),
            }
        }
    }

    /// Whether nothing is broken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.invariants.iter().all(|finding| finding.broken == 0)
    }

    /// An invariant by its name.
    #[must_use]
    pub fn finding(&self, id: &str) -> Option<&Finding> {
        self.invariants.iter().find(|finding| finding.id == id)
    }

    /// The breaks that are described, of all invariants.
    pub fn breaks(&self) -> impl Iterator<Item = &Break> {
        self.invariants.iter().flat_map(|finding| &finding.breaks)
    }
}

impl std::fmt::Display for Break {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} broken at {} for {}: {}", self.id, self.at, self.subject, self.sentence)
    }
}
