//! Dispatch policies over small towns: who is sent for what, and the laws every policy keeps.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::dispatch::timing::Approach;
use crate::dispatch::trip::Trip;
use crate::dispatch::{Candidate, Edge, Edges, Waiting};
use crate::ids::{OrderId, RiderId, StoreId};
use crate::money::Bps;
use crate::place::Place;
use crate::time::{Millis, Timestamp};

/// A town on a line or plane where one unit of a coordinate is ridden in one second.
struct Seconds;

impl Legs for Seconds {
    fn leg_ms(&self, from: Place, to: Place, _now: Timestamp) -> u32 {
        (from.lat_e7.abs_diff(to.lat_e7) + from.lon_e7.abs_diff(to.lon_e7)) * 1_000
    }
}

const NOW: Timestamp = Timestamp::from_s(10_000);

const fn at(lat_e7: i32, lon_e7: i32) -> Place {
    Place { lat_e7, lon_e7 }
}

fn in_s(s: i32) -> Timestamp {
    Timestamp(NOW.0.checked_add_signed(i64::from(s) * 1_000_000).unwrap())
}

/// An order at a store at the origin: door, seconds until ready and until the promise.
fn order(id: u64, door: Place, ready_s: i32, promise_s: i32) -> Waiting {
    order_of(id, (0, at(0, 0)), door, ready_s, promise_s)
}

fn order_of(id: u64, store: (u32, Place), door: Place, ready_s: i32, promise_s: i32) -> Waiting {
    Waiting {
        order: OrderId(id),
        store: StoreId(store.0),
        store_place: store.1,
        door,
        requested_at: in_s(-1_000 + i32::try_from(id % 1_000).unwrap()),
        ready_at: in_s(ready_s),
        promise_by: in_s(promise_s),
        ride_ms: Seconds.leg_ms(store.1, door, NOW),
        refusals: 0,
    }
}

/// A rider: where, seconds until free, seconds until the shift ends.
fn rider(id: u32, place: Place, free_s: i32, off_s: i32) -> Candidate {
    Candidate {
        rider: RiderId(id),
        place,
        free_at: in_s(free_s),
        off_at: in_s(off_s),
        home: StoreId(0),
    }
}

/// A round with the `k` nearest riders of each order's store.
#[derive(Debug)]
struct Round {
    waiting: Vec<Waiting>,
    riders: Vec<Candidate>,
    rows: Vec<(u32, u32)>,
    edges: Vec<Edge>,
}

impl Round {
    fn new(waiting: &[Waiting], riders: &[Candidate], k: usize) -> Self {
        let (mut rows, mut edges) = (Vec::new(), Vec::new());
        for order in waiting {
            let leg = |rider: &Candidate| Seconds.leg_ms(rider.place, order.store_place, NOW);
            let mut row: Vec<_> =
                riders.iter().zip(0..).map(|(r, i)| (leg(r), r.rider, i)).collect();
            row.sort_unstable();
            let begin = u32::try_from(edges.len()).unwrap();
            edges.extend(row.iter().take(k).map(|&(ms, _, candidate)| Edge { candidate, ms }));
            rows.push((begin, u32::try_from(edges.len()).unwrap()));
        }
        Self { waiting: waiting.to_vec(), riders: riders.to_vec(), rows, edges }
    }

    fn view(&self) -> View<'_, Seconds> {
        View {
            now: NOW,
            waiting: &self.waiting,
            riders: &self.riders,
            edges: Edges { rows: &self.rows, edges: &self.edges },
            legs: &Seconds,
        }
    }

    fn choose(&self, policy: Policy, params: &Params) -> Vec<Assignment> {
        let mut chosen = Vec::new();
        choose(policy, &self.view(), params, &mut Scratch::default(), &mut chosen);
        chosen
    }
}

