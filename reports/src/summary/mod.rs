//! What a run came to: the one account that console, report, gate and comparison all tell from.
//!
//! Nothing in it depends on the machine or its clock, so the same scenario and seed give the same
//! bytes. Counts are those of the first replication, whose journal is kept, so that they can be
//! recounted; shares, times and utilisations are means over all replications with the half-width
//! of their 95 % interval.

mod figures;
mod live;
#[cfg(test)]
pub(crate) mod tests;
mod verdict;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use figures::{DoorTimes, Figures};
pub use live::{Arrivals, Driver, Funnel, Live, PhaseFigures, StepFigures, Times};
pub use verdict::{Status, Verdict};

use figures::{estimate, estimates};

/// The version of the summary's keys: grows when one is taken away or changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// How sure the intervals are.
pub const CONFIDENCE: f64 = 0.95;

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The version of these keys: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What kind of run it was.
    pub kind: RunKind,
    /// The scenario's name.
    pub scenario: String,
    /// The seed of the first replication.
    pub seed: u64,
    /// Whether all is well, in one sentence.
    pub verdict: Verdict,
    /// The digest of the first replication's journal, 32 hexadecimal digits.
    pub journal_digest: String,
    /// The digest of the first replication's arrivals and their attributes.
    pub demand_digest: String,
    /// Facts in the first replication's journal, without those that open it.
    pub facts: u64,
    /// Orders placed in the window, by how they ended.
    pub orders: Orders,
    /// The share of delivered orders whose rider arrived by the promise.
    pub on_time_share: Estimate,
    /// From placed to the rider's arrival, seconds.
    pub order_to_door_s: DoorEstimates,
    /// The share of their time on duty in the window that people worked.
    pub utilisation: Utilisation,
    /// How the business ran: times, rates and shares, by name with the unit last. Some are of whole
    /// days only.
    #[serde(default)]
    pub operations: BTreeMap<String, Estimate>,
    /// Lines of orders placed in the window that could not be held.
    pub stockout_lines: u64,
    /// Money by what it was for, paise.
    pub money_paise: BTreeMap<String, i64>,
    /// Every other count of the first replication, by name.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
    /// The counts above as means over all replications.
    pub over_replications: OverReplications,
    /// What the scenario asks for, and whether it was met.
    pub objectives: Vec<Objective>,
    /// What must always hold, and whether it did in all replications.
    pub invariants: Vec<Invariant>,
    /// What limited the run, the narrowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// What only a run against a live deployment has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Live>,
}

/// A kind of run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Simulated.
    Run,
    /// Against a live deployment.
    Drive,
    /// One point of a capacity search.
    Plan,
}

/// Orders by how they ended. All but `placed` add up to `placed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders {
    /// Accepted from customers.
    pub placed: u64,
    /// Handed over.
    pub delivered: u64,
    /// Refused before they were confirmed.
    pub rejected: u64,
    /// Ended early.
    pub cancelled: u64,
    /// Brought back.
    pub undelivered: u64,
    /// Not ended when the run did.
    pub in_flight: u64,
}

/// A mean over replications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean; none if there was nothing to measure.
    pub mean: Option<f64>,
    /// Half the width of its 95 % interval; none for fewer than two replications.
    pub half_width: Option<f64>,
}

/// Times from order to door, seconds: means over replications of each replication's figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DoorEstimates {
    /// The mean.
    pub mean: Option<f64>,
    /// Half of the orders were faster.
    pub p50: Option<f64>,
    /// Nine of ten were faster.
    pub p90: Option<f64>,
    /// Ninety-nine of a hundred were faster.
    pub p99: Option<f64>,
    /// The half-widths of the four.
    pub half_width: DoorTimes,
}

/// The share of their time on duty that people worked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Utilisation {
    /// Riders: on a trip or on the way back from one.
    pub rider: Option<f64>,
    /// Pickers: with a pick list.
    pub picker: Option<f64>,
    /// The half-widths of both.
    pub half_width: UtilisationWidths,
}

/// Half-widths of utilisations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UtilisationWidths {
    /// Of the riders'.
    pub rider: Option<f64>,
    /// Of the pickers'.
    pub picker: Option<f64>,
}

/// Counts as means over replications.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OverReplications {
    /// How many replications.
    pub replications: u32,
    /// How sure the intervals are.
    pub confidence: f64,
    /// Orders by how they ended.
    pub orders: BTreeMap<String, Estimate>,
    /// Lines that could not be held.
    pub stockout_lines: Estimate,
    /// Money by what it was for, paise.
    pub money_paise: BTreeMap<String, Estimate>,
}

/// Something the scenario asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// What is measured.
    pub name: String,
    /// What it came to; none if there was nothing to measure.
    pub value: Option<f64>,
    /// Half the width of its interval; none for fewer than two replications.
    #[serde(default)]
    pub half_width: Option<f64>,
    /// What the numbers are in.
    #[serde(default)]
    pub unit: Unit,
    /// What it should be, as the scenario has it, such as `>= 95%`.
    pub target: String,
    /// Whether it is.
    pub met: bool,
}

