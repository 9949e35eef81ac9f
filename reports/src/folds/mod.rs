//! Facts folded into the tables people ask first: orders, legs, and stores by the minute.
//!
//! The rows follow from the facts alone, so a journal read back gives the same tables. An order's
//! row is written some time after the order ended, because refunds come late.

mod by_order;
mod by_trip;
mod columns;
mod live;
mod orders;
mod series;
#[cfg(test)]
mod tests;
mod trips;

use std::collections::VecDeque;
use std::sync::Arc;

use domain::dispatch::Event as Dispatch;
use domain::facts::opening::Event as Opening;
use domain::facts::{Fact, Record, Sink};
use domain::ids::{CityId, OrderId};
use domain::store::Event as Store;
use domain::time::{Millis, Timestamp};

use crate::journal;
use crate::progress::{Progress, ProgressLine};
use crate::table::{Part, Schema};
use columns::put;
use live::Live;
use orders::OrderRow;
use series::{Series, minute_of};
use trips::Trip;

pub use columns::ColumnDoc;

/// The version of the columns: grows when one is taken away or changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// How long after an order's end its row is written: a payment provider is asked for two hours,
/// and refunds follow its answer. Facts about an order that come later are in the journal only; so
/// are quotes that became no order in that time.
const LINGER: Millis = Millis::from_min(150);

/// Every column of every table of a run: the journal's, then orders', trips' and series'.
#[must_use]
pub fn columns() -> Vec<ColumnDoc> {
    let mut docs = journal::columns();
    docs.extend(columns::docs("orders", orders::COLUMNS));
    docs.extend(columns::docs("trips", trips::COLUMNS));
    docs.extend(columns::docs("series", series::COLUMNS));
    docs
}

/// A table that facts are folded into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folded {
    Orders,
    Trips,
    Series,
}

impl Folded {
    pub(crate) fn schema(self) -> &'static Schema {
        match self {
            Self::Orders => &orders::SCHEMA,
            Self::Trips => &trips::SCHEMA,
            Self::Series => &series::SCHEMA,
        }
    }
}

/// What a fold writes to; what is none is not written.
#[derive(Default)]
pub(crate) struct Outputs {
    pub(crate) orders: Option<Part>,
    pub(crate) trips: Option<Part>,
    pub(crate) series: Option<Part>,
    pub(crate) progress: Option<Arc<Progress>>,
}

/// Folds one city's facts.
pub(crate) struct CityFold {
    city: CityId,
    window: (Timestamp, Timestamp),
    orders: Live<OrderRow>,
    /// Orders and quotes by when they were first heard of.
    begun: VecDeque<(Timestamp, OrderId)>,
    /// Orders by when they ended.
    ended: VecDeque<(Timestamp, OrderId)>,
    trips: Live<Trip>,
    series: Series,
    totals: ProgressLine,
    outputs: Outputs,
}

impl CityFold {
    pub(crate) fn new(city: CityId, outputs: Outputs) -> Self {
        Self {
            city,
            window: (Timestamp(0), Timestamp(u64::MAX)),
            orders: Live::default(),
            begun: VecDeque::new(),
            ended: VecDeque::new(),
            trips: Live::default(),
            series: Series::new(city),
            totals: ProgressLine { city: city.0, ..ProgressLine::default() },
            outputs,
        }
    }

    /// The tables' parts, if one of which could not be written.
    pub(crate) fn has_failed(&self) -> bool {
        let parts = [&self.outputs.orders, &self.outputs.trips, &self.outputs.series];
        parts.into_iter().flatten().any(Part::has_failed)
    }

    /// Writes what is left: the minute that is going on, then orders that ended, then those that
    /// did not.
    pub(crate) fn finish(mut self) -> Outputs {
        self.series.finish(self.outputs.series.as_mut());
        self.retire(Timestamp(u64::MAX));
        if let Some(part) = &mut self.outputs.orders {
            for order in self.orders.into_all().iter().filter(|row| row.placed.is_some()) {
                put(orders::COLUMNS, order, part);
            }
        }
        self.outputs
    }

    fn end_minute(&mut self, now: Timestamp) {
        self.retire(now);
        let Some(progress) = &self.outputs.progress else { return };
        let mut line = ProgressLine {
            minute: minute_of(now) - 1,
            window_to_minute: minute_of(self.window.1),
            ..self.totals.clone()
        };
        for standing in self.series.standings() {
            line.open_orders += u64::from(standing.open_orders);
            line.picks_waiting += u64::from(standing.picks_waiting);
            line.riders_busy += u64::from(standing.riders_busy);
        }
        progress.tell(&line);
    }

    /// Writes the rows of orders that ended long ago, and forgets quotes that became nothing.
    fn retire(&mut self, now: Timestamp) {
        let is_due = |(at, _): &(Timestamp, OrderId)| at.0 + LINGER.as_micros() <= now.0;
        while let Some((_, order)) = self.begun.pop_front_if(|begun| is_due(begun)) {
            self.forget_quote(order);
        }
        while let Some((_, order)) = self.ended.pop_front_if(|ended| is_due(ended)) {
            let order = self.orders.take(order.0);
            if let (Some(order), Some(part)) = (order, &mut self.outputs.orders) {
                put(orders::COLUMNS, &order, part);
            }
        }
    }

    /// Forgets a quote unless it became an order.
    fn forget_quote(&mut self, order: OrderId) {
        if self.orders.get(order.0).is_some_and(|row| row.placed.is_none()) {
            self.orders.take(order.0);
        }
    }

    /// The row of an order or quote, made if there is none.
    fn row(&mut self, at: Timestamp, order: OrderId) -> &mut OrderRow {
        let city = self.city;
        let (row, made) = self.orders.get_or_make(order.0, || OrderRow::new(order, city));
        if made {
            self.begun.push_back((at, order));
        }
        row
    }

    fn opening(&mut self, event: Opening) {
        if let Opening::Window { from, to } = event {
            self.window = (from, to);
        } else if let Opening::Store { store, .. } = event {
            self.series.list(store);
        }
    }
}

impl Sink for CityFold {
    fn record(&mut self, record: &Record) {
        let at = record.at;
        if self.series.go_on(at, self.outputs.series.as_mut()) {
            self.end_minute(at);
        }
        match record.fact {
            Fact::Opening(event) => self.opening(event),
            Fact::Store(Store::DoorSet { store, door_state }) => {
                self.series.at(store).standing.door = door_state;
            }
            Fact::Pricing(event) => self.pricing(at, event),
            Fact::Order(event) => self.order(at, event),
            Fact::Stock(event) => self.stock(event),
            Fact::Payment(event) => self.payment(at, event),
            Fact::Ledger(_) => {}
            Fact::Picking(event) => self.picking(at, event),
            Fact::Dispatch(Dispatch::Requested { order, .. }) => {
                self.mark(order, |row| row.rider_requested = Some(at));
            }
            Fact::Dispatch(Dispatch::Withdrawn { .. }) => {}
            Fact::Delivery(event) => self.delivery(at, event),
            Fact::Rider(event) => self.rider(at, event),
        }
    }
}