/// Never too early: what is left is who goes for what, by weights that tests can count on.
fn eager() -> Params {
    let day = Millis::from_min(24 * 60);
    Params {
        rider_wait_limit: day,
        urgent_wait_limit: day,
        commit_ahead: day,
        late_weight: Bps(40_000),
        late_scale: Millis::from_min(15),
        rider_weight: Bps(2_500),
        scarcity_weight: Bps(0),
        ready_gap_limit: Millis::from_min(4),
        detour_limit: Bps(8_500),
        ..Params::default()
    }
}

/// Checks the trips of a round: `rider:first+second@seconds-until-at-store`, in order.
fn check(policy: Policy, params: &Params, waiting: &[Waiting], riders: &[Candidate], want: &str) {
    let chosen = Round::new(waiting, riders, riders.len()).choose(policy, params);
    let text = |trip: &Assignment| {
        let orders: Vec<_> = trip.orders.iter().flatten().map(|o| o.0.to_string()).collect();
        let s = trip.expected_at_store.since(NOW).0 / 1_000;
        format!("{}:{}@{s}", trip.rider.0, orders.join("+"))
    };
    assert_eq!(chosen.iter().map(text).collect::<Vec<_>>().join(" "), want);
}

const DAY: i32 = 86_400;

#[test]
fn nearest_serves_in_order_of_asking_and_prefers_idle_riders() {
    let orders = [order(2, at(100, 0), 0, 900), order(1, at(50, 0), 0, 900)];
    let near = rider(7, at(10, 0), 0, DAY);
    let far = rider(8, at(40, 0), 0, DAY);
    let busy = rider(9, at(0, 0), 20, DAY);
    let go = |riders: &[Candidate], want| check(Policy::Nearest, &eager(), &orders, riders, want);
    go(&[far, near], "7:1@10 8:2@40");
    go(&[near, busy], "7:1@10 9:2@20");
    go(&[busy], "9:1@20");
    go(&[], "");
}

#[test]
fn ties_go_to_the_lower_id() {
    let orders = [order(1, at(50, 0), 0, 900)];
    let riders = [rider(5, at(0, 9), 0, DAY), rider(4, at(9, 0), 0, DAY)];
    check(Policy::Nearest, &eager(), &orders, &riders, "4:1@9");
}

#[test]
fn a_rider_whose_shift_ends_before_the_pickup_is_not_sent() {
    for (off_s, want) in [(60, ""), (61, "3:1@10")] {
        let orders = [order(1, at(50, 0), 60, 900)];
        let riders = [rider(3, at(10, 0), 0, off_s)];
        for &policy in Policy::ALL {
            check(policy, &eager(), &orders, &riders, want);
        }
    }
}

#[test]
fn a_rider_beyond_the_pickup_limit_is_sent_only_after_refusals() {
    let far = [rider(3, at(2_000, 0), 0, DAY)];
    for (refusals, want) in [(0, ""), (2, ""), (3, "3:1@2000")] {
        let orders = [Waiting { refusals, ..order(1, at(50, 0), 60, 900) }];
        for &policy in Policy::ALL {
            check(policy, &eager(), &orders, &far, want);
        }
    }
}

#[test]
fn an_order_is_held_back_while_its_rider_would_wait_too_long() {
    let riders = [rider(3, at(10, 0), 0, DAY)];
    let params = Params::default();
    // The bag is ready in 45 s: 35 s after the rider would be there. Then later, then urgent.
    for (ready_s, promise_s, want) in [
        (45, 900, ""),
        (40, 900, "3:1@10"),
        (45, 45 + 60 + 50 + 119, "3:1@10"),
        (131, 0, ""),
        (130, 0, "3:1@10"),
    ] {
        for &policy in Policy::ALL {
            let orders = [order(1, at(50, 0), ready_s, promise_s)];
            check(policy, &params, &orders, &riders, want);
        }
    }
}

#[test]
fn a_busy_rider_is_offered_the_next_trip_shortly_before_the_end() {
    for (free_s, want) in [(31, ""), (30, "3:1@40")] {
        let riders = [rider(3, at(10, 0), free_s, DAY)];
        for &policy in Policy::ALL {
            check(policy, &Params::default(), &[order(1, at(50, 0), 0, 900)], &riders, want);
        }
    }
}

