//! Attempts to pay, cash, and what the books say of an order.

use domain::ids::{OrderId, RiderId};
use domain::ledger::{Account, Event as Ledger};
use domain::payment::Event;

use super::{Attempt, AttemptState, World};

impl World {
    /// An attempt by its number, made if need be.
    fn attempt_mut(&mut self, order: OrderId, number: u8) -> Option<&mut Attempt> {
        let first = self.order_mut(order)?.attempts;
        let mut at = first;
        while let Some(attempt) = self.attempts.get(at) {
            if attempt.number == number {
                return self.attempts.get_mut(at);
            }
            at = attempt.next;
        }
        let made = self.attempts.take(Attempt {
            amount: 0,
            captured: 0,
            refunded: 0,
            next: first,
            number,
            state: AttemptState::Initiated,
        });
        self.order_mut(order)?.attempts = made;
        self.attempts.get_mut(made)
    }

    /// The number of the attempt in cash: the one there is, or the next.
    fn cash_attempt(&self, order: OrderId) -> u8 {
        let row = self.order(order);
        let newest = self.attempts(row).next();
        match newest {
            Some(attempt) if row.cash_due => attempt.number,
            Some(attempt) => attempt.number.saturating_add(1),
            None => 1,
        }
    }

    #[inline(never)]
    pub(super) fn fold_payment(&mut self, event: &Event) {
        use AttemptState as S;
        match *event {
            Event::Initiated { order, attempt, amount, .. } => {
                self.set_attempt(order, attempt, S::Initiated);
                if let Some(row) = self.attempt_mut(order, attempt) {
                    row.amount = amount.0;
                }
            }
            Event::Pending { order, attempt } => self.set_attempt(order, attempt, S::Pending),
            Event::Authorised { order, attempt, .. } => {
                self.set_attempt(order, attempt, S::Authorised);
            }
            Event::Declined { order, attempt, .. } => self.set_attempt(order, attempt, S::Declined),
            Event::Captured { order, attempt, amount, .. } => {
                self.set_attempt(order, attempt, S::Captured);
                if let Some(row) = self.attempt_mut(order, attempt) {
                    row.captured = row.captured.wrapping_add(amount.0);
                }
            }
            Event::Voided { order, attempt } => self.set_attempt(order, attempt, S::Voided),
            Event::RefundAsked { .. } => {}
            Event::Refunded { order, attempt, amount, .. } => {
                if let Some(row) = self.attempt_mut(order, attempt) {
                    row.refunded = row.refunded.wrapping_add(amount.0);
                }
            }
            Event::Expired { order } => {
                if let Some(row) = self.order_mut(order) {
                    row.payment_over = true;
                }
            }
            Event::CashDue { order, .. } => {
                let attempt = self.cash_attempt(order);
                self.set_attempt(order, attempt, S::CashDue);
                if let Some(row) = self.order_mut(order) {
                    row.cash_due = true;
                }
            }
            Event::CashCollected { order, rider, amount } => {
                let attempt = self.cash_attempt(order);
                if let Some(row) = self.attempt_mut(order, attempt) {
                    row.state = S::Captured;
                    row.captured = row.captured.wrapping_add(amount.0);
                }
                self.move_cash(rider, amount.0);
            }
            Event::CashRemitted { rider, amount } => self.move_cash(rider, amount.0.wrapping_neg()),
        }
    }

    fn set_attempt(&mut self, order: OrderId, attempt: u8, state: AttemptState) {
        if let Some(row) = self.attempt_mut(order, attempt) {
            row.state = state;
        }
    }

    fn move_cash(&mut self, rider: RiderId, paise: i64) {
        if let Some(row) = self.riders.get_mut(rider.index()) {
            row.cash = row.cash.wrapping_add(paise);
        }
    }

    #[inline(never)]
    pub(super) fn fold_ledger(&mut self, event: &Ledger) {
        match *event {
            Ledger::Entry { order, account, amount, .. } => {
                let Some(row) = self.order_mut(order) else { return };
                match account {
                    Account::CustomerDeposits => row.deposits = row.deposits.wrapping_add(amount.0),
                    Account::Provider
                    | Account::CashWithRiders
                    | Account::Bank
                    | Account::WalletLiability => row.assets = row.assets.wrapping_add(amount.0),
                    Account::Sales | Account::Fees | Account::TaxPayable => {}
                }
            }
            Ledger::GeneralEntry { .. } | Ledger::WalletMoved { .. } => {}
        }
    }
}
