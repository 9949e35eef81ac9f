//! What is known about one order while it lives.

use domain::dispatch::request;
use domain::ids::StoreId;
use domain::money::Paise;
use domain::pricing::{Fees, quote};
use domain::stock::Hold;
use domain::time::{Millis, Timestamp};
use domain::{payment, picking, saga};

/// One order, at the index of its arrival.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) saga: saga::State,
    pub(crate) payment: payment::State,
    pub(crate) task: picking::State,
    pub(crate) request: request::State,
    pub(crate) hold: Hold,
    pub(crate) store: StoreId,
    /// Where its lines are among the run's lines; lines that were not there are not kept.
    pub(crate) first_line: u32,
    pub(crate) lines: u16,
    pub(crate) quote: quote::State,
    pub(crate) fees: Fees,
    pub(crate) promise_by: Timestamp,
    /// When the bag is expected to be packed; once it is, when it was.
    pub(crate) ready_at: Timestamp,
    /// The last hold's asked-for end.
    pub(crate) hold_until: Timestamp,
    pub(crate) asked_for_rider_at: Timestamp,
    /// The ride from the store to the door.
    pub(crate) ride: Millis,
    /// Whether the rider was refused by this order's earlier offers: the last who said no.
    pub(crate) refused_by: Option<domain::ids::RiderId>,
    /// Times that the run's own counts are made of.
    pub(crate) placed_at: Timestamp,
    pub(crate) arrived_at: Option<Timestamp>,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            saga: saga::State::NEW,
            payment: payment::State::NEW,
            task: picking::State::default(),
            request: request::State::default(),
            hold: Hold::Never,
            store: StoreId(0),
            first_line: 0,
            lines: 0,
            quote: quote::State::Blank,
            fees: Fees::default(),
            promise_by: Timestamp(0),
            ready_at: Timestamp(0),
            hold_until: Timestamp(0),
            asked_for_rider_at: Timestamp(0),
            ride: Millis::ZERO,
            refused_by: None,
            placed_at: Timestamp(0),
            arrived_at: None,
        }
    }
}

/// One line of an order: what was ordered, what is still held, what is in the bag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderLine {
    pub(crate) unit_price: Paise,
    pub(crate) picked_units: u32,
}
