//! How people and providers behave, asked of the city's models by what the question is about.

use domain::facts::Sink;
use domain::ids::{CustomerId, TripId};
use domain::ledger::{Sale, SoldLine};
use domain::payment::{Decline, Method, Word};
use domain::time::{Millis, Timestamp};
use kernel::chance::{Draw, draw};
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex};
use crate::services::Service;
use crate::world::World;

/// Interim.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Behaviour;

/// What a provider will say of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Authorised,
    Declined(Decline),
}

pub(crate) struct Plan {
    pub(crate) pending: Option<Millis>,
    words: [Option<(Millis, Verdict)>; 2],
}

impl Plan {
    pub(crate) fn words(&self) -> impl Iterator<Item = (Millis, Verdict)> {
        self.words.into_iter().flatten()
    }
}

fn ms(x: f64) -> Millis {
    Millis(x as u32)
}

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    fn draw(&self, order: OrderIndex, purpose: u32, index: u32) -> Draw {
        draw(self.setup.seed, self.demand.arrivals[order.index()].luck, purpose, index)
    }

    pub(crate) fn customer_of(&self, order: OrderIndex) -> CustomerId {
        self.demand.arrivals[order.index()].customer
    }

    pub(crate) fn call_service(&mut self, order: OrderIndex, service: Service) -> Timestamp {
        let mut draw = self.draw(order, 1000 + service as u32, 0);
        self.services.call(service, self.now, &mut draw)
    }

    pub(crate) fn ask_service(&mut self, order: OrderIndex, service: Service) {
        let at = self.call_service(order, service);
        self.later(at, Event::Served(order, service));
    }

    pub(crate) fn pick_time(&self, order: OrderIndex, line: u16) -> Millis {
        if let Some(recorded) = self.demand.arrivals[order.index()].recorded {
            let ready = self.orders[order.index()].placed_at + recorded.ready;
            return if line == 0 { ready.since(self.now) } else { Millis::ZERO };
        }
        let base = if line == 0 { 35.0 } else { 0.0 };
        ms(1000.0 * (base + self.draw(order, 1, line.into()).lognormal(17.0, 0.25)))
    }

    pub(crate) fn pack_time(&self, order: OrderIndex) -> Millis {
        if self.demand.arrivals[order.index()].recorded.is_some() {
            return Millis::ZERO;
        }
        Millis::from_s(20)
    }

    pub(crate) fn put_back_time(&self, _: OrderIndex) -> Millis {
        Millis::from_s(60)
    }

    pub(crate) fn expected_pick_time(&self, order: OrderIndex, waiting: usize) -> Millis {
        if let Some(recorded) = self.demand.arrivals[order.index()].recorded {
            let ready = self.orders[order.index()].placed_at + recorded.ready;
            return ready.since(self.now);
        }
        let lines = u32::from(self.orders[order.index()].lines);
        Millis::from_s(55 + 17 * lines + 30 * u32::try_from(waiting).unwrap_or(0).min(60))
    }

    pub(crate) fn found_units(&self, order: OrderIndex, line: u16, wanted: u32) -> u32 {
        if self.draw(order, 2, line.into()).chance(0.015) { 0 } else { wanted }
    }

    pub(crate) fn handover_time(&self, _: OrderIndex) -> Millis {
        Millis::from_s(60)
    }

    pub(crate) fn at_the_door(&self, order: OrderIndex) -> (Timestamp, bool) {
        let dwell = ms(1000.0 * self.draw(order, 3, 0).lognormal(110.0, 0.5));
        (self.now + dwell, !self.draw(order, 4, 0).chance(0.004))
    }

    pub(crate) fn rider_answer(&self, trip: TripId) -> Option<(Timestamp, bool)> {
        let mut draw = draw(self.setup.seed, u64::from(trip.0), 5, 0);
        if draw.chance(0.02) {
            return None;
        }
        let accepts = !draw.chance(0.03);
        Some((self.now + ms(1000.0 * draw.exponential(5.0)), accepts))
    }

    pub(crate) fn rider_drops(&self, trip: TripId) -> Option<Timestamp> {
        let mut draw = draw(self.setup.seed, u64::from(trip.0), 6, 0);
        draw.chance(0.007).then(|| self.now + Millis::from_s(60))
    }

    pub(crate) fn provider_plan(&self, order: OrderIndex, attempt: u8, method: Method) -> Plan {
        let mut draw = self.draw(order, 7, attempt.into());
        let after = ms(1000.0 * draw.lognormal(12.0, 0.6));
        let verdict = if method == Method::Wallet || draw.chance(0.93) {
            Verdict::Authorised
        } else {
            Verdict::Declined(Decline::Business)
        };
        Plan { pending: None, words: [Some((after, verdict)), None] }
    }

    pub(crate) fn provider_time(&self, _: OrderIndex, _: u8, word: Word) -> Millis {
        match word {
            Word::Refunded { .. } => Millis::from_s(5),
            _ => Millis(300),
        }
    }

    pub(crate) fn second_try(&self, order: OrderIndex) -> (Millis, Option<Method>) {
        let made = self.orders[order.index()].payment.made;
        let mut draw = self.draw(order, 8, made.into());
        (Millis::from_s(15), draw.chance(0.7).then_some(Method::Card))
    }

    pub(crate) fn cancels_after(&self, order: OrderIndex) -> Option<Millis> {
        let mut draw = self.draw(order, 9, 0);
        draw.chance(0.012).then(|| ms(1000.0 * draw.exponential(120.0)))
    }

    pub(crate) fn sale_of(&self, order: OrderIndex) -> Sale {
        let span = self.span(order);
        let lines = self.lines[span.clone()].iter().zip(&self.more[span]);
        let sold = lines.map(|(line, more)| SoldLine {
            paid: more.unit_price.times(more.picked_units),
            gst: self.city.skus[line.sku.index()].gst,
        });
        Sale::new(sold, [], domain::money::Bps(1_800))
    }
}
