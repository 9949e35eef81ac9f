//! Riders between trips: shifts, waiting, and riding home.

use city::{City, Stop};
use domain::facts::Sink;
use domain::ids::{RiderId, StoreId};
use domain::outside;
use domain::rider::{self, Command};
use domain::time::Timestamp;
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex, class};
use crate::world::World;

/// One rider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RiderAt {
    pub(crate) state: rider::State,
    pub(crate) home: Option<StoreId>,
    /// Where they are, or, on the way home, will be.
    pub(crate) at: Stop,
    /// When they are there.
    pub(crate) free_at: Timestamp,
    /// When their shift ends.
    pub(crate) off_at: Timestamp,
    /// Their shift is over and they leave when their trip is.
    leaving: bool,
    way_home: Option<WayHome>,
}

/// A ride home that has begun.
#[derive(Clone, Copy, Debug)]
struct WayHome {
    from: Timestamp,
    origin: Stop,
    leg_m: u32,
}

impl RiderAt {
    pub(crate) fn all(city: &City) -> Vec<Self> {
        let rider = |rider: &city::Rider| Self {
            state: rider::State::default(),
            home: rider.home,
            at: match rider.home {
                Some(store) => Stop {
                    place: city.stores[store.index()].place,
                    node: city.stores[store.index()].node,
                },
                None => Stop { place: rider.place, node: None },
            },
            free_at: Timestamp(0),
            off_at: Timestamp(0),
            leaving: false,
            way_home: None,
        };
        city.riders.iter().map(rider).collect()
    }
}

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    pub(crate) fn shift_begins(&mut self, rider: RiderId, shift: u16) {
        let shifts = &self.city.riders[rider.index()].shifts;
        let to = shifts[usize::from(shift)].to;
        if let Some(next) = shifts.get(usize::from(shift) + 1) {
            self.at(next.from, class::ROUNDS, Event::ShiftBegins(rider, shift + 1));
        }
        self.at(to, class::TIMERS, Event::ShiftEnds(rider));
        let row = &mut self.riders[rider.index()];
        row.off_at = to;
        row.leaving = false;
        let place = row.at.place;
        self.came(outside::Input::RiderOn { rider, place });
        self.command(rider, Command::ComeOn { place });
        if self.riders[rider.index()].state.is_idle() {
            self.rest(rider);
        }
    }

    /// A shift is over; a rider on a trip finishes it first.
    pub(crate) fn shift_ends(&mut self, rider: RiderId) {
        if self.now < self.riders[rider.index()].off_at {
            return;
        }
        self.came(outside::Input::RiderOff { rider });
        self.riders[rider.index()].leaving = true;
        if self.command(rider, Command::GoOff) {
            self.rounds.leave(rider);
            self.riders[rider.index()].way_home = None;
        }
    }

    /// A trip is over: off duty if the shift is, else home, or waiting on the spot.
    pub(crate) fn rider_is_free(&mut self, rider: RiderId) {
        let row = &mut self.riders[rider.index()];
        row.free_at = row.free_at.max(self.now);
        if row.leaving {
            self.command(rider, Command::GoOff);
            return;
        }
        let Some(home) = row.home else {
            self.rest(rider);
            return;
        };
        let to = self.store_stop(home);
        if self.riders[rider.index()].at.place != to.place {
            let row = self.riders[rider.index()];
            let leg = self.expected_ride(row.at, to);
            let row = &mut self.riders[rider.index()];
            row.way_home = Some(WayHome { from: self.now, origin: row.at, leg_m: leg.m });
            row.at = to;
            row.free_at = self.now + leg.ms;
            let free_at = row.free_at;
            self.at(free_at, class::ENDS, Event::Moved(rider));
        }
        self.rest(rider);
    }

    /// A rider is home.
    pub(crate) fn moved(&mut self, rider: RiderId) {
        let row = &mut self.riders[rider.index()];
        if row.free_at != self.now {
            return;
        }
        if let Some(WayHome { from, origin, leg_m }) = row.way_home.take() {
            let place = row.at.place;
            let origin = origin.place;
            self.came(outside::Input::Moved { rider, from, origin, place, leg_m });
            self.tell(rider::Event::Moved { rider, from, origin, place, leg_m });
        }
    }

    /// Takes offers from now on.
    fn rest(&mut self, rider: RiderId) {
        let RiderAt { home, at, .. } = self.riders[rider.index()];
        self.rounds.rest(rider, home, at.place);
        self.want_round();
    }

    /// Decides a command; false if it was refused.
    pub(crate) fn command(&mut self, rider: RiderId, command: Command) -> bool {
        let mut events = std::mem::take(&mut self.buffers.rider);
        let state = self.riders[rider.index()].state;
        let allowed = rider::decide(rider, state, command, &mut events).is_ok();
        for event in events.drain(..) {
            self.change_rider(rider, |state| state.evolve(&event));
            self.tell(event);
        }
        self.buffers.rider = events;
        allowed
    }

    /// Changes a rider's state, and counts them where they belong.
    pub(crate) fn change_rider(&mut self, rider: RiderId, change: impl FnOnce(&mut rider::State)) {
        let row = &mut self.riders[rider.index()];
        let before = row.state;
        change(&mut row.state);
        let crew = match row.home {
            Some(home) => &mut self.stores[home.index()].crew,
            None => &mut self.free_crew,
        };
        crew.count(before, row.state);
    }

    pub(crate) fn store_stop(&self, store: StoreId) -> Stop {
        let store = &self.city.stores[store.index()];
        Stop { place: store.place, node: store.node }
    }

    pub(crate) fn door_stop(&self, order: OrderIndex) -> Stop {
        let arrival = &self.demand.arrivals[order.index()];
        Stop { place: arrival.door, node: arrival.node }
    }
}
