//! The rows that the world is made of.

use domain::ids::{OrderId, RiderId, SkuId, StoreId};
use domain::money::{Bps, Paise};
use domain::order::{Canceller, Stage};
use domain::payment::Method;
use domain::place::Place;
use domain::store::Door;
use domain::time::{Millis, Timestamp};

use crate::arena::{List, NONE};

/// The limits that the journal opens with; before they are told, nothing is limited.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) max_batch: u8,
    pub(crate) sweep: Millis,
    pub(crate) order_limit: Millis,
    pub(crate) surge_floor: Bps,
    pub(crate) surge_cap: Bps,
    pub(crate) geofence_m: u32,
    pub(crate) speed_cap_m_per_h: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_batch: u8::MAX,
            sweep: Millis(u32::MAX),
            order_limit: Millis(u32::MAX),
            surge_floor: Bps(0),
            surge_cap: Bps(u32::MAX),
            geofence_m: u32::MAX,
            speed_cap_m_per_h: u32::MAX,
        }
    }
}

/// How far an order's quote has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    None,
    Pricing,
    Issued,
    Locked,
    Consumed,
    Expired,
    Invalidated,
}

/// How far an order's hold has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    None,
    /// Lines are being held, the whole hold is not yet told.
    Holding,
    Held,
    Secured,
    Over,
}

/// How far an order's pick list has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    None,
    Queued,
    Started,
    Packed,
    HandedOver,
    /// Stopped; something goes back on the shelf.
    PuttingBack,
    /// Stopped with nothing to put back.
    Aborted,
    Closed,
}

/// How far an order's way to its door has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ride {
    None,
    Joined,
    PickedUp,
    Arrived,
    Delivered,
    Failed,
    Returned,
    Stranded,
    Left,
}

/// What is kept of an order for good.
#[derive(Clone)]
pub(crate) struct Order {
    /// What the customer owes if it is delivered: the locked total less what was short, paise.
    pub(crate) due: i64,
    /// What the books owe the customer for it, paise, debits positive.
    pub(crate) deposits: i64,
    /// What the books gained or owe elsewhere for it: provider, cash, bank and wallets, paise.
    pub(crate) assets: i64,
    pub(super) live: u32,
    pub(super) attempts: u32,
    pub(crate) version: u16,
    pub(crate) stage: Stage,
    /// Nothing more is tried to get the money.
    pub(crate) payment_over: bool,
    /// Cash was due at the door at some time.
    pub(crate) cash_due: bool,
    /// It was quoted, and the quote's details were forgotten when it was too old to be taken.
    pub(crate) has_lapsed: bool,
}

/// What is kept of an order until it is over.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) placed_at: Timestamp,
    /// When it entered its stage.
    pub(crate) entered_at: Timestamp,
    pub(crate) valid_until: Timestamp,
    pub(crate) hold_until: Timestamp,
    /// The promise that was quoted.
    pub(crate) promise_by: Timestamp,
    /// Lines and fees so far, paise.
    pub(crate) priced: i64,
    /// The issued total, paise.
    pub(crate) total: i64,
    pub(crate) door: Place,
    /// Where the bag is, if not at the store.
    pub(crate) stranded_at: Option<Place>,
    pub(crate) store: StoreId,
    pub(super) lines: List,
    pub(crate) trip: u32,
    pub(crate) picker: u32,
    pub(crate) priced_lines: u16,
    pub(crate) method: Method,
    pub(crate) quote: Quote,
    pub(crate) hold: Hold,
    pub(crate) pick: Pick,
    pub(crate) ride: Ride,
    pub(crate) cancel_asked: Option<Canceller>,
    /// Whether its store took orders and served its door when it was placed.
    pub(crate) served: bool,
    /// Whether it waits for a rider, or has one.
    pub(crate) rider_wanted: bool,
    /// Whether a rider has been at its door.
    pub(crate) door_reached: bool,
}

impl Order {
    pub(crate) const BLANK: Self = Self {
        due: 0,
        deposits: 0,
        assets: 0,
        live: NONE,
        attempts: NONE,
        version: 0,
        stage: Stage::Draft,
        payment_over: false,
        cash_due: false,
        has_lapsed: false,
    };

    /// Whether its life is over.
    pub(crate) const fn is_over(&self) -> bool {
        matches!(
            self.stage,
            Stage::Delivered | Stage::Rejected | Stage::Cancelled | Stage::Undelivered
        )
    }

