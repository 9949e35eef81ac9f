//! Counts a run again, from its journal alone.
//!
//! The simulator counts while it runs; this counts from what it wrote. The two are equal or one
//! of them is wrong. An order has four bytes for good and its details until it is over.

mod counts;
mod people;
mod shelves;

use std::collections::VecDeque;

use domain::facts::opening::Event as Opening;
use domain::facts::{Fact, Record, Sink};
use domain::ids::OrderId;
use domain::ledger::{Account, Event as Ledger};
use domain::money::Paise;
use domain::order::Event as Order;
use domain::payment::Event as Payment;
use domain::picking::Event as Picking;
use domain::pricing::{Event as Pricing, Fee};
use domain::stock::{Adjustment, Event as Stock};
use domain::time::{Millis, Timestamp};

use crate::arena::{Chunks, NONE, Slab};
use people::{Bag, People};
use shelves::Shelves;

pub use counts::{Counts, Money};

/// A quote that is not an order after this time is forgotten.
const DRAFT_LIMIT: Millis = Millis::from_min(60);

/// An hour in microseconds.
const HOUR_US: u64 = 3_600_000_000;
/// Hours that are counted one by one; what a longer window has beyond is counted as one.
const HOURS_LIMIT: u64 = 24 * 366;

/// What is kept of an order for good: where its details are, or that it was measured.
#[derive(Clone)]
struct Row {
    open: u32,
    is_measured: bool,
}

impl Default for Row {
    fn default() -> Self {
        Self { open: NONE, is_measured: false }
    }
}

/// An order or quote that is not over.
#[derive(Clone, Default)]
struct Open {
    is_placed: bool,
    is_issued: bool,
    placed_at: Timestamp,
    promise_by: Timestamp,
    arrived_at: Option<Timestamp>,
    goods: i64,
    fees: [i64; Fee::ALL.len()],
    /// When a picker began on it, while one is on it.
    picking_since: Option<Timestamp>,
    /// When it was packed, until it is picked up.
    packed_at: Option<Timestamp>,
}

/// Takes one city's records and counts.
#[derive(Default)]
pub struct Recount {
    counts: Counts,
    window: (Timestamp, Timestamp),
    /// What a rider is paid for an order that they deliver.
    pay_per_order: Paise,
    now: Timestamp,
    orders: Chunks<Row>,
    open: Slab<Open>,
    drafts: VecDeque<(OrderId, Timestamp)>,
    people: People,
    shelves: Shelves,
}

impl Recount {
    /// A count of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next record.
    #[inline]
    pub fn record(&mut self, record: &Record) {
        self.now = record.at;
        if let Fact::Opening(event) = &record.fact {
            self.counts.opening_facts += 1;
            self.open_world(event);
            return;
        }
        self.counts.facts += 1;
        match &record.fact {
            Fact::Pricing(event) => self.price(event),
            Fact::Order(event) => self.count_order(event),
            Fact::Payment(event) => self.count_payment(event),
            Fact::Ledger(Ledger::Entry { order, account: Account::TaxPayable, amount, .. }) => {
                if self.is_measured(*order) {
                    add(&mut self.counts.money.tax.0, amount.0.wrapping_neg());
                }
            }
            Fact::Stock(event) => self.count_stock(event),
            Fact::Picking(event) => self.count_picking(event),
            Fact::Delivery(event) => {
                let bag = people::picked_up(event).map(|id| self.take_bag(id));
                let window = self.window;
                self.people.ride(event, bag, (self.now, window), &mut self.counts);
            }
            Fact::Rider(event) => {
                self.people.duty(event, self.now, self.window, &mut self.counts);
            }
            Fact::Opening(_) | Fact::Store(_) | Fact::Ledger(_) | Fact::Dispatch(_) => {}
        }
    }

    /// Everything counted, of a world that was left while it went on: the window ends where the
    /// journal does, if that is earlier, so that nobody is on duty in a time that nobody saw.
    #[must_use]
    pub fn finish_where_it_ends(mut self) -> Counts {
        self.window.1 = self.window.1.min(self.now).max(self.window.0);
        self.finish()
    }

    /// Everything counted, with what goes on at the end counted until the window's end.
    #[must_use]
    pub fn finish(mut self) -> Counts {
        self.people.finish(self.window, &mut self.counts);
        let (window, end) = (self.window, self.window.1);
        for (_, row) in self.orders.iter() {
            let since = self.open.get(row.open).and_then(|open| open.picking_since);
            add_within(&mut self.counts.picker_busy_us, window, since, end);
        }
        self.shelves.finish(window, &mut self.counts);
        let counts = &mut self.counts;
        counts.window_us = window.1.0.saturating_sub(window.0.0);
        let ended = counts.delivered + counts.rejected + counts.cancelled + counts.undelivered;
        counts.in_flight = counts.placed.saturating_sub(ended);
        counts.order_to_door_ms.sort_unstable();
        self.counts
    }

