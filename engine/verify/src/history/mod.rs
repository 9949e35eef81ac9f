//! What clients saw of a live deployment, judged against its journal and against itself.
//!
//! An operation was sent, and ended *ok*, *failed* (it did not happen and never will) or *unknown*
//! (it may have happened, may yet, or may never). It took effect at some instant between. A check
//! rules only on what no such instant explains, so slow or lost answers never raise an alarm.

mod acknowledged;
mod charged;
mod figures;
mod forward;
mod kept;
mod operation;
mod over;
mod own_orders;
mod own_writes;
mod replay;
mod shown;
mod units;
mod unknown;

use std::collections::BTreeMap;

use domain::facts::Fact;
use domain::order::Stage;

pub use figures::{Figure, Figures};
pub use operation::{End, Fate, Operation, Step, Touch};

use crate::outside::{Check, Recorded, Tally, check};

/// A check: its name, what must hold, and what rules on it.
type Law = (&'static str, &'static str, fn(&Evidence<'_>, &mut Tally));

/// The checks, in the order they are reported.
const LAWS: [Law; 11] = [
    replay::LAW,
    acknowledged::LAW,
    unknown::LAW,
    forward::LAW,
    own_writes::LAW,
    shown::LAW,
    charged::LAW,
    kept::LAW,
    over::LAW,
    own_orders::LAW,
    units::LAW,
];

/// The checks that need no journal: what clients saw contradicts itself.
const LAWS_ALONE: [Law; 4] = [replay::LAW, forward::LAW, own_writes::LAW, own_orders::LAW];

/// What the checks rule on.
pub(crate) struct Evidence<'a> {
    /// In order of when they were sent.
    operations: Vec<&'a Operation>,
    recorded: &'a Recorded,
}

/// Judges what clients saw against what the deployment's journal tells.
#[must_use]
pub fn judge(operations: &[Operation], recorded: &Recorded) -> Vec<Check> {
    judged_by(&LAWS, operations, recorded)
}

/// Judges what clients saw of a deployment that shows no journal.
#[must_use]
pub fn judge_alone(operations: &[Operation]) -> Vec<Check> {
    judged_by(&LAWS_ALONE, operations, &Recorded::default())
}

fn judged_by(laws: &[Law], operations: &[Operation], recorded: &Recorded) -> Vec<Check> {
    let mut in_order: Vec<&Operation> = operations.iter().collect();
    in_order.sort_by_key(|operation| (operation.sent_us, operation.op));
    let evidence = Evidence { operations: in_order, recorded };
    laws.iter().map(|(id, law, rule)| check(id, law, |tally| rule(&evidence, tally))).collect()
}

/// The attempts to place one order: an arrival's requests under one idempotency key.
type Attempts<'a> = BTreeMap<(u64, &'a str), Vec<&'a Operation>>;

impl<'a> Evidence<'a> {
    fn of(&self, step: Step) -> impl Iterator<Item = &'a Operation> + '_ {
        self.operations.iter().copied().filter(move |operation| operation.step == step)
    }

    /// Requests to place an order, by arrival and key. One without a key stands for itself.
    fn attempts(&self) -> Attempts<'a> {
        let mut attempts = Attempts::new();
        for operation in self.of(Step::Order) {
            let key = operation.idempotency_key.as_deref().unwrap_or_default();
            attempts.entry((operation.arrival, key)).or_default().push(operation);
        }
        attempts
    }

    /// What customers were shown of their orders, by order, in order of when it was asked for.
    fn looks(&self) -> BTreeMap<u64, Vec<&'a Operation>> {
        let mut looks: BTreeMap<u64, Vec<&Operation>> = BTreeMap::new();
        for operation in self.operations.iter().copied().filter(|one| one.step.shows_an_order()) {
            if let (Fate::Ok, Some(order)) = (operation.end.fate, operation.end.id) {
                looks.entry(order).or_default().push(operation);
            }
        }
        looks
    }

    /// The stage that the journal tells of at the version that was shown.
    fn stage(&self, order: u64, look: &Operation) -> Option<Stage> {
        let deeds = &self.recorded.order(order)?.deeds;
        deeds.iter().find(|deed| Some(deed.version) == look.end.version).map(|deed| deed.stage)
    }

    /// What the journal tells of an order, to be shown.
    fn told(&self, order: u64) -> Vec<(u64, String)> {
        let bears = |fact: &Fact| matches!(fact, Fact::Order(_));
        self.recorded.order(order).map(|life| life.shown(bears)).unwrap_or_default()
    }

    /// What the journal tells of an order's money, to be shown.
    fn told_of_money(&self, order: u64) -> Vec<(u64, String)> {
        let bears = |fact: &Fact| matches!(fact, Fact::Pricing(_) | Fact::Payment(_));
        self.recorded.order(order).map(|life| life.shown(bears)).unwrap_or_default()
    }
}

/// Operations as lines with their times.
fn lines(operations: &[&Operation]) -> Vec<(u64, String)> {
    operations.iter().map(|operation| (operation.sent_us, operation.to_string())).collect()
}
