//! What facts about trips and riders do to rows and stores.

use domain::delivery::Event as Delivery;
use domain::ids::{OrderId, RiderId, TripId};
use domain::rider::Event as Rider;
use domain::time::Timestamp;

use super::CityFold;
use super::columns::put;
use super::orders::OrderRow;
use super::trips::{self, Leg, Purpose, Trip};

impl CityFold {
    pub(super) fn delivery(&mut self, at: Timestamp, event: Delivery) {
        match event {
            Delivery::Offered { trip, store, .. } => {
                self.trips.get_or_make(trip.0.into(), || Trip::new(store));
            }
            Delivery::OrderJoined { trip, order } => {
                if let Some(trip) = self.trips.get(trip.0.into()) {
                    trip.orders.push(order);
                    self.mark(order, |row| row.offers += 1);
                }
            }
            Delivery::Accepted { trip, rider } => self.accepted(at, trip, rider),
            Delivery::AtStore { trip, .. } => self.at_store(at, trip),
            Delivery::Rejected { trip, .. } | Delivery::OfferTimedOut { trip, .. } => {
                self.trips.take(trip.0.into());
            }
            Delivery::Dropped { trip, .. } | Delivery::Ended { trip, .. } => self.trip_over(trip),
            Delivery::OrderLeft { trip, order } => {
                if let Some(trip) = self.trips.get(trip.0.into()) {
                    trip.orders.retain(|member| *member != order);
                }
                self.mark(order, OrderRow::lose_rider);
            }
            Delivery::PickedUp { trip, order, .. } => self.picked_up(at, trip, order),
            Delivery::LegRidden { .. } => self.leg(at, event),
            Delivery::Arrived { .. } | Delivery::Returned { .. } => {}
            Delivery::Delivered { trip, .. }
            | Delivery::Failed { trip, .. }
            | Delivery::Stranded { trip, .. } => {
                if let Some(trip) = self.trips.get(trip.0.into()) {
                    trip.bags = trip.bags.saturating_sub(1);
                }
            }
        }
    }

    fn accepted(&mut self, at: Timestamp, id: TripId, rider: RiderId) {
        let Some(trip) = self.trips.get(id.0.into()).filter(|trip| !trip.is_accepted) else {
            return;
        };
        trip.is_accepted = true;
        self.series.at(trip.store).standing.riders_busy += 1;
        for order in &trip.orders {
            if let Some(row) = self.orders.get(order.0) {
                (row.accepted, row.rider, row.trip) = (Some(at), Some(rider), Some(id));
            }
        }
    }

    fn at_store(&mut self, at: Timestamp, trip: TripId) {
        let Some(trip) = self.trips.get(trip.0.into()) else { return };
        for order in &trip.orders {
            if let Some(row) = self.orders.get(order.0) {
                row.at_store = Some(at);
            }
        }
    }

    fn trip_over(&mut self, id: TripId) {
        let Some(trip) = self.trips.take(id.0.into()) else { return };
        if trip.is_accepted {
            let standing = &mut self.series.at(trip.store).standing;
            standing.riders_busy = standing.riders_busy.saturating_sub(1);
        }
        for order in trip.orders {
            self.mark(order, |row| {
                if row.picked_up.is_none() {
                    row.lose_rider();
                }
            });
        }
    }

    fn picked_up(&mut self, at: Timestamp, trip: TripId, order: OrderId) {
        let mut batched = false;
        if let Some(trip) = self.trips.get(trip.0.into()) {
            trip.bags += 1;
            trip.has_picked_up = true;
            batched = trip.orders.len() > 1;
        }
        self.mark(order, |row| (row.picked_up, row.batched) = (Some(at), batched));
    }

    fn leg(&mut self, at: Timestamp, event: Delivery) {
        let Delivery::LegRidden { trip: id, rider, from, origin, place, leg_m } = event else {
            return;
        };
        let (mut store, mut purpose, mut bags) = (None, Purpose::ToStore, 0);
        if let Some(trip) = self.trips.get(id.0.into()) {
            (store, purpose, bags) = (Some(trip.store), trip.purpose(), trip.bags);
            self.series.at(trip.store).flow.leg_m += u64::from(leg_m);
            for order in &trip.orders {
                let row = self.orders.get(order.0);
                let rides = |row: &&mut OrderRow| row.picked_up.is_some() && row.arrived.is_none();
                if let Some(row) = row.filter(rides) {
                    row.leg_m += leg_m;
                }
            }
        }
        let (city, trip, to) = (self.city, Some(id), at);
        self.ridden(Leg {
            city,
            trip,
            store,
            rider,
            purpose,
            bags,
            from,
            to,
            origin,
            place,
            leg_m,
        });
    }

    fn ridden(&mut self, leg: Leg) {
        if let Some(part) = &mut self.outputs.trips {
            put(trips::COLUMNS, &leg, part);
        }
    }

    pub(super) fn rider(&mut self, at: Timestamp, event: Rider) {
        match event {
            Rider::CameOn { .. } => self.totals.riders_on += 1,
            Rider::WentOff { .. } => {
                self.totals.riders_on = self.totals.riders_on.saturating_sub(1);
            }
            Rider::BreakBegun { .. } | Rider::BreakEnded { .. } => {}
            Rider::Moved { rider, from, origin, place, leg_m } => {
                let (city, to, purpose) = (self.city, at, Purpose::Repositioning);
                let (trip, store, bags) = (None, None, 0);
                self.ridden(Leg {
                    city,
                    trip,
                    store,
                    rider,
                    purpose,
                    bags,
                    from,
                    to,
                    origin,
                    place,
                    leg_m,
                });
            }
        }
    }
}
