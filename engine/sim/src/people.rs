//! How people and providers behave, asked of the city's models by what the question is about.

use city::behaviour::{Answer, Reply};
use city::setup::Spell;
use city::{Arrival, Leg, Stop};
use domain::facts::Sink;
use domain::ids::{CustomerId, TripId};
use domain::payment::{Method, Word};
use domain::time::{Millis, Timestamp};
use kernel::chance::{Draw, draw};
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex};
use crate::services::Service;
use crate::world::World;

/// First number of the draws made here; the city's own are below.
const PURPOSES: u32 = 1_000;
/// What the provider takes to capture, void or answer. 300 ms, assumed, grade E.
const PROVIDER_CALL: Millis = Millis(300);
/// What a refund takes until the provider says it went through. 5 s, assumed, grade E: instant
/// refunds of the large gateways.
const REFUND: Millis = Millis::from_s(5);

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    pub(crate) fn arrival(&self, order: OrderIndex) -> &Arrival {
        &self.demand.arrivals[order.index()]
    }

    fn luck(&self, order: OrderIndex) -> u64 {
        self.arrival(order).luck
    }

    pub(crate) fn customer_of(&self, order: OrderIndex) -> CustomerId {
        self.arrival(order).customer
    }

    fn rain(&self) -> Option<&Spell> {
        self.setup.weather.at(self.now)
    }

    /// Calls a service and says when it answers.
    pub(crate) fn call_service(&mut self, order: OrderIndex, service: Service) -> Timestamp {
        let made = u32::from(self.orders[order.index()].saga.version);
        let purpose = PURPOSES + service as u32;
        let mut draw: Draw = draw(self.setup.seed, self.luck(order), purpose, made);
        self.services.call(service, self.now, &mut draw)
    }

    /// Calls a service for an order; the answer comes as [`Event::Served`].
    pub(crate) fn ask_service(&mut self, order: OrderIndex, service: Service) {
        let answered = self.call_service(order, service);
        self.later(answered, Event::Served(order, service));
    }

    /// When the picker has looked for a line. A recorded day says when the whole bag was ready.
    pub(crate) fn pick_time(&self, order: OrderIndex, line: u16) -> Millis {
        let behaviour = &self.setup.behaviour;
        let luck = self.luck(order);
        match (self.recorded_ready(order), line) {
            (Some(ready), 0) => ready.since(self.now),
            (Some(_), _) => Millis::ZERO,
            (None, 0) => behaviour.pick_start(luck) + behaviour.pick_line(luck),
            (None, _) => behaviour.pick_line(luck),
        }
    }

    pub(crate) fn pack_time(&self, order: OrderIndex) -> Millis {
        self.recorded_ready(order).map_or(self.setup.behaviour.pack(), |_| Millis::ZERO)
    }

    /// As long as picking took, without the walk to the first shelf.
    pub(crate) fn put_back_time(&self, order: OrderIndex) -> Millis {
        let done = u32::from(self.orders[order.index()].task.done);
        Millis(self.setup.behaviour.pick_line(self.luck(order)).0 * done)
    }

    /// When the platform expects a bag to be packed: what picking takes on average, and the lists
    /// that wait before it.
    pub(crate) fn expected_pick_time(&self, order: OrderIndex, waiting: usize) -> Millis {
        if let Some(ready) = self.recorded_ready(order) {
            return ready.since(self.now);
        }
        let store = self.orders[order.index()].store;
        let pickers = self.floors[store.index()].on_duty();
        let own = self.mean_pick_time(usize::from(self.orders[order.index()].lines));
        domain::eta::expected_pick(own, waiting, pickers)
    }

    /// What picking and packing so many lines takes on average.
    pub(crate) fn mean_pick_time(&self, lines: usize) -> Millis {
        let lines = f64::from(u32::try_from(lines).unwrap_or(u32::MAX));
        millis(self.setup.behaviour.params.picking.mean_s(lines))
    }

    fn recorded_ready(&self, order: OrderIndex) -> Option<Timestamp> {
        let placed_at = self.orders[order.index()].placed_at;
        self.arrival(order).recorded.map(|recorded| placed_at + recorded.ready)
    }

    pub(crate) fn found_units(&self, order: OrderIndex, line: u16, wanted_units: u32) -> u32 {
        let short = self.setup.behaviour.short_pick(self.luck(order), line, wanted_units);
        short.unwrap_or(wanted_units)
    }

    pub(crate) fn handover_time(&self, order: OrderIndex) -> Millis {
        self.setup.behaviour.handover(self.luck(order))
    }

    /// When the rider is done at the door, and whether somebody took the bag.
    pub(crate) fn at_the_door(&self, order: OrderIndex) -> (Timestamp, bool) {
        let Arrival { luck, method, .. } = *self.arrival(order);
        let behaviour = &self.setup.behaviour;
        (self.now + behaviour.dwell(luck, method), !behaviour.undelivered(luck))
    }

    /// When the rider answers an offer and whether they take it; none if they do not answer.
    pub(crate) fn rider_answer(&self, trip: TripId) -> Option<(Timestamp, bool)> {
        let (luck, offer) = self.offer_of(trip);
        match self.setup.behaviour.reply(luck, offer, self.rain().is_some()) {
            Reply::Accepts { after } => Some((self.now + after, true)),
            Reply::Rejects { after } => Some((self.now + after, false)),
            Reply::Silent => None,
        }
    }

    /// Whether the rider gives up on the way to the store, and at which share of it.
    pub(crate) fn rider_drops(&self, trip: TripId) -> Option<f64> {
        let (luck, offer) = self.offer_of(trip);
        self.setup.behaviour.drops(luck, offer, self.rain().is_some())
    }

    /// The luck of a trip is that of its first order, and how often that was offered before.
    fn offer_of(&self, trip: TripId) -> (u64, u32) {
        let first = OrderIndex::from(self.trips[trip.index()].state.stops[0].order);
        (self.luck(first), u32::from(self.orders[first.index()].request.refusals))
    }

    /// A ride as it turns out: in this weather, with this order's luck, and never faster than
    /// anybody rides.
    pub(crate) fn ride_time(&self, order: OrderIndex, leg: u32, ride: Leg) -> Millis {
        let expected = self.in_weather(ride.ms);
        let lucky = self.setup.behaviour.ride(self.luck(order), leg, expected);
        let cap_m_per_h = u64::from(self.setup.rules.delivery.speed_cap_m_per_h);
        let least = (u64::from(ride.m) * 3_600_000).div_ceil(cap_m_per_h.max(1));
        lucky.max(Millis(u32::try_from(least).unwrap_or(u32::MAX)))
    }

    /// A ride's expected time in the weather there is.
    pub(crate) fn in_weather(&self, ride: Millis) -> Millis {
        self.rain().map_or(ride, |spell| {
            let slowed = u64::from(ride.0) * 10_000 / u64::from(spell.speed.0.max(1));
            Millis(u32::try_from(slowed).unwrap_or(u32::MAX))
        })
    }

    /// What the provider will say of an attempt: each word and when, counted from being asked.
    pub(crate) fn provider_words(
        &self,
        order: OrderIndex,
        attempt: u8,
        method: Method,
    ) -> [Option<(Millis, Word)>; 2] {
        let behaviour = &self.setup.behaviour;
        let provider = &behaviour.params.provider;
        let outcome = behaviour.pays(self.luck(order), attempt, method, provider);
        let last = match outcome.answer {
            Answer::Authorised { after } => Some((after, Word::Authorised)),
            Answer::Declined { after, decline } => Some((after, Word::Declined(decline))),
            Answer::Silent { late } => late.map(|after| (after, Word::Authorised)),
        };
        [Some((outcome.pending_after, Word::Pending)), last]
    }

    /// How long the provider says nothing once it has captured an attempt.
    pub(crate) fn hangs(&self, order: OrderIndex, attempt: u8) -> Millis {
        let made = self.orders[order.index()].payment.made().get(usize::from(attempt) - 1);
        made.map_or(Millis(0), |made| {
            self.setup.behaviour.hangs(self.luck(order), attempt, made.method)
        })
    }

    /// How long the provider takes to do what it is told.
    pub(crate) fn provider_time(word: Word) -> Millis {
        if matches!(word, Word::Refunded { .. }) { REFUND } else { PROVIDER_CALL }
    }

    /// What a customer does after a failed attempt: tries again that way, or leaves.
    pub(crate) fn second_try(&self, order: OrderIndex) -> (Millis, Option<Method>) {
        let made = self.orders[order.index()].payment.made;
        let method = self.arrival(order).method;
        match self.setup.behaviour.retries(self.luck(order), made, method) {
            Some((after, method)) => (after, Some(method)),
            None => (PROVIDER_CALL, None),
        }
    }

    /// When a customer changes their mind, counted from placing the order.
    pub(crate) fn cancels_after(&self, order: OrderIndex) -> Option<Millis> {
        self.setup.behaviour.cancels(self.luck(order))
    }

    /// The ride between two stops without luck, in the weather there is.
    pub(crate) fn expected_ride(&self, from: Stop, to: Stop) -> Leg {
        let leg = self.city.travel.ride(from, to);
        Leg { ms: self.in_weather(leg.ms), ..leg }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
fn millis(seconds: f64) -> Millis {
    Millis((seconds * 1e3) as u32)
}
