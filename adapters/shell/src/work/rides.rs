//! Riders and trips: offers, legs, bags, doors, and shifts.

use domain::delivery::{self, Effect, Input, StopStatus};
use domain::dispatch::request;
use domain::ids::{OrderId, RiderId, TripId};
use domain::outside::Input as Came;
use domain::rider::{self, Command};
use domain::wiring::{self, Call};

use super::{Step, Work};
use crate::mutant::{self, Mutant};
use crate::rows::{Key, Missing};
use crate::unit::Refused;

impl Work<'_> {
    /// A rider says something, dispatch says something to one, or a timer of theirs rings.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other words are not about riders")]
    pub(super) fn rider_came(&mut self, word: Came) -> Step {
        match word {
            Came::Offer { trip, rider, first, second } => self.offer(trip, rider, [first, second]),
            Came::Answer { trip, accepts } => self.answer(trip, accepts),
            Came::OfferTimer { trip } if mutant::is(Mutant::AcceptsLate) => {
                self.say_trip(trip, Input::Accept)
            }
            Came::OfferTimer { trip } => self.say_trip(trip, Input::OfferTimedOut),
            Came::RiderLost { trip, place } => self.say_trip(trip, Input::RiderLost { place }),
            Came::Reached { trip, from, origin, place, leg_m } => {
                let delivery::State { phase, rider, .. } = self.trip(trip)?.state;
                self.say_trip(trip, Input::Reached { from, origin, place, leg_m })?;
                if phase != delivery::Phase::New {
                    self.rider(rider)?.place = place;
                }
                Ok(())
            }
            Came::BagTaken { trip, order } => self.say_trip(trip, Input::BagTaken { order }),
            Came::DoorDone { trip, taken } => self.say_trip(trip, Input::DoorDone { taken }),
            Came::RiderOn { rider, place } => {
                let row = self.rider(rider)?;
                (row.leaving, row.place) = (false, place);
                self.command(rider, Command::ComeOn { place }).map(|_| ())
            }
            Came::RiderOff { rider } => {
                self.rider(rider)?.leaving = true;
                self.command(rider, Command::GoOff).map(|_| ())
            }
            Came::Moved { rider, from, origin, place, leg_m } => {
                self.rider(rider)?.place = place;
                self.tell(rider::Event::Moved { rider, from, origin, place, leg_m });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Puts a trip to a rider, if they are free and the orders still wait at one store.
    fn offer(&mut self, trip: TripId, rider: RiderId, [first, second]: [OrderId; 2]) -> Step {
        let store = self.order(first)?.store;
        for order in [first, second] {
            let row = self.order(order)?;
            if !row.is_waiting() || row.store != store {
                self.refuse(Refused::NotWaiting);
                return Ok(());
            }
        }
        if self.trip(trip)?.state.phase != delivery::Phase::New
            || !self.command(rider, Command::Offer)?
        {
            self.refuse(Refused::RiderNotFree);
            return Ok(());
        }
        let expires_at = self.now() + self.setup.rules.delivery.offer;
        self.trip(trip)?.offered_until = expires_at;
        self.say_trip(trip, Input::Offer { rider, store, first, second, expires_at })?;
        self.say_request(first, request::Input::Assigned { trip })?;
        if second != first {
            self.say_request(second, request::Input::Assigned { trip })?;
        }
        Ok(())
    }

    /// A rider answers. An answer that comes too late is none, though the timer be later still.
    fn answer(&mut self, trip: TripId, accepts: bool) -> Step {
        let is_late = self.now() > self.trip(trip)?.offered_until;
        self.say_trip(
            trip,
            match (is_late, accepts) {
                (true, _) => Input::OfferTimedOut,
                (false, true) => Input::Accept,
                (false, false) => Input::Reject,
            },
        )
    }

    pub(super) fn say_trip(&mut self, trip: TripId, input: Input) -> Step {
        self.hears(trip.0.into(), input);
        let mut effects = Vec::new();
        let delivery::State { phase, rider, stops, .. } = self.trip(trip)?.state;
        if !matches!(phase, delivery::Phase::New | delivery::Phase::Ended) {
            let joined = stops.iter().filter(|stop| stop.status != StopStatus::Absent);
            let orders = joined.map(|stop| Key::Order(stop.order));
            self.need(orders.chain([Key::Rider(rider)]))?;
        }
        let row = self.trip(trip)?;
        row.state = delivery::step(trip, row.state, input, &mut effects);
        let state = row.state;
        for effect in effects {
            self.do_trip(trip, &state, effect)?;
        }
        Ok(())
    }

    fn do_trip(&mut self, trip: TripId, state: &delivery::State, effect: Effect) -> Step {
        let rider = state.rider;
        if let Some(asked) = wiring::outside_trip(trip, state, &effect) {
            self.ask(asked);
        }
        match effect {
            Effect::Publish(event) => {
                let is_forgotten = mutant::is(Mutant::OffersBusy)
                    && matches!(event, delivery::Event::Offered { .. });
                if !is_forgotten {
                    self.rider(rider)?.state.evolve_trip(&event);
                }
                self.tell(event);
            }
            Effect::AskRider { expires_at: wake_at } => {
                self.ask(domain::outside::Effect::WakeOffer { trip, wake_at });
            }
            Effect::Lost(order) => {
                self.order(order)?.refused_by = Some(rider);
                self.call(Call::Request(order, request::Input::TripLost { trip }));
            }
            Effect::Left(order) => {
                self.call(Call::Request(order, request::Input::LeftTrip { trip }));
            }
            Effect::Free => {
                if self.rider(rider)?.leaving {
                    self.command(rider, Command::GoOff)?;
                }
            }
            Effect::RideToStore
            | Effect::HandOver(_)
            | Effect::RideToDoor(_)
            | Effect::Knock(_)
            | Effect::RideBack => {}
        }
        Ok(())
    }

    /// Decides a command; false if it was refused.
    fn command(&mut self, rider: RiderId, command: Command) -> Result<bool, Missing> {
        let mut events = Vec::new();
        let row = self.rider(rider)?;
        let is_allowed = rider::decide(rider, row.state, command, &mut events).is_ok();
        for event in events {
            self.rider(rider)?.state.evolve(&event);
            self.tell(event);
        }
        Ok(is_allowed)
    }
}
