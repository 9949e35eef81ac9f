//! Which store takes a customer's order, and what the customer is promised.
//!
//! Serviceability says which stores reach the door, the store policy which of them is asked, and
//! the door of the one that is asked whether the order comes in. A customer who is refused takes
//! the offer of the alternative, at its price and promise; without one they are turned away.

use std::collections::BTreeSet;

use city::{Arrival, City};
use domain::catalog::{Address, Area, Pincode, Served, Serviceability, Unserviceable};
use domain::eta;
use domain::facts::Sink;
use domain::ids::StoreId;
use domain::money::{Bps, Paise};
use domain::place::Place;
use domain::store::{self, Because, Nearby, NotServed};
use domain::time::{Millis, Timestamp};
use kernel::chance::draw;
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex};
use crate::setup::Setup;
use crate::world::World;

/// Stores that a choice looks at, at most: the nearest. Beyond a few, none is ever the best.
const NEARBY_LIMIT: usize = 8;

/// What choosing needs from one customer to the next.
pub(crate) struct Choice {
    serviceability: Serviceability,
    zones: Zones,
    served: Vec<Served>,
    nearby: Vec<Nearby>,
}

impl Choice {
    pub(crate) fn new(city: &City, setup: &Setup) -> Self {
        let area = |store: &city::Store| Area {
            place: store.place,
            radius_m: store.radius_m,
            pincodes: Vec::new(),
        };
        let mut serviceability = Serviceability::new(city.stores.iter().map(area).collect());
        let zones = Zones::new(city);
        for pincode in zones.around(city) {
            let mut draw = draw(setup.seed, pincode.0.into(), BLOCKED, 0);
            serviceability.set_blocked(pincode, draw.chance(setup.blocked.as_ratio()));
        }
        Self { serviceability, zones, served: Vec::new(), nearby: Vec::new() }
    }
}

/// What the draw of a blocked pincode is for; the city's own and those of people are below.
const BLOCKED: u32 = 2_000;
/// Side of the square of one pincode, 1e-7 degree: about 2.7 km, so that a metro of 700 km² has a
/// hundred. Assumed, grade E: made-up cities have no post offices.
const PINCODE_E7: i64 = 245_000;
/// Squares on either side of a city's first store, at most: beyond, all are one.
const SQUARES_LIMIT: i64 = 499;

/// The pincodes of a city: squares, numbered from its first store, which is in 500500.
#[derive(Clone, Copy)]
struct Zones {
    first: Place,
}

impl Zones {
    fn new(city: &City) -> Self {
        Self { first: city.stores.first().map_or(Place::default(), |store| store.place) }
    }

    fn pincode(self, place: Place) -> Pincode {
        let along = |to: i32, from: i32| (i64::from(to) - i64::from(from)).div_euclid(PINCODE_E7);
        let north = along(place.lat_e7, self.first.lat_e7);
        self.numbered(north, along(place.lon_e7, self.first.lon_e7))
    }

    fn numbered(self, north: i64, east: i64) -> Pincode {
        let row = north.clamp(-SQUARES_LIMIT, SQUARES_LIMIT) + SQUARES_LIMIT + 1;
        let column = east.clamp(-SQUARES_LIMIT, SQUARES_LIMIT) + SQUARES_LIMIT + 1;
        Pincode(u32::try_from(row * 1_000 + column).expect("six digits"))
    }

    /// The pincodes that a store reaches into.
    fn around(self, city: &City) -> BTreeSet<Pincode> {
        let mut pincodes = BTreeSet::new();
        for store in &city.stores {
            // A degree of longitude is no shorter than half of one of latitude below 60°.
            let reach_e7 = i64::from(store.radius_m) * E7_PER_M * 2;
            let squares = (reach_e7 / PINCODE_E7 + 1).min(SQUARES_LIMIT);
            let Pincode(middle) = self.pincode(store.place);
            let (north, east) = (i64::from(middle / 1_000), i64::from(middle % 1_000));
            for row in -squares..=squares {
                let columns = -squares..=squares;
                pincodes.extend(columns.map(|column| {
                    let at = |middle: i64, by: i64| middle - SQUARES_LIMIT - 1 + by;
                    self.numbered(at(north, row), at(east, column))
                }));
            }
        }
        pincodes
    }
}

/// 1e-7 degrees of latitude in a metre, rounded up.
const E7_PER_M: i64 = 91;

impl Choice {
    /// Appends the stores that serve an address, whatever their doors do.
    fn serves(&self, address: Address, served: &mut Vec<Served>) -> Result<(), Unserviceable> {
        self.serviceability.serving(address, |_| Bps::ONE, served)
    }
}

