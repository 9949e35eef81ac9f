//! W2: an attempt is captured once, and for no more than was asked.

use super::{Evidence, Law};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("W2", "no attempt is captured twice, and none for more than its customer agreed to", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for ((order, attempt), told, account) in evidence.both() {
        let Some(account) = account.filter(|account| account.captures > 0) else { continue };
        let (count, taken) = (account.captures, account.captured_paise);
        let agreed = told.map_or(0, |told| told.asked_paise);
        tally.rule(count == 1 && taken <= agreed, || {
            let sentence = format!(
                "order {order}, attempt {attempt} was captured {count} times, {taken} paise in \
                 all, of {agreed} agreed to"
            );
            (sentence, evidence.shown(order, Some(attempt)))
        });
    }
}
