//! Closing a bridge changes exactly the trips that used it.
//!
//! A run is a world: a rider who comes back later is not there for the next order, and someone else
//! rides for it from somewhere else. So "exactly" is said of rides, from one place to another, in
//! any run; and of whole trips where they cannot meet: in a store with riders to spare.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for a few facts of many")]

use std::collections::{BTreeMap, BTreeSet};

use city::{City, OnRoads, Travel};
use dastak_scenarios::schema::Scenario;
use domain::delivery::Event as Trip;
use domain::facts::{Fact, Record};
use domain::ids::{OrderId, TripId};
use domain::order::Event as Order;
use domain::place::Place;
use domain::time::Timestamp;
use kernel::queue::RadixQueue;
use roads::{ArcId, NodeId};
use verify::Judge;

use super::{played, resolve_text};

/// Half an hour on made-up streets like Mumbai's. Rides take as long as their streets say.
const PAGE: &str = "cities.mumbai = 3\ncity.streets = \"generated\"\ncity.skus = 300\n\
                    fleet.ride_spread = 0\nwindow.start = \"19:00\"\nwindow.duration = \"30min\"\n\
                    window.warm_up = \"0s\"\nwindow.drain = \"6h\"\n\
                    policies.doors = \"always_open\"\n";

/// One run.
struct Run {
    city: City,
    journal: Vec<Record>,
}

impl Run {
    /// Plays a page with a road closed, if one is, and has it judged.
    fn of(page: &str, closed: Option<&str>) -> Self {
        let sets: Vec<String> =
            closed.iter().map(|road| format!("city.closed=[\"{road}\"]")).collect();
        let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
        let scenario: Scenario = resolve_text(page, &sets).unwrap().scenario;
        let setup = scenario.sim_setup(u64::from(scenario.seed.get()));
        let (city, demand) = played::worlds(&scenario).pop().unwrap();
        let mut ears = (Judge::new(), Vec::new());
        let outcome = sim::run::<RadixQueue<_>>(&setup, &city, &demand, &mut ears, |_| true);
        let (judge, journal) = ears;
        assert!(outcome.finished && judge.finish().is_clean());
        Self { city, journal }
    }

    fn roads(&self) -> &OnRoads {
        match &self.city.travel {
            Travel::Roads(roads) => roads,
            Travel::Straight(_) => panic!("a city with roads"),
        }
    }

    /// Every ride that moved somebody: whose trip, from where to where, and how long it took.
    fn rides(&self) -> impl Iterator<Item = (TripId, (Place, Place), u64)> {
        self.journal.iter().filter_map(|record| match record.fact {
            Fact::Delivery(Trip::LegRidden { trip, from, origin, place, .. })
                if origin != place =>
            {
                Some((trip, (origin, place), record.at.0 - from.0))
            }
            _ => None,
        })
    }

    /// The streets of the quickest way between two places, and how long it takes, microseconds.
    fn way(&self, (from, to): (Place, Place)) -> (Vec<ArcId>, u64) {
        let roads = &self.roads().roads;
        let path = roads.path(roads.snap(from), roads.snap(to)).unwrap();
        let sum: u64 = path.arcs.iter().map(|&arc| u64::from(roads.arc_ms(arc).unwrap())).sum();
        (path.arcs, sum * 1_000)
    }

    /// The road that most rides use and that can be closed without parting the city, and its arcs.
    fn bridge(&self) -> (String, BTreeSet<ArcId>) {
        let mut uses: BTreeMap<ArcId, u32> = BTreeMap::new();
        for (_, ends, _) in self.rides() {
            self.way(ends).0.into_iter().for_each(|arc| *uses.entry(arc).or_default() += 1);
        }
        let mut busiest: Vec<(u32, ArcId)> = uses.into_iter().map(|(arc, n)| (n, arc)).collect();
        busiest.sort_unstable();
        let found = busiest.iter().rev().find_map(|&(_, arc)| {
            let mut roads = self.roads().roads.clone();
            let ends = roads.graph().arc(arc);
            let stretch = roads.stretch(ends.from, ends.to).unwrap();
            roads.close(&stretch.arcs);
            let [from, to] = [ends.from, ends.to].map(|node| roads.place(node));
            roads
                .cut_off_from(NodeId(0))
                .is_empty()
                .then(|| (format!("{from} to {to}"), stretch.arcs.into_iter().collect()))
        });
        found.unwrap()
    }

