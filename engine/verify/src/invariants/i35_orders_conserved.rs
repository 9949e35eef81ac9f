//! I35: placed = delivered + rejected + cancelled + undelivered + in flight.
//!
//! The left side counts facts; the right side counts facts of ends and, for those in flight, the
//! orders whose last stage is not an end.

use domain::facts::Fact;
use domain::order::{Event, Stage};

use super::{Case, Invariant, Ruling};
use crate::Subject;
use crate::world::World;

#[derive(Default)]
pub(crate) struct Law {
    placed: u64,
    ended: u64,
}

impl Invariant for Law {
    const ID: &'static str = "I35";
    const LAW: &'static str = "every order placed ended once or is in flight";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Order(_))
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let order = if let Event::Placed { order, .. } = *event {
            self.placed += 1;
            if case.order.stage == Stage::Draft {
                return Ruling::Kept;
            }
            order
        } else if let Event::Delivered { order, .. }
        | Event::Rejected { order, .. }
        | Event::Cancelled { order, .. }
        | Event::Undelivered { order, .. } = *event
        {
            self.ended += 1;
            if case.order.stage != Stage::Draft && !case.order.is_over() {
                return Ruling::Kept;
            }
            order
        } else {
            return Ruling::NotMine;
        };
        let stage = case.order.stage;
        Ruling::broken(Subject::Order(order), || {
            format!("{} is counted of one that is {stage}", case.kind())
        })
    }

    fn end(&mut self, world: &World, rule: &mut dyn FnMut(Ruling)) {
        let is_open = |stage| stage != Stage::Draft;
        let open = world.orders().filter(|(_, row)| is_open(row.stage) && !row.is_over());
        let in_flight = open.count() as u64;
        let (placed, ended) = (self.placed, self.ended);
        if placed > 0 {
            rule(if placed == ended + in_flight {
                Ruling::Kept
            } else {
                Ruling::broken(Subject::Journal, || {
                    format!("{placed} placed, {ended} ended, {in_flight} in flight")
                })
            });
        }
    }
}
