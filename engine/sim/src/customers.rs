//! Customers: they arrive, see a quote, accept it, and sometimes change their mind.

use city::Arrival;
use domain::facts::Sink;
use domain::ids::StoreId;
use domain::money::{Bps, Paise};
use domain::order::{Canceller, Line};
use domain::pricing;
use domain::saga::Input;
use domain::time::Millis;
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex};
use crate::orders::OrderLine;
use crate::services::Service;
use crate::world::World;

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    /// The next customer wants to order.
    pub(crate) fn arrive(&mut self) {
        let index = self.next_arrival;
        self.next_arrival += 1;
        if let Some(next) = self.demand.arrivals.get(self.next_arrival) {
            self.later(next.at, Event::Arrival);
        }
        let order = OrderIndex(u32::try_from(index).expect("a city has fewer than 2^32 orders"));
        let arrival = &self.demand.arrivals[index];
        if self.quote(order, arrival) {
            self.accept(order);
        }
    }

    /// Quotes what is there; false if the customer leaves because nothing is.
    fn quote(&mut self, order: OrderIndex, arrival: &Arrival) -> bool {
        let store = arrival.store.unwrap_or(StoreId(0));
        let first = self.lines.len();
        let id = self.id(order);
        let mut total = Paise::ZERO;
        for (at, line) in self.demand.lines_of(arrival).iter().enumerate() {
            let free = self.shelves.slot(store, line.sku).free_units;
            if free < line.units {
                continue;
            }
            let sku = &self.city.skus[line.sku.index()];
            self.lines.push(*line);
            self.held.push(Line { units: 0, ..*line });
            self.more.push(OrderLine { unit_price: sku.price, picked_units: 0 });
            let paid = sku.price.times(line.units);
            total += paid;
            self.tell(pricing::Event::LinePriced {
                order: id,
                line: u16::try_from(at).expect("few lines"),
                sku: line.sku,
                units: line.units,
                unit_price: sku.price,
                tax: paid.tax_within(sku.gst),
            });
        }
        let now = self.now;
        let row = &mut self.orders[order.index()];
        row.store = store;
        row.first_line = u32::try_from(first).expect("lines fit");
        row.lines = u16::try_from(self.lines.len() - first).expect("few lines");
        row.total = total;
        row.valid_until = now + Millis::from_min(10);
        row.promise_by = now + Millis::from_min(15);
        if let Some(recorded) = arrival.recorded {
            row.promise_by = now + recorded.expected;
        }
        if row.lines == 0 {
            return false;
        }
        let (promise_by, valid_until) = (row.promise_by, row.valid_until);
        self.tell(pricing::Event::Issued {
            order: id,
            store,
            total,
            surge: Bps::ONE,
            promise_by,
            valid_until,
        });
        true
    }

    /// A customer accepts the quote: the order is placed.
    pub(crate) fn accept(&mut self, order: OrderIndex) {
        let arrival = &self.demand.arrivals[order.index()];
        let row = &self.orders[order.index()];
        let store = row.store;
        let place = Input::Place {
            client_ref: arrival.client_ref,
            customer: arrival.customer,
            store,
            door: arrival.door,
            lines: row.lines,
            method: arrival.method,
            total: row.total,
            promise_by: row.promise_by,
        };
        self.stores[store.index()].open_orders += 1;
        self.say_saga(order, place);
        if let Some(after) = self.cancels_after(order) {
            self.later(self.now + after, Event::CustomerCancels(order));
        }
    }

    pub(crate) fn customer_cancels(&mut self, order: OrderIndex) {
        self.say_saga(order, Input::CancelAsked { canceller: Canceller::Customer });
    }

    /// A service has answered.
    pub(crate) fn served(&mut self, order: OrderIndex, service: Service) {
        match service {
            Service::Pricing => self.lock_quote(order),
            Service::Inventory => self.reserve(order),
            Service::Payment => {}
        }
    }

    fn lock_quote(&mut self, order: OrderIndex) {
        let id = self.id(order);
        let row = &self.orders[order.index()];
        let event = if self.now <= row.valid_until {
            pricing::Event::Locked { order: id, total: row.total }
        } else {
            pricing::Event::Expired { order: id }
        };
        self.tell(event);
    }

    pub(crate) fn review(&mut self) {}
}