#[test]
fn rounds_come_at_their_interval() {
    let params = Params { round_interval: Millis::from_s(10), ..Params::default() };
    assert!(!params.round_due(NOW, in_s(9)));
    assert!(params.round_due(NOW, in_s(10)));
    assert_eq!(params.next_round(NOW), in_s(10));
}

#[test]
fn a_busy_store_lists_more_riders() {
    let params = Params { candidates: 16, window: 48, ..Params::default() };
    assert_eq!([0, 8, 9, 48, 100].map(|n| params.candidates_for(n)), [16, 16, 18, 96, 96]);
}

#[test]
fn batched_minimises_the_sum_where_nearest_is_greedy() {
    // The first order would take the rider that the second needs.
    let orders = [
        order_of(1, (0, at(0, 0)), at(50, 0), 0, 900),
        order_of(2, (1, at(600, 0)), at(650, 0), 0, 900),
    ];
    let riders = [rider(5, at(290, 0), 0, DAY), rider(6, at(-310, 0), 0, DAY)];
    check(Policy::Nearest, &eager(), &orders, &riders, "5:1@290 6:2@910");
    check(Policy::Batched, &eager(), &orders, &riders, "6:1@310 5:2@310");
}

#[test]
fn orders_share_a_trip_when_that_saves_time_and_breaks_no_promise() {
    let one = &[rider(3, at(10, 0), 0, DAY)][..];
    let two = &[rider(3, at(10, 0), 0, DAY), rider(4, at(11, 0), 0, DAY)][..];
    let near = |promise_s| [order(1, at(300, 0), 0, 900), order(2, at(330, 0), 0, promise_s)];
    let go = |orders: &[Waiting], riders, want| {
        check(Policy::Batched, &eager(), orders, riders, want);
    };
    // Both doors on one way out: the first is reached 370 s from now, the second 525 s.
    go(&near(900), one, "3:1+2@10");
    go(&near(900), two, "3:1+2@10");
    // A promise that would not hold with a minute to spare on one trip holds on two.
    go(&near(585), two, "3:1+2@10");
    go(&near(584), two, "4:2@11 3:1@10");
    go(&[order(1, at(300, 0), 0, 400), order(2, at(330, 0), 0, 430)], two, "4:1@11 3:2@10");
    // With one rider only, one of the two is late either way; together they are sooner.
    go(&near(500), one, "3:2+1@10");
    // Doors in opposite directions, packed far apart, or at two stores: apart.
    go(&[order(1, at(300, 0), 0, 900), order(2, at(-300, 0), 0, 900)], two, "4:1@11 3:2@10");
    go(&[order(1, at(300, 0), 0, 900), order(2, at(330, 0), 241, 900)], two, "4:2@11 3:1@10");
    let elsewhere = order_of(2, (1, at(1, 0)), at(330, 0), 0, 900);
    go(&[order(1, at(300, 0), 0, 900), elsewhere], two, "4:1@11 3:2@9");
    let stranded = order_of(2, (0, at(1, 0)), at(330, 0), 0, 900);
    go(&[order(1, at(300, 0), 0, 900), stranded], two, "4:2@10 3:1@10");
    let alone = Params { max_batch: 1, ..eager() };
    check(Policy::Batched, &alone, &near(900), one, "3:2@10");
}

#[test]
fn an_order_that_is_due_takes_the_rider_that_another_will_need_later_only_if_it_must() {
    let soon = order(1, at(50, 0), 0, 900);
    let later = order_of(2, (1, at(0, 200)), at(50, 200), 300, 1_200);
    let riders = [rider(3, at(0, 90), 0, DAY), rider(4, at(-95, 0), 0, DAY)];
    check(Policy::Batched, &Params::default(), &[soon, later], &riders, "4:1@95");
    check(Policy::Batched, &Params::default(), &[soon, later], &riders[..1], "3:1@90");
}

