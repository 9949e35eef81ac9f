//! I5: a line is held at most once, for what was ordered, and not again once it is sold.

use domain::facts::Fact;
use domain::pricing::Event as Pricing;
use domain::stock::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I5";
    const LAW: &'static str = "a line has at most one hold or sale, of the units ordered";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Stock(_) | Fact::Pricing(Pricing::LinePriced { .. }))
    }

    #[inline]
    fn stock(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let Event::LineHeld { order, sku, units, .. } = *event else {
            return Ruling::NotMine;
        };
        let subject = Subject::Line(order, sku);
        let mut lines = case.world.lines(case.live).filter(|line| line.sku == sku);
        let open = lines.find(|line| line.held == 0 && line.committed == 0);
        let Some(line) = open else {
            return Ruling::broken(subject, || {
                format!("{units} units are held for a line that is held, sold or was not ordered")
            });
        };
        let ordered = line.units;
        ensure!(units == ordered, subject, "{units} units are held for a line of {ordered}");
        Ruling::Kept
    }
}
