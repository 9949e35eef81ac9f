//! H2: what nobody knows the end of happened at most once, and what was refused never.

use std::collections::{BTreeMap, BTreeSet};

use super::replay::may_have_placed;
use super::{Evidence, Fate, Law, Operation, Step, lines};
use crate::outside::Tally;

pub(super) const LAW: Law = (
    "H2",
    "an order without an acknowledgement is one that was asked for and left open, once a key",
    rule,
);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    let open = may_have_placed(&evidence.attempts());
    let mut asked: BTreeMap<u64, Vec<&Operation>> = BTreeMap::new();
    let mut acknowledged = BTreeSet::new();
    for operation in evidence.of(Step::Order) {
        asked.entry(operation.arrival).or_default().push(operation);
        if operation.end.fate == Fate::Ok {
            acknowledged.extend(operation.end.id);
        }
    }
    let placed = evidence.recorded.by_ref();
    let arrivals: BTreeSet<u64> = asked.keys().chain(placed.keys()).copied().collect();
    for arrival in arrivals {
        let orders = placed.get(&arrival).map_or(&[][..], Vec::as_slice);
        let unclaimed: Vec<u64> =
            orders.iter().copied().filter(|order| !acknowledged.contains(order)).collect();
        let may_be = open.get(&arrival).map_or(0, Vec::len);
        tally.rule(unclaimed.len() <= may_be, || {
            let sentence = format!(
                "arrival {arrival} has {} orders that nobody acknowledged, and {may_be} requests \
                 whose end is unknown",
                unclaimed.len()
            );
            let mut shown = lines(asked.get(&arrival).map_or(&[][..], Vec::as_slice));
            shown.extend(unclaimed.iter().flat_map(|order| evidence.told(*order)));
            (sentence, shown)
        });
    }
}
