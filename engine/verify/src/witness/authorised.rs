//! W6: no customer's money is left on hold, however late the bank agreed.

use domain::payment::WordKind;

use super::{Evidence, Law};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("W6", "what a bank agreed to, also late, is captured or let go in the end", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for ((order, attempt), account) in &evidence.accounts {
        if account.entries.iter().all(|entry| entry.word != WordKind::Authorised) {
            continue;
        }
        tally.rule(!account.is_held, || {
            let sentence =
                format!("order {order}, attempt {attempt} is still on hold at the provider");
            (sentence, evidence.shown(*order, Some(*attempt)))
        });
    }
}
