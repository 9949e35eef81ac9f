//! I24: every order is over within the order limit of being placed.

use domain::facts::Fact;
use domain::ids::OrderId;
use domain::order::Event;
use domain::time::Timestamp;

use super::{Case, Invariant, Ruling};
use crate::Subject;
use crate::world::{Live, World};

#[derive(Default)]
pub(crate) struct Law;

fn rule(world: &World, order: OrderId, live: &Live, now: Timestamp) -> Ruling {
    let limit = world.limits.order_limit;
    if now.0.saturating_sub(live.placed_at.0) <= limit.as_micros() {
        return Ruling::Kept;
    }
    let placed_at = live.placed_at;
    Ruling::broken(Subject::Order(order), || {
        format!("placed at {placed_at}, not over before {now}; the limit is {limit}")
    })
}

impl Invariant for Law {
    const ID: &'static str = "I24";
    const LAW: &'static str = "every order is over within the order limit";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Order(_))
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        let (Event::Delivered { order, .. }
        | Event::Rejected { order, .. }
        | Event::Cancelled { order, .. }
        | Event::Undelivered { order, .. }) = *event
        else {
            return Ruling::NotMine;
        };
        if !case.order.is_live() {
            return Ruling::NotMine;
        }
        rule(case.world, order, case.live, case.record.at)
    }

    fn end(&mut self, world: &World, note: &mut dyn FnMut(Ruling)) {
        for (id, order) in world.orders() {
            if order.is_live() && !order.is_over() && order.version > 0 {
                note(rule(world, id, world.live(order), world.now));
            }
        }
    }
}
