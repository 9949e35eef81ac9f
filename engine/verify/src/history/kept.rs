//! H7: what is kept of a customer's money is what their delivered order was shown to cost.

use domain::order::Stage;

use super::{Evidence, Law, Operation, lines};
use crate::outside::Tally;

pub(super) const LAW: Law =
    ("H7", "of the money for a delivered order exactly what it was shown to cost is kept", rule);

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for (order, looks) in evidence.looks() {
        let word = |look: &Operation| look.end.word.or_else(|| evidence.stage(order, look));
        let delivered = looks.iter().rev().find(|look| word(look) == Some(Stage::Delivered));
        let Some((look, cost)) = delivered.and_then(|look| Some((*look, look.end.amount_paise?)))
        else {
            continue;
        };
        let kept = evidence.recorded.order(order).map_or(0, crate::outside::Life::kept_paise);
        tally.rule(kept == cost, || {
            let mut shown = lines(&[look]);
            shown.extend(evidence.told_of_money(order));
            (format!("order {order} was shown to cost {cost} paise, and {kept} are kept"), shown)
        });
    }
}
