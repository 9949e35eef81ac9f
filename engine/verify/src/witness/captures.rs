//! W1: what was taken is what the journal says was taken.

use super::{Evidence, Law};
use crate::outside::Tally;

pub(super) const LAW: Law = (
    "W1",
    "every capture stands in the journal and in the provider's ledger, with one amount",
    rule,
);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for ((order, attempt), told, account) in evidence.both() {
        let told = told.map_or(0, |told| told.captured_paise);
        let taken = account.map_or(0, |account| account.captured_paise);
        if told == 0 && taken == 0 {
            continue;
        }
        tally.rule(told == taken, || {
            let sentence = format!(
                "order {order}, attempt {attempt}: the provider took {taken} paise, the journal \
                 tells of {told}"
            );
            (sentence, evidence.shown(order, None))
        });
    }
}