    fn open_world(&mut self, event: &Opening) {
        if let Opening::Window { from, to } = *event {
            self.window = (from, to);
        } else if let Opening::Pay { per_order } = *event {
            self.pay_per_order = per_order;
        } else if let Opening::Picker { .. } = *event {
            self.people.pickers += 1;
        } else if let Opening::PickerShift { picker, from, to } = *event {
            self.people.picker_shifts.push((picker, from, to));
        } else if let Opening::Sku { sku, .. } = *event {
            self.shelves.list_sku(sku);
        } else if let Opening::Store { store, .. } = *event {
            self.shelves.list_store(store);
        } else if let Opening::Stock { store, sku, units } = *event {
            self.shelves.change(store, sku, units.into());
        }
    }

    fn count_stock(&mut self, event: &Stock) {
        self.shelves.hear(event, self.now, self.window);
        if !self.is_in_window() {
            return;
        }
        let counts = &mut self.counts;
        if let Stock::Refused { .. } = event {
            counts.stockout_lines += 1;
        } else if let Stock::Received { units, .. } = *event {
            counts.received_units += u64::from(units);
        } else if let Stock::Adjusted { delta_units, adjustment, .. } = *event {
            let units = u64::from(delta_units.unsigned_abs());
            match adjustment {
                Adjustment::Dumped => counts.dumped_units += units,
                Adjustment::CycleCount => counts.counted_off_units += units,
                Adjustment::ShortPick | Adjustment::PutBack => {}
            }
        }
    }

    /// What is known of a bag that is picked up.
    fn take_bag(&mut self, order: OrderId) -> Bag {
        let packed_at = self.open_mut(order).and_then(|open| open.packed_at.take());
        Bag { is_measured: self.is_measured(order), packed_at }
    }

    fn is_measured(&self, order: OrderId) -> bool {
        self.orders.get(order.index()).is_some_and(|row| row.is_measured)
    }

    fn open_mut(&mut self, order: OrderId) -> Option<&mut Open> {
        let at = self.orders.get(order.index())?.open;
        self.open.get_mut(at)
    }

    /// The details of an order, made if it has none.
    fn entry(&mut self, order: OrderId) -> Option<&mut Open> {
        if self.orders.entry(order.index())?.open == NONE {
            self.forget_drafts();
            self.drafts.push_back((order, self.now));
            let at = self.open.take(Open::default());
            self.orders.entry(order.index())?.open = at;
        }
        self.open_mut(order)
    }

    fn forget_drafts(&mut self) {
        while let Some(&(order, made_at)) = self.drafts.front() {
            if self.now.0.saturating_sub(made_at.0) <= DRAFT_LIMIT.as_micros() {
                return;
            }
            self.drafts.pop_front();
            if self.open_mut(order).is_some_and(|open| !open.is_placed) {
                self.close(order);
            }
        }
    }

    fn close(&mut self, order: OrderId) -> Option<Open> {
        let row = self.orders.entry(order.index())?;
        let at = std::mem::replace(&mut row.open, NONE);
        let open = self.open.get(at)?.clone();
        self.open.give_back(at);
        Some(open)
    }

    fn price(&mut self, event: &Pricing) {
        if let Pricing::LinePriced { order, units, unit_price, .. } = *event {
            if let Some(open) = self.quoting(order) {
                add(&mut open.goods, unit_price.0.wrapping_mul(i64::from(units)));
            }
        } else if let Pricing::FeeAdded { order, fee, amount, .. } = *event {
            if let Some(open) = self.quoting(order) {
                add(&mut open.fees[fee as usize], amount.0);
            }
        } else if let Pricing::Issued { order, .. } = *event {
            if let Some(open) = self.entry(order) {
                open.is_issued = true;
            }
        } else if let Pricing::LineUnavailable { .. } = *event {
            self.counts.stockout_lines += u64::from(self.is_in_window());
        }
    }

    fn is_in_window(&self) -> bool {
        (self.window.0..self.window.1).contains(&self.now)
    }

    /// The details of an order whose quote is being made; a new quote replaces the one before.
    fn quoting(&mut self, order: OrderId) -> Option<&mut Open> {
        let open = self.entry(order)?;
        if open.is_issued {
            open.is_issued = false;
            (open.goods, open.fees) = (0, [0; Fee::ALL.len()]);
        }
        Some(open)
    }

    fn count_order(&mut self, event: &Order) {
        let now = self.now;
        match *event {
            Order::Placed { order, promise_by, .. } => {
                let is_measured = self.is_in_window();
                if is_measured {
                    self.count_placed();
                }
                if let Some(open) = self.entry(order) {
                    (open.is_placed, open.placed_at, open.promise_by) = (true, now, promise_by);
                }
                if let Some(row) = self.orders.entry(order.index()) {
                    row.is_measured = is_measured;
                }
            }
            Order::Arrived { order, .. } => {
                if let Some(open) = self.open_mut(order) {
                    open.arrived_at.get_or_insert(now);
                }
            }
            Order::Delivered { order, .. } => {
                self.counts.delivered_ever += 1;
                if let Some(open) = self.end(order) {
                    self.count_delivered(&open);
                }
            }
            Order::Rejected { order, rejection, .. } => {
                if self.end(order).is_some() {
                    self.counts.rejected += 1;
                    self.counts.rejections[rejection as usize] += 1;
                }
            }
            Order::Cancelled { order, stage, .. } => {
                if self.end(order).is_some() {
                    self.counts.cancelled += 1;
                    self.counts.cancellations[stage as usize] += 1;
                }
            }
            Order::Undelivered { order, .. } => {
                self.counts.undelivered += u64::from(self.end(order).is_some());
            }
            Order::Reserved { .. }
            | Order::PaymentPending { .. }
            | Order::Confirmed { .. }
            | Order::PickingBegun { .. }
            | Order::Packed { .. }
            | Order::LeftStore { .. }
            | Order::CancelAsked { .. } => {}
        }
    }

