//! What all agents of a run share: who they are, how time passes, and what is going on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use city::behaviour::Behaviour;
use city::{Arrival, City, Demand, Straight, Travel};
use domain::ids::{CityId, StoreId};
use domain::place::Place;
use domain::rules::Rules;
use domain::time::Millis;
use tokio::sync::{Notify, mpsc};

use super::badges::Badges;
use super::wire::Notice;

/// Notices that wait to be acted upon; beyond that they are dropped, and counted.
const NOTICES_LIMIT: usize = 100_000;

/// Road over straight line, and speed along the road, where the city has streets: riders then ride
/// straight lines made longer. 1.35 and 15 km/h (calibration A13, B4).
const ON_STREETS: Straight = Straight { circuity: 1.35, speed_m_per_h: 15_000 };

/// Whom to play, and how fast time goes.
#[derive(Clone, Debug)]
pub struct Script {
    /// Where they live and work.
    pub city: City,
    /// What chance is drawn from that is the driver's own.
    pub seed: u64,
    /// Who orders what: the simulator's own list.
    pub demand: Demand,
    /// How they behave, and the payment provider with them.
    pub behaviour: Behaviour,
    /// The limits of the business, before time is sped up.
    pub rules: Rules,
    /// How many times faster the physical world goes; above zero.
    pub time_scale: u32,
    /// Share of orders that their customer sends more than once.
    pub repeat_share: f64,
    /// What idempotency keys begin with, so that two runs do not share any.
    pub name: String,
}

/// An order that the driver's own customer placed.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Its place in the demand's list.
    pub(crate) arrival: usize,
    /// The units of its lines as quoted.
    pub(crate) units: Vec<u32>,
}

/// A ride along a straight line at a steady speed, in times of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    pub(crate) at: Place,
    pub(crate) to: Place,
    pub(crate) from_us: u64,
    pub(crate) until_us: u64,
}

impl Leg {
    /// Where the rider is. The line is no longer than the road, so nobody is faster on it.
    fn place(&self, now_us: u64) -> Place {
        let lasts_us = self.until_us.saturating_sub(self.from_us).max(1);
        let gone_us = now_us.saturating_sub(self.from_us).min(lasts_us);
        #[expect(clippy::cast_possible_truncation, reason = "between two numbers of 32 bits")]
        let between = |at: i32, to: i32| {
            let way = i128::from(to) - i128::from(at);
            at + (way * i128::from(gone_us) / i128::from(lasts_us)) as i32
        };
        Place {
            lat_e7: between(self.at.lat_e7, self.to.lat_e7),
            lon_e7: between(self.at.lon_e7, self.to.lon_e7),
        }
    }
}

/// What is going on.
#[derive(Debug, Default)]
struct State {
    /// Orders by id, from their quotes on.
    orders: BTreeMap<u64, Known>,
    /// How often an order was offered to a rider.
    offers: BTreeMap<u64, u32>,
    /// What wakes the riders of trips under way.
    trips: BTreeMap<u32, Arc<Notify>>,
    /// The last ride of each rider who has ridden.
    legs: BTreeMap<u32, Leg>,
    /// Customers who may still do something.
    customers: u64,
    /// Sessions under way that end without an order.
    sessions: u64,
    /// Streams that are open.
    streams: u64,
    /// Work of pickers under way: what is done for which order, and for which line of it.
    tasks: BTreeSet<(u64, u16, String)>,
    counts: BTreeMap<String, u64>,
}

/// What all agents of a run share.
#[derive(Debug)]
pub struct Town {
    pub(crate) script: Script,
    pub(crate) straight: Straight,
    badges: OnceLock<Badges>,
    state: Mutex<State>,
    notices: mpsc::Sender<Notice>,
    heard: Mutex<Option<mpsc::Receiver<Notice>>>,
}

impl Town {
    /// A town in which nothing has happened.
    ///
    /// # Panics
    /// If the script's time stands still.
    #[must_use]
    pub fn new(script: Script) -> Self {
        assert!(script.time_scale > 0, "time goes on");
        let straight = match &script.city.travel {
            Travel::Straight(straight) => *straight,
            Travel::Roads(_) => ON_STREETS,
        };
        let (notices, heard) = mpsc::channel(NOTICES_LIMIT);
        let heard = Mutex::new(Some(heard));
        let (badges, state) = (OnceLock::new(), Mutex::default());
        Self { script, straight, badges, state, notices, heard }
    }

    /// Everybody gets a badge, once.
    pub fn wear(&self, badges: Badges) {
        let _ = self.badges.set(badges);
    }

    /// A badge; none before anybody has one.
    pub(crate) fn badge<T>(&self, whose: impl FnOnce(&Badges) -> Option<T>) -> Option<T> {
        self.badges.get().and_then(whose)
    }

    /// The city's id.
    #[must_use]
    pub fn city(&self) -> CityId {
        self.script.city.id
    }

    /// Who orders what.
    #[must_use]
    pub fn demand(&self) -> &Demand {
        &self.script.demand
    }

    /// What a customer wants: those of the list in turn.
    pub(crate) fn wish(&self, number: u64) -> Arrival {
        let arrivals = &self.script.demand.arrivals;
        arrivals[self.place(number)]
    }

