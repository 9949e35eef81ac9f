//! Stores: how busy they are, their doors, and the opening of the world.

use city::City;
use domain::eta::Load;
use domain::facts::Sink;
use domain::facts::opening::Event as Opening;
use domain::ids::{PickerId, RiderId, SkuId, StoreId};
use domain::outside;
use domain::pricing::surge;
use domain::rider::{self, Duty};
use domain::stock::SWEEP;
use domain::store::{self, Door, Ops};
use domain::time::Millis;
use kernel::queue::Queue;

use crate::events::{Event, class};
use crate::setup::Closure;
use crate::world::World;

/// One store's load, surge and door.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoreAt {
    /// Orders placed here and not yet over.
    pub(crate) open_orders: u32,
    /// Its riders.
    pub(crate) crew: Crew,
    /// The surge multiplier that quotes are made with.
    pub(crate) surge: surge::State,
    /// What it does with new orders.
    pub(crate) ops: Ops,
}

/// Riders of one store, or those of none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Crew {
    /// On shift.
    pub(crate) on: u32,
    /// Of those, without a trip.
    pub(crate) idle: u32,
}

impl Crew {
    /// Takes a rider's change into account.
    pub(crate) fn count(&mut self, before: rider::State, after: rider::State) {
        let is_on = |state: rider::State| state.duty != Duty::Off;
        self.on = self.on + u32::from(is_on(after)) - u32::from(is_on(before));
        self.idle = self.idle + u32::from(after.is_idle()) - u32::from(before.is_idle());
    }
}

impl StoreAt {
    pub(crate) fn all(city: &City) -> Vec<Self> {
        let store = |index| Self {
            open_orders: 0,
            crew: Crew::default(),
            surge: surge::State::new(StoreId::at(index)),
            ops: Ops::default(),
        };
        (0..city.stores.len()).map(store).collect()
    }
}

