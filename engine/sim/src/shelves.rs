//! Stock: holds, sweeps, picked lines, and what goes back on the shelf.

use domain::facts::Sink;
use domain::ids::{OrderId, SkuId, StoreId};
use domain::order::Line;
use domain::outside;
use domain::stock::{self, Adjustment, Command, Hold, SWEEP, Shelves, Slot};
use domain::time::Timestamp;
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex, class};
use crate::orders::Order;
use crate::world::World;

/// What a shelf's commands are decided against.
pub(crate) struct Shelf<'a> {
    pub(crate) shelves: &'a Shelves,
    pub(crate) hold: Hold,
    pub(crate) held: &'a [Line],
}

impl stock::Reads for Shelf<'_> {
    fn slot(&self, store: StoreId, sku: SkuId) -> Slot {
        self.shelves.slot(store, sku)
    }

    fn hold(&self, _: OrderId) -> Hold {
        self.hold
    }

    fn held_lines(&self, _: OrderId) -> &[Line] {
        self.held
    }
}

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    /// Holds the order's lines until the time its saga asked for.
    pub(crate) fn reserve(&mut self, order: OrderIndex) {
        let asked_until = self.orders[order.index()].hold_until;
        let expires_at = self.setup.rules.saga.hold_end(asked_until, self.now);
        let span = self.span(order);
        let lines = std::mem::take(&mut self.lines);
        for (held, line) in self.held[span.clone()].iter_mut().zip(&lines[span.clone()]) {
            *held = Line { units: 0, ..*line };
        }
        self.shelve(order, |id| Command::Reserve { order: id, lines: &lines[span], expires_at });
        self.lines = lines;
        if self.orders[order.index()].hold.stands() {
            self.sweep_at(order, expires_at + SWEEP);
        }
    }

    pub(crate) fn extend_hold(&mut self, order: OrderIndex, until: Timestamp) {
        self.shelve(order, |id| Command::Extend { order: id, expires_at: until });
        self.sweep_at(order, until + SWEEP);
    }

    fn sweep_at(&mut self, order: OrderIndex, wake_at: Timestamp) {
        self.asks(outside::Effect::WakeHold { order: self.id(order), wake_at });
        self.at(wake_at, class::TIMERS, Event::Sweep(order));
    }

    pub(crate) fn sweep(&mut self, order: OrderIndex) {
        let now = self.now;
        self.came(outside::Input::HoldTimer { order: self.id(order) });
        self.shelve(order, |id| Command::Expire { order: id, now });
    }

    pub(crate) fn commit_line(&mut self, order: OrderIndex, sku: SkuId, found_units: u32) {
        self.shelve(order, |id| Command::Commit { order: id, sku, found_units });
        let span = self.span(order);
        let line = self.lines[span.clone()].iter().position(|line| line.sku == sku);
        if let Some(line) = line {
            self.more[span][line].picked_units = found_units;
        }
    }

    /// Puts what was picked for an order back on the shelf.
    pub(crate) fn put_back(&mut self, order: OrderIndex) {
        for at in self.span(order) {
            let delta_units = i32::try_from(self.more[at].picked_units).expect("units fit 31 bits");
            self.more[at].picked_units = 0;
            let sku = self.lines[at].sku;
            if delta_units > 0 {
                let adjustment = Adjustment::PutBack;
                self.shelve(order, |_| Command::Adjust { sku, delta_units, adjustment });
            }
        }
    }

    /// Decides a command at the order's store, and applies and tells what follows.
    ///
    /// A refusal needs no answer here: it is a fact that the saga hears.
    pub(crate) fn shelve<'l>(
        &mut self,
        order: OrderIndex,
        command: impl FnOnce(OrderId) -> Command<'l>,
    ) {
        let id = self.id(order);
        let (store, span) = (self.store_of(order), self.span(order));
        let mut events = std::mem::take(&mut self.buffers.stock);
        let hold = self.orders[order.index()].hold;
        let shelf = Shelf { shelves: &self.shelves, hold, held: &self.held[span.clone()] };
        let _refusal = stock::decide(&shelf, store, command(id), &mut events);
        for event in events.drain(..) {
            self.shelves.evolve(&event);
            self.orders[order.index()].hold.evolve(&mut self.held[span.clone()], &event);
            self.tell(event);
        }
        self.buffers.stock = events;
    }

    /// Where an order's lines are.
    pub(crate) fn span(&self, order: OrderIndex) -> std::ops::Range<usize> {
        let Order { first_line, lines, .. } = self.orders[order.index()];
        let first = first_line as usize;
        first..first + usize::from(lines)
    }
}
