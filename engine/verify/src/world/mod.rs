//! What the facts so far add up to: the state that invariants look at before each fact.
//!
//! The fold takes every fact at its word and never panics: judging is the invariants' work. Ids
//! that were never listed, and orders of another city, are passed over.
//!
//! An order has a small row for good and a larger one, [`Live`], that is given back when the
//! order is over and holds nothing. So memory grows by the small row and its payment attempts.

mod floor;
mod money;
mod orders;
mod people;
mod shelves;
mod trips;

use std::collections::VecDeque;

use domain::facts::opening::Event as Opening;
use domain::facts::{Fact, Record};
use domain::ids::{CityId, OrderId, PickerId, RiderId, SkuId, StoreId};
use domain::money::{Bps, Paise};
use domain::order::{Canceller, Stage};
use domain::payment::Method;
use domain::place::Place;
use domain::store::{Door, Event as StoreEvent};
use domain::time::{Millis, Timestamp};

use crate::arena::{Chunks, NONE, Slab};

/// Things of one kind that a journal may list: ids beyond are taken for damage.
pub(crate) const MAX_LISTED: usize = 1 << 22;

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
    live: u32,
    attempts: u32,
    pub(crate) version: u16,
    pub(crate) stage: Stage,
    /// Nothing more is tried to get the money.
    pub(crate) payment_over: bool,
    /// Cash was due at the door at some time.
    pub(crate) cash_due: bool,
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
    lines: u32,
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
    const BLANK: Self = Self {
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
        lines: NONE,
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
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) unit_price: i64,
    pub(crate) sku: SkuId,
    pub(crate) units: u32,
    /// Held and neither committed nor released.
    pub(crate) held: u32,
    pub(crate) committed: u32,
    next: u32,
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
    next: u32,
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
    shelves: Vec<Shelf>,
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
    shifts: (u32, u32),
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
    shifts: (u32, u32),
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

/// Everything that the facts so far add up to.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) city: CityId,
    /// Records so far.
    pub(crate) records: u64,
    /// The number that the next record should have: one more than the last.
    pub(crate) next_seq: u64,
    /// The time of the last record.
    pub(crate) now: Timestamp,
    /// Whether a fact other than an opening one has been told.
    pub(crate) begun: bool,
    pub(crate) limits: Limits,
    pub(crate) skus: Vec<Sku>,
    pub(crate) stores: Vec<Store>,
    pub(crate) pickers: Vec<Picker>,
    pub(crate) riders: Vec<Rider>,
    shifts: Vec<(RiderId, Timestamp, Timestamp)>,
    picker_shifts: Vec<(PickerId, Timestamp, Timestamp)>,
    orders: Chunks<Order>,
    live: Slab<Live>,
    lines: Slab<Line>,
    attempts: Slab<Attempt>,
    trips: Chunks<Trip>,
    /// Quotes that are not orders yet, by the time they were made.
    drafts: VecDeque<u64>,
}

impl World {
    /// Takes a record into account; it is of an order or of none.
    pub(crate) fn fold(&mut self, record: &Record, order: Option<OrderId>) {
        self.records += 1;
        self.next_seq = record.seq.wrapping_add(1);
        self.now = record.at;
        if !self.begun && !matches!(record.fact, Fact::Opening(_)) {
            self.begun = true;
            self.index_shifts();
        }
        match &record.fact {
            Fact::Opening(event) => self.fold_opening(event),
            Fact::Store(StoreEvent::DoorSet { store, door_state }) => {
                if let Some(row) = self.stores.get_mut(store.index()) {
                    row.door = *door_state;
                }
            }
            Fact::Pricing(event) => self.fold_pricing(event),
            Fact::Order(event) => self.fold_order(event),
            Fact::Stock(event) => self.fold_stock(event),
            Fact::Payment(event) => self.fold_payment(event),
            Fact::Ledger(event) => self.fold_ledger(event),
            Fact::Picking(event) => self.fold_picking(event),
            Fact::Dispatch(event) => self.fold_dispatch(event),
            Fact::Delivery(event) => self.fold_delivery(event),
            Fact::Rider(event) => self.fold_rider(event),
        }
        if let Some(order) = order {
            self.let_go(order);
        }
    }

