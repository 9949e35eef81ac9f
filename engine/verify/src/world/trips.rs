//! Trips and where their orders stand.

use domain::delivery::Event;
use domain::ids::{OrderId, RiderId, TripId};
use domain::place::Place;

use super::{Ride, Trip, TripState, World};

impl World {
    #[inline(never)]
    pub(super) fn fold_delivery(&mut self, event: &Event) {
        match *event {
            Event::Offered { trip, rider, store, expires_at } => {
                let state = TripState::Offered;
                if let Some(row) = self.trips.entry(trip.index()) {
                    *row = Trip { expires_at, rider, store, state, ..Trip::default() };
                }
                if let Some(row) = self.rider_mut(rider) {
                    row.trip = Some(trip.0);
                }
            }
            Event::OrderJoined { trip, order } => {
                self.change_trip(trip, |row| {
                    row.joined = row.joined.saturating_add(1);
                    row.waiting = row.waiting.saturating_add(1);
                });
                self.set_ride(trip, order, Ride::Joined);
            }
            Event::Accepted { trip, .. } => {
                self.change_trip(trip, |row| row.state = TripState::Accepted);
            }
            Event::Rejected { trip, .. }
            | Event::OfferTimedOut { trip, .. }
            | Event::Dropped { trip, .. }
            | Event::Ended { trip, .. } => self.end_trip(trip),
            Event::OrderLeft { trip, order } => {
                self.change_trip(trip, |row| {
                    row.joined = row.joined.saturating_sub(1);
                    row.waiting = row.waiting.saturating_sub(1);
                });
                self.set_ride(trip, order, Ride::Left);
            }
            Event::AtStore { trip, rider, place } => {
                self.change_trip(trip, |row| row.state = TripState::AtStore);
                self.see_rider(rider, place);
            }
            Event::PickedUp { trip, order, .. } => {
                self.change_trip(trip, |row| {
                    row.waiting = row.waiting.saturating_sub(1);
                    row.aboard = row.aboard.saturating_add(1);
                });
                self.set_ride(trip, order, Ride::PickedUp);
            }
            Event::LegRidden { rider, place, .. } => self.see_rider(rider, place),
            Event::Arrived { trip, order, rider, place } => {
                self.set_ride(trip, order, Ride::Arrived);
                if let Some(live) = self.live_mut(order) {
                    live.door_reached = true;
                }
                self.see_rider(rider, place);
            }
            Event::Delivered { trip, order, .. } => self.unload(trip, order, Ride::Delivered),
            Event::Failed { trip, order, .. } => self.set_ride(trip, order, Ride::Failed),
            Event::Stranded { trip, order, place, .. } => {
                self.unload(trip, order, Ride::Stranded);
                if let Some(live) = self.live_mut(order) {
                    live.stranded_at = Some(place);
                }
            }
            Event::Returned { trip, order, .. } => self.unload(trip, order, Ride::Returned),
        }
    }

    fn see_rider(&mut self, rider: RiderId, place: Place) {
        let now = self.now;
        if let Some(row) = self.rider_mut(rider) {
            row.see(place, now);
        }
    }

    fn unload(&mut self, trip: TripId, order: OrderId, ride: Ride) {
        self.change_trip(trip, |row| row.aboard = row.aboard.saturating_sub(1));
        self.set_ride(trip, order, ride);
    }

    fn change_trip(&mut self, trip: TripId, change: impl FnOnce(&mut Trip)) {
        if let Some(row) = self.trips.entry(trip.index()) {
            change(row);
        }
    }

    fn set_ride(&mut self, trip: TripId, order: OrderId, ride: Ride) {
        if let Some(live) = self.live_mut(order) {
            (live.ride, live.trip) = (ride, trip.0);
        }
    }

    fn end_trip(&mut self, trip: TripId) {
        let Trip { rider, state, .. } = *self.trip(trip.0);
        if matches!(state, TripState::None | TripState::Over) {
            return;
        }
        self.change_trip(trip, |row| row.state = TripState::Over);
        self.trips.retire(trip.index());
        if let Some(row) = self.rider_mut(rider).filter(|row| row.trip == Some(trip.0)) {
            (row.trip, row.place) = (None, None);
        }
    }
}
