//! Builds a synthetic city from a setup.

use domain::ids::{CityId, StoreId};
use kernel::chance::draw;

use crate::plane::Plane;
use crate::roster::{self, Crew};
use crate::setup::{Setup, SetupError};
use crate::{
    City, Homes, Picker, Rider, Shift, Stop, Store, Straight, Travel, catalogue, luck_of, purpose,
    shelf, siting,
};

/// Customers whose rides are measured to plan a store's roster.
const SAMPLE: u32 = 64;

impl City {
    /// Builds a city. The same setup, id and seed give the same city on every machine.
    ///
    /// # Errors
    /// [`SetupError`] for the first value of the setup that is not possible.
    pub fn build(setup: &Setup, id: CityId, seed: u64) -> Result<Self, SetupError> {
        setup.check()?;
        let plane = Plane::new(setup.metro.centre);
        let sites = siting::sites(seed, id, &setup.stores);
        let stores: Vec<Store> = (0_u64..)
            .zip(&sites)
            .map(|(store, &site)| Store {
                place: plane.place(site),
                node: None,
                radius_m: setup.stores.radius_m,
                weight: draw(seed, luck_of(id, store), purpose::STORE_WEIGHT, 0)
                    .lognormal(1.0, setup.stores.weight_sigma),
            })
            .collect();
        let demand = &setup.demand;
        let skus = catalogue::priced(
            seed,
            &shelf::popularity(setup),
            demand.lines_mean * demand.units_mean,
            setup.catalogue.order_value,
        );
        let mut city = Self {
            id,
            name: setup.metro.name.clone(),
            stock: shelf::stock(seed, id, setup, &skus, &stores),
            skus,
            homes: Homes::around(plane, sites, &setup.stores),
            stores,
            pickers: Vec::new(),
            riders: Vec::new(),
            travel: Travel::Straight(Straight {
                circuity: setup.travel.circuity,
                speed_m_per_h: setup.travel.speed_m_per_h,
            }),
            weather: setup.weather.clone(),
        };
        city.staff(setup, seed);
        Ok(city)
    }

    /// Puts people on the roster.
    fn staff(&mut self, setup: &Setup, seed: u64) {
        let weights: Vec<f64> = self.stores.iter().map(|store| store.weight).collect();
        let trips_s: Vec<f64> = (0..self.stores.len())
            .map(|store| self.trip_s(setup, seed, StoreId::at(store)))
            .collect();
        let riders = Crew {
            purpose: purpose::RIDER_SEAT,
            slack: setup.fleet.rider_slack,
            at_peak: setup.fleet.riders_per_store,
            heeds_rain: true,
        };
        let shifts = roster::shifts(seed, self.id, setup, &weights, &trips_s, riders);
        self.riders = by_store(shifts)
            .map(|(store, shifts)| Rider {
                home: Some(store),
                place: self.stores[store.index()].place,
                shifts,
            })
            .collect();
        let pickers = Crew {
            purpose: purpose::PICKER_SEAT,
            slack: setup.fleet.picker_slack,
            at_peak: setup.fleet.pickers_per_store,
            heeds_rain: false,
        };
        let picking_s =
            vec![setup.behaviour.picking.mean_s(setup.demand.lines_mean); weights.len()];
        let shifts = roster::shifts(seed, self.id, setup, &weights, &picking_s, pickers);
        self.pickers = by_store(shifts).map(|(store, shifts)| Picker { store, shifts }).collect();
    }

    /// How long one order keeps a rider on average: handover, out, at the door, and back.
    fn trip_s(&self, setup: &Setup, seed: u64, store: StoreId) -> f64 {
        let door = self.stop(store);
        let rides_s = (0..SAMPLE).map(|sample| {
            let luck = luck_of(self.id, u64::from(store.0));
            let mut pick = draw(seed, luck, purpose::SAMPLE, sample);
            let (_, home) = self.homes.customer(seed, self.id, store, &mut pick);
            self.travel.ride(door, home).ms.as_s() + self.travel.ride(home, door).ms.as_s()
        });
        let rides_s = rides_s.sum::<f64>() / f64::from(SAMPLE);
        setup.behaviour.picking.handover_s + rides_s + setup.behaviour.riders.mean_dwell_s()
    }

    /// Where rides to and from a store begin and end.
    ///
    /// # Panics
    /// If the store is not of this city.
    #[must_use]
    pub fn stop(&self, store: StoreId) -> Stop {
        let Store { place, node, .. } = self.stores[store.index()];
        Stop { place, node }
    }
}

/// Everybody's shifts with the store they belong to.
fn by_store(shifts: Vec<Vec<Vec<Shift>>>) -> impl Iterator<Item = (StoreId, Vec<Shift>)> {
    let of_store = |(store, people): (usize, Vec<Vec<Shift>>)| {
        people.into_iter().map(move |shifts| (StoreId::at(store), shifts))
    };
    shifts.into_iter().enumerate().flat_map(of_store)
}