    /// Whether its details are still kept.
    pub(crate) const fn is_live(&self) -> bool {
        self.live != NONE
    }
}

impl Default for Order {
    fn default() -> Self {
        Self::BLANK
    }
}

impl Live {
    pub(super) const BLANK: Self = Self {
        placed_at: Timestamp(0),
        entered_at: Timestamp(0),
        valid_until: Timestamp(0),
        hold_until: Timestamp(0),
        promise_by: Timestamp(0),
        priced: 0,
        total: 0,
        door: Place { lat_e7: 0, lon_e7: 0 },
        stranded_at: None,
        store: StoreId(0),
        lines: List::EMPTY,
        trip: NONE,
        picker: NONE,
        priced_lines: 0,
        method: Method::Upi,
        quote: Quote::None,
        hold: Hold::None,
        pick: Pick::None,
        ride: Ride::None,
        cancel_asked: None,
        served: true,
        rider_wanted: false,
        door_reached: false,
    };
}

/// One line of a live order.
#[derive(Clone, Copy, Default)]
pub(crate) struct Line {
    pub(crate) unit_price: i64,
    pub(crate) sku: SkuId,
    pub(crate) units: u32,
    /// Held and neither committed nor released.
    pub(crate) held: u32,
    pub(crate) committed: u32,
    pub(crate) number: u16,
    /// Whether a picker found it or reported it short.
    pub(crate) sought: bool,
}

/// How far an attempt to pay has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptState {
    Initiated,
    Pending,
    Declined,
    Authorised,
    Voided,
    Captured,
    CashDue,
}

/// One attempt to pay.
#[derive(Clone)]
pub(crate) struct Attempt {
    /// What it was for, paise.
    pub(crate) amount: i64,
    pub(crate) captured: i64,
    pub(crate) refunded: i64,
    pub(super) next: u32,
    pub(crate) number: u8,
    pub(crate) state: AttemptState,
}

/// The units of one SKU at one store.
#[derive(Clone, Copy, Default)]
pub(crate) struct Shelf {
    pub(crate) free: i32,
    pub(crate) reserved: i32,
    /// Sold to orders that did not get them, less what was put back.
    pub(crate) returnable: i32,
}

/// One store.
pub(crate) struct Store {
    pub(crate) listed: bool,
    pub(crate) place: Place,
    pub(crate) radius_m: u32,
    pub(crate) door: Door,
    pub(crate) surge: Bps,
    pub(super) shelves: Vec<Shelf>,
}

/// One SKU of the catalogue.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sku {
    pub(crate) listed: bool,
    pub(crate) mrp: Paise,
    pub(crate) gst: Bps,
}

/// One picker: where they work and the order they are on.
#[derive(Clone, Copy, Default)]
pub(crate) struct Picker {
    pub(crate) listed: bool,
    pub(crate) store: StoreId,
    pub(crate) order: Option<OrderId>,
    pub(super) shifts: (u32, u32),
}

/// One rider.
#[derive(Clone, Default)]
pub(crate) struct Rider {
    pub(crate) listed: bool,
    pub(crate) on_duty: bool,
    pub(crate) resting: bool,
    /// The trip that they were offered or are on.
    pub(crate) trip: Option<u32>,
    /// Where they were last seen, unless they may have moved since.
    pub(crate) place: Option<Place>,
    /// When they were seen there.
    pub(crate) seen_at: Timestamp,
    /// The cash they hold, paise.
    pub(crate) cash: i64,
    pub(super) shifts: (u32, u32),
}

/// How far a trip has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TripState {
    #[default]
    None,
    Offered,
    Accepted,
    AtStore,
    Over,
}

/// One trip.
#[derive(Clone, Default)]
pub(crate) struct Trip {
    pub(crate) expires_at: Timestamp,
    pub(crate) rider: RiderId,
    pub(crate) store: StoreId,
    pub(crate) state: TripState,
    /// Orders that joined it and did not leave.
    pub(crate) joined: u8,
    /// Of those, not yet picked up.
    pub(crate) waiting: u8,
    /// Of those, with the rider.
    pub(crate) aboard: u8,
}

impl Trip {
    pub(super) const BLANK: Self = Self {
        expires_at: Timestamp(0),
        rider: RiderId(0),
        store: StoreId(0),
        state: TripState::None,
        joined: 0,
        waiting: 0,
        aboard: 0,
    };
}