    #[inline(never)]
    fn fold_opening(&mut self, event: &Opening) {
        match *event {
            Opening::Window { .. } => {}
            Opening::Limits {
                max_batch,
                sweep,
                order_limit,
                surge_floor,
                surge_cap,
                geofence_m,
                speed_cap_m_per_h,
            } => {
                self.limits = Limits {
                    max_batch,
                    sweep,
                    order_limit,
                    surge_floor,
                    surge_cap,
                    geofence_m,
                    speed_cap_m_per_h,
                };
            }
            Opening::Sku { sku, mrp, gst } => {
                if let Some(row) = listed(&mut self.skus, sku.index(), Sku::default) {
                    *row = Sku { listed: true, mrp, gst };
                }
            }
            Opening::Store { store, place, radius_m } => {
                if let Some(row) = listed(&mut self.stores, store.index(), Store::unlisted) {
                    (row.listed, row.place, row.radius_m) = (true, place, radius_m);
                }
            }
            Opening::Stock { store, sku, units } => {
                if let Some(shelf) = self.shelf_mut(store, sku) {
                    shelf.free = shelf.free.wrapping_add_unsigned(units);
                }
            }
            Opening::Picker { picker, store } => {
                if let Some(row) = listed(&mut self.pickers, picker.index(), Picker::default) {
                    (row.listed, row.store) = (true, store);
                }
            }
            Opening::Rider { rider, place } => {
                if let Some(row) = listed(&mut self.riders, rider.index(), Rider::default) {
                    (row.listed, row.place) = (true, Some(place));
                }
            }
            Opening::PickerShift { picker, from, to } => {
                self.picker_shifts.push((picker, from, to));
            }
            Opening::Shift { rider, from, to } => self.shifts.push((rider, from, to)),
        }
    }

    /// Whether the fact is of an order of this journal's city.
    fn is_ours(&self, order: OrderId) -> bool {
        order.city() == self.city
    }

    /// The row of an order; a blank one if nothing is known of it.
    #[inline]
    pub(crate) fn order(&self, order: OrderId) -> &Order {
        static BLANK: Order = Order::BLANK;
        if self.is_ours(order) { self.orders.get(order.index()).unwrap_or(&BLANK) } else { &BLANK }
    }

    /// The details of an order; blank ones if it is over or unknown.
    #[inline]
    pub(crate) fn live(&self, order: &Order) -> &Live {
        static BLANK: Live = Live::BLANK;
        self.live.get(order.live).unwrap_or(&BLANK)
    }

    /// Every order that anything is known of.
    pub(crate) fn orders(&self) -> impl Iterator<Item = (OrderId, &Order)> {
        self.orders.iter().map(|(index, order)| (OrderId::new(self.city, index), order))
    }

    /// The lines of a live order, the last priced first.
    #[inline]
    pub(crate) fn lines<'a>(&'a self, live: &Live) -> impl Iterator<Item = &'a Line> {
        let first = self.lines.get(live.lines);
        std::iter::successors(first, |line| self.lines.get(line.next))
    }

    /// The attempts to pay for an order, the last one first.
    #[inline]
    pub(crate) fn attempts<'a>(&'a self, order: &Order) -> impl Iterator<Item = &'a Attempt> {
        let first = self.attempts.get(order.attempts);
        std::iter::successors(first, |attempt| self.attempts.get(attempt.next))
    }

    /// What was captured or collected for an order and not refunded, paise.
    pub(crate) fn kept(&self, order: &Order) -> i64 {
        self.attempts(order).map(|attempt| attempt.captured.wrapping_sub(attempt.refunded)).sum()
    }

    /// The units of a SKU at a store; none if either is unknown.
    #[inline]
    pub(crate) fn shelf(&self, store: StoreId, sku: SkuId) -> Shelf {
        let store = self.stores.get(store.index());
        store.and_then(|store| store.shelves.get(sku.index())).copied().unwrap_or_default()
    }

    /// A trip; a blank one if it was never offered.
    #[inline]
    pub(crate) fn trip(&self, trip: u32) -> &Trip {
        static BLANK: Trip = Trip {
            expires_at: Timestamp(0),
            rider: RiderId(0),
            store: StoreId(0),
            state: TripState::None,
            joined: 0,
            waiting: 0,
            aboard: 0,
        };
        self.trips.get(trip as usize).unwrap_or(&BLANK)
    }

    /// Whether an order is part of a trip that goes on.
    pub(crate) fn is_on_a_trip(&self, live: &Live) -> bool {
        let state = self.trip(live.trip).state;
        matches!(live.ride, Ride::Joined | Ride::PickedUp | Ride::Arrived | Ride::Failed)
            && !matches!(state, TripState::None | TripState::Over)
    }
}

/// The row of a thing that is being listed.
fn listed<T>(rows: &mut Vec<T>, index: usize, unlisted: impl FnMut() -> T) -> Option<&mut T> {
    if index >= rows.len() && index < MAX_LISTED {
        rows.resize_with(index + 1, unlisted);
    }
    rows.get_mut(index)
}
