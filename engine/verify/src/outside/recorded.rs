//! What a journal tells, by order: the little that can be held against what others saw.

use std::collections::BTreeMap;

use domain::facts::opening::Event as Opening;
use domain::facts::{Fact, Record};
use domain::ids::OrderId;
use domain::order::{Event as Order, Stage};
use domain::payment::{Event as Payment, Method};
use domain::pricing::Event as Pricing;
use domain::stock::Event as Stock;

use super::seconds;
use crate::counterexample::line;

/// One version of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The version.
    pub version: u64,
    /// When it came to be, µs after the run's start.
    pub at_us: u64,
    /// The stage the order was in from then on.
    pub stage: Stage,
}

/// One attempt to pay, as the journal tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// How.
    pub method: Method,
    /// What was asked for, paise.
    pub asked_paise: i64,
    /// What was taken, paise.
    pub captured_paise: i64,
    /// What has gone back, paise.
    pub refunded_paise: i64,
    /// Whether it was let go uncaptured.
    pub is_voided: bool,
}

impl Attempt {
    /// Whether the provider has a hand in it: wallets and cash are our own affair.
    #[must_use]
    pub const fn is_providers(&self) -> bool {
        matches!(self.method, Method::Upi | Method::Card)
    }
}

/// What a journal tells of one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// The arrival's own name; none before it was placed.
    pub client_ref: Option<u64>,
    /// How often it was placed.
    pub placed: u32,
    /// What it was quoted at, paise.
    pub quoted_paise: Option<i64>,
    /// Its versions, in the order they are told.
    pub deeds: Vec<Deed>,
    /// Its attempts to pay, by their numbers.
    pub attempts: BTreeMap<u8, Attempt>,
    /// Cash that was taken at the door, paise.
    pub cash_paise: i64,
    lines: Vec<(u64, Record)>,
}

/// Records of one order that are kept to be shown.
const KEPT_RECORDS: usize = 64;

impl Life {
    /// The stage it is in at last; [`Stage::Draft`] before it is placed.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.deeds.last().map_or(Stage::Draft, |deed| deed.stage)
    }

    /// What of the customer's money was kept, paise.
    #[must_use]
    pub fn kept_paise(&self) -> i64 {
        let kept = |attempt: &Attempt| attempt.captured_paise - attempt.refunded_paise;
        self.attempts.values().map(kept).sum::<i64>() + self.cash_paise
    }

    /// The records that tell of it, with their times.
    pub(crate) fn shown(&self, bears: fn(&Fact) -> bool) -> Vec<(u64, String)> {
        let bearing = self.lines.iter().filter(|(_, record)| bears(&record.fact));
        bearing
            .map(|&(at, ref record)| {
                // The time stands in front, counted from the run's start as everywhere here.
                let told = line(record);
                let told = told.split_once('#').map_or(told.as_str(), |(_, told)| told);
                (at, format!("{} journal #{told}", seconds(at)))
            })
            .collect()
    }

    fn deed(&mut self, at_us: u64, version: u16, stage: Stage) {
        self.deeds.push(Deed { version: version.into(), at_us, stage });
    }

    fn attempt(&mut self, number: u8) -> &mut Attempt {
        self.attempts.entry(number).or_insert(Attempt {
            method: Method::Upi,
            asked_paise: 0,
            captured_paise: 0,
            refunded_paise: 0,
            is_voided: false,
        })
    }
}

/// A change of the units on a shelf that no order makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) at_us: u64,
    pub(crate) units: i64,
}

/// What a journal tells, by order. It is fed with records in order of time.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    started_us: u64,
    orders: BTreeMap<u64, Life>,
    by_ref: BTreeMap<u64, Vec<u64>>,
    shelves: BTreeMap<u64, Vec<Moved>>,
}

/// The key of a shelf: its store in the upper half, its SKU in the lower.
#[must_use]
pub const fn shelf_key(store: u32, sku: u32) -> u64 {
    (store as u64) << 32 | sku as u64
}

impl Recorded {
    /// Nothing yet, of a run that was started at a time of the journal's clock, µs.
    #[must_use]
    pub fn new(started_us: u64) -> Self {
        Self { started_us, ..Self::default() }
    }

    /// What is told of an order; none if nothing is.
    #[must_use]
    pub fn order(&self, order: u64) -> Option<&Life> {
        self.orders.get(&order)
    }

    /// Every order and quote, by its id.
    pub fn orders(&self) -> impl Iterator<Item = (u64, &Life)> {
        self.orders.iter().map(|(id, life)| (*id, life))
    }

    /// The orders that arrivals placed, by the arrivals' names.
    pub(crate) fn by_ref(&self) -> &BTreeMap<u64, Vec<u64>> {
        &self.by_ref
    }

