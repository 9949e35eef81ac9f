//! Whether a recount of the journal gives what the summary says.

use std::collections::{BTreeMap, BTreeSet};

use verify::Counts;

use crate::summary::{Figures, Summary};

/// A count that a recount did not give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where it stands in the summary, such as `orders.delivered`.
    pub key: String,
    /// What the summary says.
    pub summary: String,
    /// What the recount gave.
    pub recount: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is {} in the summary and {} recounted", self.key, self.summary, self.recount)
    }
}

/// What differs between a summary and a recount of its journal. Empty when all counts are equal.
///
/// Shares and times are not held to it: they follow from the counts, and are means over all
/// replications where there are several.
#[must_use]
pub fn recount_differs(summary: &Summary, recount: &Counts) -> Vec<Difference> {
    let recount = Figures::from(recount);
    let mut pairs = Pairs::default();
    pairs.add("facts", [summary.facts, recount.facts]);
    for ((name, told), (_, counted)) in summary.orders.named().iter().zip(recount.orders.named()) {
        pairs.add(&format!("orders.{name}"), [*told, counted]);
    }
    pairs.add("stockout_lines", [summary.stockout_lines, recount.stockout_lines]);
    pairs.add_named("money_paise", [&summary.money_paise, &recount.money_paise]);
    pairs.add_named("counts", [&summary.counts, &recount.counts]);
    pairs.0
}

/// The differences found so far.
#[derive(Default)]
struct Pairs(Vec<Difference>);

impl Pairs {
    fn add(&mut self, key: &str, [summary, recount]: [impl ToString; 2]) {
        let (summary, recount) = (summary.to_string(), recount.to_string());
        if summary != recount {
            self.0.push(Difference { key: key.to_owned(), summary, recount });
        }
    }

    fn add_named<T: ToString>(&mut self, key: &str, sides: [&BTreeMap<String, T>; 2]) {
        let names: BTreeSet<_> = sides.iter().flat_map(|side| side.keys()).collect();
        for name in names {
            let told = |side: &BTreeMap<String, T>| {
                side.get(name).map_or_else(|| "none".to_owned(), T::to_string)
            };
            self.add(&format!("{key}.{name}"), sides.map(told));
        }
    }
}
