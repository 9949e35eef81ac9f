//! W3: of the attempts to pay for an order the money of one is kept (I11 at the provider).

use std::collections::BTreeMap;

use super::{Evidence, Law};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("W3", "of all attempts to pay for an order the money of one at most is kept", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    let mut taken: BTreeMap<u64, Vec<(u8, i64)>> = BTreeMap::new();
    for ((order, attempt), account) in &evidence.accounts {
        if account.captures > 0 {
            taken.entry(*order).or_default().push((*attempt, account.kept_paise()));
        }
    }
    for (order, attempts) in taken {
        let kept: Vec<&(u8, i64)> = attempts.iter().filter(|(_, kept)| *kept > 0).collect();
        tally.rule(kept.len() <= 1, || {
            let each = kept.iter().map(|(attempt, kept)| format!("{kept} paise of {attempt}"));
            let each = each.collect::<Vec<_>>().join(", ");
            let sentence = format!("order {order}: the money of several attempts is kept: {each}");
            (sentence, evidence.shown(order, None))
        });
    }
}