/// Who takes a customer's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taker {
    /// A store.
    Store(StoreId),
    /// Nobody; this store was asked.
    Nobody(StoreId),
}

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    /// Who takes a customer's order; none in a city without stores. A recorded day names the
    /// store, and no other is asked.
    pub(crate) fn choose_store(&mut self, order: OrderIndex) -> Option<Taker> {
        let &Arrival { store: named, door, .. } = self.arrival(order);
        let mut served = std::mem::take(&mut self.choice.served);
        served.clear();
        let reached = match named {
            Some(store) => {
                served.push(Served { distance_m: self.straight_m(store, order), store });
                Ok(())
            }
            None => {
                let pincode = Some(self.choice.zones.pincode(door));
                self.choice.serves(Address { place: door, pincode }, &mut served)
            }
        };
        served.truncate(NEARBY_LIMIT);
        let taker = match reached {
            Ok(()) => self.choose_among(order, &served),
            Err(Unserviceable::OutOfReach { nearest }) => nearest.map(|n| Taker::Nobody(n.store)),
            // Who orders all the same asks the store that would serve them otherwise.
            Err(Unserviceable::Blocked { .. }) => {
                let address = Address { place: door, pincode: None };
                let _reached = self.choice.serves(address, &mut served);
                served.first().map(|nearest| Taker::Nobody(nearest.store))
            }
        };
        self.choice.served = served;
        taker
    }

    /// Lets the policy choose among the stores that reach the door, and the customer answer.
    fn choose_among(&mut self, order: OrderIndex, served: &[Served]) -> Option<Taker> {
        let mut nearby = std::mem::take(&mut self.choice.nearby);
        nearby.clear();
        nearby.extend(served.iter().map(|served| self.nearby(order, *served)));
        let lines = self.demand.lines_of(self.arrival(order));
        let price =
            |line: &domain::order::Line| self.city.skus[line.sku.index()].price.times(line.units);
        let view = store::View {
            nearby: &nearby,
            goods: lines.iter().map(price).sum::<Paise>(),
            pick: self.mean_pick_time(lines.len()),
            doors: &self.setup.rules.doors,
            eta: &self.setup.rules.eta,
        };
        let taker = match store::choose(self.setup.policies.store, &view) {
            Ok(store) => Some(Taker::Store(store)),
            Err(NotServed::NobodyNear) => None,
            Err(NotServed::Refused { wanted, because, alternative }) => Some(match because {
                // The customer goes on without what is not there, unless nothing is.
                Because::MissingLines(missing) if usize::from(missing) < lines.len() => {
                    Taker::Store(wanted)
                }
                Because::MissingLines(_) => Taker::Store(alternative.unwrap_or(wanted)),
                Because::Door(_) => alternative.map_or(Taker::Nobody(wanted), Taker::Store),
            }),
        };
        self.choice.nearby = nearby;
        taker
    }

    /// A store as the policy sees it.
    fn nearby(&self, order: OrderIndex, served: Served) -> Nearby {
        let Served { distance_m, store } = served;
        let lines = self.demand.lines_of(self.arrival(order)).iter();
        let missing = lines.filter(|l| self.shelves.slot(store, l.sku).free_units < l.units);
        Nearby {
            store,
            door: self.stores[store.index()].ops.door,
            ride: self.ride_to_door(order, store),
            distance_m,
            radius_m: self.city.stores[store.index()].radius_m,
            load: self.load(store),
            missing_lines: u16::try_from(missing.count()).unwrap_or(u16::MAX),
        }
    }

    /// The ride from a store to an order's door without luck, in the weather there is.
    fn ride_to_door(&self, order: OrderIndex, store: StoreId) -> Millis {
        self.expected_ride(self.store_stop(store), self.door_stop(order)).ms
    }

    /// From a store to an order's door, whole metres.
    fn straight_m(&self, store: StoreId, order: OrderIndex) -> u32 {
        let straight_m = self.city.stores[store.index()].place.straight_m(self.arrival(order).door);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let whole_m = straight_m as u32;
        whole_m
    }

    /// What the customer is promised by a store. A recorded day says what it was.
    pub(crate) fn promise(&self, order: OrderIndex, store: StoreId) -> Timestamp {
        if let Some(recorded) = self.arrival(order).recorded {
            return self.now + recorded.expected;
        }
        let rules = &self.setup.rules;
        let view = eta::View {
            load: self.load(store),
            pick: self.mean_pick_time(usize::from(self.orders[order.index()].lines)),
            ride: self.ride_to_door(order, store),
            extra: rules.doors.extra(self.stores[store.index()].ops.door),
        };
        self.now + eta::promise(self.setup.policies.promise, &view, &rules.eta)
    }
}
