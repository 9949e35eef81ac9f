//! Which store takes a customer's order, and what the customer is promised.
//!
//! Serviceability says which stores reach the door, the store policy which of them is asked, and
//! the door of the one that is asked whether the order comes in. A customer who is refused takes
//! the offer of the alternative, at its price and promise; without one they are turned away.

use city::{Arrival, City};
use domain::catalog::{Address, Area, Served, Serviceability, Unserviceable};
use domain::eta;
use domain::facts::Sink;
use domain::ids::StoreId;
use domain::money::{Bps, Paise};
use domain::store::{self, Because, Nearby, NotServed};
use domain::time::{Millis, Timestamp};
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex};
use crate::world::World;

/// Stores that a choice looks at, at most: the nearest. Beyond a few, none is ever the best.
const NEARBY_LIMIT: usize = 8;

/// What choosing needs from one customer to the next.
pub(crate) struct Choice {
    serviceability: Serviceability,
    served: Vec<Served>,
    nearby: Vec<Nearby>,
}

impl Choice {
    pub(crate) fn new(city: &City) -> Self {
        let area = |store: &city::Store| Area {
            place: store.place,
            radius_m: store.radius_m,
            pincodes: Vec::new(),
        };
        let serviceability = Serviceability::new(city.stores.iter().map(area).collect());
        Self { serviceability, served: Vec::new(), nearby: Vec::new() }
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
                let address = Address { place: door, pincode: None };
                self.choice.serviceability.serving(address, |_| Bps::ONE, &mut served)
            }
        };
        served.truncate(NEARBY_LIMIT);
        let taker = match reached {
            Ok(()) => self.choose_among(order, &served),
            Err(Unserviceable::OutOfReach { nearest }) => nearest.map(|n| Taker::Nobody(n.store)),
            Err(Unserviceable::Blocked { .. }) => None,
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
