//! Doors that follow the backlog, customers who go elsewhere or are turned away, and promises.

use std::collections::BTreeMap;

use city::{City, Demand};
use domain::facts::Fact;
use domain::ids::{CityId, OrderId, StoreId};
use domain::money::Bps;
use domain::order::{Event as Order, Rejection};
use domain::place::Place;
use domain::store::{Door, Event as StoreEvent, Policy};
use domain::time::Timestamp;
use domain::{eta, pricing};

use crate::laws::small;
use crate::play::{Played, play, setup};

/// A few stores in the evening, with so many riders each, and one thing changed.
fn evening(riders_per_store: Option<f64>, change: impl FnOnce(&mut dastak_sim::Setup)) -> Evening {
    evening_in(riders_per_store, |_, setup| change(setup))
}

fn evening_in(
    riders_per_store: Option<f64>,
    change: impl FnOnce(&mut City, &mut dastak_sim::Setup),
) -> Evening {
    let mut metro = small(7, 18, 21);
    metro.fleet.riders_per_store = riders_per_store;
    let mut city = City::build(&metro, CityId(0), 4).expect("a small city can be built");
    let demand = Demand::generate(&metro, &city, 4);
    let mut setup = setup(4, 18, 21);
    change(&mut city, &mut setup);
    let played = play(&setup, &city, &demand);
    Evening { city, played }
}

struct Evening {
    city: City,
    played: Played,
}

/// What the doors did to orders.
#[derive(Debug, Default)]
struct Seen {
    throttled: u32,
    paused: u32,
    opened: u32,
    turned_away: u32,
    /// Orders taken by another store than the one nearest to their door.
    elsewhere: u32,
    /// Orders taken by a store that was paused.
    through_a_shut_door: u32,
    missing_lines: u32,
}

impl Evening {
    fn seen(&self) -> Seen {
        let mut seen = Seen::default();
        let mut doors: BTreeMap<StoreId, Door> = BTreeMap::new();
        let mut placed: BTreeMap<OrderId, (bool, bool)> = BTreeMap::new();
        for record in &self.played.journal {
            match record.fact {
                Fact::Store(StoreEvent::DoorSet { store, door_state }) => {
                    match door_state {
                        Door::Throttled => seen.throttled += 1,
                        Door::Paused => seen.paused += 1,
                        Door::Open => seen.opened += 1,
                        Door::Closed => {}
                    }
                    doors.insert(store, door_state);
                }
                Fact::Order(Order::Placed { order, store, door, .. }) => {
                    let is_shut = doors.get(&store) == Some(&Door::Paused);
                    placed.insert(order, (store != self.nearest(door), is_shut));
                }
                Fact::Order(Order::Reserved { order, .. }) => {
                    let (elsewhere, through) = placed[&order];
                    seen.elsewhere += u32::from(elsewhere);
                    seen.through_a_shut_door += u32::from(through);
                }
                Fact::Order(Order::Rejected { rejection: Rejection::Unserviceable, .. }) => {
                    seen.turned_away += 1
                }
                Fact::Pricing(pricing::Event::LineUnavailable { .. }) => seen.missing_lines += 1,
                _ => {}
            }
        }
        seen
    }

    fn nearest(&self, door: Place) -> StoreId {
        let stores = (0..self.city.stores.len()).map(StoreId::at);
        let away = |store: &StoreId| self.city.stores[store.index()].place.straight_m(door);
        stores.min_by(|a, b| away(a).total_cmp(&away(b))).expect("there are stores")
    }
}

/// On a calibrated evening a door may be throttled now and then; none is shut.
#[test]
fn with_enough_riders_hardly_anybody_is_turned_away() {
    let evening = evening(None, |_| {});
    let (seen, placed) = (evening.seen(), evening.played.outcome.placed);
    assert_eq!(seen.paused, 0, "{seen:?}");
    assert!(u64::from(seen.turned_away) * 100 < placed, "{seen:?} of {placed}");
}

/// A backlog shuts doors; customers go to the next store or are turned away, and none gets in
/// where the door is shut.
#[test]
fn a_backlog_shuts_doors_and_customers_go_elsewhere() {
    let seen = evening(Some(9.0), |_| {}).seen();
    assert!(seen.throttled > 0 && seen.paused > 0 && seen.opened > 0, "{seen:?}");
    assert!(seen.elsewhere > 10 && seen.turned_away > 100, "{seen:?}");
    assert_eq!(seen.through_a_shut_door, 0, "{seen:?}");
}

#[test]
fn without_doors_everybody_is_let_in() {
    let seen = evening(Some(9.0), |setup| setup.policies.doors_by_load = false).seen();
    assert_eq!((seen.throttled, seen.paused, seen.turned_away, seen.elsewhere), (0, 0, 0, 0));
}

/// Doors keep the backlog short: who is let in is served sooner.
#[test]
fn who_is_let_in_is_served_sooner() {
    let mean_s = |doors_by_load| {
        let evening = evening(Some(9.0), |setup| setup.policies.doors_by_load = doors_by_load);
        let outcome = evening.played.outcome;
        outcome.order_to_door_us / outcome.delivered / 1_000_000
    };
    let (with, without) = (mean_s(true), mean_s(false));
    assert!(with * 3 < without * 2, "{with} s with doors, {without} s without");
}

