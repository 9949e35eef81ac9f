//! Shelves are filled again, counted, and cleared of what is past its date.
//!
//! At night comes a lorry with dry goods, in the morning and the afternoon one with fresh goods,
//! and what is popular and nearly gone is asked for in between. A lorry fills each shelf up to
//! its base stock, as far as the hub has it. What gets lost stays on record as phantom stock,
//! until a picker finds too little or the shelf is counted.

use city::City;
use city::supply::{Load, Supply};
use domain::facts::Sink;
use domain::ids::{SkuId, StoreId};
use domain::outside;
use domain::stock::{self, Adjustment, Command, Hold, Slot};
use domain::time::{Millis, Timestamp};
use kernel::queue::Queue;

use crate::events::{Event, class};
use crate::shelves::Shelf;
use crate::world::World;

/// How often shelves are looked at for what is nearly gone. 1 h, assumed, grade E.
const TOP_UP_INTERVAL: Millis = Millis::from_min(60);

/// What is on its way to shelves, and what is recorded there and is not.
#[derive(Default)]
pub(crate) struct Replenish {
    /// Units on record that are not there, by shelf; empty where shelves are not filled again.
    phantoms: Vec<u16>,
    /// What the emergency top-up on its way to each store brings.
    on_the_way: Vec<Vec<SkuId>>,
}

impl Replenish {
    pub(crate) fn new(city: &City, seed: u64) -> Self {
        let Some(supply) = &city.supply else { return Self::default() };
        let skus = city.skus.len();
        let phantom = |(shelf, units): (usize, &u32)| {
            let (store, sku) = (StoreId::at(shelf / skus), SkuId::at(shelf % skus));
            narrow(supply.phantom(seed, store, sku, *units))
        };
        Self {
            phantoms: city.stock.iter().enumerate().map(phantom).collect(),
            on_the_way: vec![Vec::new(); city.stores.len()],
        }
    }
}

impl<'a, Q: Queue<Event>, S: Sink> World<'a, Q, S> {
    /// Sends the first lorries. They begin with the first customer.
    pub(crate) fn send_lorries(&mut self) {
        let (Some(supply), Some(first)) = (&self.city.supply, self.demand.arrivals.first()) else {
            return;
        };
        for store in (0..self.city.stores.len()).map(StoreId::at) {
            for load in [Load::Dry, Load::Fresh] {
                self.send_lorry(supply, store, load, first.at);
            }
            self.at(first.at + TOP_UP_INTERVAL, class::ROUNDS, Event::TopUpDue(store));
        }
    }

    fn send_lorry(&mut self, supply: &Supply, store: StoreId, load: Load, after: Timestamp) {
        let at = supply.next(load, store, after);
        // Orders end with the window, and shelves that nobody orders from need nothing.
        if at < self.setup.window.to {
            self.at(at, class::ENDS, Event::Lorry(store, load));
        }
    }

    /// A lorry is at a store: old goods go, shelves are counted, new goods come.
    pub(crate) fn lorry(&mut self, store: StoreId, load: Load) {
        let Some(supply) = &self.city.supply else { return };
        let is_morning = supply.next(load, store, day_begins(self.now)) >= self.now;
        for sku in (0..self.city.skus.len()).map(SkuId::at) {
            let is_fresh = self.city.skus[sku.index()].fresh;
            if is_fresh != (load == Load::Fresh) {
                continue;
            }
            if is_morning {
                self.lose_and_count(supply, store, sku, is_fresh);
            }
            self.fill(supply, store, sku);
        }
        self.send_lorry(supply, store, load, self.now);
    }

    /// Fills a shelf up, as far as the hub has it.
    fn fill(&mut self, supply: &Supply, store: StoreId, sku: SkuId) {
        let Slot { free_units, reserved_units, .. } = self.shelves.slot(store, sku);
        let missing = supply.base_units(store, sku).saturating_sub(free_units + reserved_units);
        let (now, seed) = (self.now, self.setup.seed);
        if missing > 0 && supply.hub_has(store, sku, now) && supply.is_loaded(seed, store, sku, now)
        {
            self.came(outside::Input::Receive { store, sku, units: missing });
            self.stock_up(store, Command::Receive { sku, units: missing });
        }
    }

    /// What happened to a shelf since yesterday, and what is done about it.
    fn lose_and_count(&mut self, supply: &Supply, store: StoreId, sku: SkuId, is_fresh: bool) {
        let (now, seed) = (self.now, self.setup.seed);
        let there = self.really_there(store, sku);
        self.add_phantoms(store, sku, supply.lost(seed, store, sku, now, there));
        if is_fresh {
            let units = supply.expired(seed, store, sku, now, self.really_there(store, sku));
            self.take_off(store, sku, units, Adjustment::Dumped);
        }
        let phantoms = self.phantoms(store, sku);
        if phantoms > 0 && supply.is_counted(store, sku, now) {
            let found = self.take_off(store, sku, phantoms, Adjustment::CycleCount);
            self.forget_phantoms(store, sku, found);
        }
    }

