//! I21: lines and fees add up to the total of the quote; no line is negative.

use domain::facts::Fact;
use domain::order::Event as Order;
use domain::pricing::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::Quote;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I21";
    const LAW: &'static str = "lines and fees add up to the quote's total, and no line is negative";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Pricing(_) | Fact::Order(Order::Placed { .. }))
    }

    #[inline]
    fn pricing(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        if let Event::LinePriced { order, line, units, unit_price, .. } = *event {
            ensure!(
                units > 0 && unit_price.0 >= 0,
                Subject::Order(order),
                "line {line}: {units} units at {} paise",
                unit_price.0
            );
            return Ruling::Kept;
        }
        let Event::Issued { order, total, .. } = *event else { return Ruling::NotMine };
        let sum = case.live.priced;
        ensure!(
            total.0 == sum && sum >= 0,
            Subject::Order(order),
            "the total is {} paise, lines and fees add up to {sum}",
            total.0
        );
        Ruling::Kept
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &Order) -> Ruling {
        let Order::Placed { order, lines, .. } = *event else { return Ruling::NotMine };
        if !matches!(case.live.quote, Quote::Issued | Quote::Locked) {
            return Ruling::NotMine;
        }
        let quoted = case.live.priced_lines;
        ensure!(lines == quoted, Subject::Order(order), "{lines} lines placed, {quoted} quoted");
        Ruling::Kept
    }
}
