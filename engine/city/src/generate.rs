//! Makes demand: arrivals that follow the hours, the weather, rushes and events.
//!
//! Arrivals are thinned from candidates. Candidates come in layers: each layer is a steady
//! stream of its own for one store and hour, and stands for a band of arrival rates; a candidate
//! has a height within the band and arrives if the rate at its instant is above it. All that
//! there is to know about a candidate is keyed by its store, hour, layer and number, whether it
//! arrives or not, so raising the rate, by whatever means, only ever adds arrivals.

use domain::ids::{CustomerId, StoreId};
use domain::time::{Millis, Timestamp};
use kernel::chance::draw;

use crate::cart::Carts;
use crate::plane::{Plane, Xy};
use crate::setup::{Area, Event, Flash, Hot, Setup};
use crate::{Arrival, City, Demand, Stop, burst, luck_of, purpose, shelf};

/// Candidates an hour in one layer. It decides what every seed means.
const LAYER_PER_HOUR: f64 = 30.0;
const HOUR_US: u64 = 3_600_000_000;
const QUARTER_US: u64 = HOUR_US / 4;
/// Bits of an order's own number: zone, hour, layer, candidate.
const HOUR_BITS: u32 = 12;
const LAYER_BITS: u32 = 12;
const CANDIDATE_BITS: u32 = 8;

impl Demand {
    /// The orders that a setup brings to a city that was built from it.
    ///
    /// A setup with more demand gives the same orders and more.
    ///
    /// # Panics
    /// If the city is not synthetic.
    #[must_use]
    pub fn generate(setup: &Setup, city: &City, seed: u64) -> Self {
        let zones = Zones::new(setup, city, seed);
        let mut candidates = Vec::with_capacity(zones.expected());
        for zone in 0..zones.count() {
            zones.arrive(zone, &mut candidates);
        }
        zones.flash(&mut candidates);
        candidates.sort_unstable_by_key(|candidate| (candidate.at, candidate.own));
        zones.attend(&candidates)
    }
}

/// Somebody who arrives; the rest is drawn by its number.
#[derive(Clone, Copy)]
struct Candidate {
    at: Timestamp,
    own: u64,
    zone: u32,
    flash: Option<Flash>,
}

/// Where candidates come from: each store's catchment, and each event's area.
struct Zones<'a> {
    setup: &'a Setup,
    city: &'a City,
    seed: u64,
    /// Orders an hour at a share of one, by store.
    daily: Vec<f64>,
    /// Events with an area of their own, each a zone after those of the stores.
    areas: Vec<(&'a Event, Area)>,
}

impl<'a> Zones<'a> {
    fn new(setup: &'a Setup, city: &'a City, seed: u64) -> Self {
        let planned = setup.planned_orders();
        let scale = if planned > 0.0 { setup.expected_orders() / planned } else { 0.0 };
        let mean_weight = shelf::mean(city.stores.iter().map(|store| store.weight));
        let per_weight = setup.stores.orders_per_day * scale / mean_weight;
        let areas = setup.events.iter().filter_map(|event| Some((event, event.area?)));
        Self {
            setup,
            city,
            seed,
            daily: city.stores.iter().map(|store| store.weight * per_weight).collect(),
            areas: areas.collect(),
        }
    }

    fn count(&self) -> u32 {
        u32::try_from(self.daily.len() + self.areas.len()).expect("stores and events are limited")
    }

    /// Orders to make room for.
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    #[expect(clippy::cast_sign_loss, reason = "orders are not negative")]
    fn expected(&self) -> usize {
        (self.setup.expected_orders() * 1.1) as usize
    }

