//! H1: an order that was acknowledged exists, once, and is its customer's.

use super::{Evidence, Fate, Law, Step, lines};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("H1", "an acknowledged order stands in the journal once, under its arrival's name", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for placed in evidence.of(Step::Order).filter(|one| one.end.fate == Fate::Ok) {
        let life = placed.end.id.and_then(|order| evidence.recorded.order(order));
        let wrong = match (placed.end.id, life) {
            (None, _) => Some("an order was acknowledged without its id".to_owned()),
            (Some(order), None) => Some(format!("the journal knows nothing of order {order}")),
            (Some(order), Some(life)) if life.placed != 1 => {
                Some(format!("order {order} was placed {} times", life.placed))
            }
            (Some(order), Some(life)) if life.client_ref != Some(placed.arrival) => {
                let other = life.client_ref.unwrap_or_default();
                Some(format!("order {order} is that of arrival {other}"))
            }
            (Some(_), Some(_)) => None,
        };
        tally.rule(wrong.is_none(), || {
            let mut shown = lines(&[placed]);
            shown.extend(placed.end.id.map(|order| evidence.told(order)).unwrap_or_default());
            (wrong.unwrap_or_default(), shown)
        });
    }
}
