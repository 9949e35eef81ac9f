//! H3: whoever looks at an order later sees no earlier version of it.

use super::{Evidence, Law, Operation, lines};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("H3", "an order never goes back for any reader: versions only grow, one status each", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for (order, looks) in evidence.looks() {
        let mut by_end = looks.clone();
        by_end.sort_by_key(|look| (look.end.done_us, look.op));
        let mut ended = by_end.into_iter().peekable();
        // The newest look that had ended before this one was sent.
        let mut newest: Option<&Operation> = None;
        for look in looks {
            while let Some(before) = ended.next_if(|before| before.is_before(look)) {
                if newest.is_none_or(|newest| newest.end.version <= before.end.version) {
                    newest = Some(before);
                }
            }
            let Some(before) = newest else { continue };
            let wrong = wrong(before, look);
            tally.rule(wrong.is_none(), || {
                let mut shown = lines(&[before, look]);
                shown.extend(evidence.told(order));
                (format!("order {order}: {}", wrong.unwrap_or_default()), shown)
            });
        }
    }
}

fn wrong(before: &Operation, look: &Operation) -> Option<String> {
    let ((Some(seen), Some(now)), (was, is)) =
        ((before.end.version, look.end.version), (before.end.word, look.end.word))
    else {
        return None;
    };
    if now < seen {
        return Some(format!("version {now} was shown after version {seen}"));
    }
    let (Some(was), Some(is)) = (was, is) else { return None };
    if now == seen && was != is {
        return Some(format!("version {now} was {was}, then {is}"));
    }
    (was.is_terminal() && is != was).then(|| format!("it was {was} for good, then {is}"))
}
