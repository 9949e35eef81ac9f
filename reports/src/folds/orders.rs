//! One row an order: when each thing happened to it, who did it, what it cost, how it ended.

use std::sync::LazyLock;

use domain::facts::Field;
use domain::ids::{CityId, OrderId, PickerId, RiderId, StoreId, TripId};
use domain::order::{Canceller, Rejection, Stage};
use domain::payment::Method;
use domain::place::Place;
use domain::time::Timestamp;

use super::columns::{Column, NO_YES, number, schema, us, yes};
use crate::table::Schema;

/// The table's columns as Parquet has them.
pub(super) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| schema("orders", COLUMNS));

/// How an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    InFlight,
    Delivered,
    Rejected,
    Cancelled,
    Undelivered,
}

const OUTCOMES: &[&str] = &["in_flight", "delivered", "rejected", "cancelled", "undelivered"];

/// Where an order's pick list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    None,
    Waiting,
    Working,
    Packed,
}

/// What is known of an order so far.
#[derive(Debug)]
pub(super) struct OrderRow {
    pub(super) order: OrderId,
    pub(super) city: CityId,
    pub(super) client_ref: u64,
    pub(super) customer: u32,
    pub(super) store: StoreId,
    pub(super) door: Place,
    pub(super) lines: u16,
    pub(super) method: Method,
    pub(super) promise_by: Timestamp,
    pub(super) in_window: bool,
    pub(super) placed: Option<Timestamp>,
    pub(super) reserved: Option<Timestamp>,
    pub(super) payment_asked: Option<Timestamp>,
    pub(super) paid: Option<Timestamp>,
    pub(super) confirmed: Option<Timestamp>,
    pub(super) pick_queued: Option<Timestamp>,
    pub(super) pick_started: Option<Timestamp>,
    pub(super) packed: Option<Timestamp>,
    pub(super) rider_requested: Option<Timestamp>,
    pub(super) accepted: Option<Timestamp>,
    pub(super) at_store: Option<Timestamp>,
    pub(super) picked_up: Option<Timestamp>,
    pub(super) arrived: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) picker: Option<PickerId>,
    pub(super) rider: Option<RiderId>,
    pub(super) trip: Option<TripId>,
    pub(super) batched: bool,
    pub(super) offers: u32,
    pub(super) leg_m: u32,
    pub(super) surge_bps: u32,
    pub(super) quoted_paise: i64,
    pub(super) fees_paise: i64,
    pub(super) reduction_paise: i64,
    pub(super) payable_paise: Option<i64>,
    pub(super) captured_paise: i64,
    pub(super) refunded_paise: i64,
    pub(super) payment_attempts: u8,
    pub(super) short_lines: u16,
    pub(super) refused_lines: u16,
    pub(super) outcome: Outcome,
    pub(super) rejection: Option<Rejection>,
    pub(super) canceller: Option<Canceller>,
    pub(super) cancelled_at: Option<Stage>,
    pub(super) pick: Pick,
}

impl OrderRow {
    /// An order, or a quote that may become one, of which nothing is known yet.
    pub(super) fn new(order: OrderId, city: CityId) -> Self {
        Self {
            order,
            city,
            client_ref: 0,
            customer: 0,
            store: StoreId(0),
            door: Place::default(),
            lines: 0,
            method: Method::Upi,
            promise_by: Timestamp(0),
            in_window: false,
            placed: None,
            reserved: None,
            payment_asked: None,
            paid: None,
            confirmed: None,
            pick_queued: None,
            pick_started: None,
            packed: None,
            rider_requested: None,
            accepted: None,
            at_store: None,
            picked_up: None,
            arrived: None,
            ended: None,
            picker: None,
            rider: None,
            trip: None,
            batched: false,
            offers: 0,
            leg_m: 0,
            surge_bps: 0,
            quoted_paise: 0,
            fees_paise: 0,
            reduction_paise: 0,
            payable_paise: None,
            captured_paise: 0,
            refunded_paise: 0,
            payment_attempts: 0,
            short_lines: 0,
            refused_lines: 0,
            outcome: Outcome::InFlight,
            rejection: None,
            canceller: None,
            cancelled_at: None,
            pick: Pick::None,
        }
    }

    /// Whether it is an order that has not ended.
    pub(super) fn is_open(&self) -> bool {
        self.placed.is_some() && self.ended.is_none()
    }

    /// Forgets the rider, whose trip it is not on any more.
    pub(super) fn lose_rider(&mut self) {
        (self.accepted, self.at_store, self.rider, self.trip) = (None, None, None, None);
    }

    /// Whether the rider was at the door by the promise; none before.
    pub(super) fn is_on_time(&self) -> Option<bool> {
        Some(self.arrived? <= self.promise_by)
    }
}

const fn texts<F: Field>() -> &'static [&'static str] {
    F::COLUMNS[0].texts
}

type Col = Column<OrderRow>;

