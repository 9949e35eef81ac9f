//! I20: the price charged and the promise given are those of the quote, locked while it was valid.

use domain::facts::Fact;
use domain::order::Event as Order;
use domain::payment::Event as Payment;
use domain::pricing::Event as Pricing;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::Quote;

#[derive(Default)]
pub(crate) struct Law;

impl Invariant for Law {
    const ID: &'static str = "I20";
    const LAW: &'static str = "the price charged is that of a quote locked while it was valid";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Pricing(
                Pricing::Issued { .. } | Pricing::Locked { .. } | Pricing::Expired { .. }
            ) | Fact::Order(Order::Placed { .. } | Order::Reserved { .. })
                | Fact::Payment(
                    Payment::Initiated { .. }
                        | Payment::Authorised { .. }
                        | Payment::Captured { .. }
                        | Payment::CashDue { .. }
                )
        )
    }

    #[inline]
    fn pricing(&mut self, case: &Case<'_>, event: &Pricing) -> Ruling {
        let Pricing::Locked { order, total } = *event else { return Ruling::NotMine };
        let (subject, at, live) = (Subject::Order(order), case.record.at, case.live);
        let (issued, until) = (live.total, live.valid_until);
        ensure!(at <= until, subject, "locked at {at}, valid until {until}");
        ensure!(total.0 == issued, subject, "locked at {} paise, quoted {issued}", total.0);
        Ruling::Kept
    }

    #[inline]
    fn order(&mut self, case: &Case<'_>, event: &Order) -> Ruling {
        let live = case.live;
        if let Order::Placed { order, store, promise_by, .. } = *event {
            let (quoted, quoted_by) = (live.store, live.promise_by);
            if !matches!(live.quote, Quote::Issued | Quote::Locked) {
                return Ruling::NotMine;
            }
            let subject = Subject::Order(order);
            ensure!(store == quoted, subject, "placed at {store}, quoted for {quoted}");
            ensure!(promise_by == quoted_by, subject, "promised {promise_by}, quoted {quoted_by}");
            return Ruling::Kept;
        }
        let Order::Reserved { order, .. } = *event else { return Ruling::NotMine };
        let quote = live.quote;
        ensure!(quote == Quote::Locked, Subject::Order(order), "reserved with its quote {quote:?}");
        Ruling::Kept
    }

    #[inline]
    fn payment(&mut self, case: &Case<'_>, event: &Payment) -> Ruling {
        if let Payment::Initiated { order, amount, .. } = *event {
            let (asked, total) = (amount.0, case.order.due);
            ensure!(
                asked == total,
                Subject::Order(order),
                "{asked} paise are asked for, {total} were locked"
            );
            return Ruling::Kept;
        }
        if let Payment::CashDue { order, amount } = *event {
            let (least, most) = (case.order.due, case.live.total);
            ensure!(
                (least..=most).contains(&amount.0),
                Subject::Order(order),
                "{} paise are due in cash, {most} were quoted and {least} are left",
                amount.0
            );
            return Ruling::Kept;
        }
        let (Payment::Authorised { order, attempt, amount, .. }
        | Payment::Captured { order, attempt, amount, .. }) = *event
        else {
            return Ruling::NotMine;
        };
        let row = case.world.attempts(case.order).find(|row| row.number == attempt);
        let asked = row.map_or(0, |row| row.amount);
        ensure!(
            amount.0 == asked,
            Subject::Order(order),
            "attempt {attempt}: {} paise are taken, {asked} were asked for",
            amount.0
        );
        Ruling::Kept
    }
}
