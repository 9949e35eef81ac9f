//! The books: double entry, every posting sums to zero.

use crate::ids::{OrderId, PostingId};
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
    }
}
