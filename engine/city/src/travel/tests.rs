use domain::ids::{CityId, StoreId};
use domain::time::Millis;
use roads::{ArcId, NodeId};

use super::{Leg, OnRoads, Stop, Travel};
use crate::City;
use crate::setup::{ClosedRoad, Metro, Network, Setup, StoreSetup, TravelSetup};

/// A few stores on made-up streets like Mumbai's, which water parts.
fn setup(closed: Vec<ClosedRoad>) -> Setup {
    Setup {
        metro: Metro::named("mumbai").unwrap(),
        stores: StoreSetup { count: 7, ..StoreSetup::default() },
        travel: TravelSetup { network: Network::Roads, closed, ..TravelSetup::default() },
        ..Setup::default()
    }
}

fn built(closed: Vec<ClosedRoad>) -> City {
    City::build(&setup(closed), CityId(0), 3).unwrap()
}

fn on_roads(city: &City) -> &OnRoads {
    match &city.travel {
        Travel::Roads(roads) => roads,
        Travel::Straight(_) => panic!("a city with roads"),
    }
}

/// Rides between every store and every junction of its table, out and back.
fn store_rides(roads: &OnRoads) -> Vec<(NodeId, NodeId)> {
    let mut rides = Vec::new();
    for node in (0..roads.roads.nodes()).map(NodeId::at) {
        for (store, _) in roads.tables.stores_near(node) {
            let door = roads.tables.stores()[store.index()];
            rides.extend([(door, node), (node, door)]);
        }
    }
    rides
}

fn stop(roads: &OnRoads, node: NodeId) -> Stop {
    Stop { place: roads.roads.place(node), node: Some(node) }
}

/// The arc that most of some rides use.
fn busiest(roads: &OnRoads, rides: &[(NodeId, NodeId)]) -> ArcId {
    let mut uses = vec![0_u32; roads.roads.graph().arc_count()];
    for &(from, to) in rides {
        let path = roads.roads.path(from, to).unwrap();
        path.arcs.iter().for_each(|arc| uses[arc.index()] += 1);
    }
    ArcId::at((0..uses.len()).max_by_key(|&arc| uses[arc]).unwrap())
}

#[test]
fn a_ride_is_exactly_the_sum_of_its_streets() {
    let city = built(Vec::new());
    let roads = on_roads(&city);
    let mut looked_up = 0;
    let far = [(NodeId(5), NodeId(900)), (NodeId(17), NodeId(4_000))];
    for (from, to) in store_rides(roads).into_iter().step_by(7).chain(far) {
        let path = roads.roads.path(from, to).unwrap();
        let ms: u32 = path.arcs.iter().map(|&arc| roads.roads.arc_ms(arc).unwrap()).sum();
        let arcs = path.arcs.iter().map(|&arc| roads.roads.graph().arc(arc));
        let dm: u32 = arcs.map(|arc| arc.length_dm).sum();
        let leg = city.travel.ridden(stop(roads, from), stop(roads, to));
        let straight_m = roads.roads.place(from).straight_m(roads.roads.place(to));
        assert_eq!(leg.ms, Millis(ms), "{from} to {to}");
        assert_eq!(leg.m, ((dm + 5) / 10).max(super::rounded_up(straight_m)), "{from} to {to}");
        looked_up += u32::from(city.travel.ride(stop(roads, from), stop(roads, to)) == leg);
    }
    assert!(looked_up > 1_000, "{looked_up}");
}

#[test]
fn closing_a_road_changes_exactly_the_rides_that_used_it() {
    let open = built(Vec::new());
    let roads = on_roads(&open);
    let rides = store_rides(roads);
    let busiest = roads.roads.graph().arc(busiest(roads, &rides));
    let bridge = roads.roads.stretch(busiest.from, busiest.to).unwrap();
    let [from, to] = [busiest.from, busiest.to].map(|node| roads.roads.place(node));
    let closed = built(vec![ClosedRoad { from, to }]);
    assert_eq!((&open.riders, &open.pickers), (&closed.riders, &closed.pickers));
    assert_eq!((&open.stores, &open.stock), (&closed.stores, &closed.stock));
    let (mut changed, mut same) = (0, 0);
    for &(from, to) in &rides {
        let [before, after]: [Leg; 2] =
            [&open, &closed].map(|city| city.travel.ridden(stop(roads, from), stop(roads, to)));
        let path = roads.roads.path(from, to).unwrap();
        if path.arcs.iter().any(|arc| bridge.arcs.contains(arc)) {
            assert!(after.ms > before.ms, "{from} to {to}: {before:?} {after:?}");
            changed += 1;
        } else {
            assert_eq!(before, after, "{from} to {to}");
            same += 1;
        }
    }
    assert!(changed > 1_000 && same > 1_000, "{changed} changed, {same} did not");
}

#[test]
fn a_road_that_cannot_be_closed_is_refused() {
    let city = built(Vec::new());
    let roads = on_roads(&city);
    let graph = roads.roads.graph();
    let place = |node| graph.place(node);
    let store = roads.tables.stores()[StoreId(0).index()];
    let north = domain::place::Place { lat_e7: place(store).lat_e7 + 900_000, ..place(store) };
    let check = |from, to, says: &str| {
        let refused = City::build(&setup(vec![ClosedRoad { from, to }]), CityId(0), 3).unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
    };
    check(place(store), north, "closed road 1: 19.");
    check(place(store), place(store), "are at the same junction");
    let beside: Vec<ClosedRoad> = graph
        .out_arcs(store)
        .map(|arc| ClosedRoad { from: place(store), to: place(graph.arc(arc).to) })
        .collect();
    let refused = City::build(&setup(beside), CityId(0), 3).unwrap_err();
    assert!(refused.to_string().contains("stores without a way to the others"), "{refused}");
    let mut straight = setup(vec![ClosedRoad { from: north, to: north }]);
    straight.travel.network = Network::Straight;
    let refused = City::build(&straight, CityId(0), 3).unwrap_err();
    assert!(refused.to_string().contains("travel.closed is 1 roads"), "{refused}");
}

#[test]
fn who_lives_behind_a_closed_road_is_out_of_reach() {
    let open = built(Vec::new());
    let graph = on_roads(&open).roads.graph();
    let end = |node: NodeId| graph.out_arcs(node).len() == 1;
    let dead_end = (0..graph.nodes()).map(NodeId::at).find(|&node| end(node)).unwrap();
    let neck = graph.arc(graph.out_arcs(dead_end).next().unwrap()).to;
    let [from, to] = [dead_end, neck].map(|node| graph.place(node));
    let closed = built(vec![ClosedRoad { from, to }]);
    assert_eq!(on_roads(&closed).cut_off, [dead_end]);
    let reaches = |city: &City, node| city.travel.reaches(stop(on_roads(city), node));
    assert!(reaches(&open, dead_end) && reaches(&open, neck));
    assert!(!reaches(&closed, dead_end) && reaches(&closed, neck));
}
