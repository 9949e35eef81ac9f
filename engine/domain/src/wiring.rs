//! Who hears what: the one table that joins the areas of the business.
//!
//! Every fact passes through [`hear`] right after it is written in the journal. What it calls
//! forth is handed out in order; whoever drives the domain carries the calls out in that order.

use crate::facts::Fact;
use crate::ids::{OrderId, SkuId, TripId};
use crate::{delivery, dispatch, order, outside, payment, picking, pricing, saga, stock};

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

/// What a saga's effect calls forth at once; none if it asks something of the outside, of the
/// shelf, of the quote, or tells a fact.
#[must_use]
pub const fn asked_by_saga(order: OrderId, effect: &saga::Effect) -> Option<Call> {
    use saga::Effect as E;
    Some(match *effect {
        E::Pay { method, amount } => Call::Payment(order, payment::Input::Start { method, amount }),
        E::ReducePayment { amount } => Call::Payment(order, payment::Input::Refund { amount }),
        E::ClosePayment => Call::Payment(order, payment::Input::End),
        E::AbortPick => Call::Task(order, picking::Input::Abort),
        E::WithdrawRider => Call::Request(order, dispatch::request::Input::Withdraw),
        E::Publish(_)
        | E::LockQuote
        | E::Reserve { .. }
        | E::ExtendHold { .. }
        | E::SecureHold
        | E::ReleaseHold
        | E::QueuePick
        | E::RequestRider
        | E::WakeAt(..) => return None,
    })
}

/// What a payment's effect calls forth at once; none if it asks something of the outside or tells
/// a fact.
#[must_use]
pub const fn asked_by_payment(order: OrderId, effect: &payment::Effect) -> Option<Call> {
    use payment::Effect as E;
    Some(match *effect {
        E::Settled => Call::Saga(order, saga::Input::PaymentSettled),
        E::Failed => Call::Saga(order, saga::Input::PaymentFailed),
        E::Closed => Call::Saga(order, saga::Input::PaymentClosed),
        E::Publish(_)
        | E::AskProvider { .. }
        | E::AskStatus { .. }
        | E::Capture { .. }
        | E::Void { .. }
        | E::Refund { .. }
        | E::AskCustomer
        | E::WakeAt(..)
        | E::Review { .. } => return None,
    })
}

/// What a payment's effect asks of the outside; none if it asks nothing of it.
///
/// `paying` is the state after the step that gave the effect.
#[must_use]
pub fn outside_payment(
    order: OrderId,
    paying: &payment::State,
    effect: &payment::Effect,
) -> Option<outside::Effect> {
    use outside::Effect as O;
    use payment::Effect as E;
    let method = |attempt| paying.method_of(attempt).unwrap_or(payment::Method::Upi);
    Some(match *effect {
        E::AskProvider { attempt, method, amount } => {
            O::AskProvider { order, attempt, method, amount }
        }
        E::AskStatus { attempt } => O::AskStatus { order, attempt, method: method(attempt) },
        E::Capture { attempt, amount } => {
            O::Capture { order, attempt, method: method(attempt), amount }
        }
        E::Void { attempt } => O::Void { order, attempt, method: method(attempt) },
        E::Refund { attempt, amount, total } => {
            O::Refund { order, attempt, method: method(attempt), amount, total }
        }
        E::AskCustomer => O::AskCustomer { order },
        E::WakeAt(timer, wake_at) => O::WakePayment { order, timer, wake_at },
        E::Review { attempt } => O::Review { order, attempt },
        E::Publish(_) | E::Settled | E::Failed | E::Closed => return None,
    })
}

/// What a trip's effect asks of the outside; none if it asks nothing of it.
#[must_use]
pub fn outside_trip(
    trip: TripId,
    state: &delivery::State,
    effect: &delivery::Effect,
) -> Option<outside::Effect> {
    use delivery::Effect as E;
    use outside::Effect as O;
    let delivery::State { rider, store, .. } = *state;
    Some(match *effect {
        E::AskRider { expires_at } => O::AskRider { trip, rider, expires_at },
        E::RideToStore => O::RideToStore { trip, rider, store },
        E::HandOver(order) => O::HandOver { trip, rider, order },
        E::RideToDoor(order) => O::RideToDoor { trip, rider, order },
        E::Knock(order) => O::Knock { trip, rider, order },
        E::RideBack => O::RideBack { trip, rider, store },
        E::Publish(_) | E::Lost(_) | E::Left(_) | E::Free => return None,
    })
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
