//! The trip's process manager: offered, to the store, to the doors, back if something came back.

use super::Event;
use crate::ids::{OrderId, RiderId, StoreId, TripId};
use crate::place::Place;
use crate::time::Timestamp;

/// Orders that a trip can carry.
pub const MAX_BATCH: usize = 2;

/// Where one order of a trip stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StopStatus {
    /// There is no such order.
    #[default]
    Absent,
    /// Part of the trip; its bag is not packed.
    Joined,
    /// Its bag is packed.
    Ready,
    /// The bag is being handed over.
    Handing,
    /// The rider has it.
    PickedUp,
    /// The customer has it.
    Delivered,
    /// The rider has it and must bring it back.
    Failed,
    /// No longer part of the trip.
    Gone,
}

/// One order of a trip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// Which.
    pub order: OrderId,
    /// Where it stands.
    pub status: StopStatus,
}

/// What the rider of a trip is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Not yet offered.
    #[default]
    New,
    /// The rider has not answered.
    Offered,
    /// Riding to the store.
    ToStore,
    /// Waiting at the store, or being handed bags.
    AtStore,
    /// Riding to the door of the stop with that index.
    ToDoor(u8),
    /// At the door of the stop with that index.
    AtDoor(u8),
    /// Riding back to the store with what was not handed over.
    Back,
    /// Over.
    Ended,
}

/// A trip's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What the rider is doing.
    pub phase: Phase,
    /// Who.
    pub rider: RiderId,
    /// Where it starts.
    pub store: StoreId,
    /// Its orders, in the order of their doors.
    pub stops: [Stop; MAX_BATCH],
}

events! {
    /// What a trip hears.
    pub enum Input {
        /// Offer it to a rider.
        Offer {
            /// To whom.
            rider: RiderId,
            /// Where it starts.
            store: StoreId,
            /// The order whose door is first.
            first: OrderId,
            /// The order whose door is second; the same as `first` when there is one order.
            second: OrderId,
            /// The rider answers by then.
            expires_at: Timestamp,
        } = "trip_offer",
        /// The rider takes it.
        Accept = "trip_accept",
        /// The rider says no.
        Reject = "trip_reject",
        /// The time to answer is over.
        OfferTimedOut = "trip_time_out",
        /// An order's bag is packed.
        BagPacked {
            /// Which.
            order: OrderId,
        } = "trip_bag_packed",
        /// The rider has an order's bag in hand.
        BagTaken {
            /// Which.
            order: OrderId,
        } = "trip_bag_taken",
        /// The rider reached where they were riding to.
        Reached {
            /// When they set off.
            from: Timestamp,
            /// Where from.
            origin: Place,
            /// Where they are.
            place: Place,
            /// How far along the road, metres.
            leg_m: u32,
        } = "trip_reached",
        /// The customer took it, or nobody did.
        DoorDone {
            /// Whether somebody took it.
            taken: bool,
        } = "trip_door_done",
        /// An order is not wanted any more.
        Leave {
            /// Which.
            order: OrderId,
        } = "trip_leave",
        /// The rider cannot go on.
        RiderLost {
            /// Where the rider, and any bag, is.
            place: Place,
        } = "trip_rider_lost",
    }
}

/// What a trip asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell what happened.
    Publish(Event),
    /// Ask the rider, who answers by a time; ring [`Input::OfferTimedOut`] then.
    AskRider {
        /// The end of the offer.
        expires_at: Timestamp,
    },
    /// The rider rides to where the bags are.
    RideToStore,
    /// Hand a bag to the rider.
    HandOver(OrderId),
    /// The rider rides to an order's door.
    RideToDoor(OrderId),
    /// The rider hands over at the door.
    Knock(OrderId),
    /// The rider rides back to the store.
    RideBack,
    /// Tell the order that this trip came to nothing for it.
    Lost(OrderId),
    /// Tell the order that it has left the trip.
    Left(OrderId),
    /// The rider has nothing more to do on this trip.
    Free,
}

/// Takes the next step of a trip. Total: what does not fit is ignored.
#[must_use]
pub fn step(trip: TripId, state: State, input: Input, effects: &mut Vec<Effect>) -> State {
    let mut ride = Ride { trip, state, effects };
    ride.hear(input);
    ride.state
}

