//! What a fact is about: which order, and whether it mentions the subject of a break.

use domain::facts::Fact;
use domain::ids::{CustomerId, OrderId, PickerId, PostingId, RiderId, SkuId, StoreId, TripId};
use domain::{delivery, dispatch, ledger, order, payment, picking, pricing, stock};

/// What a broken law is broken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The journal as a whole.
    Journal,
    /// An order.
    Order(OrderId),
    /// One line of an order.
    Line(OrderId, SkuId),
    /// The units of one SKU at one store.
    Shelf(StoreId, SkuId),
    /// A store.
    Store(StoreId),
    /// A picker.
    Picker(PickerId),
    /// A rider.
    Rider(RiderId),
    /// A trip.
    Trip(TripId),
    /// An order on a trip.
    Ride(OrderId, TripId),
    /// A posting in the books.
    Posting(PostingId),
    /// A customer's wallet.
    Wallet(CustomerId),
}

impl Subject {
    /// Whether a fact mentions the subject, by the names of its fields.
    #[must_use]
    pub fn is_in(self, fact: &Fact) -> bool {
        let says = |name: &str, id: u64| value_of(fact, name) == i64::try_from(id).ok();
        match self {
            Self::Journal => true,
            Self::Order(order) => says("order", order.0),
            Self::Line(order, sku) => {
                says("order", order.0)
                    && value_of(fact, "sku").is_none_or(|value| value == i64::from(sku.0))
                    || matches!(fact, Fact::Opening(_)) && says("sku", u64::from(sku.0))
            }
            Self::Shelf(store, sku) => {
                says("store", u64::from(store.0)) && says("sku", u64::from(sku.0))
            }
            Self::Store(store) => says("store", u64::from(store.0)),
            Self::Picker(picker) => says("picker", u64::from(picker.0)),
            Self::Rider(rider) => says("rider", u64::from(rider.0)),
            Self::Trip(trip) => says("trip", u64::from(trip.0)),
            Self::Ride(order, trip) => {
                let is_of_order = value_of(fact, "order").is_some();
                says("order", order.0) || !is_of_order && says("trip", u64::from(trip.0))
            }
            Self::Posting(posting) => says("posting", posting.0),
            Self::Wallet(customer) => says("customer", u64::from(customer.0)),
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Journal => f.write_str("journal"),
            Self::Order(order) => write!(f, "{order}"),
            Self::Line(order, sku) => write!(f, "{order} {sku}"),
            Self::Shelf(store, sku) => write!(f, "{store} {sku}"),
            Self::Store(store) => write!(f, "{store}"),
            Self::Picker(picker) => write!(f, "{picker}"),
            Self::Rider(rider) => write!(f, "{rider}"),
            Self::Trip(trip) => write!(f, "{trip}"),
            Self::Ride(order, trip) => write!(f, "{order} on {trip}"),
            Self::Posting(posting) => write!(f, "{posting}"),
            Self::Wallet(customer) => write!(f, "wallet of {customer}"),
        }
    }
}

/// The first cell of a fact's field; none if it has no such field.
fn value_of(fact: &Fact, name: &str) -> Option<i64> {
    let mut place = 0;
    for (field, columns) in fact.kind().fields {
        if *field == name {
            let (mut at, mut value) = (0, None);
            fact.to_cells(&mut |cell| {
                if at == place {
                    value = Some(cell);
                }
                at += 1;
            });
            return value;
        }
        place += columns.len();
    }
    None
}

/// The order that a fact is about, if it is about one.
#[inline]
pub(crate) fn order_of(fact: &Fact) -> Option<OrderId> {
    match fact {
        Fact::Opening(_) | Fact::Store(_) | Fact::Rider(_) => None,
        Fact::Pricing(event) => of_pricing(event),
        Fact::Order(event) => Some(of_order(event)),
        Fact::Stock(event) => of_stock(event),
        Fact::Payment(event) => of_payment(event),
        Fact::Ledger(event) => of_ledger(event),
        Fact::Picking(event) => Some(of_picking(event)),
        Fact::Dispatch(event) => Some(of_dispatch(event)),
        Fact::Delivery(event) => of_delivery(event),
    }
}