    fn count_placed(&mut self) {
        self.counts.placed += 1;
        let hour = (self.now.0 - self.window.0.0) / HOUR_US;
        let Ok(hour) = usize::try_from(hour.min(HOURS_LIMIT)) else { return };
        let hours = &mut self.counts.placed_by_hour;
        if hours.len() <= hour {
            hours.resize(hour + 1, 0);
        }
        hours[hour] += 1;
    }

    /// Ends an order; gives its details if it was measured and had not ended before.
    fn end(&mut self, order: OrderId) -> Option<Open> {
        let open = self.close(order)?;
        (open.is_placed && self.is_measured(order)).then_some(open)
    }

    fn count_delivered(&mut self, open: &Open) {
        let counts = &mut self.counts;
        counts.delivered += 1;
        add(&mut counts.money.rider_pay.0, self.pay_per_order.0);
        if let Some(arrived_at) = open.arrived_at {
            counts.on_time += u64::from(arrived_at <= open.promise_by);
            counts.order_to_door_ms.push(arrived_at.since(open.placed_at).0);
        }
        let money = &mut counts.money;
        add(&mut money.goods.0, open.goods);
        add(&mut money.total.0, open.goods);
        for (fee, amount) in money.fees.iter_mut().zip(open.fees) {
            add(&mut fee.0, amount);
            add(&mut money.total.0, amount);
        }
    }

    fn count_payment(&mut self, event: &Payment) {
        let (Payment::Captured { order, amount, .. }
        | Payment::Refunded { order, amount, .. }
        | Payment::CashCollected { order, amount, .. }) = *event
        else {
            return;
        };
        if !self.is_measured(order) {
            return;
        }
        let money = &mut self.counts.money;
        let sum = if let Payment::Captured { .. } = event {
            &mut money.captured
        } else if let Payment::Refunded { .. } = event {
            &mut money.refunded
        } else {
            &mut money.collected
        };
        add(&mut sum.0, amount.0);
    }

    fn count_picking(&mut self, event: &Picking) {
        let (now, window) = (self.now, self.window);
        let order = match *event {
            Picking::Started { order, .. } => {
                if let Some(open) = self.open_mut(order) {
                    open.picking_since = Some(now);
                }
                return;
            }
            Picking::LinePicked { order, .. } => {
                self.counts.lines_sought += u64::from(self.is_measured(order));
                return;
            }
            Picking::LineShort { order, reduction, .. } => {
                let measured = u64::from(self.is_measured(order));
                self.counts.lines_sought += measured;
                self.counts.lines_short += measured;
                if let Some(open) = self.open_mut(order) {
                    add(&mut open.goods, reduction.0.wrapping_neg());
                }
                return;
            }
            Picking::Packed { order, .. }
            | Picking::Aborted { order, put_back: false }
            | Picking::Closed { order } => order,
            Picking::Aborted { put_back: true, .. }
            | Picking::Queued { .. }
            | Picking::HandedOver { .. } => return,
        };
        let since = self.open_mut(order).and_then(|open| open.picking_since.take());
        if let Picking::Packed { .. } = event {
            self.count_packed(order, since);
        }
        add_within(&mut self.counts.picker_busy_us, window, since, now);
    }
}

impl Recount {
    fn count_packed(&mut self, order: OrderId, since: Option<Timestamp>) {
        let now = self.now;
        if let Some(open) = self.open_mut(order) {
            open.packed_at = Some(now);
        }
        if let (true, Some(since)) = (self.is_measured(order), since) {
            let counts = &mut self.counts;
            counts.packed += 1;
            let taken_us = now.0.saturating_sub(since.0);
            counts.pick_pack_us = counts.pick_pack_us.wrapping_add(taken_us);
        }
    }
}

impl Sink for Recount {
    fn record(&mut self, record: &Record) {
        Self::record(self, record);
    }
}

/// Adds to a sum of paise; a damaged journal may overflow it, which is no reason to stop.
fn add(sum: &mut i64, paise: i64) {
    *sum = sum.wrapping_add(paise);
}

/// Adds to a sum of microseconds how much of a stretch of time lies in the window; nothing if it
/// never began.
fn add_within(
    sum_us: &mut u64,
    window: (Timestamp, Timestamp),
    from: Option<Timestamp>,
    to: Timestamp,
) {
    let from = from.unwrap_or(to).max(window.0);
    *sum_us = sum_us.wrapping_add(to.min(window.1).0.saturating_sub(from.0));
}