/// One step being taken.
struct Ride<'a> {
    trip: TripId,
    state: State,
    effects: &'a mut Vec<Effect>,
}

impl Ride<'_> {
    fn hear(&mut self, input: Input) {
        let (trip, rider) = (self.trip, self.state.rider);
        match (self.state.phase, input) {
            (Phase::New, Input::Offer { .. }) => self.offer(input),
            (Phase::Offered, Input::Accept) => {
                self.tell(Event::Accepted { trip, rider });
                self.go(Phase::ToStore, Effect::RideToStore);
            }
            (Phase::Offered, Input::Reject) => self.lose(Event::Rejected { trip, rider }),
            (Phase::Offered, Input::OfferTimedOut) => {
                self.lose(Event::OfferTimedOut { trip, rider });
            }
            (Phase::ToStore, Input::Reached { place, .. }) => {
                self.tell_leg(input);
                self.tell(Event::AtStore { trip, rider, place });
                self.state.phase = Phase::AtStore;
                self.hand_over_or_leave();
            }
            (_, Input::BagPacked { order }) => {
                self.mark(order, StopStatus::Joined, StopStatus::Ready);
                self.hand_over_or_leave();
            }
            (Phase::AtStore, Input::BagTaken { order })
                if self.mark(order, StopStatus::Handing, StopStatus::PickedUp) =>
            {
                self.tell(Event::PickedUp { trip, order, rider });
                self.hand_over_or_leave();
            }
            (Phase::ToDoor(at), Input::Reached { place, .. }) => self.arrive(at, input, place),
            (Phase::AtDoor(at), Input::DoorDone { taken }) => self.door_done(at, taken),
            (Phase::Back, Input::Reached { .. }) => {
                self.tell_leg(input);
                self.end();
            }
            (_, Input::Leave { order }) => self.leave(order),
            (_, Input::RiderLost { place }) => self.rider_lost(place),
            _ => {}
        }
    }

    fn offer(&mut self, input: Input) {
        let Input::Offer { rider, store, first, second, expires_at } = input else { return };
        let joined = |order| Stop { order, status: StopStatus::Joined };
        self.state.rider = rider;
        self.state.store = store;
        self.state.stops[0] = joined(first);
        if second != first {
            self.state.stops[1] = joined(second);
        }
        let trip = self.trip;
        self.tell(Event::Offered { trip, rider, store, expires_at });
        for stop in self.state.stops {
            if stop.status == StopStatus::Joined {
                self.tell(Event::OrderJoined { trip, order: stop.order });
            }
        }
        self.go(Phase::Offered, Effect::AskRider { expires_at });
    }

    /// The trip comes to nothing: every order waits again.
    fn lose(&mut self, why: Event) {
        self.tell(why);
        for stop in &mut self.state.stops {
            if matches!(stop.status, StopStatus::Joined | StopStatus::Ready | StopStatus::Handing) {
                stop.status = StopStatus::Gone;
                self.effects.push(Effect::Lost(stop.order));
            }
        }
        self.go(Phase::Ended, Effect::Free);
    }

    /// At the store: hands over bags that are packed; sets off when all are taken.
    fn hand_over_or_leave(&mut self) {
        if self.state.phase != Phase::AtStore {
            return;
        }
        for stop in &mut self.state.stops {
            if stop.status == StopStatus::Ready {
                stop.status = StopStatus::Handing;
                self.effects.push(Effect::HandOver(stop.order));
            }
        }
        let waits = |stop: &Stop| matches!(stop.status, StopStatus::Joined | StopStatus::Handing);
        if !self.state.stops.iter().any(waits) {
            self.ride_on();
        }
    }

    /// To the next door, back with what nobody took, or done.
    fn ride_on(&mut self) {
        let find = |stops: &[Stop], status| stops.iter().position(|stop| stop.status == status);
        if let Some(at) = find(&self.state.stops, StopStatus::PickedUp) {
            let order = self.state.stops[at].order;
            let at = u8::try_from(at).expect("a trip has few stops");
            self.go(Phase::ToDoor(at), Effect::RideToDoor(order));
        } else if find(&self.state.stops, StopStatus::Failed).is_some() {
            self.go(Phase::Back, Effect::RideBack);
        } else {
            self.end();
        }
    }

    fn arrive(&mut self, at: u8, leg: Input, place: Place) {
        self.tell_leg(leg);
        let Stop { order, status } = self.state.stops[usize::from(at)];
        if status != StopStatus::PickedUp {
            self.ride_on();
            return;
        }
        self.tell(Event::Arrived { trip: self.trip, order, rider: self.state.rider, place });
        self.go(Phase::AtDoor(at), Effect::Knock(order));
    }

    fn door_done(&mut self, at: u8, taken: bool) {
        let (trip, rider) = (self.trip, self.state.rider);
        let Stop { order, status } = self.state.stops[usize::from(at)];
        if status == StopStatus::PickedUp {
            let (next, event) = if taken {
                (StopStatus::Delivered, Event::Delivered { trip, order, rider })
            } else {
                (StopStatus::Failed, Event::Failed { trip, order, rider })
            };
            self.state.stops[usize::from(at)].status = next;
            self.tell(event);
        }
        self.ride_on();
    }

    /// An order is not wanted: before its pick-up it leaves the trip, after it it is brought back.
    fn leave(&mut self, order: OrderId) {
        let (trip, rider) = (self.trip, self.state.rider);
        let Some(stop) = self.state.stops.iter_mut().find(|stop| {
            stop.order == order && !matches!(stop.status, StopStatus::Absent | StopStatus::Gone)
        }) else {
            return;
        };
        match stop.status {
            StopStatus::Joined | StopStatus::Ready | StopStatus::Handing => {
                stop.status = StopStatus::Gone;
                self.tell(Event::OrderLeft { trip, order });
                self.effects.push(Effect::Left(order));
                self.end_if_empty();
            }
            StopStatus::PickedUp => {
                stop.status = StopStatus::Failed;
                self.tell(Event::Failed { trip, order, rider });
            }
            StopStatus::Absent | StopStatus::Delivered | StopStatus::Failed | StopStatus::Gone => {}
        }
    }

    fn end_if_empty(&mut self) {
        let empty = |stop: &Stop| matches!(stop.status, StopStatus::Absent | StopStatus::Gone);
        if self.state.stops.iter().all(empty) {
            self.end();
        } else {
            self.hand_over_or_leave();
        }
    }

    fn rider_lost(&mut self, place: Place) {
        let (trip, rider) = (self.trip, self.state.rider);
        match self.state.phase {
            Phase::New | Phase::Ended => {}
            Phase::Offered | Phase::ToStore => self.lose(Event::Dropped { trip, rider }),
            Phase::AtStore | Phase::ToDoor(_) | Phase::AtDoor(_) | Phase::Back => {
                for at in 0..MAX_BATCH {
                    let Stop { order, status } = self.state.stops[at];
                    if matches!(status, StopStatus::PickedUp | StopStatus::Failed) {
                        self.state.stops[at].status = StopStatus::Gone;
                        self.tell(Event::Stranded { trip, order, rider, place });
                        self.effects.push(Effect::Lost(order));
                    }
                }
                self.lose(Event::Dropped { trip, rider });
            }
        }
    }

    /// Whatever came back is returned, and the trip is over.
    fn end(&mut self) {
        let (trip, rider) = (self.trip, self.state.rider);
        for stop in self.state.stops {
            if stop.status == StopStatus::Failed {
                self.tell(Event::Returned { trip, order: stop.order, rider });
            }
        }
        self.tell(Event::Ended { trip, rider });
        self.go(Phase::Ended, Effect::Free);
    }

    fn mark(&mut self, order: OrderId, from: StopStatus, to: StopStatus) -> bool {
        let mut stops = self.state.stops.iter_mut();
        let stop = stops.find(|stop| stop.order == order && stop.status == from);
        stop.map(|stop| stop.status = to).is_some()
    }

    fn tell_leg(&mut self, leg: Input) {
        let Input::Reached { from, origin, place, leg_m } = leg else { return };
        if origin != place {
            let (trip, rider) = (self.trip, self.state.rider);
            self.tell(Event::LegRidden { trip, rider, from, origin, place, leg_m });
        }
    }

    fn tell(&mut self, event: Event) {
        self.effects.push(Effect::Publish(event));
    }

    fn go(&mut self, phase: Phase, effect: Effect) {
        self.state.phase = phase;
        self.effects.push(effect);
    }
}
