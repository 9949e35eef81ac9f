//! Which business event posts what.

use super::{Account, Event, Sale};
use crate::ids::{CustomerId, OrderId, PostingId};
use crate::money::Paise;
use crate::payment::{Event as Paid, Method};

/// What the books are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Something happened to an order's money. Most of it moves none, and posts nothing.
    Payment {
        /// What happened.
        event: Paid,
        /// Whose order it is; their wallet may be moved.
        customer: CustomerId,
    },
    /// An order was handed over: what was deposited for it is now earned.
    Delivered {
        /// The order.
        order: OrderId,
        /// What it came to, short lines taken off.
        sale: Sale,
    },
    /// A delivered order, or a part of it, is taken back: the sale is undone so that the money
    /// can go back.
    Credited {
        /// The order.
        order: OrderId,
        /// What is taken back.
        sale: Sale,
    },
    /// A customer put money into their wallet, through a payment provider.
    ToppedUp {
        /// Whose wallet.
        customer: CustomerId,
        /// How much.
        amount: Paise,
    },
}

/// Sides of the largest posting.
const MAX_SIDES: usize = 4;

/// What an event posts: for which order if any, the sides, and whose wallet is moved by what.
struct Posting {
    order: Option<OrderId>,
    sides: [(Account, Paise); MAX_SIDES],
    wallet: Option<(CustomerId, Paise)>,
}

impl Posting {
    fn new(order: Option<OrderId>, debit: Account, credit: Account, amount: Paise) -> Self {
        let none = (debit, Paise::ZERO);
        Self { order, sides: [(debit, amount), (credit, -amount), none, none], wallet: None }
    }
}

/// The table: which event posts what. Debits come first.
fn posting(command: &Command) -> Option<Posting> {
    use Account::{Bank, CashWithRiders, CustomerDeposits, Provider, WalletLiability};
    let (customer, event) = match *command {
        Command::Payment { event, customer } => (customer, event),
        Command::Delivered { order, sale } => return Some(sold(order, sale)),
        Command::Credited { order, sale } => return Some(sold(order, -sale)),
        Command::ToppedUp { customer, amount } => {
            let posting = Posting::new(None, Provider, WalletLiability, amount);
            return Some(Posting { wallet: Some((customer, amount)), ..posting });
        }
    };
    let of = |order, debit, credit, amount| Some(Posting::new(order, debit, credit, amount));
    match event {
        Paid::Captured { order, method: Method::Upi | Method::Card, amount, .. } => {
            of(Some(order), Provider, CustomerDeposits, amount)
        }
        Paid::Captured { order, method: Method::Wallet, amount, .. } => Some(Posting {
            wallet: Some((customer, -amount)),
            ..Posting::new(Some(order), WalletLiability, CustomerDeposits, amount)
        }),
        Paid::CashCollected { order, amount, .. } => {
            of(Some(order), CashWithRiders, CustomerDeposits, amount)
        }
        Paid::CashRemitted { amount, .. } => of(None, Bank, CashWithRiders, amount),
        Paid::Refunded { order, method: Method::Upi | Method::Card, amount, .. } => {
            of(Some(order), CustomerDeposits, Provider, amount)
        }
        // Cash goes back into the wallet: nobody rides out to return notes.
        Paid::Refunded { order, method: Method::Wallet | Method::Cash, amount, .. } => {
            Some(Posting {
                wallet: Some((customer, amount)),
                ..Posting::new(Some(order), CustomerDeposits, WalletLiability, amount)
            })
        }
        Paid::Captured { method: Method::Cash, .. }
        | Paid::Initiated { .. }
        | Paid::Pending { .. }
        | Paid::Authorised { .. }
        | Paid::Declined { .. }
        | Paid::Voided { .. }
        | Paid::RefundAsked { .. }
        | Paid::Expired { .. }
        | Paid::CashDue { .. } => None,
    }
}

/// A sale: the deposit becomes income and tax.
fn sold(order: OrderId, sale: Sale) -> Posting {
    let sides = [
        (Account::CustomerDeposits, sale.payable()),
        (Account::Sales, -sale.goods),
        (Account::Fees, -sale.fees),
        (Account::TaxPayable, -sale.tax),
    ];
    Posting { order: Some(order), sides, wallet: None }
}

/// Posts what a business event asks for, appending entries that sum to zero; tells whether it
/// posted anything and so used up the posting's number.
///
/// Nothing is refused: the event has happened. That a wallet covers a payment is seen to when
/// the amount is held ([`super::Books::hold`]).
pub fn decide(command: &Command, posting_id: PostingId, events: &mut Vec<Event>) -> bool {
    let Some(Posting { order, sides, wallet }) = posting(command) else { return false };
    let posting = posting_id;
    let before = events.len();
    for (account, amount) in sides.into_iter().filter(|(_, amount)| *amount != Paise::ZERO) {
        events.push(match order {
            Some(order) => Event::Entry { posting, order, account, amount },
            None => Event::GeneralEntry { posting, account, amount },
        });
    }
    if let Some((customer, amount)) = wallet.filter(|(_, amount)| *amount != Paise::ZERO) {
        events.push(Event::WalletMoved { posting, customer, amount });
    }
    events.len() > before
}
