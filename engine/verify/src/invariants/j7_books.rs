//! J7: the books say of every order what its payments say.
//!
//! What an order added to the providers' debt, to cash, to the bank and took off wallets is what
//! was captured and not refunded. Of an order that is over, nothing is left on deposit: the
//! deposit was sold or went back. Judged at the end, and only of journals that have books.

use domain::facts::Fact;
use domain::ledger::Event;
use domain::payment::Event as Payment;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::world::World;

#[derive(Default)]
pub(crate) struct Law {
    has_books: bool,
}

impl Invariant for Law {
    const ID: &'static str = "J7";
    const LAW: &'static str = "the books agree with the payments, and deposits end at zero";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Ledger(_)
                | Fact::Payment(
                    Payment::Captured { .. }
                        | Payment::Refunded { .. }
                        | Payment::CashCollected { .. }
                )
        )
    }

    #[inline]
    fn ledger(&mut self, _: &Case<'_>, event: &Event) -> Ruling {
        self.has_books |= matches!(event, Event::Entry { .. });
        Ruling::NotMine
    }

    fn end(&mut self, world: &World, rule: &mut dyn FnMut(Ruling)) {
        if !self.has_books {
            return;
        }
        for (id, order) in world.orders() {
            let (kept, booked, deposits) = (world.kept(order), order.assets, order.deposits);
            if kept == 0 && booked == 0 && deposits == 0 {
                continue;
            }
            let agree = || {
                let subject = Subject::Order(id);
                ensure!(booked == kept, subject, "{kept} paise kept, {booked} in the books");
                let is_settled = deposits == 0 || !order.is_over();
                ensure!(is_settled, subject, "over with {deposits} paise on deposit");
                Ruling::Kept
            };
            rule(agree());
        }
    }
}
