//! The books: double entry, every posting sums to zero.
//!
//! One table says which business event posts what: see `posting` in `decide.rs`. An order's
//! entries on [`Account::CustomerDeposits`] return to zero when it is over: what was captured
//! has been sold or has gone back.

mod books;
mod decide;
mod sale;
#[cfg(test)]
mod tests;

pub use books::{Books, Refusal, TOP_UP, Wallet};
pub use decide::{Command, decide};
pub use sale::{Sale, SoldLine};

use crate::ids::{CustomerId, OrderId, PostingId};
use crate::money::Paise;

choices! {
    /// An account. Debits are positive, credits negative.
    pub enum Account {
        /// What the payment providers owe us.
        Provider = "provider",
        /// Cash that riders hold.
        CashWithRiders = "cash_with_riders",
        /// Cash handed in.
        Bank = "bank",
        /// What we owe customers for orders not yet delivered; zero for an order that is over.
        CustomerDeposits = "customer_deposits",
        /// What we owe customers' wallets.
        WalletLiability = "wallet_liability",
        /// Goods sold, net of tax.
        Sales = "sales",
        /// Fees earned, net of tax.
        Fees = "fees",
        /// Goods and services tax owed.
        TaxPayable = "tax_payable",
    }
}

events! {
    /// What was written in the books.
    pub enum Event {
        /// One side of a posting.
        Entry {
            /// The posting it belongs to; entries of a posting sum to zero.
            posting: PostingId,
            /// The order it is for.
            order: OrderId,
            /// The account.
            account: Account,
            /// Debit if positive, credit if negative.
            amount: Paise,
        } = "ledger_entry",
        /// One side of a posting that is for no order: cash handed in, a wallet topped up.
        GeneralEntry {
            /// The posting it belongs to; entries of a posting sum to zero.
            posting: PostingId,
            /// The account.
            account: Account,
            /// Debit if positive, credit if negative.
            amount: Paise,
        } = "ledger_general_entry",
        /// Whose wallet a posting's entry on the wallets' account is about.
        WalletMoved {
            /// The posting.
            posting: PostingId,
            /// Whose wallet.
            customer: CustomerId,
            /// What came into the wallet; negative for what was paid from it.
            amount: Paise,
        } = "ledger_wallet_moved",
    }
}