/// What an objective's numbers are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Plain numbers.
    #[default]
    Number,
    /// Shares of one.
    Share,
    /// Seconds.
    Seconds,
}

/// Something that must always hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invariant {
    /// Its name, such as `I35`.
    pub id: String,
    /// Facts it was judged on, over all replications.
    pub judged: u64,
    /// How often it did not hold.
    pub broken: u64,
    /// How it fared: held, broken, not observable here, never exercised.
    #[serde(default)]
    pub status: String,
    /// The first times it did not hold, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<String>,
    /// The few records or requests that show the first of them, of a live run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counterexample: Vec<String>,
}

/// Something of which there was not enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// What.
    pub resource: String,
    /// How much was needed at the worst time.
    pub needed: f64,
    /// How much there was.
    pub have: f64,
    /// The same in words.
    pub sentence: String,
}

/// What a summary is of.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// What kind of run.
    pub kind: RunKind,
    /// The scenario's name.
    pub scenario: String,
    /// The seed of the first replication.
    pub seed: u64,
    /// The digest of the first replication's journal.
    pub journal_digest: String,
    /// The digest of the first replication's demand.
    pub demand_digest: String,
    /// Why the run proves nothing: load not delivered, evidence missing.
    pub invalid: Option<String>,
    /// Whether the run was stopped before its end.
    pub partial: bool,
}

/// What a run is held against.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgements {
    /// What the scenario asks for.
    pub objectives: Vec<Objective>,
    /// What must always hold.
    pub invariants: Vec<Invariant>,
    /// What limited the run, the narrowest first.
    pub limits: Vec<Limit>,
}

impl Summary {
    /// Sums up the replications of a run, the one whose journal is kept first.
    ///
    /// # Panics
    /// If there are no replications.
    #[must_use]
    pub fn new(about: About, replications: &[Figures], judgements: Judgements) -> Self {
        let first = replications.first().expect("a run has at least one replication");
        let of = |figure: &dyn Fn(&Figures) -> Option<f64>| estimate(replications, figure);
        let (rider, picker) = (of(&|f| f.rider_utilisation), of(&|f| f.picker_utilisation));
        let mut summary = Self {
            schema_version: SCHEMA_VERSION,
            kind: about.kind,
            scenario: about.scenario,
            seed: about.seed,
            verdict: Verdict { status: Status::Pass, sentence: String::new() },
            journal_digest: about.journal_digest,
            demand_digest: about.demand_digest,
            facts: first.facts,
            orders: first.orders,
            on_time_share: of(&|f| f.on_time_share),
            order_to_door_s: DoorEstimates::over(replications),
            utilisation: Utilisation {
                rider: rider.mean,
                picker: picker.mean,
                half_width: UtilisationWidths {
                    rider: rider.half_width,
                    picker: picker.half_width,
                },
            },
            operations: first
                .operations
                .keys()
                .map(|&name| (name.to_owned(), of(&|f| f.operations.get(name).copied().flatten())))
                .collect(),
            stockout_lines: first.stockout_lines,
            money_paise: first.money_paise.clone(),
            counts: first.counts.clone(),
            over_replications: OverReplications::of(replications),
            objectives: judgements.objectives,
            invariants: judgements.invariants,
            limits: judgements.limits,
            live: None,
        };
        summary.verdict = Verdict::of(&summary, about.partial, about.invalid.as_deref());
        summary
    }

    /// The summary as it stands in the folder.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a summary has only text keys") + "\n"
    }
}

impl DoorEstimates {
    fn over(replications: &[Figures]) -> Self {
        let of = |figure: fn(&DoorTimes) -> Option<f64>| {
            estimate(replications, &|f| figure(&f.order_to_door_s))
        };
        let (mean, p50, p90, p99) = (of(|d| d.mean), of(|d| d.p50), of(|d| d.p90), of(|d| d.p99));
        Self {
            mean: mean.mean,
            p50: p50.mean,
            p90: p90.mean,
            p99: p99.mean,
            half_width: DoorTimes {
                mean: mean.half_width,
                p50: p50.half_width,
                p90: p90.half_width,
                p99: p99.half_width,
            },
        }
    }
}

impl OverReplications {
    fn of(replications: &[Figures]) -> Self {
        Self {
            replications: u32::try_from(replications.len()).unwrap_or(u32::MAX),
            confidence: CONFIDENCE,
            orders: estimates(replications, Figures::orders_by_name),
            stockout_lines: estimate(replications, &|f| Some(figures::count(f.stockout_lines))),
            money_paise: estimates(replications, Figures::money_by_name),
        }
    }
}

impl Orders {
    /// The counts with their names in the summary.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 6] {
        [
            ("placed", self.placed),
            ("delivered", self.delivered),
            ("rejected", self.rejected),
            ("cancelled", self.cancelled),
            ("undelivered", self.undelivered),
            ("in_flight", self.in_flight),
        ]
    }
}
