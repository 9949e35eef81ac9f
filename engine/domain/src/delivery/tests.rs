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