    /// The place in the demand's list of what a customer wants.
    pub(crate) fn place(&self, number: u64) -> usize {
        usize::try_from(number).expect("targets have 64 bits") % self.script.demand.arrivals.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Maps and counts stay what they are wherever a panic stops who changes them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A length of the physical world as this run lives it, µs.
    pub(crate) fn us(&self, length: Millis) -> u64 {
        u64::from(length.0) * 1_000 / u64::from(self.script.time_scale)
    }

    /// Counts something that happened.
    pub(crate) fn count(&self, what: &str) {
        let mut state = self.state();
        match state.counts.get_mut(what) {
            Some(count) => *count += 1,
            None => drop(state.counts.insert(what.to_owned(), 1)),
        }
    }

    /// What happened how often so far, by name.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.state().counts.clone()
    }

    /// Customers who have come and may still do something.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.state().customers
    }

    /// A customer comes or goes.
    pub(crate) fn comes(&self, comes: bool) {
        let mut state = self.state();
        state.customers = if comes { state.customers + 1 } else { state.customers - 1 };
    }

    /// A session begins, unless so many are under way already.
    pub(crate) fn opens(&self, limit: u64) -> bool {
        let mut state = self.state();
        let opens = state.sessions < limit;
        state.sessions += u64::from(opens);
        opens
    }

    /// A session ends.
    pub(crate) fn closes(&self) {
        self.state().sessions -= 1;
    }

    /// A stream is opened, unless so many are open already.
    pub(crate) fn opens_stream(&self, limit: u64) -> bool {
        let mut state = self.state();
        let opens = state.streams < limit;
        state.streams += u64::from(opens);
        opens
    }

    /// A stream is closed.
    pub(crate) fn closes_stream(&self) {
        self.state().streams -= 1;
    }

    /// A rider sets off.
    pub(crate) fn rides(&self, rider: u32, leg: Leg) {
        self.state().legs.insert(rider, leg);
    }

    /// Where a rider is at a time of the run.
    pub(crate) fn place_of(&self, rider: u32, now_us: u64) -> Place {
        let leg = self.state().legs.get(&rider).copied();
        leg.map_or(self.script.city.riders[rider as usize].place, |leg| leg.place(now_us))
    }

    /// A picker begins a piece of work, unless somebody is at it already.
    pub(crate) fn begin_work(&self, work: &(u64, u16, String)) -> bool {
        self.state().tasks.insert(work.clone())
    }

    /// A picker ends a piece of work.
    pub(crate) fn end_work(&self, work: &(u64, u16, String)) {
        self.state().tasks.remove(work);
    }

    /// Whether nobody does anything.
    pub(crate) fn is_quiet(&self) -> bool {
        let state = self.state();
        state.customers == 0 && state.tasks.is_empty() && state.trips.is_empty()
    }

    /// Remembers an order of ours.
    pub(crate) fn know(&self, order: u64, known: Known) {
        self.state().orders.insert(order, known);
    }

    /// An order of ours.
    pub(crate) fn known(&self, order: u64) -> Option<Known> {
        self.state().orders.get(&order).cloned()
    }

    /// What chance about an order is keyed by; of an order that is not ours, its id.
    pub(crate) fn luck(&self, order: u64) -> u64 {
        let arrival = self.state().orders.get(&order).map(|known| known.arrival);
        arrival.map_or(order, |arrival| self.script.demand.arrivals[arrival].luck)
    }

    /// How often an order was offered before; it is once more now.
    pub(crate) fn offered(&self, order: u64) -> u32 {
        let mut state = self.state();
        let offers = state.offers.entry(order).or_default();
        *offers += 1;
        *offers - 1
    }

    /// Begins a trip; none if somebody rides it already.
    pub(crate) fn begin_trip(&self, trip: u32) -> Option<Arc<Notify>> {
        let mut state = self.state();
        if state.trips.contains_key(&trip) {
            return None;
        }
        let bell = Arc::new(Notify::new());
        state.trips.insert(trip, Arc::clone(&bell));
        Some(bell)
    }

    /// Wakes who rides a trip.
    pub(crate) fn wake_trip(&self, trip: u32) {
        if let Some(bell) = self.state().trips.get(&trip) {
            bell.notify_one();
        }
    }

    /// Ends a trip.
    pub(crate) fn end_trip(&self, trip: u32) {
        self.state().trips.remove(&trip);
    }

    /// Stores of the city.
    pub(crate) fn stores(&self) -> u32 {
        u32::try_from(self.script.city.stores.len()).unwrap_or(u32::MAX)
    }

    /// A device got a notice.
    pub(crate) fn notice(&self, notice: Notice) {
        if self.notices.try_send(notice).is_err() {
            self.count("notices dropped");
        }
    }

    /// What devices get; for one listener.
    pub(crate) fn listen(&self) -> Option<mpsc::Receiver<Notice>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The nearest store that serves a door, or the nearest of all.
    pub(crate) fn store_near(&self, door: Place) -> StoreId {
        let stores = self.script.city.stores.iter().enumerate();
        let far_m = stores.map(|(index, store)| (store.place.straight_m(door), index));
        let nearest = far_m.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, index)| index);
        StoreId::at(nearest)
    }
}

#[cfg(test)]
mod tests;
