//! H6: a customer is charged what they were quoted.

use std::collections::BTreeMap;

use domain::order::Stage;

use super::{Evidence, Fate, Law, Operation, Step, lines};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("H6", "an order costs what its customer was quoted; only short lines make it cheaper", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    let quotes: BTreeMap<u64, &Operation> = evidence
        .of(Step::Quote)
        .filter(|quote| quote.end.fate == Fate::Ok && quote.end.amount_paise.is_some())
        .filter_map(|quote| Some((quote.end.id?, quote)))
        .collect();
    for (order, looks) in evidence.looks() {
        let Some(quote) = quotes.get(&order) else { continue };
        let Some(quoted) = quote.end.amount_paise else { continue };
        for look in looks {
            let Some(amount) = look.end.amount_paise else { continue };
            // A short line is taken off when its picker finds it short.
            let word = look.end.word.or_else(|| evidence.stage(order, look));
            let is_picked = word.is_none_or(|word| word >= Stage::Picking);
            let is_kept = if is_picked { amount <= quoted } else { amount == quoted };
            tally.rule(is_kept, || {
                let mut shown = lines(&[quote, look]);
                shown.extend(evidence.told_of_money(order));
                (format!("order {order} was quoted {quoted} paise and costs {amount}"), shown)
            });
        }
    }
    for (order, quote) in quotes {
        let (seen, life) = (quote.end.amount_paise, evidence.recorded.order(order));
        let told = life.and_then(|life| life.quoted_paise);
        tally.rule(told == seen, || {
            let told = told.map_or_else(|| "nothing".to_owned(), |told| format!("{told} paise"));
            let sentence = format!(
                "quote {order} was given as {} paise, and the journal tells of {told}",
                seen.unwrap_or_default()
            );
            let mut shown = lines(&[quote]);
            shown.extend(evidence.told_of_money(order));
            (sentence, shown)
        });
    }
}
