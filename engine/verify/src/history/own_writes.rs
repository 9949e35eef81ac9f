//! H4: who placed an order finds it.

use std::collections::BTreeMap;

use super::{Evidence, Fate, Law, Operation, Step, lines};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("H4", "an order that was acknowledged is found by whoever looks for it from then on", rule);

/// There is no such thing.
const NOT_FOUND: u16 = 404;

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    let mut acknowledged: BTreeMap<(u64, u64), &Operation> = BTreeMap::new();
    for placed in evidence.of(Step::Order).filter(|one| one.end.fate == Fate::Ok) {
        let Some(order) = placed.end.id else { continue };
        let first = acknowledged.entry((placed.arrival, order)).or_insert(placed);
        if placed.end.done_us < first.end.done_us {
            *first = placed;
        }
    }
    let looks = evidence.operations.iter().copied().filter(|one| one.step.shows_an_order());
    for look in looks.filter(|look| look.end.fate != Fate::Unknown) {
        let asked = look.order().or_else(|| only_order(&acknowledged, look.arrival));
        let Some(asked) = asked else { continue };
        let Some(placed) = acknowledged.get(&(look.arrival, asked)) else { continue };
        if placed.is_before(look) {
            tally.rule(look.end.status != Some(NOT_FOUND), || {
                let mut shown = lines(&[placed, look]);
                shown.extend(evidence.told(asked));
                (format!("order {asked} was acknowledged, and then not found"), shown)
            });
        }
    }
}

/// The one order that an arrival placed; none if it placed several.
fn only_order(acknowledged: &BTreeMap<(u64, u64), &Operation>, arrival: u64) -> Option<u64> {
    let mut orders = acknowledged.range((arrival, 0)..=(arrival, u64::MAX));
    let ((_, order), _) = orders.next()?;
    orders.next().is_none().then_some(*order)
}
