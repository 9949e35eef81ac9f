//! Whether a recount of the journal gives what the summary says.

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
#[must_use]
pub fn recount_differs(summary: &Summary, recount: &Figures) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut compare = |key: String, summary: String, recount: String| {
        if summary != recount {
            differences.push(Difference { key, summary, recount });
        }
    };
    compare("facts".to_owned(), summary.facts.to_string(), recount.facts.to_string());
    for ((name, told), (_, counted)) in summary.orders.named().iter().zip(recount.orders.named()) {
        compare(format!("orders.{name}"), told.to_string(), counted.to_string());
    }
    let lines = (summary.stockout_lines.to_string(), recount.stockout_lines.to_string());
    compare("stockout_lines".to_owned(), lines.0, lines.1);
    let amount = |paise: Option<&i64>| paise.map_or("none".to_owned(), i64::to_string);
    let names = summary.money_paise.keys().chain(recount.money_paise.keys());
    for name in names.collect::<std::collections::BTreeSet<_>>() {
        let told = amount(summary.money_paise.get(name));
        compare(format!("money_paise.{name}"), told, amount(recount.money_paise.get(name)));
    }
    differences
}