prop_compose! {
    /// Up to three stores, some orders, some riders, all within a quarter of an hour's ride.
    fn rounds()(
        orders in prop::collection::vec(
            (0_u32..3, -300_i32..300, -300_i32..300, -200_i32..400, -200_i32..1_500), 0..12),
        riders in prop::collection::vec(
            (-400_i32..400, -400_i32..400, -50_i32..300, -100_i32..900), 0..10),
        k in 1_usize..8,
    ) -> Round {
        let stores = [at(0, 0), at(200, 100), at(-150, 250)];
        let waiting: Vec<_> = orders.iter().zip(0..).map(|(&(store, lat, lon, ready, promise), id)| {
            order_of(id, (store, stores[store as usize]), at(lat, lon), ready, promise)
        }).collect();
        let riders: Vec<_> = riders.iter().zip(0..).map(|(&(lat, lon, free, off), id)| {
            rider(id, at(lat, lon), free, off)
        }).collect();
        Round::new(&waiting, &riders, k)
    }
}

/// What every policy promises of its choice.
fn check_laws(round: &Round, params: &Params, chosen: &[Assignment]) {
    let (mut riders, mut orders) = (BTreeSet::new(), BTreeSet::new());
    for trip in chosen {
        assert!(riders.insert(trip.rider), "{} twice", trip.rider);
        assert!(trip.orders[0].is_some(), "a trip has an order");
        let count = trip.orders.iter().flatten().count();
        assert!(count <= usize::from(params.max_batch), "{count} orders");
        let mut ready_at = NOW;
        let mut urgent = false;
        for &order in trip.orders.iter().flatten() {
            assert!(orders.insert(order), "{order} twice");
            let index = round.waiting.iter().position(|w| w.order == order).unwrap();
            let waiting = round.waiting[index];
            ready_at = ready_at.max(waiting.ready_at);
            urgent |= crate::dispatch::timing::is_urgent(params, NOW, &waiting);
            let edge = round
                .view()
                .edges
                .row(index)
                .iter()
                .copied()
                .find(|edge| round.riders[edge.candidate as usize].rider == trip.rider);
            let edge = edge.expect("only riders in the row are chosen");
            let rider = round.riders[edge.candidate as usize];
            let reach = rider.free_at.max(NOW) + Millis(edge.ms);
            assert_eq!(trip.expected_at_store, reach);
            assert!(reach.max(waiting.ready_at) < rider.off_at, "off shift");
        }
        let limit = if urgent { params.urgent_wait_limit } else { params.rider_wait_limit };
        assert!(ready_at.since(trip.expected_at_store) <= limit, "the rider waits too long");
        let stores: BTreeSet<_> = round
            .waiting
            .iter()
            .filter(|w| trip.orders.contains(&Some(w.order)))
            .map(|w| w.store)
            .collect();
        assert_eq!(stores.len(), 1, "one store");
    }
}

/// The trip of some of a round's orders, by index, in the order of their doors.
fn trip(round: &Round, params: &Params, orders: &[usize]) -> Trip {
    let single =
        |&index: &usize| Trip::single(params, NOW, &round.waiting, u32::try_from(index).unwrap());
    let singles: Vec<_> = orders.iter().map(single).collect();
    match singles[..] {
        [single] => single,
        [first, second] => {
            let [a, b] = [orders[0], orders[1]].map(|index| round.waiting[index].door);
            Trip::pair(params, [&first, &second], Seconds.leg_ms(a, b, NOW))
        }
        _ => panic!("one or two orders"),
    }
}

/// The rider listed for an order, as they would approach its store.
fn approach(round: &Round, order: usize, rider: usize) -> Option<Approach> {
    let row = round.view().edges.row(order);
    let edge = row.iter().find(|edge| edge.candidate as usize == rider)?;
    Some(Approach::new(NOW, &round.riders, *edge))
}

