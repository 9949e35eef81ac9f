//! H5: what a customer is shown is what the journal tells, and was told by then.

use super::{Evidence, Law, Operation, lines};
use crate::outside::{CLOCKS_APART_US, Life, Tally};

pub(super) const LAW: Law =
    ("H5", "the version and status shown of an order are the journal's, committed by then", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for (order, looks) in evidence.looks() {
        let life = evidence.recorded.order(order);
        for look in looks {
            let Some(version) = look.end.version else { continue };
            let wrong = wrong(look, version, life);
            tally.rule(wrong.is_none(), || {
                let mut shown = lines(&[look]);
                shown.extend(evidence.told(order));
                (format!("order {order}: {}", wrong.unwrap_or_default()), shown)
            });
        }
    }
}

fn wrong(look: &Operation, version: u64, life: Option<&Life>) -> Option<String> {
    let deed = life.and_then(|life| life.deeds.iter().find(|deed| deed.version == version));
    let Some(deed) = deed else {
        return Some(format!("version {version} was shown, which the journal does not tell of"));
    };
    if let Some(word) = look.end.word
        && word != deed.stage
    {
        let told = deed.stage;
        return Some(format!("version {version} was shown as {word}, and is {told}"));
    }
    let done_us = look.end.done_us?;
    (deed.at_us > done_us.saturating_add(CLOCKS_APART_US)).then(|| {
        let early_us = deed.at_us - done_us;
        format!("version {version} was shown {early_us} µs before it came to be")
    })
}
