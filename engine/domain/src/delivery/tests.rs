//! Trips: an ordinary one, a batch, and the races of offers, drops and cancelled members.

use expect_test::expect;
use proptest::prelude::*;

use super::*;

const TRIP: TripId = TripId(5);
const RIDER: RiderId = RiderId(2);
const A: OrderId = OrderId(1);
const B: OrderId = OrderId(2);
const DOOR: Place = Place { lat_e7: 10, lon_e7: 10 };
const STORE: Place = Place { lat_e7: 0, lon_e7: 0 };

fn offer(second: OrderId) -> Input {
    let expires_at = Timestamp(30_000_000);
    Input::Offer { rider: RIDER, store: StoreId(1), first: A, second, expires_at }
}

fn reached(origin: Place, place: Place) -> Input {
    Input::Reached { from: Timestamp(0), origin, place, leg_m: 100 }
}

fn play(script: &[Input]) -> (State, Vec<Effect>) {
    let (mut state, mut effects) = (State::default(), Vec::new());
    for input in script {
        state = step(TRIP, state, *input, &mut effects);
    }
    (state, effects)
}

/// The names of the published events and of the effects, in order.
fn told(effects: &[Effect]) -> String {
    let name = |effect: &Effect| {
        let text = format!("{effect:?}").replace("Publish(", "*");
        text.split([' ', '(']).next().unwrap_or_default().to_owned()
    };
    effects.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn one_order_from_offer_to_door() {
    let (state, effects) = play(&[
        offer(A),
        Input::Accept,
        reached(DOOR, STORE),
        Input::BagPacked { order: A },
        Input::BagTaken { order: A },
        reached(STORE, DOOR),
        Input::DoorDone { taken: true },
    ]);
    assert_eq!(state.phase, Phase::Ended);
    expect!["*Offered *OrderJoined AskRider *Accepted RideToStore *LegRidden *AtStore HandOver *PickedUp RideToDoor *LegRidden *Arrived Knock *Delivered *Ended Free"].assert_eq(&told(&effects));
}

#[test]
fn two_orders_one_of_them_not_taken() {
    let (state, effects) = play(&[
        offer(B),
        Input::Accept,
        Input::BagPacked { order: B },
        reached(DOOR, STORE),
        Input::BagTaken { order: B },
        Input::BagPacked { order: A },
        Input::BagTaken { order: A },
        reached(STORE, DOOR),
        Input::DoorDone { taken: false },
        reached(DOOR, DOOR),
        Input::DoorDone { taken: true },
        reached(DOOR, STORE),
    ]);
    assert_eq!(state.phase, Phase::Ended);
    expect!["*Offered *OrderJoined *OrderJoined AskRider *Accepted RideToStore *LegRidden *AtStore HandOver *PickedUp HandOver *PickedUp RideToDoor *LegRidden *Arrived Knock *Failed RideToDoor *Arrived Knock *Delivered RideBack *LegRidden *Returned *Ended Free"].assert_eq(&told(&effects));
}

/// R9: the rider accepts as the offer times out. One of them wins.
#[test]
fn accept_against_time_out() {
    let (first, effects) = play(&[offer(A), Input::Accept, Input::OfferTimedOut]);
    assert_eq!(first.phase, Phase::ToStore);
    assert!(!told(&effects).contains("Lost"));
    let (second, effects) = play(&[offer(A), Input::OfferTimedOut, Input::Accept]);
    assert_eq!(second.phase, Phase::Ended);
    assert!(told(&effects).ends_with("*OfferTimedOut Lost Free"));
}

/// R10: the rider is lost after accepting, and after the pick-up.
#[test]
fn a_lost_rider_is_replaced_or_rescued() {
    let (state, effects) = play(&[offer(A), Input::Accept, Input::RiderLost { place: DOOR }]);
    assert_eq!(state.phase, Phase::Ended);
    assert!(told(&effects).ends_with("*Dropped Lost Free"));
    let (state, effects) = play(&[
        offer(A),
        Input::Accept,
        Input::BagPacked { order: A },
        reached(DOOR, STORE),
        Input::BagTaken { order: A },
        Input::RiderLost { place: DOOR },
    ]);
    assert_eq!(state.phase, Phase::Ended);
    assert!(told(&effects).ends_with("*Stranded Lost *Dropped Free"), "the bag's place is known");
}

/// R12: a member of a batch is cancelled, before its pick-up and after.
#[test]
fn a_cancelled_member_leaves_or_comes_back() {
    let (state, effects) = play(&[
        offer(B),
        Input::Accept,
        reached(DOOR, STORE),
        Input::BagPacked { order: A },
        Input::BagTaken { order: A },
        Input::Leave { order: B },
    ]);
    assert_eq!(state.phase, Phase::ToDoor(0), "does not wait for the bag of B");
    assert!(told(&effects).ends_with("*OrderLeft Left RideToDoor"));
    let (state, _) = play(&[
        offer(A),
        Input::Accept,
        reached(DOOR, STORE),
        Input::BagPacked { order: A },
        Input::BagTaken { order: A },
        Input::Leave { order: A },
        reached(STORE, DOOR),
    ]);
    assert_eq!(state.phase, Phase::Back);
}

fn inputs() -> Vec<Input> {
    vec![
        offer(B),
        Input::Accept,
        Input::Reject,
        Input::OfferTimedOut,
        Input::BagPacked { order: A },
        Input::BagPacked { order: B },
        Input::BagTaken { order: A },
        Input::BagTaken { order: B },
        reached(STORE, DOOR),
        Input::DoorDone { taken: true },
        Input::DoorDone { taken: false },
        Input::Leave { order: A },
        Input::Leave { order: B },
        Input::RiderLost { place: DOOR },
    ]
}

/// Every state that the inputs can reach from an offer of one order, or of two.
fn reachable(second: OrderId) -> Vec<State> {
    let mut states = vec![play(&[offer(second)]).0];
    let mut at = 0;
    while at < states.len() {
        for input in inputs() {
            let next = step(TRIP, states[at], input, &mut Vec::new());
            if !states.contains(&next) {
                states.push(next);
            }
        }
        at += 1;
    }
    states
}

/// A trip with one order: all it can be, all it hears.
#[test]
fn transition_table() {
    let short = |state: &State| format!("{:?} {:?}", state.phase, state.stops[0].status);
    let mut table = String::new();
    for state in reachable(A) {
        for input in inputs() {
            let mut effects = Vec::new();
            let next = step(TRIP, state, input, &mut effects);
            if next != state || !effects.is_empty() {
                let input = format!("{input:?}").replace(" { order: OrderId(1) }", "");
                let input = input.split(" { from").next().unwrap_or_default();
                let input = input.split(" { place").next().unwrap_or_default();
                let (was, is) = (short(&state), short(&next));
                let row = format!("{was:<19}+ {input:<26}-> {is:<19}{}", told(&effects));
                table += &format!("{}\n", row.trim_end());
            }
        }
    }
    expect![[r#"
        Offered Joined     + Accept                    -> ToStore Joined     *Accepted RideToStore
        Offered Joined     + Reject                    -> Ended Gone         *Rejected Lost Free
        Offered Joined     + OfferTimedOut             -> Ended Gone         *OfferTimedOut Lost Free
        Offered Joined     + BagPacked                 -> Offered Ready
        Offered Joined     + Leave                     -> Ended Gone         *OrderLeft Left *Ended Free
        Offered Joined     + RiderLost                 -> Ended Gone         *Dropped Lost Free
        ToStore Joined     + BagPacked                 -> ToStore Ready
        ToStore Joined     + Reached                   -> AtStore Joined     *LegRidden *AtStore
        ToStore Joined     + Leave                     -> Ended Gone         *OrderLeft Left *Ended Free
        ToStore Joined     + RiderLost                 -> Ended Gone         *Dropped Lost Free
        Offered Ready      + Accept                    -> ToStore Ready      *Accepted RideToStore
        Offered Ready      + Reject                    -> Ended Gone         *Rejected Lost Free
        Offered Ready      + OfferTimedOut             -> Ended Gone         *OfferTimedOut Lost Free
        Offered Ready      + Leave                     -> Ended Gone         *OrderLeft Left *Ended Free
        Offered Ready      + RiderLost                 -> Ended Gone         *Dropped Lost Free
        ToStore Ready      + Reached                   -> AtStore Handing    *LegRidden *AtStore HandOver
        ToStore Ready      + Leave                     -> Ended Gone         *OrderLeft Left *Ended Free
        ToStore Ready      + RiderLost                 -> Ended Gone         *Dropped Lost Free
        AtStore Joined     + BagPacked                 -> AtStore Handing    HandOver
        AtStore Joined     + Leave                     -> Ended Gone         *OrderLeft Left *Ended Free
        AtStore Joined     + RiderLost                 -> Ended Gone         *Dropped Lost Free
        AtStore Handing    + BagTaken                  -> ToDoor(0) PickedUp *PickedUp RideToDoor
        AtStore Handing    + Leave                     -> Ended Gone         *OrderLeft Left *Ended Free
        AtStore Handing    + RiderLost                 -> Ended Gone         *Dropped Lost Free
        ToDoor(0) PickedUp + Reached                   -> AtDoor(0) PickedUp *LegRidden *Arrived Knock
        ToDoor(0) PickedUp + Leave                     -> ToDoor(0) Failed   *Failed
        ToDoor(0) PickedUp + RiderLost                 -> Ended Gone         *Stranded Lost *Dropped Free
        AtDoor(0) PickedUp + DoorDone { taken: true }  -> Ended Delivered    *Delivered *Ended Free
        AtDoor(0) PickedUp + DoorDone { taken: false } -> Back Failed        *Failed RideBack
        AtDoor(0) PickedUp + Leave                     -> AtDoor(0) Failed   *Failed
        AtDoor(0) PickedUp + RiderLost                 -> Ended Gone         *Stranded Lost *Dropped Free
        ToDoor(0) Failed   + Reached                   -> Back Failed        *LegRidden RideBack
        ToDoor(0) Failed   + RiderLost                 -> Ended Gone         *Stranded Lost *Dropped Free
        Back Failed        + Reached                   -> Ended Failed       *LegRidden *Returned *Ended Free
        Back Failed        + RiderLost                 -> Ended Gone         *Stranded Lost *Dropped Free
        AtDoor(0) Failed   + DoorDone { taken: true }  -> Back Failed        RideBack
        AtDoor(0) Failed   + DoorDone { taken: false } -> Back Failed        RideBack
        AtDoor(0) Failed   + RiderLost                 -> Ended Gone         *Stranded Lost *Dropped Free
    "#]].assert_eq(&table);
}

#[test]
fn a_second_word_changes_nothing() {
    // A ride's end is no word of a person: it is heard once for each ride, so it may come again.
    let words: Vec<_> =
        inputs().into_iter().filter(|input| !matches!(input, Input::Reached { .. })).collect();
    for state in [A, B].into_iter().flat_map(reachable) {
        for &input in &words {
            let once = step(TRIP, state, input, &mut Vec::new());
            let mut effects = Vec::new();
            let twice = step(TRIP, once, input, &mut effects);
            assert_eq!((twice, effects), (once, vec![]), "{input:?} in {state:?}");
        }
    }
}

proptest! {
    /// Whatever happens, each order ends on the trip at most once, and the rider is freed once.
    #[test]
    fn each_order_ends_once(script in prop::collection::vec(0_usize..14, 0..60)) {
        let script: Vec<_> = std::iter::once(offer(B))
            .chain(script.into_iter().map(|at| inputs()[at]))
            .collect();
        let (state, effects) = play(&script);
        for order in [A, B] {
            let ends = effects.iter().filter(|effect| matches!(**effect,
                Effect::Lost(o) | Effect::Left(o) if o == order)
                || matches!(**effect, Effect::Publish(
                    Event::Delivered { order: o, .. } | Event::Returned { order: o, .. })
                    if o == order)).count();
            prop_assert!(ends <= 1, "{order} ended {ends} times");
            prop_assert_eq!(ends == 1, state.phase == Phase::Ended || ends == 1);
        }
        let freed = effects.iter().filter(|effect| **effect == Effect::Free).count();
        prop_assert_eq!(freed, usize::from(state.phase == Phase::Ended));
    }
}