fn index_of(round: &Round, order: OrderId) -> usize {
    round.waiting.iter().position(|waiting| waiting.order == order).unwrap()
}

/// What a choice costs: its trips, and the penalties of the orders it leaves.
fn cost(round: &Round, params: &Params, chosen: &[Assignment]) -> u64 {
    let params = &params.at_scarcity(round.waiting.len(), round.riders.len());
    let mut left: BTreeSet<_> = (0..round.waiting.len()).collect();
    let mut total = 0;
    for assignment in chosen {
        let orders: Vec<_> =
            assignment.orders.iter().flatten().map(|&order| index_of(round, order)).collect();
        orders.iter().for_each(|order| assert!(left.remove(order)));
        let rider = round.riders.iter().position(|r| r.rider == assignment.rider).unwrap();
        let approach = approach(round, orders[0], rider).unwrap();
        let trip = trip(round, params, &orders);
        total += u64::from(trip.cost(params, &approach));
    }
    let penalty = |&index: &usize| u64::from(trip(round, params, &[index]).penalty(params));
    total + left.iter().map(penalty).sum::<u64>()
}

/// The least cost of all plans, tried one by one, with the orders of each pair allowed as late
/// as given.
fn brute_force(
    round: &Round,
    params: &Params,
    latest: &[i64],
    left: &mut Vec<usize>,
    riders: &mut Vec<bool>,
) -> u64 {
    let Some(order) = left.pop() else { return 0 };
    let without = trip(round, params, &[order]).penalty(params);
    let mut best = u64::from(without) + brute_force(round, params, latest, left, riders);
    let mut groups = vec![vec![order]];
    let store = round.waiting[order].store;
    let partners = left.iter().filter(|&&other| round.waiting[other].store == store);
    groups.extend(partners.flat_map(|&other| [vec![order, other], vec![other, order]]));
    for group in groups {
        let trip = trip(round, params, &group);
        for rider in 0..round.riders.len() {
            let Some(approach) = approach(round, order, rider).filter(|approach| {
                !riders[rider] && approach.may_fetch(params, trip.refusals, trip.ready_ms)
            }) else {
                continue;
            };
            let mut arrivals = trip.arrivals_ms(params, approach.reach_ms).zip(&group);
            if group.len() == 2 && arrivals.any(|(at, &order)| at > latest[order]) {
                continue;
            }
            let mut rest = left.clone();
            rest.retain(|other| !group.contains(other));
            riders[rider] = true;
            let here = u64::from(trip.cost(params, &approach));
            best = best.min(here + brute_force(round, params, latest, &mut rest, riders));
            riders[rider] = false;
        }
    }
    left.push(order);
    best
}

/// When each order must arrive if it shares: by its promise with something to spare, or else
/// no later than in the best plan without sharing.
fn latest(round: &Round, params: &Params) -> Vec<i64> {
    let alone = round.choose(Policy::Batched, &Params { max_batch: 1, ..*params });
    let mut latest = vec![i64::MAX; round.waiting.len()];
    for assignment in alone {
        let order = index_of(round, assignment.orders[0].unwrap());
        let rider = round.riders.iter().position(|r| r.rider == assignment.rider).unwrap();
        let approach = approach(round, order, rider).unwrap();
        let alone = trip(round, params, &[order]);
        let arrival = alone.arrivals_ms(params, approach.reach_ms).next().unwrap();
        latest[order] = arrival.max(alone.promise_ms() - i64::from(params.batch_slack.0));
    }
    latest
}