    /// Takes units off the record, as far as they are free; says how many.
    fn take_off(&mut self, store: StoreId, sku: SkuId, units: u32, adjustment: Adjustment) -> u32 {
        let units = units.min(self.shelves.slot(store, sku).free_units);
        if units > 0 {
            let delta_units = -i32::try_from(units).expect("units fit 31 bits");
            self.came(outside::Input::Adjust { store, sku, delta_units, adjustment });
            self.stock_up(store, Command::Adjust { sku, delta_units, adjustment });
        }
        units
    }

    /// Asks for what is popular and nearly gone, unless a top-up is on its way.
    pub(crate) fn top_up_due(&mut self, store: StoreId) {
        let next = self.now + TOP_UP_INTERVAL;
        if next < self.setup.window.to {
            self.at(next, class::ROUNDS, Event::TopUpDue(store));
        }
        let Some(supply) = &self.city.supply else { return };
        if !self.replenish.on_the_way[store.index()].is_empty() {
            return;
        }
        let mut asked = std::mem::take(&mut self.replenish.on_the_way[store.index()]);
        asked.extend(supply.popular().filter(|&sku| self.is_nearly_gone(supply, store, sku)));
        if !asked.is_empty() {
            let there_at = self.now + supply.setup().top_up_lead;
            self.at(there_at, class::ENDS, Event::TopUp(store));
        }
        self.replenish.on_the_way[store.index()] = asked;
    }

    fn is_nearly_gone(&self, supply: &Supply, store: StoreId, sku: SkuId) -> bool {
        let free_units = f64::from(self.shelves.slot(store, sku).free_units);
        let below = f64::from(supply.base_units(store, sku)) * supply.setup().top_up_below;
        free_units < below && supply.hub_has(store, sku, self.now)
    }

    /// A top-up is there.
    pub(crate) fn top_up(&mut self, store: StoreId) {
        let Some(supply) = &self.city.supply else { return };
        let mut asked = std::mem::take(&mut self.replenish.on_the_way[store.index()]);
        for sku in asked.drain(..) {
            self.fill(supply, store, sku);
        }
        self.replenish.on_the_way[store.index()] = asked;
    }

    /// What a picker finds at most of what an order holds: phantom stock is not there.
    pub(crate) fn there_for(&mut self, store: StoreId, sku: SkuId, wanted_units: u32) -> u32 {
        if self.phantoms(store, sku) == 0 {
            return wanted_units;
        }
        let found = wanted_units.min(self.really_there(store, sku));
        // The record is corrected by what was not found.
        self.forget_phantoms(store, sku, wanted_units - found);
        found
    }

    /// Units that are on the shelf, whatever the record says.
    fn really_there(&self, store: StoreId, sku: SkuId) -> u32 {
        let Slot { free_units, reserved_units, .. } = self.shelves.slot(store, sku);
        (free_units + reserved_units).saturating_sub(self.phantoms(store, sku))
    }

    fn phantoms(&self, store: StoreId, sku: SkuId) -> u32 {
        let shelf = self.shelf_index(store, sku);
        self.replenish.phantoms.get(shelf).copied().unwrap_or(0).into()
    }

    fn add_phantoms(&mut self, store: StoreId, sku: SkuId, units: u32) {
        let shelf = self.shelf_index(store, sku);
        let row = &mut self.replenish.phantoms[shelf];
        *row = row.saturating_add(narrow(units));
    }

    fn forget_phantoms(&mut self, store: StoreId, sku: SkuId, units: u32) {
        let shelf = self.shelf_index(store, sku);
        let row = &mut self.replenish.phantoms[shelf];
        *row = row.saturating_sub(narrow(units));
    }

    fn shelf_index(&self, store: StoreId, sku: SkuId) -> usize {
        store.index() * self.city.skus.len() + sku.index()
    }

    /// Decides a command that is of no order, and applies and tells what follows.
    fn stock_up(&mut self, store: StoreId, command: Command<'_>) {
        let mut events = std::mem::take(&mut self.buffers.stock);
        let shelf = Shelf { shelves: &self.shelves, hold: Hold::Never, held: &[] };
        let decided = stock::decide(&shelf, store, command, &mut events);
        decided.expect("no more is taken off a shelf than is free");
        for event in events.drain(..) {
            self.shelves.evolve(&event);
            self.tell(event);
        }
        self.buffers.stock = events;
    }
}

/// Midnight before an instant, less a moment, so that what happens at midnight is after it.
fn day_begins(at: Timestamp) -> Timestamp {
    Timestamp((at.0 / DAY_US * DAY_US).saturating_sub(1))
}

/// A day in microseconds.
const DAY_US: u64 = 86_400_000_000;

/// Units of one shelf; more than 65 535 of them phantoms are taken for that many.
fn narrow(units: u32) -> u16 {
    u16::try_from(units).unwrap_or(u16::MAX)
}
