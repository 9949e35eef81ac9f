//! I42: no wallet is below zero, and what wallets hold is what the books owe them.
//!
//! Wallets begin empty: every paisa in them was topped up or refunded. Within a posting, what
//! moves in a customer's wallet mirrors the entries on the wallets' account.

use domain::facts::Fact;
use domain::ids::PostingId;
use domain::ledger::{Account, Event};

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;
use crate::arena::Chunks;
use crate::world::World;

#[derive(Default)]
pub(crate) struct Law {
    wallets: Chunks<i64>,
    /// The posting last seen, and by how much its entries and movements differ, paise.
    posting: PostingId,
    gap: i64,
}

impl Invariant for Law {
    const ID: &'static str = "I42";
    const LAW: &'static str = "no wallet is below zero, and wallets mirror their account";

    fn shows(fact: &Fact) -> bool {
        matches!(fact, Fact::Ledger(_))
    }

    #[inline]
    fn ledger(&mut self, _: &Case<'_>, event: &Event) -> Ruling {
        match *event {
            Event::Entry { posting, account, amount, .. }
            | Event::GeneralEntry { posting, account, amount } => {
                let booked = if account == Account::WalletLiability { amount.0 } else { 0 };
                self.mirror(posting, booked)
            }
            Event::WalletMoved { posting, customer, amount } => {
                let mirrored = self.mirror(posting, amount.0);
                let Some(balance) = self.wallets.entry(customer.index()) else { return mirrored };
                *balance = balance.wrapping_add(amount.0);
                let left = *balance;
                ensure!(
                    left >= 0,
                    Subject::Wallet(customer),
                    "{} paise leave it at {left}",
                    amount.0
                );
                if let Ruling::NotMine = mirrored { Ruling::Kept } else { mirrored }
            }
        }
    }

    fn end(&mut self, _: &World, rule: &mut dyn FnMut(Ruling)) {
        rule(self.mirror(PostingId(u64::MAX), 0));
    }
}

impl Law {
    /// Takes an entry or a movement of a posting; rules on the one before when a new one begins.
    fn mirror(&mut self, posting: PostingId, amount: i64) -> Ruling {
        if posting == self.posting {
            self.gap = self.gap.wrapping_add(amount);
            return Ruling::NotMine;
        }
        let before = std::mem::replace(&mut self.posting, posting);
        let gap = std::mem::replace(&mut self.gap, amount);
        ensure!(
            gap == 0,
            Subject::Posting(before),
            "entries on the wallets' account and wallet movements differ by {gap} paise"
        );
        Ruling::NotMine
    }
}
