//! Trips under way: offers answered, legs ridden, bags taken, doors knocked at.

use city::Stop;
use domain::delivery::{self, Effect, Input, Phase, StopStatus};
use domain::dispatch::request;
use domain::facts::Sink;
use domain::ids::{OrderId, TripId};
use domain::outside;
use domain::time::{Millis, Timestamp};
use domain::wiring::{self, Call};
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex, class};
use crate::world::World;

/// How long a rider who will give up waits at the store at most. 1 min, assumed, grade E.
const PATIENCE: Millis = Millis::from_min(1);

/// A trip and the leg that its rider is on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TripAt {
    pub(crate) state: delivery::State,
    leg: LegUnderWay,
    /// Legs begun so far.
    legs: u8,
}

/// A leg that has begun.
#[derive(Clone, Copy, Debug)]
struct LegUnderWay {
    from: Timestamp,
    origin: Stop,
    to: Stop,
    leg_m: u32,
}

impl TripAt {
    /// A trip not yet offered, of a rider who stands somewhere.
    pub(crate) fn new(at: Stop) -> Self {
        let leg = LegUnderWay { from: Timestamp(0), origin: at, to: at, leg_m: 0 };
        Self { state: delivery::State::default(), leg, legs: 0 }
    }
}

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    pub(crate) fn say_trip(&mut self, trip: TripId, input: Input) {
        let mut effects = std::mem::take(&mut self.buffers.trip);
        let state = self.trips[trip.index()].state;
        self.hears(trip.0.into(), input);
        self.trips[trip.index()].state = delivery::step(trip, state, input, &mut effects);
        for effect in effects.drain(..) {
            self.do_trip(trip, effect);
        }
        self.buffers.trip = effects;
    }

    fn do_trip(&mut self, trip: TripId, effect: Effect) {
        let state = self.trips[trip.index()].state;
        let rider = state.rider;
        if let Some(asked) = wiring::outside_trip(trip, &state, &effect) {
            self.asks(asked);
        }
        match effect {
            Effect::Publish(event) => {
                self.change_rider(rider, |state| state.evolve_trip(&event));
                self.tell(event);
            }
            Effect::AskRider { expires_at } => self.ask_rider(trip, expires_at),
            Effect::RideToStore => {
                let to = self.store_stop(self.trips[trip.index()].state.store);
                let reached_at = self.ride(trip, to);
                self.drop_perhaps(trip, reached_at);
            }
            Effect::HandOver(order) => {
                let done = self.now + self.handover_time(order.into());
                self.at(done, class::ENDS, Event::BagTaken(trip, order.into()));
            }
            Effect::RideToDoor(order) => {
                let to = self.door_stop(order.into());
                self.ride(trip, to);
            }
            Effect::Knock(order) => {
                let (done, taken) = self.at_the_door(order.into());
                self.at(done, class::ENDS, Event::DoorDone(trip, taken));
            }
            Effect::RideBack => {
                let store = self.trips[trip.index()].state.store;
                let to = self.store_stop(store);
                self.ride(trip, to);
            }
            Effect::Lost(order) => self.trip_lost(trip, order),
            Effect::Left(order) => {
                self.call(Call::Request(order, request::Input::LeftTrip { trip }));
            }
            Effect::Free => self.rider_is_free(rider),
        }
    }

    /// The rider reads the offer and answers, or does not.
    fn ask_rider(&mut self, trip: TripId, expires_at: Timestamp) {
        if let Some((answered_at, accepts)) = self.rider_answer(trip)
            && answered_at <= expires_at
        {
            self.later(answered_at, Event::Answer(trip, accepts));
        }
        self.asks(outside::Effect::WakeOffer { trip, wake_at: expires_at });
        self.at(expires_at, class::TIMERS, Event::OfferTimeOut(trip));
    }

    /// Sets off, as soon as the rider is where they wait.
    fn ride(&mut self, trip: TripId, to: Stop) -> Timestamp {
        let TripAt { state, legs, .. } = self.trips[trip.index()];
        let rider = &self.riders[state.rider.index()];
        let (origin, from) = (rider.at, self.now.max(rider.free_at));
        let leg = self.city.travel.ridden(origin, to);
        let first = OrderIndex::from(state.stops[0].order);
        let reached_at = from + self.ride_time(first, u32::from(legs), leg);
        let row = &mut self.trips[trip.index()];
        row.legs += 1;
        row.leg = LegUnderWay { from, origin, to, leg_m: leg.m };
        self.at(reached_at, class::ENDS, Event::Reached(trip));
        reached_at
    }

    /// A rider who accepted may give up on the way to the store, or soon after if they are there.
    fn drop_perhaps(&mut self, trip: TripId, reached_at: Timestamp) {
        if let Some(share) = self.rider_drops(trip) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
            #[expect(clippy::cast_precision_loss, reason = "a ride is short")]
            let ridden =
                ((reached_at.0 - self.now.0).max(PATIENCE.as_micros()) as f64 * share) as u64;
            self.later(Timestamp(self.now.0 + ridden), Event::RiderLost(trip));
        }
    }

    pub(crate) fn reached(&mut self, trip: TripId) {
        let TripAt { state, leg, .. } = self.trips[trip.index()];
        if !matches!(state.phase, Phase::ToStore | Phase::ToDoor(_) | Phase::Back) {
            return;
        }
        self.riders[state.rider.index()].at = leg.to;
        let LegUnderWay { from, origin, to, leg_m } = leg;
        let (origin, place) = (origin.place, to.place);
        self.came(outside::Input::Reached { trip, from, origin, place, leg_m });
        self.say_trip(trip, Input::Reached { from, origin, place, leg_m });
    }

    /// A rider who accepted gives up before the first pick-up.
    pub(crate) fn rider_lost(&mut self, trip: TripId) {
        let TripAt { state, leg, .. } = self.trips[trip.index()];
        let before_pick_up = matches!(state.phase, Phase::ToStore | Phase::AtStore)
            && state.stops.iter().all(|stop| stop.status != StopStatus::PickedUp);
        if before_pick_up {
            let place = leg.origin.place;
            self.came(outside::Input::RiderLost { trip, place });
            self.say_trip(trip, Input::RiderLost { place });
        }
    }

    fn trip_lost(&mut self, trip: TripId, order: OrderId) {
        let row = OrderIndex::from(order);
        self.orders[row.index()].refused_by = Some(self.trips[trip.index()].state.rider);
        self.call(Call::Request(order, request::Input::TripLost { trip }));
    }
}