/// How far the choice of pairs is from the best there is, over a few hundred small towns.
#[test]
fn sharing_is_close_to_the_best_there_is() {
    let mut state = 5_u64;
    let mut next = |from: i32, to: i32| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from + i32::try_from((state >> 33) % u64::from(to.abs_diff(from))).unwrap()
    };
    let day = Millis::from_min(24 * 60);
    let params = Params { detour_limit: Bps(20_000), ready_gap_limit: day, ..eager() };
    let (mut chosen_sum, mut best_sum, mut alone_sum, mut exact, mut shared) = (0, 0, 0, 0, 0);
    let towns = 300;
    for _ in 0..towns {
        let orders: Vec<_> = (0..6)
            .map(|id| {
                let door = at(next(-400, 400), next(-400, 400));
                order(id, door, next(0, 240), next(500, 1_200))
            })
            .collect();
        let riders: Vec<_> = (0..u32::try_from(next(1, 6)).unwrap())
            .map(|id| rider(id, at(next(-200, 200), next(-200, 200)), next(-60, 60), DAY))
            .collect();
        let round = Round::new(&orders, &riders, 16);
        let latest = latest(&round, &params);
        let free = &mut vec![false; riders.len()];
        let best = brute_force(&round, &params, &latest, &mut (0..6).collect(), free);
        let chosen = round.choose(Policy::Batched, &params);
        let total = cost(&round, &params, &chosen);
        assert!(total >= best, "{total} is less than the best, {best}");
        let alone = Params { max_batch: 1, ..params };
        alone_sum += cost(&round, &alone, &round.choose(Policy::Batched, &alone));
        shared += chosen.iter().filter(|trip| trip.orders[1].is_some()).count();
        exact += usize::from(total == best);
        chosen_sum += total;
        best_sum += best;
    }
    assert!(shared > towns, "pairs are chosen: {shared}");
    assert!(exact * 3 > towns * 2, "most often it is the best: {exact}");
    let (lost, saved) = (chosen_sum - best_sum, alone_sum - best_sum);
    assert!(lost * 33 <= saved, "97 % of what sharing can save: lost {lost} of {saved}");
}

/// The same town with its orders and riders listed in another order.
fn shuffled(round: &Round, turn: usize) -> Round {
    let (mut waiting, mut riders) = (round.waiting.clone(), round.riders.clone());
    let k = round.rows.first().map_or(1, |&(begin, end)| (end - begin) as usize);
    let (by, to) = (turn % waiting.len().max(1), turn % riders.len().max(1));
    waiting.rotate_left(by);
    riders.rotate_left(to);
    waiting.reverse();
    Round::new(&waiting, &riders, k)
}

proptest! {
    /// Each rider and order at most once, only who is listed, on shift, not too early.
    #[test]
    fn choices_are_valid(round in rounds(), patient in any::<bool>()) {
        let params = if patient { Params::default() } else { eager() };
        for &policy in Policy::ALL {
            check_laws(&round, &params, &round.choose(policy, &params));
        }
    }

    /// The choice depends on who and what is there, not on how it is listed.
    #[test]
    fn choices_do_not_depend_on_the_listing(round in rounds(), turn in 0_usize..12) {
        for &policy in Policy::ALL {
            let params = Params::default();
            prop_assert_eq!(
                round.choose(policy, &params),
                shuffled(&round, turn).choose(policy, &params)
            );
        }
    }

    /// What is being minimised is less, or equal.
    #[test]
    fn batched_costs_no_more_than_nearest(round in rounds(), share in any::<bool>()) {
        let params = Params { max_batch: if share { 2 } else { 1 }, ..eager() };
        let [nearest, batched] = [Policy::Nearest, Policy::Batched]
            .map(|policy| cost(&round, &params, &round.choose(policy, &params)));
        prop_assert!(batched <= nearest, "{batched} > {nearest}");
    }

    /// Buffers carry nothing from one round to the next.
    #[test]
    fn rounds_do_not_remember(one in rounds(), two in rounds()) {
        for &policy in Policy::ALL {
            let (params, mut scratch, mut chosen) = (eager(), Scratch::default(), Vec::new());
            choose(policy, &one.view(), &params, &mut scratch, &mut chosen);
            chosen.clear();
            choose(policy, &two.view(), &params, &mut scratch, &mut chosen);
            prop_assert_eq!(chosen, two.choose(policy, &params));
        }
    }
}
