//! Stores: how busy they are, their doors, and the opening of the world.

use city::City;
use domain::facts::Sink;
use domain::facts::opening::Event as Opening;
use domain::ids::{PickerId, RiderId, SkuId, StoreId};
use domain::place::Place;
use domain::pricing::{self, surge};
use domain::time::Millis;
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex, class};
use crate::shelves::SWEEP;
use crate::world::World;

/// One store's load, surge and door.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoreAt {
    /// Orders placed here and not yet over.
    pub(crate) open_orders: u32,
    /// Pickers on duty.
    pub(crate) pickers_on: u32,
    /// The surge multiplier that quotes are made with.
    pub(crate) surge: surge::State,
}

impl StoreAt {
    pub(crate) fn all(city: &City) -> Vec<Self> {
        let store = |index| Self {
            open_orders: 0,
            pickers_on: 0,
            surge: surge::State::new(StoreId::at(index)),
        };
        (0..city.stores.len()).map(store).collect()
    }
}

/// How often loads and surge are looked at. 1 min, assumed, grade E.
const REVIEW_INTERVAL: Millis = Millis::from_min(1);
/// Side of a cell of [`Serving`], 1e-7 degree: about half a kilometre.
const CELL_E7: i64 = 50_000;
/// Cells along one side, at most; a wider city has wider cells.
const CELLS_LIMIT: i64 = 256;
/// 1e-7 degrees of latitude in a metre.
const E7_PER_M: f64 = 90.0;

/// Which stores may serve a place: for each cell, those whose radius reaches into it.
#[derive(Debug)]
pub(crate) struct Serving {
    origin: Place,
    cell_e7: i64,
    rows: i64,
    columns: i64,
    cells: Vec<Vec<StoreId>>,
}

impl Serving {
    pub(crate) fn new(city: &City) -> Self {
        let reach = |store: &city::Store| {
            // At Indian latitudes a degree of longitude is no shorter than 0.8 of one of latitude.
            #[expect(clippy::cast_possible_truncation, reason = "bounded below a globe")]
            let reach = (f64::from(store.radius_m) * E7_PER_M / 0.5).min(1e9) as i64;
            reach
        };
        let low = |of: fn(Place) -> i32| {
            city.stores.iter().map(|s| i64::from(of(s.place)) - reach(s)).min().unwrap_or(0)
        };
        let high = |of: fn(Place) -> i32| {
            city.stores.iter().map(|s| i64::from(of(s.place)) + reach(s)).max().unwrap_or(0)
        };
        let (south, west) = (low(|p| p.lat_e7), low(|p| p.lon_e7));
        let (north, east) = (high(|p| p.lat_e7), high(|p| p.lon_e7));
        let span = (north - south).max(east - west);
        let cell_e7 = CELL_E7.max(span / CELLS_LIMIT + 1);
        let (rows, columns) = ((north - south) / cell_e7 + 1, (east - west) / cell_e7 + 1);
        let narrow = |value: i64| i32::try_from(value.clamp(i32::MIN.into(), i32::MAX.into()));
        let origin = Place {
            lat_e7: narrow(south).expect("clamped"),
            lon_e7: narrow(west).expect("clamped"),
        };
        let size = usize::try_from(rows * columns).expect("cells are limited");
        let mut serving = Self { origin, cell_e7, rows, columns, cells: vec![Vec::new(); size] };
        for (index, store) in city.stores.iter().enumerate() {
            serving.add(StoreId::at(index), store.place, reach(store));
        }
        serving
    }

    fn add(&mut self, store: StoreId, place: Place, reach: i64) {
        let along = |value: i32, origin: i32, by: i64| {
            (i64::from(value) - i64::from(origin) + by) / self.cell_e7
        };
        let rows = along(place.lat_e7, self.origin.lat_e7, -reach)
            ..=along(place.lat_e7, self.origin.lat_e7, reach).min(self.rows - 1);
        for row in rows {
            let columns = along(place.lon_e7, self.origin.lon_e7, -reach).max(0)
                ..=along(place.lon_e7, self.origin.lon_e7, reach).min(self.columns - 1);
            for column in columns {
                let cell = usize::try_from(row.max(0) * self.columns + column).expect("inside");
                self.cells[cell].push(store);
            }
        }
    }

    /// Stores that may serve a place, by id; their radius is still to be looked at.
    pub(crate) fn near(&self, place: Place) -> &[StoreId] {
        let row = (i64::from(place.lat_e7) - i64::from(self.origin.lat_e7)) / self.cell_e7;
        let column = (i64::from(place.lon_e7) - i64::from(self.origin.lon_e7)) / self.cell_e7;
        if !(0..self.rows).contains(&row) || !(0..self.columns).contains(&column) {
            return &[];
        }
        usize::try_from(row * self.columns + column).map_or(&[], |cell| &self.cells[cell])
    }
}

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
        if self.setup.policies.pricing.has_surge() {
            self.at(self.now + REVIEW_INTERVAL, class::ROUNDS, Event::Review);
        }
        if let Some(first) = self.demand.arrivals.first() {
            self.later(first.at, Event::Arrival);
        }
    }

    /// The store that takes a customer's order; none if no store serves the address.
    pub(crate) fn choose_store(&self, order: OrderIndex) -> Option<StoreId> {
        let arrival = self.arrival(order);
        if arrival.store.is_some() {
            return arrival.store;
        }
        let near = self.serving.near(arrival.door).iter().copied();
        let serves = near.filter_map(|store| {
            let row = &self.city.stores[store.index()];
            let distance_m = row.place.straight_m(arrival.door);
            (distance_m <= f64::from(row.radius_m)).then_some((distance_m, store))
        });
        serves.min_by(|a, b| a.partial_cmp(b).expect("distances are numbers")).map(|(_, s)| s)
    }

    /// Looks at every store's load and moves its surge multiplier.
    pub(crate) fn review(&mut self) {
        let mut resting = vec![0_u32; self.stores.len()];
        for rider in self.riders.iter().filter(|rider| rider.state.is_idle()) {
            if let Some(home) = rider.home {
                resting[home.index()] += 1;
            }
        }
        let mut events = std::mem::take(&mut self.buffers.pricing);
        let rules = &self.setup.rules.pricing;
        for (store, riders) in self.stores.iter().zip(resting) {
            let load = surge::Load { open_orders: store.open_orders, riders };
            surge::decide(&store.surge, load, self.now, rules, &mut events);
        }
        for event in events.drain(..) {
            if let pricing::Event::SurgeSet { store, .. } = event {
                self.stores[store.index()].surge.evolve(&event, self.now);
            }
            self.tell(event);
        }
        self.buffers.pricing = events;
        self.at(self.now + REVIEW_INTERVAL, class::ROUNDS, Event::Review);
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
