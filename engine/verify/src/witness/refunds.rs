//! W4: what goes back is what the journal says went back, and no more than was taken (I10 at the
//! provider).

use super::{Evidence, Law};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("W4", "refunds are in both, exact, and never more than was captured", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for ((order, attempt), told, account) in evidence.both() {
        let told = told.map_or(0, |told| told.refunded_paise);
        let back = account.map_or(0, |account| account.refunded_paise);
        let taken = account.map_or(0, |account| account.captured_paise);
        if told == 0 && back == 0 {
            continue;
        }
        tally.rule(told == back && back <= taken, || {
            let sentence = format!(
                "order {order}, attempt {attempt}: of {taken} paise taken the provider gave back \
                 {back}, the journal tells of {told}"
            );
            (sentence, evidence.shown(order, Some(attempt)))
        });
    }
}
