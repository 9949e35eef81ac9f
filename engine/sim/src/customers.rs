//! Customers: they arrive, see a quote, accept it, and sometimes change their mind.

use city::Arrival;
use domain::facts::Sink;
use domain::ids::StoreId;
use domain::ledger::{Sale, SoldLine};
use domain::money::Paise;
use domain::order::{Canceller, Line};
use domain::outside;
use domain::pricing::{self, Item, View, quote};
use domain::saga::Input;
use kernel::queue::Queue;

use crate::choice::Taker;
use crate::events::{Event, OrderIndex};
use crate::orders::OrderLine;
use crate::services::Service;
use crate::world::World;

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    /// The next customer wants to order: sees a quote and accepts it, or leaves.
    pub(crate) fn arrive(&mut self) {
        let index = self.next_arrival;
        self.next_arrival += 1;
        if let Some(next) = self.demand.arrivals.get(self.next_arrival) {
            self.later(next.at, Event::Arrival);
        }
        let order = OrderIndex(u32::try_from(index).expect("a city has fewer than 2^32 orders"));
        if !self.city.travel.reaches(self.door_stop(order)) {
            return;
        }
        let Some(taker) = self.choose_store(order) else { return };
        let (Taker::Store(store) | Taker::Nobody(store)) = taker;
        if self.fill_cart(order, store) {
            self.quote(order, store);
            self.accept(order, taker == Taker::Store(store));
            if taker == Taker::Nobody(store) {
                self.turn_away(order);
            }
        }
    }

    /// No store takes the order: what was quoted is worth nothing.
    fn turn_away(&mut self, order: OrderIndex) {
        self.orders[order.index()].ride = self.ride_of(order).ms;
        self.count_work(order);
        self.say_quote(order, quote::Command::Invalidate);
        self.say_saga(order, Input::Unserved);
    }

    /// Takes the lines that are on the shelf; false if none is.
    fn fill_cart(&mut self, order: OrderIndex, store: StoreId) -> bool {
        let id = self.id(order);
        let first = self.lines.len();
        self.items.clear();
        let arrival = &self.demand.arrivals[order.index()];
        for (at, line) in (0_u16..).zip(self.demand.lines_of(arrival)) {
            let &Line { sku, units } = line;
            let &city::Sku { mrp, price, gst, .. } = &self.city.skus[sku.index()];
            self.came(outside::Input::CartLine {
                order: id,
                store,
                line: at,
                sku,
                units,
                price,
                mrp,
                gst,
            });
            let free_units = self.shelves.slot(store, sku).free_units;
            if free_units < units {
                let wanted_units = units;
                self.tell(pricing::Event::LineUnavailable {
                    order: id,
                    line: at,
                    store,
                    sku,
                    wanted_units,
                    free_units,
                });
                continue;
            }
            self.items.push(Item {
                sku,
                units,
                price,
                mrp,
                gst,
                free_units,
                near_expiry_units: 0,
                base_units: 0,
            });
            self.lines.push(*line);
            self.held.push(Line { units: 0, ..*line });
            self.more.push(OrderLine { unit_price: price, picked_units: 0 });
        }
        let row = &mut self.orders[order.index()];
        row.store = store;
        row.first_line = u32::try_from(first).expect("a city has fewer than 2^32 lines");
        row.lines = u16::try_from(self.items.len()).expect("an order has fewer than 2^16 lines");
        !self.items.is_empty()
    }

    /// Prices the cart and promises a time.
    fn quote(&mut self, order: OrderIndex, store: StoreId) {
        let policies = &self.setup.policies;
        let rules = &self.setup.rules.pricing;
        let view = View {
            rules,
            items: &self.items,
            surge: self.stores[store.index()].surge.surge,
            is_raining: self.setup.weather.at(self.now).is_some(),
            is_member: false,
            discount: Paise::ZERO,
        };
        let prices = &mut self.prices;
        let choice = pricing::choose(policies.pricing, &view, &policies.pricing_params, prices);
        let promise_by = self.promise(order, store);
        let (id, raining) = (self.id(order), view.is_raining);
        self.came(outside::Input::Quote { order: id, raining, promise_by });
        let span = self.span(order);
        for (more, unit_price) in self.more[span].iter_mut().zip(self.prices.unit_prices()) {
            more.unit_price = *unit_price;
        }
        let items = std::mem::take(&mut self.items);
        let prices = std::mem::take(&mut self.prices);
        let unit_prices = prices.unit_prices();
        let issue = quote::Command::Issue { store, items: &items, unit_prices, choice, promise_by };
        self.say_quote(order, issue);
        (self.items, self.prices) = (items, prices);
        let row = &mut self.orders[order.index()];
        row.fees = choice.fees;
        row.promise_by = promise_by;
    }

    /// A customer accepts the quote: the order is placed.
    fn accept(&mut self, order: OrderIndex, served: bool) {
        let &Arrival { client_ref, customer, door, method, .. } = self.arrival(order);
        let row = &self.orders[order.index()];
        let quote::State::Issued { total, .. } = row.quote else { return };
        let (store, lines, promise_by) = (row.store, row.lines, row.promise_by);
        self.stores[store.index()].open_orders += 1;
        let id = self.id(order);
        self.came(outside::Input::Place { order: id, client_ref, customer, door, method, served });
        let place =
            Input::Place { client_ref, customer, store, door, lines, method, total, promise_by };
        self.say_saga(order, place);
        if let Some(after) = self.cancels_after(order) {
            self.later(self.now + after, Event::CustomerCancels(order));
        }
    }

    pub(crate) fn customer_cancels(&mut self, order: OrderIndex) {
        let (id, canceller) = (self.id(order), Canceller::Customer);
        self.came(outside::Input::Cancel { order: id, canceller });
        self.say_saga(order, Input::CancelAsked { canceller });
    }

    /// A service has answered.
    pub(crate) fn served(&mut self, order: OrderIndex, service: Service) {
        let id = self.id(order);
        match service {
            Service::Pricing => self.came(outside::Input::Lock { order: id }),
            Service::Inventory => self.came(outside::Input::Reserve { order: id }),
            Service::Payment => {}
        }
        match service {
            // Whoever cancelled meanwhile no longer wants the quote: it is left to grow too old.
            Service::Pricing if self.orders[order.index()].saga.stage.is_terminal() => {}
            Service::Pricing => self.say_quote(order, quote::Command::Lock),
            Service::Inventory => self.reserve(order),
            Service::Payment => {}
        }
    }

    /// Decides a command about an order's quote, and applies and tells what follows.
    pub(crate) fn say_quote(&mut self, order: OrderIndex, command: quote::Command<'_>) {
        let mut events = std::mem::take(&mut self.buffers.pricing);
        let (id, state) = (self.id(order), self.orders[order.index()].quote);
        let rules = &self.setup.rules.pricing;
        // A refusal leaves the quote as it is, and the saga's own time limits see to the rest.
        let _refusal = quote::decide(rules, id, &state, command, self.now, &mut events);
        for event in events.drain(..) {
            self.orders[order.index()].quote.evolve(&event);
            self.tell(event);
        }
        self.buffers.pricing = events;
    }

    /// What a delivered order came to: its lines as they were picked, and its fees.
    pub(crate) fn sale_of(&self, order: OrderIndex) -> Sale {
        let span = self.span(order);
        let lines = self.lines[span.clone()].iter().zip(&self.more[span]);
        let sold = lines.map(|(line, more)| SoldLine {
            paid: more.unit_price.times(more.picked_units),
            gst: self.city.skus[line.sku.index()].gst,
        });
        let fees = self.orders[order.index()].fees.each().map(|(_, amount)| amount);
        Sale::new(sold, fees, self.setup.rules.pricing.fee_gst)
    }
}