#[inline]
fn of_pricing(event: &pricing::Event) -> Option<OrderId> {
    use pricing::Event as E;
    match *event {
        E::LineUnavailable { order, .. }
        | E::LinePriced { order, .. }
        | E::FeeAdded { order, .. }
        | E::Issued { order, .. }
        | E::Locked { order, .. }
        | E::Expired { order }
        | E::Consumed { order }
        | E::Invalidated { order } => Some(order),
        E::SurgeSet { .. } => None,
    }
}

#[inline]
fn of_order(event: &order::Event) -> OrderId {
    use order::Event as E;
    let (E::Placed { order, .. }
    | E::Reserved { order, .. }
    | E::PaymentPending { order, .. }
    | E::Confirmed { order, .. }
    | E::PickingBegun { order, .. }
    | E::Packed { order, .. }
    | E::LeftStore { order, .. }
    | E::Arrived { order, .. }
    | E::Delivered { order, .. }
    | E::Rejected { order, .. }
    | E::CancelAsked { order, .. }
    | E::Cancelled { order, .. }
    | E::Undelivered { order, .. }) = *event;
    order
}

#[inline]
fn of_stock(event: &stock::Event) -> Option<OrderId> {
    use stock::Event as E;
    match *event {
        E::LineHeld { order, .. }
        | E::Held { order, .. }
        | E::Refused { order, .. }
        | E::Extended { order, .. }
        | E::Secured { order, .. }
        | E::Committed { order, .. }
        | E::LineReleased { order, .. }
        | E::Released { order, .. }
        | E::Expired { order, .. } => Some(order),
        E::Received { .. } | E::Adjusted { .. } => None,
    }
}

#[inline]
fn of_payment(event: &payment::Event) -> Option<OrderId> {
    use payment::Event as E;
    match *event {
        E::Initiated { order, .. }
        | E::Pending { order, .. }
        | E::Authorised { order, .. }
        | E::Declined { order, .. }
        | E::Captured { order, .. }
        | E::Voided { order, .. }
        | E::RefundAsked { order, .. }
        | E::Refunded { order, .. }
        | E::Expired { order }
        | E::CashDue { order, .. }
        | E::CashCollected { order, .. } => Some(order),
        E::CashRemitted { .. } => None,
    }
}

#[inline]
fn of_ledger(event: &ledger::Event) -> Option<OrderId> {
    use ledger::Event as E;
    match *event {
        E::Entry { order, .. } => Some(order),
        E::GeneralEntry { .. } | E::WalletMoved { .. } => None,
    }
}

#[inline]
fn of_picking(event: &picking::Event) -> OrderId {
    use picking::Event as E;
    let (E::Queued { order, .. }
    | E::Started { order, .. }
    | E::LinePicked { order, .. }
    | E::LineShort { order, .. }
    | E::Packed { order, .. }
    | E::HandedOver { order, .. }
    | E::Aborted { order, .. }
    | E::Closed { order }) = *event;
    order
}

#[inline]
fn of_dispatch(event: &dispatch::Event) -> OrderId {
    use dispatch::Event as E;
    let (E::Requested { order, .. } | E::Withdrawn { order }) = *event;
    order
}

#[inline]
fn of_delivery(event: &delivery::Event) -> Option<OrderId> {
    use delivery::Event as E;
    match *event {
        E::OrderJoined { order, .. }
        | E::OrderLeft { order, .. }
        | E::PickedUp { order, .. }
        | E::Arrived { order, .. }
        | E::Delivered { order, .. }
        | E::Failed { order, .. }
        | E::Stranded { order, .. }
        | E::Returned { order, .. } => Some(order),
        E::Offered { .. }
        | E::Accepted { .. }
        | E::Rejected { .. }
        | E::OfferTimedOut { .. }
        | E::Dropped { .. }
        | E::AtStore { .. }
        | E::LegRidden { .. }
        | E::Ended { .. } => None,
    }
}
