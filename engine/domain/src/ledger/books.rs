//! The balances that the entries add up to, and the wallets.

use super::{Account, Event};
use crate::ids::CustomerId;
use crate::money::Paise;

/// A customer's money with us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wallet {
    /// What the books owe the customer.
    pub balance: Paise,
    /// Of that, what is held for payments that are authorised and not yet captured.
    pub held: Paise,
}

impl Wallet {
    /// What could still be held.
    #[must_use]
    pub fn free(&self) -> Paise {
        self.balance - self.held
    }

    /// Holds a part for a payment. This is how the wallet authorises: what was held can be
    /// captured.
    ///
    /// # Errors
    /// [`Refusal::Overdrawn`] when less is free; then nothing is held.
    pub fn hold(&mut self, customer: CustomerId, amount: Paise) -> Result<(), Refusal> {
        let free = self.free();
        if amount > free {
            return Err(Refusal::Overdrawn { customer, wanted: amount, free });
        }
        self.held += amount;
        Ok(())
    }

    /// Lets go of what was held: before it is captured and posted, or when it is voided.
    ///
    /// # Panics
    /// If less was held.
    pub fn let_go(&mut self, customer: CustomerId, amount: Paise) {
        assert!(self.held >= amount, "{customer}: let go {amount} of {}", self.held);
        self.held -= amount;
    }

    /// Takes what came in, or off what was paid.
    ///
    /// # Panics
    /// If it would owe us money, or pay with money that is held for something else.
    pub fn change(&mut self, customer: CustomerId, amount: Paise) {
        self.balance += amount;
        assert!(self.free() >= Paise::ZERO, "{customer}: {amount} overdraws {self:?}");
    }

    /// What must be put in before an amount can be held, in whole steps of [`TOP_UP`]; none if
    /// it is covered.
    #[must_use]
    pub fn top_up(&self, amount: Paise) -> Option<Paise> {
        let missing = amount - self.free();
        let steps = (missing.0 + TOP_UP.0 - 1) / TOP_UP.0;
        (missing > Paise::ZERO).then_some(Paise(TOP_UP.0 * steps))
    }
}

/// Wallets are topped up by whole multiples of this. ₹500, assumed, grade E.
pub const TOP_UP: Paise = Paise::rupees(500);

/// Why a wallet does not pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is less in the wallet than was asked for.
    #[error("{customer}: wanted {wanted} of a wallet with {free} free")]
    Overdrawn {
        /// Whose wallet.
        customer: CustomerId,
        /// What should be held.
        wanted: Paise,
        /// What is free.
        free: Paise,
    },
}

/// The state of a city's books. Wallets are dense by customer and grow as customers appear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    balances: [Paise; Account::ALL.len()],
    wallets: Vec<Wallet>,
}

impl Books {
    /// What the entries on an account add up to: debits positive, credits negative.
    #[must_use]
    pub fn balance(&self, account: Account) -> Paise {
        self.balances[account as usize]
    }

    /// What all accounts add up to: zero, or the books are wrong.
    #[must_use]
    pub fn imbalance(&self) -> Paise {
        self.balances.iter().copied().sum()
    }

    /// A customer's wallet; empty for one who never had any money in it.
    #[must_use]
    pub fn wallet(&self, customer: CustomerId) -> Wallet {
        self.wallets.get(customer.index()).copied().unwrap_or_default()
    }

    /// Holds a part of a wallet for a payment. This is how the wallet authorises: what was held
    /// can be captured.
    ///
    /// # Errors
    /// [`Refusal::Overdrawn`] when less is free; then nothing is held.
    pub fn hold(&mut self, customer: CustomerId, amount: Paise) -> Result<(), Refusal> {
        self.wallet_mut(customer).hold(customer, amount)
    }

    /// Lets go of what was held: before it is captured and posted, or when it is voided.
    ///
    /// # Panics
    /// If less was held.
    pub fn let_go(&mut self, customer: CustomerId, amount: Paise) {
        self.wallet_mut(customer).let_go(customer, amount);
    }

    /// Applies what was written in the books.
    ///
    /// # Panics
    /// If a wallet would owe us money, or pay with money that is held for something else.
    pub fn evolve(&mut self, event: &Event) {
        match *event {
            Event::Entry { account, amount, .. } | Event::GeneralEntry { account, amount, .. } => {
                self.balances[account as usize] += amount;
            }
            Event::WalletMoved { customer, amount, .. } => {
                self.wallet_mut(customer).change(customer, amount);
            }
        }
    }

    fn wallet_mut(&mut self, customer: CustomerId) -> &mut Wallet {
        let index = customer.index();
        if index >= self.wallets.len() {
            self.wallets.resize(index + 1, Wallet::default());
        }
        &mut self.wallets[index]
    }
}
