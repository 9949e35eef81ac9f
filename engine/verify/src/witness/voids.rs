//! W5: what is let go is let go at the provider, and was not taken.

use super::{Evidence, Law};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("W5", "an attempt that the journal calls voided holds nothing at the provider", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for ((order, attempt), told, account) in evidence.both() {
        let is_told = told.is_some_and(|told| told.is_voided);
        let is_voided = account.is_some_and(|account| account.is_voided);
        if !is_told && !is_voided {
            continue;
        }
        let is_taken = account.is_some_and(|account| account.captures > 0);
        tally.rule(is_told && is_voided && !is_taken, || {
            let word = |is: bool| if is { "voided" } else { "not voided" };
            let sentence = format!(
                "order {order}, attempt {attempt} is {} in the journal, {} at the provider, and \
                 {}",
                word(is_told),
                word(is_voided),
                if is_taken { "its money was taken" } else { "its money was not taken" }
            );
            (sentence, evidence.shown(order, Some(attempt)))
        });
    }
}
