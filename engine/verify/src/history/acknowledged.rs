//! H1: an order that was acknowledged exists by then, once, and is its customer's.

use super::{Evidence, Fate, Law, Operation, Step, lines};
use crate::outside::{CLOCKS_APART_US, Life, Tally};

pub(super) const LAW: Law =
    ("H1", "an acknowledged order is in the journal by then, once, under its arrival's name", rule);

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
            (Some(order), Some(life)) => early_us(placed, life).map(|by_us| {
                format!("order {order} was acknowledged {by_us} µs before it was taken")
            }),
        };
        tally.rule(wrong.is_none(), || {
            let mut shown = lines(&[placed]);
            shown.extend(placed.end.id.map(|order| evidence.told(order)).unwrap_or_default());
            (wrong.unwrap_or_default(), shown)
        });
    }
}

/// By how much an order was acknowledged before the journal tells that it was placed, µs; none if
/// it was not.
fn early_us(placed: &Operation, life: &Life) -> Option<u64> {
    let (first, done_us) = (life.deeds.first()?, placed.end.done_us?);
    let by_us = first.at_us.saturating_sub(done_us);
    (by_us > CLOCKS_APART_US).then_some(by_us)
}
