//! The store's floor: pickers take lists, look for lines, pack, and put back.

use domain::facts::Sink;
use domain::ids::{PickerId, StoreId};
use domain::outside;
use domain::picking::{self, Effect, Input};
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex, class};
use crate::world::World;

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    pub(crate) fn say_task(&mut self, order: OrderIndex, input: Input) {
        let mut effects = std::mem::take(&mut self.buffers.task);
        let (id, state) = (self.id(order), self.orders[order.index()].task);
        self.hears(id.0, input);
        self.orders[order.index()].task = picking::step(id, state, input, &mut effects);
        for effect in effects.drain(..) {
            self.do_task(order, effect);
        }
        self.buffers.task = effects;
    }

    fn do_task(&mut self, order: OrderIndex, effect: Effect) {
        let (id, store) = (self.id(order), self.store_of(order));
        match effect {
            Effect::Publish(event) => {
                if let picking::Event::Packed { .. } = event {
                    self.orders[order.index()].ready_at = self.now;
                    self.rounds.packed(store, id, self.now);
                }
                self.tell(event);
            }
            Effect::Enqueue => {
                self.floors[store.index()].enqueue(id);
                self.start_tasks(store);
            }
            Effect::LeaveQueue => {
                self.floors[store.index()].leave(id);
            }
            Effect::Collect { line } => {
                self.asks(outside::Effect::Collect { order: id, store, line });
                let done = self.now + self.pick_time(order, line);
                self.later(done, Event::LineSought(order, line));
            }
            Effect::Pack => {
                self.asks(outside::Effect::Pack { order: id, store });
                let done = self.now + self.pack_time(order);
                self.at(done, class::ENDS, Event::BagPacked(order));
            }
            Effect::PutBack => {
                self.asks(outside::Effect::PutBack { order: id, store });
                let done = self.now + self.put_back_time(order);
                self.at(done, class::ENDS, Event::PutBack(order));
            }
            Effect::Free(picker) => {
                self.floors[store.index()].free(picker);
                self.start_tasks(store);
            }
        }
    }

    /// Sends idle pickers to waiting lists.
    fn start_tasks(&mut self, store: StoreId) {
        while let Some((picker, order)) = self.floors[store.index()].next_task() {
            self.call(domain::wiring::Call::Task(order, Input::Take { picker }));
        }
    }

    /// A picker has looked for a line: says what was found.
    pub(crate) fn line_sought(&mut self, order: OrderIndex, line: u16) {
        let at = self.span(order).start + usize::from(line);
        let (sku, wanted_units) = (self.lines[at].sku, self.lines[at].units);
        let there = self.there_for(self.store_of(order), sku, wanted_units);
        let units = self.found_units(order, line, wanted_units).min(there);
        self.came(outside::Input::Sought { order: self.id(order), line, units });
        let sought = picking::sought(line, self.lines[at], self.more[at].unit_price, units);
        self.say_task(order, sought);
    }

    pub(crate) fn picker_begins(&mut self, picker: PickerId, shift: u16) {
        let row = &self.city.pickers[picker.index()];
        let (store, end) = (row.store, row.shifts[usize::from(shift)].to);
        if let Some(next) = row.shifts.get(usize::from(shift) + 1) {
            self.at(next.from, class::ROUNDS, Event::PickerBegins(picker, shift + 1));
        }
        self.at(end, class::TIMERS, Event::PickerEnds(picker));
        self.came(outside::Input::PickerOn { picker, store });
        self.floors[store.index()].begin(picker);
        self.start_tasks(store);
    }

    /// A picker's shift is over; who is busy finishes first.
    pub(crate) fn picker_ends(&mut self, picker: PickerId) {
        let store = self.city.pickers[picker.index()].store;
        self.came(outside::Input::PickerOff { picker, store });
        self.floors[store.index()].end(picker);
    }
}
