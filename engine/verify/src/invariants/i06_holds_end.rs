//! I6: no hold stands past its end and the sweep that follows it.
//!
//! Judged whenever an unsecured hold is touched, and at the end for those that stand.

use domain::facts::Fact;
use domain::ids::OrderId;
use domain::stock::Event;
use domain::time::Timestamp;

use super::{Case, Invariant, Ruling};
use crate::Subject;
use crate::world::{Hold, Live, World};

#[derive(Default)]
pub(crate) struct Law;

fn rule(world: &World, order: OrderId, live: &Live, now: Timestamp) -> Ruling {
    if live.hold != Hold::Held {
        return Ruling::NotMine;
    }
    let until = live.hold_until;
    if now.0 <= until.0.saturating_add(world.limits.sweep.as_micros()) {
        return Ruling::Kept;
    }
    Ruling::broken(Subject::Order(order), || {
        format!("a hold until {until} stands at {now}, sweep {}", world.limits.sweep)
    })
}

impl Invariant for Law {
    const ID: &'static str = "I6";
    const LAW: &'static str = "no hold stands past its end and the sweep";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Stock(
                Event::Held { .. }
                    | Event::Extended { .. }
                    | Event::Secured { .. }
                    | Event::Released { .. }
                    | Event::Expired { .. }
            )
        )
    }

    #[inline]
    fn stock(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let (Event::Extended { order, .. }
        | Event::Secured { order, .. }
        | Event::Committed { order, .. }
        | Event::Released { order, .. }
        | Event::Expired { order, .. }) = *event
        else {
            return Ruling::NotMine;
        };
        rule(case.world, order, case.live, case.record.at)
    }

    fn end(&mut self, world: &World, note: &mut dyn FnMut(Ruling)) {
        for (id, order) in world.orders().filter(|(_, order)| order.is_live()) {
            note(rule(world, id, world.live(order), world.now));
        }
    }
}