    /// Appends a zone's arrivals.
    fn arrive(&self, zone: u32, arrivals: &mut Vec<Candidate>) {
        let demand = &self.setup.demand;
        let hours = demand.from.0 / HOUR_US..demand.to.0.div_ceil(HOUR_US);
        let cv = demand.burst_cv;
        let quarters = usize::try_from(hours.end * 4).expect("hours are limited");
        let luck = luck_of(self.city.id, u64::from(zone));
        let bursts = burst::chain(self.seed, luck, cv, demand.burst_memory, quarters);
        for hour in hours {
            let quarters = usize::try_from(hour * 4).expect("hours are limited");
            let peak = bursts[quarters..quarters + 4].iter().copied().fold(0.0, f64::max);
            let base = self.base(zone, hour);
            let most = base * peak * self.most(hour);
            let mut layer = 0;
            while f64::from(layer) * LAYER_PER_HOUR < most && layer < 1 << LAYER_BITS {
                self.layer(zone, hour, layer, base, &bursts, arrivals);
                layer += 1;
            }
        }
    }

    /// Appends those candidates of one layer and hour that arrive.
    fn layer(
        &self,
        zone: u32,
        hour: u64,
        layer: u32,
        base: f64,
        bursts: &[f64],
        arrivals: &mut Vec<Candidate>,
    ) {
        let demand = &self.setup.demand;
        let mut hours = 0.0;
        for number in 0..1 << CANDIDATE_BITS {
            let own = own_number(zone, hour, layer, number);
            let mut draw = draw(self.seed, luck_of(self.city.id, own), purpose::ARRIVAL, 0);
            hours += draw.exponential(1.0 / LAYER_PER_HOUR);
            if hours >= 1.0 {
                return;
            }
            let at = Timestamp(hour * HOUR_US + whole_us(hours));
            let height = (f64::from(layer) + draw.unit()) * LAYER_PER_HOUR;
            let quarter = usize::try_from(at.0 / QUARTER_US).expect("hours are limited");
            if at >= demand.from
                && at < demand.to
                && height < base * bursts[quarter] * self.factor(zone, at)
            {
                arrivals.push(Candidate { at, own, zone, flash: None });
            }
        }
    }

    /// Orders an hour of a zone without rush, rain and events.
    fn base(&self, zone: u32, hour: u64) -> f64 {
        let share = self.setup.demand.profile.share(hour);
        if let Some(daily) = self.daily.get(zone as usize) {
            return daily * share;
        }
        let (event, area) = self.areas[zone as usize - self.daily.len()];
        let radius_m = f64::from(self.setup.stores.catchment_m);
        let mean_daily = shelf::mean(self.daily.iter().copied());
        let of_catchment = f64::from(area.radius_m) / radius_m;
        mean_daily * share * of_catchment * of_catchment * (event.factor - 1.0)
    }

    /// What demand is multiplied by at an instant.
    fn factor(&self, zone: u32, at: Timestamp) -> f64 {
        let rain = self.setup.weather.at(at).map_or(1.0, |spell| spell.demand.as_ratio());
        if let Some((event, _)) =
            (zone as usize).checked_sub(self.daily.len()).map(|own| self.areas[own])
        {
            return if event.is_on(at) { rain } else { 0.0 };
        }
        self.citywide()
            .filter(|event| event.is_on(at))
            .fold(rain, |factor, event| factor * event.factor)
    }

    /// No factor within the hour is above this.
    fn most(&self, hour: u64) -> f64 {
        let (begins, ends) = (Timestamp(hour * HOUR_US), Timestamp((hour + 1) * HOUR_US));
        let wet =
            self.setup.weather.spells.iter().filter(|spell| spell.from < ends && begins < spell.to);
        let rain = wet.map(|spell| spell.demand.as_ratio()).fold(1.0, f64::max);
        let on = self.citywide().filter(|event| event.from < ends && begins < event.to);
        on.fold(rain, |factor, event| factor * event.factor.max(1.0))
    }

    fn citywide(&self) -> impl Iterator<Item = &Event> {
        self.setup.events.iter().filter(|event| event.area.is_none())
    }

