//! Builds a synthetic city from a setup.

use domain::ids::{CityId, StoreId};
use domain::place::Place;
use kernel::chance::draw;
use roads::Graph;

use crate::nearest::Nearest;
use crate::plane::{Plane, Xy};
use crate::roster::{self, Crew};
use crate::setup::{Network, Setup, SetupError, TravelSetup};
use crate::siting::{self, People};
use crate::streets::{self, Region};
use crate::travel::OnRoads;
use crate::{
    City, Homes, Picker, Rider, Shift, Stop, Store, Straight, Travel, catalogue, luck_of, purpose,
    shelf,
};

/// Streets reach this far beyond where customers live, so that rides may go round, metres
/// (assumed).
const MARGIN_M: f64 = 500.0;
/// A store stands no farther from a junction than this share of its catchment (assumed).
const ON_STREETS: f64 = 0.25;
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
        let people = People { plane, wards: setup.metro.wards.as_ref() };
        let sites = siting::sites(seed, id, &setup.stores, |site| people.at(site) > 0.0);
        Self::check_room(setup, sites.len())?;
        let ways = match setup.travel.network {
            Network::Straight => Ways::straight(setup, plane, sites),
            Network::Roads => Ways::made_up(setup, plane, &sites, seed, id)?,
        };
        Ok(Self::of_ways(setup, ways, id, seed))
    }

    /// Builds a city on the streets of a real one. The setup's metro gives its name and its wards
    /// alone.
    ///
    /// # Errors
    /// [`SetupError`] for the first value of the setup that is not possible, or when the streets
    /// have room for fewer stores.
    pub fn build_on(
        setup: &Setup,
        streets: Graph,
        id: CityId,
        seed: u64,
    ) -> Result<Self, SetupError> {
        setup.check()?;
        let plane = Plane::new(middle(streets.places()));
        let people = People { plane, wards: setup.metro.wards.as_ref() };
        let junctions: Vec<Xy> = streets.places().iter().map(|&place| plane.xy(place)).collect();
        let catchment_m = f64::from(setup.stores.catchment_m);
        let near = Nearest::new(&junctions, catchment_m * ON_STREETS);
        let fits = |site| near.find(site).is_some() && people.at(site) > 0.0;
        let sites = siting::sites(seed, id, &setup.stores, fits);
        Self::check_room(setup, sites.len())?;
        let ways = Ways::on_streets(setup, plane, &sites, streets, 1.0);
        Ok(Self::of_ways(setup, ways, id, seed))
    }

    fn check_room(setup: &Setup, sites: usize) -> Result<(), SetupError> {
        if sites == setup.stores.count as usize {
            return Ok(());
        }
        Err(SetupError::Impossible {
            field: "stores.count",
            value: setup.stores.count.to_string(),
            expected: "a number of stores that the city's wards and streets have room for",
        })
    }

    /// Puts stores, shelves and people on ways.
    fn of_ways(setup: &Setup, ways: Ways, id: CityId, seed: u64) -> Self {
        let Ways { plane, travel, doors, homes } = ways;
        let catchment_m = f64::from(setup.stores.catchment_m);
        let people = People { plane, wards: setup.metro.wards.as_ref() };
        let stores: Vec<Store> = (0_u64..)
            .zip(doors)
            .map(|(store, Stop { place, node })| Store {
                place,
                node,
                radius_m: setup.stores.radius_m,
                weight: people.around(plane.xy(place), catchment_m).0.max(f64::MIN_POSITIVE)
                    * draw(seed, luck_of(id, store), purpose::STORE_WEIGHT, 0)
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
            homes,
            stores,
            pickers: Vec::new(),
            riders: Vec::new(),
            travel,
            weather: setup.weather.clone(),
        };
        city.staff(setup, seed);
        city
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

/// How people get about, the stores' doors, and the customers' homes.
struct Ways {
    plane: Plane,
    travel: Travel,
    doors: Vec<Stop>,
    homes: Homes,
}

impl Ways {
    /// Along straight lines.
    fn straight(setup: &Setup, plane: Plane, sites: Vec<Xy>) -> Self {
        let doors =
            sites.iter().map(|&site| Stop { place: plane.place(site), node: None }).collect();
        let TravelSetup { circuity, speed_m_per_h, .. } = setup.travel;
        let travel = Travel::Straight(Straight { circuity, speed_m_per_h });
        let homes = Homes::even(plane, sites, &setup.stores, setup.metro.wards.as_ref());
        Self { plane, travel, doors, homes }
    }

    /// Along made-up streets like the metro's.
    fn made_up(
        setup: &Setup,
        plane: Plane,
        sites: &[Xy],
        seed: u64,
        id: CityId,
    ) -> Result<Self, SetupError> {
        let radius_m = f64::from(setup.stores.catchment_m) + MARGIN_M;
        let region = Region::around(sites, radius_m);
        let built = streets::network(&setup.metro.streets, &plane, &region, seed, id)
            .map_err(SetupError::Streets)?;
        let share = built.largest_scc_share();
        Ok(Self::on_streets(setup, plane, sites, built.graph, share))
    }

    /// Along given streets.
    fn on_streets(setup: &Setup, plane: Plane, sites: &[Xy], streets: Graph, share: f64) -> Self {
        let places: Vec<Place> = sites.iter().map(|&site| plane.place(site)).collect();
        let catchment_m = f64::from(setup.stores.catchment_m);
        let roads = OnRoads::new(streets, &places, catchment_m, setup.travel.speed_m_per_h, share);
        let doors = roads.doors();
        let wards = setup.metro.wards.as_ref();
        let homes = Homes::at_junctions(&plane, &doors, roads.roads.graph(), &setup.stores, wards);
        Self { plane, travel: Travel::Roads(Box::new(roads)), doors, homes }
    }
}

/// The middle of the places' extent.
fn middle(places: &[Place]) -> Place {
    let middle = |of: fn(&Place) -> i32| {
        let (low, high) = (places.iter().map(of).min(), places.iter().map(of).max());
        i32::midpoint(low.unwrap_or(0), high.unwrap_or(0))
    };
    Place { lat_e7: middle(|place| place.lat_e7), lon_e7: middle(|place| place.lon_e7) }
}

/// Everybody's shifts with the store they belong to.
fn by_store(shifts: Vec<Vec<Vec<Shift>>>) -> impl Iterator<Item = (StoreId, Vec<Shift>)> {
    let of_store = |(store, people): (usize, Vec<Vec<Shift>>)| {
        people.into_iter().map(move |shifts| (StoreId::at(store), shifts))
    };
    shifts.into_iter().enumerate().flat_map(of_store)
}
