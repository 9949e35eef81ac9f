//! I4: no more units of a line are sold or let go than the order holds.

use domain::facts::Fact;
use domain::stock::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I4";
    const LAW: &'static str = "units sold or released of a line are units that it holds";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Stock(_))
    }

    #[inline]
    fn stock(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let (Event::Committed { order, sku, units, .. }
        | Event::LineReleased { order, sku, units, .. }) = *event
        else {
            return Ruling::NotMine;
        };
        let line = case.world.lines(case.live).find(|line| line.sku == sku && line.held > 0);
        let held = line.map_or(0, |line| line.held);
        ensure!(
            units > 0 && units <= held,
            Subject::Line(order, sku),
            "{units} units leave a line that holds {held}"
        );
        Ruling::Kept
    }
}