    fn uses(&self, ends: (Place, Place), bridge: &BTreeSet<ArcId>) -> bool {
        self.way(ends).0.iter().any(|arc| bridge.contains(arc))
    }
}

#[test]
fn rides_that_used_the_bridge_take_longer_and_no_other_ride_changes() {
    // Busy enough for trips with two doors, whose ride between them is no store's.
    let page =
        format!("{PAGE}demand.orders_per_store_per_day = 4000\nfleet.riders_per_store = 12\n");
    let open = Run::of(&page, None);
    let (road, bridge) = open.bridge();
    let closed = Run::of(&page, Some(&road));
    assert_eq!(open.city.riders, closed.city.riders, "nobody planned for it");
    let mut times: BTreeMap<(Place, Place), [Option<u64>; 2]> = BTreeMap::new();
    let (mut doors, mut between) = (0, 0);
    for (which, run) in [&open, &closed].into_iter().enumerate() {
        let stores: BTreeSet<Place> = run.city.stores.iter().map(|store| store.place).collect();
        for (_, ends, took) in run.rides() {
            // Each ride is the sum of its streets, as they are in that run.
            assert_eq!(took, run.way(ends).1, "{ends:?}");
            times.entry(ends).or_default()[which] = Some(took);
            let at_store = [ends.0, ends.1].iter().any(|end| stores.contains(end));
            *(if at_store { &mut doors } else { &mut between }) += 1;
        }
    }
    let (mut longer, mut same) = (0, 0);
    for (ends, took) in times {
        let [Some(before), Some(after)] = took else { continue };
        if open.uses(ends, &bridge) {
            assert!(after > before, "{ends:?}: {before} then, {after} now");
            longer += 1;
        } else {
            assert_eq!(after, before, "{ends:?}");
            same += 1;
        }
    }
    assert!(doors > 300 && between > 10, "{doors} rides of stores, {between} between doors");
    assert!(longer > 20 && same > 100, "{longer} longer, {same} the same");
}

/// What became of an order and how it was brought, without who did it: its stages, and the rides
/// of its trip.
#[derive(Debug, Default, PartialEq, Eq)]
struct Story {
    stages: Vec<(Timestamp, &'static str)>,
    rides: Vec<((Place, Place), u64)>,
}

fn stories(run: &Run) -> BTreeMap<OrderId, Story> {
    let mut stories: BTreeMap<OrderId, Story> = BTreeMap::new();
    let mut orders: BTreeMap<TripId, OrderId> = BTreeMap::new();
    for record in &run.journal {
        match record.fact {
            Fact::Delivery(Trip::OrderJoined { trip, order }) => {
                assert_eq!(orders.insert(trip, order), None, "one order a trip");
            }
            Fact::Order(event) => {
                let order = match event {
                    Order::Placed { order, .. }
                    | Order::PickingBegun { order, .. }
                    | Order::Packed { order, .. }
                    | Order::LeftStore { order, .. }
                    | Order::Arrived { order, .. }
                    | Order::Delivered { order, .. }
                    | Order::Cancelled { order, .. } => order,
                    _ => continue,
                };
                let stage = (record.at, record.fact.kind().name);
                stories.entry(order).or_default().stages.push(stage);
            }
            _ => {}
        }
    }
    for (trip, ends, took) in run.rides() {
        stories.entry(orders[&trip]).or_default().rides.push((ends, took));
    }
    stories
}

/// Fewer orders than riders, one to a trip: no trip is in another's way.
#[test]
fn where_trips_do_not_meet_exactly_those_that_used_the_bridge_change() {
    let page = format!(
        "{PAGE}demand.orders_per_store_per_day = 400\npolicies.max_batch = 1\n\
         fleet.riders_per_store = 60\nstaff.pickers_per_store = 30\n"
    );
    let open = Run::of(&page, None);
    let (road, bridge) = open.bridge();
    let closed = Run::of(&page, Some(&road));
    let (before, after) = (stories(&open), stories(&closed));
    assert!(before.keys().eq(after.keys()));
    let mut changed = 0;
    for (order, story) in &before {
        let used = story.rides.iter().any(|&(ends, _)| open.uses(ends, &bridge));
        assert_eq!(used, *story != after[order], "{order}: {story:?}\n{:?}", after[order]);
        changed += usize::from(used);
    }
    assert!(changed > 3 && changed < before.len() - 3, "{changed} of {}", before.len());
}
