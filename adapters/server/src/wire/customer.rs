//! Quotes and orders on the wire.

use domain::ids::OrderId;
use domain::payment::{Method, Stage};
use domain::pricing::quote;
use serde::{Deserialize, Serialize};
use shell::Order;
use shell::log::Note;
use shell::mutant::{self, Mutant};
use utoipa::ToSchema;

use super::{Decimal, WirePlace};
use crate::problem::Problem;

/// A line of a cart.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub(crate) struct CartLine {
    pub(crate) sku_id: Decimal<u32>,
    pub(crate) units: u32,
}

/// The body of `POST /api/quotes`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct QuoteAsked {
    pub(crate) store_id: Decimal<u32>,
    pub(crate) door: WirePlace,
    /// Without any, the customer's cart is quoted.
    #[serde(default)]
    pub(crate) lines: Vec<CartLine>,
    #[serde(default)]
    pub(crate) raining: bool,
}

/// The body of `POST /api/orders`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct OrderAsked {
    pub(crate) quote_id: Decimal<u64>,
    pub(crate) client_ref: Decimal<u64>,
    pub(crate) door: WirePlace,
    /// `upi`, `card`, `wallet` or `cash`.
    pub(crate) method: String,
    /// The quote was of the customer's cart, which is done with then.
    #[serde(default)]
    pub(crate) from_cart: bool,
}

/// The body of `POST /api/orders/{id}/payment`: the customer answers after a failed attempt.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PayAgain {
    pub(crate) again: bool,
    pub(crate) method: Option<String>,
}

/// How something is paid, by its name.
///
/// # Errors
/// When there is no such way.
pub(crate) fn method_of(text: &str) -> Result<Method, Problem> {
    Method::from_text(text)
        .ok_or_else(|| Problem::bad_request("method is upi, card, wallet or cash"))
}

/// A line with its price.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct PricedLine {
    sku_id: Decimal<u32>,
    units: u32,
    picked_units: u32,
    unit_price_paise: i64,
}

fn lines(order: &Order) -> Vec<PricedLine> {
    let line = |line: &shell::OrderLine| PricedLine {
        sku_id: Decimal(line.sku.0),
        units: line.units,
        picked_units: line.picked_units,
        unit_price_paise: line.unit_price.0,
    };
    order.lines.iter().map(line).collect()
}

/// The answer to `POST /api/quotes`. Lines that the store does not have are left out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuoteGiven {
    quote_id: Decimal<u64>,
    store_id: Decimal<u32>,
    total_paise: i64,
    fees_paise: i64,
    promise_by_us: u64,
    valid_until_us: u64,
    lines: Vec<PricedLine>,
}

impl QuoteGiven {
    /// The quote of an order's row; none if it has none that could be accepted.
    pub(crate) fn of(id: OrderId, row: &Order) -> Option<Self> {
        let quote::State::Issued { mut total, valid_until } = row.quote else { return None };
        if mutant::is(Mutant::QuotesLess) {
            total.0 -= 100;
        }
        Some(Self {
            quote_id: Decimal(id.0),
            store_id: Decimal(row.store.0),
            total_paise: total.0,
            fees_paise: row.fees.total().0,
            promise_by_us: row.promise_by.0,
            valid_until_us: valid_until.0,
            lines: lines(row),
        })
    }
}

/// The answer to `POST /api/orders`: what does not change any more, so that a repeat is answered
/// with the same bytes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderTaken {
    pub(crate) order_id: Decimal<u64>,
    pub(crate) client_ref: Decimal<u64>,
}

/// An order as its customer sees it.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct OrderShown {
    order_id: Decimal<u64>,
    client_ref: Decimal<u64>,
    customer_id: Decimal<u32>,
    store_id: Decimal<u32>,
    status: &'static str,
    is_over: bool,
    version: u16,
    total_paise: i64,
    kept_paise: i64,
    cash_due_paise: i64,
    /// Paying failed, and the customer may try again: `POST /api/orders/{id}/payment`.
    asks_to_pay_again: bool,
    promise_by_us: u64,
    lines: Vec<PricedLine>,
}

impl OrderShown {
    pub(crate) fn of(id: OrderId, row: &Order) -> Self {
        Self {
            order_id: Decimal(id.0),
            client_ref: Decimal(row.client_ref),
            customer_id: Decimal(row.customer.0),
            store_id: Decimal(row.store.0),
            status: row.saga.stage.text(),
            is_over: row.saga.stage.is_terminal(),
            version: row.saga.version,
            total_paise: row.saga.payable.0,
            kept_paise: row.payment.kept().0,
            cash_due_paise: row.payment.cash_due().0,
            asks_to_pay_again: row.payment.stage == Stage::Asking,
            promise_by_us: row.promise_by.0,
            lines: lines(row),
        }
    }
}

impl OrderShown {
    /// Whether nothing of it will change any more.
    pub(crate) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether it was not read before another of the same order.
    pub(crate) const fn is_since(&self, other: &Self) -> bool {
        self.version >= other.version
    }
}

/// An order on its way.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Tracked {
    #[serde(flatten)]
    pub(crate) order: OrderShown,
    /// Where its rider was heard of last, within a minute.
    pub(crate) rider_place: Option<WirePlace>,
}

/// Something that a customer was told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoteShown {
    order_id: Decimal<u64>,
    /// The number of the fact in the journal.
    seq: u64,
    /// The kind of fact, such as `order_delivered`.
    kind: &'static str,
    at_us: u64,
}

impl NoteShown {
    pub(crate) const fn of(note: &Note) -> Self {
        let Note { order, seq, kind, at } = *note;
        Self { order_id: Decimal(order.0), seq, kind, at_us: at.0 }
    }
}

/// What a customer was told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotesShown {
    pub(crate) notifications: Vec<NoteShown>,
}