    /// What was put on a shelf or taken off it other than by orders, in order of time.
    pub(crate) fn shelf(&self, key: u64) -> &[Moved] {
        self.shelves.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Hears the next record.
    pub fn record(&mut self, record: &Record) {
        let at_us = record.at.0.saturating_sub(self.started_us);
        match &record.fact {
            Fact::Opening(Opening::Stock { store, sku, units }) => {
                self.moved(shelf_key(store.0, sku.0), 0, i64::from(*units));
            }
            Fact::Stock(Stock::Received { store, sku, units }) => {
                self.moved(shelf_key(store.0, sku.0), at_us, i64::from(*units));
            }
            Fact::Stock(Stock::Adjusted { store, sku, delta_units, .. }) => {
                self.moved(shelf_key(store.0, sku.0), at_us, i64::from(*delta_units));
            }
            Fact::Pricing(Pricing::Issued { order, total, .. }) => {
                self.of(*order, at_us, record).quoted_paise = Some(total.0);
            }
            Fact::Order(event) => self.staged(event, at_us, record),
            Fact::Payment(event) => self.paid(event, at_us, record),
            Fact::Opening(_)
            | Fact::Store(_)
            | Fact::Pricing(_)
            | Fact::Stock(_)
            | Fact::Ledger(_)
            | Fact::Picking(_)
            | Fact::Dispatch(_)
            | Fact::Delivery(_)
            | Fact::Rider(_) => {}
        }
    }

    fn moved(&mut self, shelf: u64, at_us: u64, units: i64) {
        self.shelves.entry(shelf).or_default().push(Moved { at_us, units });
    }

    fn of(&mut self, order: OrderId, at_us: u64, record: &Record) -> &mut Life {
        let life = self.orders.entry(order.0).or_default();
        if life.lines.len() < KEPT_RECORDS {
            life.lines.push((at_us, *record));
        }
        life
    }

    fn staged(&mut self, event: &Order, at_us: u64, record: &Record) {
        let (order, version, stage) = match *event {
            Order::Placed { order, version, client_ref, .. } => {
                let life = self.of(order, at_us, record);
                life.placed += 1;
                life.client_ref = Some(client_ref);
                life.deed(at_us, version, Stage::Placed);
                return self.by_ref.entry(client_ref).or_default().push(order.0);
            }
            Order::Reserved { order, version } => (order, version, Stage::Reserved),
            Order::PaymentPending { order, version } => (order, version, Stage::PaymentPending),
            Order::Confirmed { order, version } => (order, version, Stage::Confirmed),
            Order::PickingBegun { order, version } => (order, version, Stage::Picking),
            Order::Packed { order, version, .. } => (order, version, Stage::Packed),
            Order::LeftStore { order, version } => (order, version, Stage::OutForDelivery),
            Order::Arrived { order, version } => (order, version, Stage::Arrived),
            Order::Delivered { order, version } => (order, version, Stage::Delivered),
            Order::Rejected { order, version, .. } => (order, version, Stage::Rejected),
            Order::Cancelled { order, version, .. } => (order, version, Stage::Cancelled),
            Order::Undelivered { order, version } => (order, version, Stage::Undelivered),
            // Who is asked to end goes on as before until everything is undone.
            Order::CancelAsked { order, version, .. } => {
                let before = self.orders.get(&order.0).map_or(Stage::Draft, Life::stage);
                (order, version, before)
            }
        };
        self.of(order, at_us, record).deed(at_us, version, stage);
    }

    fn paid(&mut self, event: &Payment, at_us: u64, record: &Record) {
        match *event {
            Payment::Initiated { order, attempt, method, amount } => {
                let row = self.of(order, at_us, record).attempt(attempt);
                (row.method, row.asked_paise) = (method, amount.0);
            }
            Payment::Captured { order, attempt, method, amount } => {
                let row = self.of(order, at_us, record).attempt(attempt);
                row.method = method;
                row.captured_paise += amount.0;
            }
            Payment::Voided { order, attempt } => {
                self.of(order, at_us, record).attempt(attempt).is_voided = true;
            }
            Payment::Refunded { order, attempt, amount, .. } => {
                self.of(order, at_us, record).attempt(attempt).refunded_paise += amount.0;
            }
            Payment::CashCollected { order, amount, .. } => {
                self.of(order, at_us, record).cash_paise += amount.0;
            }
            Payment::Authorised { order, .. }
            | Payment::Declined { order, .. }
            | Payment::RefundAsked { order, .. }
            | Payment::Expired { order }
            | Payment::CashDue { order, .. }
            | Payment::Pending { order, .. } => {
                self.of(order, at_us, record);
            }
            Payment::CashRemitted { .. } => {}
        }
    }
}
