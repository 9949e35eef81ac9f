//! I9: what is kept of a customer's money is what the order came to, to the paisa.
//!
//! What was captured or collected less what was refunded equals the payable of a delivered order
//! and is zero for any other that is over. On the way: a short line takes off no more than its
//! missing units cost, the bag's payable is the locked total less that, cash taken is what is due.

use domain::facts::Fact;
use domain::ids::OrderId;
use domain::order::{Event as Order, Stage};
use domain::payment::Event as Payment;
use domain::picking::Event as Picking;
use domain::pricing::Event as Pricing;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::World;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I9";
    const LAW: &'static str = "captured less refunded is what a delivered order came to, else zero";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Payment(
                Payment::Captured { .. }
                    | Payment::Refunded { .. }
                    | Payment::CashDue { .. }
                    | Payment::CashCollected { .. }
            ) | Fact::Pricing(Pricing::Locked { .. } | Pricing::LinePriced { .. })
                | Fact::Picking(Picking::LineShort { .. })
                | Fact::Order(
                    Order::Packed { .. }
                        | Order::Delivered { .. }
                        | Order::Rejected { .. }
                        | Order::Cancelled { .. }
                        | Order::Undelivered { .. }
                )
        )
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &Order) -> Ruling {
        let Order::Packed { order, payable, .. } = *event else { return Ruling::NotMine };
        let due = case.order.due;
        ensure!(
            payable.0 == due,
            Subject::Order(order),
            "packed for {} paise, locked less short lines is {due}",
            payable.0
        );
        Ruling::Kept
    }

    #[inline]
    fn payment(&mut self, case: &Case<'_>, event: &Payment) -> Ruling {
        let Payment::CashCollected { order, amount, .. } = *event else {
            return Ruling::NotMine;
        };
        let due = case.order.due;
        ensure!(
            amount.0 == due,
            Subject::Order(order),
            "{} paise taken at the door, {due} due",
            amount.0
        );
        Ruling::Kept
    }

    #[inline]
    fn picking(&mut self, case: &Case<'_>, event: &Picking) -> Ruling {
        let Picking::LineShort { order, line, wanted_units, units, reduction, .. } = *event else {
            return Ruling::NotMine;
        };
        let Some(row) = case.world.lines(case.live).find(|row| row.number == line) else {
            return Ruling::NotMine;
        };
        let missing = i64::from(wanted_units.saturating_sub(units));
        let most = row.unit_price.wrapping_mul(missing);
        ensure!(
            (0..=most).contains(&reduction.0),
            Subject::Order(order),
            "{} paise off for {missing} missing units that cost {most}",
            reduction.0
        );
        Ruling::Kept
    }

    fn end(&mut self, world: &World, rule: &mut dyn FnMut(Ruling)) {
        for (id, order) in world.orders().filter(|(_, order)| order.is_over()) {
            let owed = if order.stage == Stage::Delivered { order.due } else { 0 };
            rule(kept_is(id, order.stage, world.kept(order), owed));
        }
    }
}

fn kept_is(order: OrderId, stage: Stage, kept: i64, owed: i64) -> Ruling {
    ensure!(
        kept == owed,
        Subject::Order(order),
        "{stage}: {kept} paise kept of the customer's money, {owed} owed"
    );
    Ruling::Kept
}
