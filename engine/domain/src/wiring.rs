//! Who hears what: the one table that joins the areas of the business.
//!
//! Every fact passes through [`hear`] right after it is written in the journal. What it calls
//! forth is handed out in order; whoever drives the domain carries the calls out in that order.

use crate::facts::Fact;
use crate::ids::{OrderId, SkuId};
use crate::{delivery, dispatch, order, payment, picking, pricing, saga, stock};

/// Something that a fact calls forth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// The order's saga hears a word.
    Saga(OrderId, saga::Input),
    /// The order's pick list hears a word.
    Task(OrderId, picking::Input),
    /// The order's wait for a rider hears a word.
    Request(OrderId, dispatch::request::Input),
    /// The order's payment hears a word.
    Payment(OrderId, payment::Input),
    /// Units of a held line were found, perhaps fewer than held.
    Commit {
        /// For whom.
        order: OrderId,
        /// The SKU.
        sku: SkuId,
        /// How many were found.
        found_units: u32,
    },
    /// What was picked for an order goes back on the shelf.
    PutBack(OrderId),
    /// Money moved: it is written in the books.
    Account(payment::Event),
    /// The order is delivered: its deposit becomes a sale.
    Sell(OrderId),
}

/// Hands out what a fact calls forth, in order.
pub fn hear(fact: &Fact, call: &mut impl FnMut(Call)) {
    match fact {
        Fact::Pricing(event) => hear_pricing(event, call),
        Fact::Order(event) => hear_order(event, call),
        Fact::Stock(event) => hear_stock(event, call),
        Fact::Payment(event) => hear_payment(event, call),
        Fact::Picking(event) => hear_picking(event, call),
        Fact::Delivery(event) => hear_delivery(event, call),
        Fact::Opening(_)
        | Fact::Store(_)
        | Fact::Ledger(_)
        | Fact::Dispatch(_)
        | Fact::Rider(_) => {}
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "most facts call nothing forth")]
fn hear_pricing(event: &pricing::Event, call: &mut impl FnMut(Call)) {
    use pricing::Event as E;
    match *event {
        E::Locked { order, .. } => call(Call::Saga(order, saga::Input::QuoteLocked)),
        E::Expired { order } => call(Call::Saga(order, saga::Input::QuoteExpired)),
        _ => {}
    }
}

fn hear_order(event: &order::Event, call: &mut impl FnMut(Call)) {
    if let order::Event::Delivered { order, .. } = *event {
        call(Call::Sell(order));
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "most facts call nothing forth")]
fn hear_stock(event: &stock::Event, call: &mut impl FnMut(Call)) {
    use stock::Event as E;
    match *event {
        E::Held { order, .. } => call(Call::Saga(order, saga::Input::StockHeld)),
        E::Refused { order, .. } => call(Call::Saga(order, saga::Input::StockRefused)),
        E::Released { order, .. } => call(Call::Saga(order, saga::Input::HoldReleased)),
        E::Expired { order, .. } => call(Call::Saga(order, saga::Input::HoldExpired)),
        _ => {}
    }
}

fn hear_payment(event: &payment::Event, call: &mut impl FnMut(Call)) {
    use payment::Event as E;
    if let E::Initiated { order, attempt: 2.., .. } = *event {
        call(Call::Saga(order, saga::Input::PaymentRetried));
    }
    if let E::Captured { .. }
    | E::Refunded { .. }
    | E::CashCollected { .. }
    | E::CashRemitted { .. } = event
    {
        call(Call::Account(*event));
    }
}

fn hear_picking(event: &picking::Event, call: &mut impl FnMut(Call)) {
    use picking::Event as E;
    match *event {
        E::Started { order, .. } => call(Call::Saga(order, saga::Input::PickStarted)),
        E::LinePicked { order, sku, units, .. } => {
            call(Call::Commit { order, sku, found_units: units });
        }
        E::LineShort { order, sku, units, reduction, .. } => {
            call(Call::Commit { order, sku, found_units: units });
            call(Call::Saga(order, saga::Input::LineShort { reduction }));
        }
        E::Packed { order, anything, .. } => {
            call(Call::Saga(order, saga::Input::PickPacked { anything }));
            call(Call::Request(order, dispatch::request::Input::BagPacked));
        }
        E::Closed { order } => {
            call(Call::PutBack(order));
            call(Call::Saga(order, saga::Input::PickClosed));
        }
        E::Queued { .. } | E::HandedOver { .. } | E::Aborted { .. } => {}
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "most facts call nothing forth")]
fn hear_delivery(event: &delivery::Event, call: &mut impl FnMut(Call)) {
    use delivery::Event as E;
    match *event {
        E::PickedUp { order, rider, .. } => {
            call(Call::Task(order, picking::Input::HandOver { rider }));
            call(Call::Saga(order, saga::Input::PickedUp));
        }
        E::Arrived { order, .. } => call(Call::Saga(order, saga::Input::RiderArrived)),
        E::Delivered { order, rider, .. } => {
            call(Call::Request(order, dispatch::request::Input::Delivered));
            call(Call::Payment(order, payment::Input::CashTaken { rider }));
            call(Call::Saga(order, saga::Input::HandedOver));
        }
        E::Failed { order, .. } => call(Call::Saga(order, saga::Input::DoorFailed)),
        E::Returned { order, .. } => {
            call(Call::Request(order, dispatch::request::Input::Returned));
        }
        _ => {}
    }
}