/// The policy that looks for the whole cart finds more of it, and goes farther for it.
#[test]
fn a_store_with_everything_is_sought_when_the_policy_says_so() {
    let seen = |policy| {
        evening(None, |setup| {
            setup.policies.doors_by_load = false;
            setup.policies.store = policy;
        })
        .seen()
    };
    let (primary, whole) = (seen(Policy::PrimaryOnly), seen(Policy::NearestWithAllLines));
    assert_eq!(primary.elsewhere, 0);
    assert!(whole.elsewhere > 0);
    assert!(whole.missing_lines < primary.missing_lines, "{whole:?} {primary:?}");
}

/// Where one store has lost its riders, the policy that expects the soonest asks another, and
/// more is delivered.
#[test]
fn the_soonest_store_is_not_one_without_riders() {
    let delivered = |policy| {
        let evening = evening_in(None, |city, setup| {
            setup.policies.doors_by_load = false;
            setup.policies.store = policy;
            for rider in &mut city.riders {
                if rider.home == Some(StoreId(3)) {
                    rider.shifts.clear();
                }
            }
        });
        evening.played.outcome.delivered
    };
    let (primary, soonest) = (delivered(Policy::PrimaryOnly), delivered(Policy::LeastEtaUnderLoad));
    assert!(soonest * 100 > primary * 103, "{soonest} against {primary}");
}

/// A door beyond every store's radius is turned away, and told why.
#[test]
fn a_door_that_nobody_reaches_is_turned_away() {
    let metro = small(2, 12, 13);
    let city = City::build(&metro, CityId(0), 1).expect("a small city can be built");
    let mut demand = Demand::generate(&metro, &city, 1);
    let far = Place { lat_e7: 150_000_000, lon_e7: 775_000_000 };
    demand.arrivals.iter_mut().for_each(|arrival| arrival.door = far);
    let outcome = play(&setup(1, 12, 13), &city, &demand).outcome;
    assert!(outcome.placed > 50, "{outcome:?}");
    assert_eq!(outcome.rejected, outcome.placed, "{outcome:?}");
}

/// Nothing is brought to a blocked pincode, whichever stores reach it; the others are served.
#[test]
fn customers_in_a_blocked_pincode_are_turned_away() {
    let away = |percent: u32| {
        let evening = evening(None, |setup| {
            setup.policies.doors_by_load = false;
            setup.blocked = Bps(percent * 100);
        });
        (evening.seen().turned_away, evening.played.outcome.placed)
    };
    assert_eq!(away(0).0, 0);
    let (some, placed) = away(30);
    assert!(some > 50 && u64::from(some) < placed, "{some} of {placed}");
    let (all, placed) = away(100);
    assert!(u64::from(all) >= placed && placed > 1_000, "{all} of {placed}");
}

/// A promise by quantile is kept by about the share that it is for.
///
/// The platform does not know how long somebody takes to pay (a quarter of a minute), and rounds
/// its promise up to whole minutes (half a minute): a net error of up to 20 s. Of a spread of two
/// minutes that moves the share by the density of a normal at the quantile, 7 points at 50 %, 5 at
/// 80 %, 3 at 90 % and 2 at 95 %; chance adds one.
#[test]
fn a_promise_by_quantile_is_kept_as_often_as_it_says() {
    for (percent, tolerance) in [(50, 8.0), (80, 6.0), (90, 4.0), (95, 3.0)] {
        let outcome = evening(None, |setup| {
            setup.policies.promise = eta::Policy::Quantile;
            setup.rules.eta.quantile = Bps(percent * 100);
        })
        .played
        .outcome;
        let kept = outcome.on_time as f64 / outcome.delivered as f64 * 100.0;
        println!("asked {percent} %, kept {kept:.1} % of {}", outcome.delivered);
        let off = kept - f64::from(percent);
        assert!(off.abs() < tolerance, "asked {percent} %, kept {kept:.1} %");
    }
}

/// A throttled store adds to a fixed promise what it says.
#[test]
fn a_throttled_store_promises_later() {
    let evening = evening(Some(9.0), |_| {});
    let mut doors: BTreeMap<StoreId, Door> = BTreeMap::new();
    let mut seen = [0_u32; 2];
    for record in &evening.played.journal {
        match record.fact {
            Fact::Store(StoreEvent::DoorSet { store, door_state }) => {
                doors.insert(store, door_state);
            }
            Fact::Order(Order::Placed { store, promise_by, .. }) => {
                let throttled = doors.get(&store) == Some(&Door::Throttled);
                let minutes = if throttled { 20 } else { 15 };
                assert_eq!(promise_by, Timestamp(record.at.0 + minutes * 60_000_000));
                seen[usize::from(throttled)] += 1;
            }
            _ => {}
        }
    }
    assert!(seen.iter().all(|&orders| orders > 100), "{seen:?}");
}
