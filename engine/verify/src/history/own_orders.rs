//! H9: nobody sees the order of another (I37 from the outside).

use super::{Evidence, Fate, Law, Operation, Step, lines};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("H9", "a customer is shown the order they asked for, and never that of another", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for look in evidence.operations.iter().copied() {
        let is_answered = look.end.fate != Fate::Unknown;
        if !is_answered || !(look.step.shows_an_order() || look.step == Step::Stranger) {
            continue;
        }
        let wrong = wrong(evidence, look);
        tally.rule(wrong.is_none(), || {
            let mut shown = lines(&[look]);
            shown.extend(look.order().map(|order| evidence.told(order)).unwrap_or_default());
            (wrong.unwrap_or_default(), shown)
        });
    }
}

fn wrong(evidence: &Evidence<'_>, look: &Operation) -> Option<String> {
    if look.end.fate != Fate::Ok {
        return None;
    }
    let order = look.order()?;
    if look.step == Step::Stranger {
        return Some(format!("a stranger was shown order {order}"));
    }
    let asked = look.keys.first().map(|touch| touch.key);
    if let Some(asked) = asked.filter(|asked| *asked != order) {
        return Some(format!("order {asked} was asked for, and {order} was shown"));
    }
    let owner = evidence.recorded.order(order)?.client_ref?;
    (owner != look.arrival)
        .then(|| format!("order {order} of arrival {owner} was shown to {}", look.arrival))
}