/// How often surge is looked at where doors are not. 1 min, assumed, grade E.
const SURGE_INTERVAL: Millis = Millis::from_min(1);

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    /// Tells what the world is, and schedules what is known from the start.
    pub(crate) fn open(&mut self) {
        self.tell_limits();
        self.tell_stores();
        self.tell_people();
        let city = self.city;
        for (index, picker) in city.pickers.iter().enumerate() {
            if let Some(shift) = picker.shifts.first() {
                let begins = Event::PickerBegins(PickerId::at(index), 0);
                self.at(shift.from, class::ROUNDS, begins);
            }
        }
        for (index, rider) in city.riders.iter().enumerate() {
            if let Some(shift) = rider.shifts.first() {
                self.at(shift.from, class::ROUNDS, Event::ShiftBegins(RiderId::at(index), 0));
            }
        }
        if self.setup.policies.pricing.has_surge() || self.setup.policies.doors_by_load {
            self.at(self.now + self.review_interval(), class::ROUNDS, Event::Review);
        }
        self.plan_closure();
        self.send_lorries();
        if let Some(first) = self.demand.arrivals.first() {
            self.later(first.at, Event::Arrival);
        }
    }

    /// Plans when stores are closed by hand and opened again.
    fn plan_closure(&mut self) {
        let Some(Closure { stores, from, to }) = self.setup.closure else { return };
        let stores = (0..self.stores.len()).map(StoreId::at).filter(|store| store.0 < stores);
        for store in stores {
            self.at(from, class::ROUNDS, Event::Door(store, Door::Closed));
            self.at(to, class::ROUNDS, Event::Door(store, Door::Open));
        }
    }

    /// How busy a store is. Riders that belong to no store are there for every one.
    pub(crate) fn load(&self, store: StoreId) -> Load {
        let StoreAt { open_orders, crew, .. } = self.stores[store.index()];
        let floor = &self.floors[store.index()];
        let pickers = floor.on_duty();
        let few = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Load {
            queued: few(floor.waiting()),
            picking: pickers.saturating_sub(few(floor.idle())),
            pickers,
            unassigned: few(self.rounds.waiting_at(store)),
            open_orders,
            riders: crew.on + self.free_crew.on,
            idle_riders: crew.idle + self.free_crew.idle,
        }
    }

    /// Looks at every store's load: moves its surge multiplier and its door.
    pub(crate) fn review(&mut self) {
        if self.setup.policies.pricing.has_surge() {
            self.review_surge();
        }
        if self.setup.policies.doors_by_load {
            for store in (0..self.stores.len()).map(StoreId::at) {
                let load = self.load(store);
                self.came(reviewed_door(store, load));
                self.command_door(store, store::Command::Review(load));
            }
        }
        self.at(self.now + self.review_interval(), class::ROUNDS, Event::Review);
    }

    fn review_interval(&self) -> Millis {
        if self.setup.policies.doors_by_load {
            self.setup.rules.doors.review_interval
        } else {
            SURGE_INTERVAL
        }
    }

    fn review_surge(&mut self) {
        let mut events = std::mem::take(&mut self.buffers.pricing);
        let rules = &self.setup.rules.pricing;
        for index in 0..self.stores.len() {
            let StoreAt { open_orders, crew, surge, .. } = self.stores[index];
            let (store, idle_riders) = (StoreId::at(index), crew.idle);
            self.came(outside::Input::ReviewSurge { store, open_orders, idle_riders });
            let load = surge::Load { open_orders, riders: idle_riders };
            surge::decide(&surge, load, self.now, rules, &mut events);
            for event in events.drain(..) {
                self.stores[index].surge.evolve(&event, self.now);
                self.tell(event);
            }
        }
        self.buffers.pricing = events;
    }

    /// Decides a command about a store's door, and applies and tells what follows.
    pub(crate) fn command_door(&mut self, store: StoreId, command: store::Command) {
        let mut events = std::mem::take(&mut self.buffers.store);
        let ops = &self.stores[store.index()].ops;
        let set =
            store::decide(ops, store, &self.setup.rules.doors, command, self.now, &mut events);
        set.expect("only an order is refused at a door");
        for event in events.drain(..) {
            self.stores[store.index()].ops.evolve(&event, self.now);
            self.tell(event);
        }
        self.buffers.store = events;
    }

    fn tell_limits(&mut self) {
        let setup = self.setup;
        self.tell(Opening::Window { from: setup.window.from, to: setup.window.to });
        self.tell(Opening::Limits {
            max_batch: setup.policies.dispatch_params.max_batch,
            sweep: SWEEP,
            order_limit: setup.rules.order_limit,
            surge_floor: setup.rules.pricing.surge_floor,
            surge_cap: setup.rules.pricing.surge_cap,
            geofence_m: setup.rules.delivery.geofence_m,
            speed_cap_m_per_h: setup.rules.delivery.speed_cap_m_per_h,
        });
        self.tell(Opening::Pay { per_order: setup.rules.rider.pay_per_order });
    }

    fn tell_stores(&mut self) {
        let city = self.city;
        for (index, sku) in city.skus.iter().enumerate() {
            self.tell(Opening::Sku { sku: SkuId::at(index), mrp: sku.mrp, gst: sku.gst });
        }
        for (index, row) in city.stores.iter().enumerate() {
            let store = StoreId::at(index);
            self.tell(Opening::Store { store, place: row.place, radius_m: row.radius_m });
            for (sku, units) in city.shelf(store).iter().enumerate() {
                if *units > 0 {
                    self.tell(Opening::Stock { store, sku: SkuId::at(sku), units: *units });
                }
            }
        }
    }

    fn tell_people(&mut self) {
        let city = self.city;
        for (index, row) in city.pickers.iter().enumerate() {
            let picker = PickerId::at(index);
            self.tell(Opening::Picker { picker, store: row.store });
            for shift in &row.shifts {
                self.tell(Opening::PickerShift { picker, from: shift.from, to: shift.to });
            }
        }
        for (index, row) in city.riders.iter().enumerate() {
            let rider = RiderId::at(index);
            let place = self.riders[index].at.place;
            self.tell(Opening::Rider { rider, place });
            for shift in &row.shifts {
                self.tell(Opening::Shift { rider, from: shift.from, to: shift.to });
            }
        }
    }
}

/// The look at a store's backlog, as a word.
fn reviewed_door(store: StoreId, load: Load) -> outside::Input {
    let Load { queued, picking, pickers, unassigned, open_orders, riders, idle_riders } = load;
    outside::Input::ReviewDoor {
        store,
        queued,
        picking,
        pickers,
        unassigned,
        open_orders,
        riders,
        idle_riders,
    }
}
