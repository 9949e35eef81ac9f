//! Whether all is well, in one sentence.

use serde::{Deserialize, Serialize};

use super::{Objective, Summary};
use crate::words::{counted, joined, share, value, whole};

/// How many names a sentence lists before it only counts them.
const NAMES_LIMIT: usize = 3;

/// Whether all is well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// In one word.
    pub status: Status,
    /// In one sentence.
    pub sentence: String,
}

/// Whether all is well, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every objective met and every invariant held.
    Pass,
    /// An objective missed or an invariant broken.
    Fail,
    /// The run proves nothing.
    Invalid,
    /// The run was stopped before its end.
    Partial,
}

impl Verdict {
    /// Judges a summary. A broken invariant is the worst, then a run that proves nothing, then one
    /// that was stopped, then a missed objective.
    pub(super) fn of(summary: &Summary, partial: bool, invalid: Option<&str>) -> Self {
        let broken: Vec<&str> =
            names(summary.invariants.iter().filter(|i| i.broken > 0), |i| &i.id);
        let missed: Vec<&Objective> = summary.objectives.iter().filter(|o| !o.met).collect();
        let (status, sentence) = if !broken.is_empty() {
            (Status::Fail, broken_sentence(&broken, summary.invariants.len()))
        } else if let Some(reason) = invalid {
            (Status::Invalid, format!("The run proves nothing: {reason}."))
        } else if partial {
            (Status::Partial, format!("Stopped before the end: {} so far.", deliveries(summary)))
        } else if let [first, ..] = missed[..] {
            (Status::Fail, missed_sentence(first, &missed, summary.objectives.len()))
        } else {
            (Status::Pass, pass_sentence(summary))
        };
        Self { status, sentence }
    }
}

fn names<'a, T: 'a>(all: impl Iterator<Item = &'a T>, name: fn(&T) -> &String) -> Vec<&'a str> {
    all.map(|one| name(one).as_str()).collect()
}

fn broken_sentence(broken: &[&str], judged: usize) -> String {
    let which = if broken.len() <= NAMES_LIMIT {
        joined(broken)
    } else {
        format!("{} and {} more", broken[..NAMES_LIMIT].join(", "), broken.len() - NAMES_LIMIT)
    };
    let was = if broken.len() == 1 { "was" } else { "were" };
    let of = counted(judged as u64, "invariant");
    format!("{} of {of} {was} broken: {which}.", broken.len())
}

fn missed_sentence(first: &Objective, missed: &[&Objective], all: usize) -> String {
    let value = match first.value {
        Some(_) => format!("it is {}", value(first)),
        None => "nothing was measured".to_owned(),
    };
    let (name, target) = (&first.name, &first.target);
    match missed.len() {
        1 => format!("The objective {name} {target} was missed: {value}."),
        more => format!("{more} of {all} objectives were missed, first {name} {target}: {value}."),
    }
}

fn pass_sentence(summary: &Summary) -> String {
    let objectives = match summary.objectives.len() {
        0 => String::new(),
        1 => "; the objective was met".to_owned(),
        all => format!("; all {all} objectives were met"),
    };
    let invariants = match summary.invariants.iter().filter(|i| i.judged > 0).count() {
        0 => "no invariant was judged".to_owned(),
        judged => format!("{} held", counted(judged as u64, "invariant")),
    };
    format!("{}{objectives}; {invariants}.", deliveries(summary))
}

fn deliveries(summary: &Summary) -> String {
    let delivered = summary.over_replications.orders.get("delivered").and_then(|e| e.mean);
    let orders = match delivered {
        Some(1.0) => "1 order".to_owned(),
        delivered => format!("{} orders", whole(delivered.unwrap_or(0.0))),
    };
    match summary.on_time_share {
        on_time if on_time.mean.is_some() => {
            format!("{orders} delivered, {} of them on time", share(on_time))
        }
        _ => format!("{orders} delivered"),
    }
}
