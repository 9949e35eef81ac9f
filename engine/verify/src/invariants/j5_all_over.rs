//! J5: every order placed is over when the journal ends.
//!
//! A journal that is cut while orders are under way breaks this; what a drain leaves does too.

use domain::facts::Fact;
use domain::order::Stage;

use super::{Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::World;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "J5";
    const LAW: &'static str = "every order is over when the journal ends";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Order(_))
    }

    fn end(&mut self, world: &World, rule: &mut dyn FnMut(Ruling)) {
        for (id, order) in world.orders().filter(|(_, order)| order.stage != Stage::Draft) {
            let is_over = |stage: Stage| {
                ensure!(order.is_over(), Subject::Order(id), "it is still {stage}");
                Ruling::Kept
            };
            rule(is_over(order.stage));
        }
    }
}
