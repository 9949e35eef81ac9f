//! Riders: who may be offered a trip.

use super::*;
use crate::delivery;
use crate::ids::{StoreId, TripId};

const RIDER: RiderId = RiderId(1);
const PLACE: Place = Place { lat_e7: 1, lon_e7: 1 };
const TRIP: TripId = TripId(9);

fn check(state: State, command: Command, expected: Result<&[Event], Refusal>) {
    let mut events = Vec::new();
    let outcome = decide(RIDER, state, command, &mut events).map(|()| events.as_slice());
    assert_eq!(outcome, expected, "{command:?} in {state:?}");
}

#[test]
fn duty_and_offers() {
    let off = State::default();
    let on = State { duty: Duty::On, trip: None };
    let resting = State { duty: Duty::Break, trip: None };
    let riding = State { duty: Duty::On, trip: Some(TRIP) };
    check(
        off,
        Command::ComeOn { place: PLACE },
        Ok(&[Event::CameOn { rider: RIDER, place: PLACE }]),
    );
    check(on, Command::ComeOn { place: PLACE }, Ok(&[]));
    check(on, Command::GoOff, Ok(&[Event::WentOff { rider: RIDER }]));
    check(off, Command::GoOff, Ok(&[]));
    check(on, Command::Offer, Ok(&[]));
    check(off, Command::Offer, Err(Refusal::NotOnDuty));
    check(resting, Command::Offer, Err(Refusal::NotOnDuty));
    check(on, Command::BeginBreak, Ok(&[Event::BreakBegun { rider: RIDER }]));
    check(resting, Command::EndBreak, Ok(&[Event::BreakEnded { rider: RIDER }]));
    check(riding, Command::GoOff, Err(Refusal::Busy { trip: TRIP }));
    check(riding, Command::BeginBreak, Err(Refusal::Busy { trip: TRIP }));
}

/// R11: two dispatchers want the same rider. The second is refused.
#[test]
fn a_rider_has_one_trip() {
    let mut state = State::default();
    state.evolve(&Event::CameOn { rider: RIDER, place: PLACE });
    check(state, Command::Offer, Ok(&[]));
    let store = StoreId(1);
    let expires_at = Timestamp(1);
    state.evolve_trip(&delivery::Event::Offered { trip: TRIP, rider: RIDER, store, expires_at });
    check(state, Command::Offer, Err(Refusal::Busy { trip: TRIP }));
    state.evolve_trip(&delivery::Event::Ended { trip: TRIP, rider: RIDER });
    check(state, Command::Offer, Ok(&[]));
}
