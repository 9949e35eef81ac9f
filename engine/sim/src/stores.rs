//! Stores: how busy they are, their doors, and the opening of the world.

use city::City;
use domain::facts::Sink;
use domain::facts::opening::Event as Opening;
use domain::ids::{PickerId, RiderId, SkuId, StoreId};
use domain::money::Bps;
use kernel::queue::Queue;

use crate::events::{Event, class};
use crate::shelves::SWEEP;
use crate::world::World;

/// One store's load.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StoreAt {
    /// Orders placed here and not yet over.
    pub(crate) open_orders: u32,
}

impl StoreAt {
    pub(crate) fn all(city: &City) -> Vec<Self> {
        vec![Self::default(); city.stores.len()]
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
        if let Some(first) = self.demand.arrivals.first() {
            self.later(first.at, Event::Arrival);
        }
    }

    fn tell_limits(&mut self) {
        let setup = self.setup;
        self.tell(Opening::Window { from: setup.window.from, to: setup.window.to });
        self.tell(Opening::Limits {
            max_batch: setup.policies.dispatch_params.max_batch,
            sweep: SWEEP,
            order_limit: setup.rules.order_limit,
            surge_floor: Bps::ONE,
            surge_cap: Bps(30_000),
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
            self.tell(Opening::Picker { picker: PickerId::at(index), store: row.store });
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