/// The table's columns.
pub(super) const COLUMNS: &[Col] = &[
    Col::number("order_id", "id", "The order: its city in the top 16 bits.", |o| number(o.order.0)),
    Col::number("city", "id", "The city.", |o| Some(o.city.0.into())),
    Col::number(
        "client_ref",
        "number",
        "The arrival's own name, the same in every run of the same demand.",
        |o| number(o.client_ref),
    ),
    Col::number("customer_id", "id", "Who ordered.", |o| Some(o.customer.into())),
    Col::number("store_id", "id", "Which store it was for.", |o| Some(o.store.0.into())),
    Col::number("door_lat_e7", "1e-7 degree", "Latitude of the customer's door.", |o| {
        Some(o.door.lat_e7.into())
    }),
    Col::number("door_lon_e7", "1e-7 degree", "Longitude of the customer's door.", |o| {
        Some(o.door.lon_e7.into())
    }),
    Col::number("lines", "lines", "Lines ordered.", |o| Some(o.lines.into())),
    Col::text("method", texts::<Method>(), "How it is paid.", |o| Some(o.method as i64)),
    Col::text("in_window", NO_YES, "Whether it was placed in the measured window.", |o| {
        yes(o.in_window)
    }),
    Col::time("placed_us", "The customer placed it.", |o| us(o.placed)),
    Col::time("promise_by_us", "The rider was promised at the door by then.", |o| {
        us(Some(o.promise_by))
    }),
    Col::time("reserved_us", "All lines were held.", |o| us(o.reserved)).optional(),
    Col::time("payment_asked_us", "The payment provider was asked.", |o| us(o.payment_asked))
        .optional(),
    Col::time("paid_us", "The money was captured, or the cash taken.", |o| us(o.paid)).optional(),
    Col::time("confirmed_us", "It was paid or is payable at the door.", |o| us(o.confirmed))
        .optional(),
    Col::time("pick_queued_us", "It waited for a picker.", |o| us(o.pick_queued)).optional(),
    Col::time("pick_started_us", "A picker took it.", |o| us(o.pick_started)).optional(),
    Col::time("packed_us", "It was in its bag.", |o| us(o.packed)).optional(),
    Col::time("rider_requested_us", "It waited for a rider.", |o| us(o.rider_requested)).optional(),
    Col::time("accepted_us", "A rider took the trip it is on; the last if several did.", |o| {
        us(o.accepted)
    })
    .optional(),
    Col::time("at_store_us", "That rider was at the store.", |o| us(o.at_store)).optional(),
    Col::time("picked_up_us", "That rider had the bag.", |o| us(o.picked_up)).optional(),
    Col::time("arrived_us", "That rider was at the door.", |o| us(o.arrived)).optional(),
    Col::time("ended_us", "It was handed over, refused, ended or back.", |o| us(o.ended))
        .optional(),
    Col::number("picker_id", "id", "Who picked it.", |o| Some(o.picker?.0.into())).optional(),
    Col::number("rider_id", "id", "Who brought it.", |o| Some(o.rider?.0.into())).optional(),
    Col::number("trip_id", "id", "The trip it was on; the last if several.", |o| {
        Some(o.trip?.0.into())
    })
    .optional(),
    Col::text("batched", NO_YES, "Whether another order was on that trip.", |o| yes(o.batched)),
    Col::number("offers", "offers", "Offers of a trip with it to a rider.", |o| {
        Some(o.offers.into())
    }),
    Col::number("leg_m", "metres", "Ridden with it along the road, up to its door.", |o| {
        Some(o.leg_m.into())
    }),
    Col::number("surge_bps", "basis points", "The surge multiplier it was quoted with.", |o| {
        Some(o.surge_bps.into())
    }),
    Col::number("quoted_paise", "paise", "Lines and fees as quoted.", |o| Some(o.quoted_paise)),
    Col::number("fees_paise", "paise", "Fees and discounts within it.", |o| Some(o.fees_paise)),
    Col::number("reduction_paise", "paise", "Taken off for lines that fell short.", |o| {
        Some(o.reduction_paise)
    }),
    Col::number("payable_paise", "paise", "To be paid when it was packed.", |o| o.payable_paise)
        .optional(),
    Col::number("captured_paise", "paise", "Captured, or taken in cash.", |o| {
        Some(o.captured_paise)
    }),
    Col::number("refunded_paise", "paise", "Paid back.", |o| Some(o.refunded_paise)),
    Col::number("payment_attempts", "attempts", "Attempts to pay.", |o| {
        Some(o.payment_attempts.into())
    }),
    Col::number("short_lines", "lines", "Lines of which the picker found too few.", |o| {
        Some(o.short_lines.into())
    }),
    Col::number("refused_lines", "lines", "Lines that could not be held.", |o| {
        Some(o.refused_lines.into())
    }),
    Col::text("outcome", OUTCOMES, "How it ended.", |o| Some(o.outcome as i64)),
    Col::text("rejection", texts::<Rejection>(), "Why it was rejected.", |o| {
        Some(o.rejection? as i64)
    })
    .optional(),
    Col::text("canceller", texts::<Canceller>(), "Who cancelled it.", |o| {
        Some(o.canceller? as i64)
    })
    .optional(),
    Col::text("cancelled_at", texts::<Stage>(), "The stage it had reached then.", |o| {
        Some(o.cancelled_at? as i64)
    })
    .optional(),
    Col::text("on_time", NO_YES, "Whether the rider was at the door by the promise.", |o| {
        yes(o.is_on_time()?)
    })
    .optional(),
];