    /// Appends the buyers of flash sales; their stores are drawn by weight.
    fn flash(&self, arrivals: &mut Vec<Candidate>) {
        let weights: Vec<f64> = self.city.stores.iter().map(|store| store.weight).collect();
        for (number, event) in (0_u32..).zip(&self.setup.events) {
            let Some(flash) = event.flash else { continue };
            let popularity = kernel::alias::Alias::new(&weights).expect("stores have weights");
            // Zones from the top of their range, which stores do not reach.
            let zone_bits = u64::from(u16::MAX) - u64::from(number);
            for buyer in 0..flash.buyers {
                let own = (zone_bits << 32) | u64::from(buyer);
                let mut draw = draw(self.seed, luck_of(self.city.id, own), purpose::ARRIVAL, 0);
                let Millis(within_ms) = flash.within;
                let at = event.from + Millis(draw.below(within_ms.max(1)));
                let zone = popularity.sample(&mut draw);
                arrivals.push(Candidate { at, own, zone, flash: Some(flash) });
            }
        }
    }

    /// Draws everything about those who arrive.
    fn attend(&self, candidates: &[Candidate]) -> Demand {
        let carts = Carts::new(self.seed, self.setup, &self.city.skus);
        let mut demand = Demand::default();
        demand.arrivals.reserve_exact(candidates.len());
        let mut lines = Vec::new();
        for (index, candidate) in (0_u64..).zip(candidates) {
            let luck = luck_of(self.city.id, candidate.own);
            let (customer, home, store) = self.customer(candidate, luck);
            match candidate.flash {
                Some(flash) => {
                    lines.clear();
                    lines.push(domain::order::Line { sku: flash.sku, units: 1 });
                }
                None => {
                    carts.fill(luck, self.city.shelf(store), self.hot(candidate.at), &mut lines)
                }
            }
            let span = demand.add_lines(lines.iter().copied());
            demand.arrivals.push(Arrival {
                at: candidate.at,
                client_ref: index,
                luck,
                customer,
                door: home.place,
                node: home.node,
                lines: span,
                method: self
                    .setup
                    .demand
                    .methods
                    .method(draw(self.seed, luck, purpose::METHOD, 0).unit()),
                store: None,
                recorded: None,
            });
        }
        demand
    }

    /// Who it is, where they are, and the store whose shelf they see.
    fn customer(&self, candidate: &Candidate, luck: u64) -> (CustomerId, Stop, StoreId) {
        let mut pick = draw(self.seed, luck, purpose::CUSTOMER, 0);
        if (candidate.zone as usize) < self.daily.len() {
            let store = StoreId(candidate.zone);
            let (customer, home) =
                self.city.homes.customer(self.seed, self.city.id, store, &mut pick);
            return (CustomerId(customer), home, store);
        }
        let (_, area) = self.areas[candidate.zone as usize - self.daily.len()];
        let Xy { x, y } = crate::siting::in_disc(&mut pick, f64::from(area.radius_m));
        let place = Plane::new(area.centre).place(Xy { x, y });
        let nearest = |store: &usize| millimetres(self.city.stores[*store].place.straight_m(place));
        let store = (0..self.daily.len()).min_by_key(nearest).expect("a city has a store");
        let guests = u32::MAX - self.city.homes.count(self.daily.len());
        (
            CustomerId(u32::MAX - pick.below(guests)),
            self.city.travel.stop(place),
            StoreId::at(store),
        )
    }

    /// What more of the lines are for at an instant.
    fn hot(&self, at: Timestamp) -> Option<Hot> {
        self.setup.events.iter().filter(|event| event.is_on(at)).find_map(|event| event.hot)
    }
}

/// A candidate's own number within its city.
fn own_number(zone: u32, hour: u64, layer: u32, number: u32) -> u64 {
    let cell = (u64::from(zone) << HOUR_BITS) | hour;
    (((cell << LAYER_BITS) | u64::from(layer)) << CANDIDATE_BITS) | u64::from(number)
}

#[expect(clippy::cast_possible_truncation, reason = "an hour fits")]
#[expect(clippy::cast_sign_loss, reason = "time is not negative")]
fn whole_us(hours: f64) -> u64 {
    (hours * 3.6e9) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the globe fits")]
#[expect(clippy::cast_sign_loss, reason = "distances are not negative")]
fn millimetres(m: f64) -> u64 {
    (m * 1e3) as u64
}
