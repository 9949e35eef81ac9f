//! Builds a synthetic city from a setup.

use domain::ids::{CityId, StoreId};
use domain::place::Place;
use kernel::chance::draw;
use roads::Graph;

use crate::plane::{Plane, Xy};
use crate::roster::{self, Crew};
use crate::setup::{Network, Setup, SetupError, TravelSetup};
use crate::siting::People;
use crate::streets::{self, Region};
use crate::travel::OnRoads;
use crate::{
    City, Homes, Picker, Rider, Shift, Stop, Store, Straight, Supply, Travel, catalogue, given,
    lattice, luck_of, purpose, shelf,
};

/// Streets reach this far beyond where customers live, so that rides may go round, metres
/// (assumed).
const MARGIN_M: f64 = 500.0;
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
        let sites = lattice::sites(seed, id, &setup.stores, &people);
        Self::check_room(setup, sites.len())?;
        let ways = match setup.travel.network {
            Network::Straight => Ways::straight(setup, plane, sites),
            Network::Roads => Ways::made_up(setup, plane, &sites, seed, id)?,
        };
        Self::of_ways(setup, ways, id, seed)
    }

    /// Builds a city on given streets, such as real ones, of whose junctions a share was kept
    /// because each reaches every other. Stores stand where most people are near; of the setup's
    /// metro only the name and the wards count.
    ///
    /// # Errors
    /// [`SetupError`] for the first value of the setup that is not possible, or if nobody lives by
    /// the streets.
    pub fn build_on(
        streets: Graph,
        largest_scc_share: f64,
        setup: &Setup,
        id: CityId,
        seed: u64,
    ) -> Result<Self, SetupError> {
        setup.check()?;
        let plane = Plane::new(given::middle(&streets));
        let people = People { plane, wards: setup.metro.wards.as_ref() };
        let doors = given::sites(&streets, &people, &setup.stores).ok_or(SetupError::Nobody)?;
        let ways = Ways::on_streets(setup, plane, &doors, streets, largest_scc_share);
        Self::of_ways(setup, ways, id, seed)
    }

    fn check_room(setup: &Setup, sites: usize) -> Result<(), SetupError> {
        if sites == setup.stores.count as usize {
            return Ok(());
        }
        Err(SetupError::Impossible {
            field: "stores.count",
            value: setup.stores.count.to_string(),
            expected: "a number of stores that the city's wards have room for",
        })
    }

    /// Puts stores, shelves and people on ways, and closes roads last: nobody planned for that.
    fn of_ways(setup: &Setup, ways: Ways, id: CityId, seed: u64) -> Result<Self, SetupError> {
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
        let base = shelf::base(setup, &skus, &stores);
        let mut city = Self {
            id,
            name: setup.metro.name.clone(),
            stock: shelf::stock(seed, id, setup, &base),
            supply: Some(Supply::new(seed, id, setup, base)),
            skus,
            homes,
            stores,
            pickers: Vec::new(),
            riders: Vec::new(),
            travel,
            weather: setup.weather.clone(),
        };
        city.staff(setup, seed);
        if let Travel::Roads(roads) = &mut city.travel {
            roads.close(&setup.travel.closed)?;
        }
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
        let doors: Vec<Place> = sites.iter().map(|&site| plane.place(site)).collect();
        Ok(Self::on_streets(setup, plane, &doors, built.graph, share))
    }

    /// Along given streets, with stores near these places.
    fn on_streets(
        setup: &Setup,
        plane: Plane,
        doors: &[Place],
        streets: Graph,
        share: f64,
    ) -> Self {
        let catchment_m = f64::from(setup.stores.catchment_m);
        let roads = OnRoads::new(streets, doors, catchment_m, setup.travel.speed_m_per_h, share);
        let doors = roads.doors();
        let wards = setup.metro.wards.as_ref();
        let homes = Homes::at_junctions(&plane, &doors, roads.roads.graph(), &setup.stores, wards);
        Self { plane, travel: Travel::Roads(Box::new(roads)), doors, homes }
    }
}

/// Everybody's shifts with the store they belong to.
fn by_store(shifts: Vec<Vec<Vec<Shift>>>) -> impl Iterator<Item = (StoreId, Vec<Shift>)> {
    let of_store = |(store, people): (usize, Vec<Vec<Shift>>)| {
        people.into_iter().map(move |shifts| (StoreId::at(store), shifts))
    };
    shifts.into_iter().enumerate().flat_map(of_store)
}
