//! What the facts so far add up to: the state that invariants look at before each fact.
//!
//! The fold takes every fact at its word and never panics: judging is the invariants' work. Ids
//! that were never listed, and orders of another city, are passed over.
//!
//! An order has a small row for good and a larger one, [`Live`], that is given back when the
//! order is over and holds nothing. So memory grows by the small row and its payment attempts.

mod ahead;
mod floor;
mod money;
mod orders;
mod people;
mod rows;
mod shelves;
mod trips;

use std::collections::VecDeque;

use domain::facts::opening::Event as Opening;
use domain::facts::{Fact, Record};
use domain::ids::{CityId, OrderId, PickerId, RiderId, SkuId, StoreId};
use domain::store::Event as StoreEvent;
use domain::time::Timestamp;

use crate::arena::{Chunks, Lists, Slab};

pub(crate) use ahead::AHEAD;

pub(crate) use rows::{
    Attempt, AttemptState, Hold, Limits, Line, Live, Order, Pick, Picker, Quote, Ride, Rider,
    Shelf, Sku, Store, Trip, TripState,
};

/// Things of one kind that a journal may list: ids beyond are taken for damage.
pub(crate) const MAX_LISTED: usize = 1 << 22;

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
    lines: Lists<Line>,
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
            Opening::Window { .. } | Opening::Pay { .. } => {}
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

    /// The lines of a live order, the first priced first.
    #[inline]
    pub(crate) fn lines(&self, live: &Live) -> impl Iterator<Item = &Line> + use<'_> {
        self.lines.get(live.lines).iter()
    }

    /// The attempts to pay for an order, the last one first.
    #[inline]
    pub(crate) fn attempts<'a>(&'a self, order: &Order) -> impl Iterator<Item = &'a Attempt> {
        let first = self.attempts.get(order.attempts);
        std::iter::successors(first, |attempt| self.attempts.get(attempt.next))
    }

    /// What was captured or collected for an order and not refunded, paise.
    pub(crate) fn kept(&self, order: &Order) -> i64 {
        let kept = self.attempts(order).map(|row| row.captured.wrapping_sub(row.refunded));
        kept.fold(0, i64::wrapping_add)
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
        static BLANK: Trip = Trip::BLANK;
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
