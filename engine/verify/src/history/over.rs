//! H8: every order that was accepted comes to an end.

use super::{Evidence, Fate, Law, Step, lines};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("H8", "every acknowledged order is over when the run has drained", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    let mut before = None;
    let mut placed: Vec<_> =
        evidence.of(Step::Order).filter(|one| one.end.fate == Fate::Ok).collect();
    placed.sort_by_key(|one| (one.end.id, one.end.done_us));
    for one in placed {
        let Some(order) = one.end.id.filter(|order| before != Some(*order)) else { continue };
        before = Some(order);
        // Who was never placed is missed elsewhere.
        let life = evidence.recorded.order(order).filter(|life| life.placed > 0);
        let Some(life) = life else { continue };
        let stage = life.stage();
        tally.rule(stage.is_terminal(), || {
            let mut shown = lines(&[one]);
            shown.extend(evidence.told(order));
            (format!("order {order} was acknowledged and is still {stage}"), shown)
        });
    }
}
