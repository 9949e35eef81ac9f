//! What was run, by whom, where and for how long; and what every file of the run digests to.
//!
//! Everything that depends on the machine or its clock stands here and nowhere else in the folder.

use std::collections::BTreeMap;

use domain::facts::{CityDigest, Digest};
use domain::ids::CityId;
use serde::{Deserialize, Serialize};

use crate::folder::SCENARIO;

/// The version of the manifest's keys.
pub const SCHEMA_VERSION: u32 = 1;

/// What was run, by whom, where and for how long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of these keys: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The program that ran.
    pub program: Program,
    /// The command line, the program first.
    pub argv: Vec<String>,
    /// The machine.
    pub host: Host,
    /// How long it took.
    pub timing: Timing,
    /// The scenario's name.
    pub scenario: String,
    /// The seed of the first replication.
    pub seed: u64,
    /// How many replications ran; the journal is that of the first.
    pub replications: u32,
    /// The journal of each city, in the order of the cities.
    pub journal: Vec<CityJournal>,
    /// The digest of every file that the scenario names, such as its streets, by path.
    #[serde(default)]
    pub inputs: BTreeMap<String, FileDigest>,
    /// The digest of every other file in the folder, by name. Filled in when the run is finished.
    pub files: BTreeMap<String, FileDigest>,
}

/// The program that ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Its version.
    pub version: String,
    /// The commit it was built from, if that is known.
    pub git_commit: Option<String>,
    /// Whether there were changes on top of that commit.
    pub git_dirty: Option<bool>,
}

/// The machine a run ran on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The operating system.
    pub os: String,
    /// The processor's architecture.
    pub arch: String,
    /// The processor's model, if that is known.
    pub cpu: Option<String>,
    /// Processors that could be used.
    pub cpus: u32,
    /// Main memory, if that is known.
    pub memory_bytes: Option<u64>,
}

/// How long a run took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// When it began: seconds since the Unix epoch.
    pub started_unix_s: u64,
    /// How long it took, seconds.
    pub wall_s: f64,
    /// Processor time of all threads, tables and files included, seconds.
    pub cpu_s: f64,
    /// Of that, what simulating took with the digest and the judge on, over warm-up, window and
    /// drain of all replications, seconds.
    #[serde(default)]
    pub judged_cpu_s: f64,
    /// Threads that simulated.
    pub threads: u32,
    /// Orders placed by all replications, warm-up and drain included.
    pub orders: u64,
}

impl Timing {
    /// Orders simulated and judged in a second of processor time; none if no time was taken.
    #[must_use]
    pub fn orders_per_cpu_s(&self) -> Option<f64> {
        self.orders_in(self.judged_cpu_s)
    }

    /// The same with everything: cities, demand, counts, tables and files.
    #[must_use]
    pub fn orders_per_cpu_s_in_all(&self) -> Option<f64> {
        self.orders_in(self.cpu_s)
    }

    #[expect(clippy::cast_precision_loss, reason = "2^53 orders are not simulated")]
    fn orders_in(&self, cpu_s: f64) -> Option<f64> {
        (cpu_s > 0.0).then(|| self.orders as f64 / cpu_s)
    }
}

/// What a file digests to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}

/// What one city's journal digests to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityJournal {
    /// The city.
    pub city: u16,
    /// How many records there are.
    pub records: u64,
    /// The digest of all records, 32 hexadecimal digits.
    pub digest: String,
    /// Each simulated minute that has records, since the epoch, and its digest.
    pub minutes: Vec<(u64, String)>,
}

impl From<&CityDigest> for CityJournal {
    fn from(digest: &CityDigest) -> Self {
        let minutes = digest.minutes.iter().map(|(at, digest)| (*at, digest.to_string()));
        Self {
            city: digest.city.0,
            records: digest.records,
            digest: digest.whole.to_string(),
            minutes: minutes.collect(),
        }
    }
}

/// The first place where two journals differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalDifference {
    /// Only one of the runs has the city.
    City(CityId),
    /// A simulated minute, counted from the epoch, went differently in a city.
    Minute {
        /// The city.
        city: CityId,
        /// The minute.
        minute: u64,
    },
}

impl std::fmt::Display for JournalDifference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::City(city) => write!(f, "only one of the runs has {city}"),
            Self::Minute { city, minute } => {
                let (day, hour, minute) = (minute / 1440, minute / 60 % 24, minute % 60);
                write!(f, "{city} differs first in the minute d{day} {hour:02}:{minute:02}")
            }
        }
    }
}

impl Manifest {
    /// The SHA-256 of the scenario as resolved, 64 hexadecimal digits; none before the end.
    #[must_use]
    pub fn scenario_sha256(&self) -> Option<&str> {
        self.files.get(SCENARIO).map(|digest| digest.sha256.as_str())
    }

    /// Where another run of the same scenario first went differently; none if nowhere.
    ///
    /// Both go by the order of the cities.
    #[must_use]
    pub fn first_difference(&self, again: &[CityDigest]) -> Option<JournalDifference> {
        for (index, then) in self.journal.iter().enumerate() {
            let city = CityId(then.city);
            match again.get(index) {
                Some(now) if now.city == city => {
                    if let Some(minute) = first_minute(then, now) {
                        return Some(JournalDifference::Minute { city, minute });
                    }
                }
                _ => return Some(JournalDifference::City(city)),
            }
        }
        again.get(self.journal.len()).map(|more| JournalDifference::City(more.city))
    }

    /// The manifest as it stands in the folder.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a manifest has only text keys") + "\n"
    }
}

fn first_minute(then: &CityJournal, now: &CityDigest) -> Option<u64> {
    let then = then.minutes.iter().map(|(minute, digest)| (*minute, digest.parse().ok()));
    let now = now.minutes.iter().map(|(minute, digest)| (*minute, Some(*digest)));
    let (mut then, mut now) = (then, now);
    loop {
        let pair: (Option<(u64, Option<Digest>)>, _) = (then.next(), now.next());
        match pair {
            (None, None) => return None,
            (then, now) if then == now => {}
            (then, now) => return then.into_iter().chain(now).map(|(minute, _)| minute).min(),
        }
    }
}
