//! Customers of a deployment that is not ours: they get in, ask a price, order, look and sometimes
//! change their mind, each in the words of a target profile. Nobody else is played there.

use std::sync::Arc;

use domain::order::Stage;
use kernel::chance::draw;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::customer::store_of;
use super::manner::{CANCEL, LOOK, ORDER, QUOTE, REPEAT, SESSION};
use super::plan::Role;
use super::town::Town;
use crate::fate::Fate;
use crate::history::Touch;
use crate::http::{Answer, Body, Request};
use crate::profile::{Filled, Known, Part, Profile, StepMap};
use crate::record::Step;
use crate::visit::{Operation, Seen, Visit};

/// How often a customer looks at an order, µs.
const LOOK_US: u64 = 1_000_000;
/// Looks at one order at most: an hour of them.
const LOOKS_LIMIT: u32 = 3_600;
/// The header whose value makes a repetition the same request.
const KEY: &str = "idempotency-key";
/// What a draw about repeating is for, apart from the purposes of a city's draws.
const REPEATS: u32 = 0x464F_5245;

/// What an arrival of a [`super::Plan`] does at a deployment that is not ours.
pub async fn shops(town: Arc<Town>, profile: Arc<Profile>, visit: Visit) {
    let Role::Customer(number) = Role::of(visit.arrival()) else { return };
    town.comes(true);
    let arrival = town.wish(number);
    let store = store_of(&town, &arrival).0;
    let lines =
        town.script.demand.lines_of(&arrival).iter().map(|line| (line.sku.0.into(), line.units));
    let lines: Vec<(u64, u32)> = lines.collect();
    let mut known = profile.wants(arrival.customer.0.into(), store.into(), &lines);
    for (name, value) in wishes(&town, number) {
        known.insert(name.to_owned(), value);
    }
    let cancels = town.script.behaviour.cancels(arrival.luck).map(|after| town.us(after));
    let mut shopper = Shopper { town: &town, profile: &profile, visit, known };
    shopper.shops(number, cancels).await;
    town.comes(false);
}

/// What the journey of a customer knows besides the rows of tables, by name.
#[must_use]
pub fn wishes(town: &Town, number: u64) -> [(&'static str, Value); 5] {
    let (run, arrival) = (&town.script.name, town.wish(number));
    let degrees = |e7: i32| Value::from(f64::from(e7) / 1e7);
    [
        ("key", Value::from(format!("{run}-order-{number}"))),
        ("client_ref", Value::from(number)),
        ("method", Value::from(arrival.method.text())),
        ("door.lat", degrees(arrival.door.lat_e7)),
        ("door.lon", degrees(arrival.door.lon_e7)),
    ]
}

/// A customer on their journey.
struct Shopper<'a> {
    town: &'a Town,
    profile: &'a Profile,
    visit: Visit,
    known: Known,
}

impl Shopper<'_> {
    /// From getting in to the end of the order.
    async fn shops(&mut self, number: u64, cancels_us: Option<u64>) {
        for (part, step) in [(Part::Session, SESSION), (Part::Quote, QUOTE)] {
            if self.profile.steps.contains_key(&part) && !self.asks(part, step).await {
                return;
            }
        }
        if !self.asks(Part::Order, ORDER).await {
            self.town.count("orders refused or unanswered");
            return;
        }
        self.town.count("orders placed");
        if draw(self.town.script.seed, number, REPEATS, 0).chance(self.town.script.repeat_share) {
            self.town.count("orders sent again");
            self.asks(Part::Order, REPEAT).await;
        }
        let until_us = cancels_us.map(|after_us| self.visit.now_us() + after_us);
        self.follows(until_us).await;
    }

    /// Looks at the order until it is over.
    async fn follows(&mut self, mut cancels_us: Option<u64>) {
        if !self.profile.steps.contains_key(&Part::Look) {
            return;
        }
        for _ in 0..LOOKS_LIMIT {
            let look_us = self.visit.now_us() + LOOK_US;
            self.visit.pause_until(cancels_us.map_or(look_us, |at_us| at_us.min(look_us))).await;
            let is_time = cancels_us.is_some_and(|at_us| at_us <= self.visit.now_us());
            if is_time && self.profile.steps.contains_key(&Part::Cancel) {
                self.town.count("cancellations asked for");
                self.asks(Part::Cancel, CANCEL).await;
            }
            if is_time {
                cancels_us = None;
            }
            if !self.asks(Part::Look, LOOK).await {
                continue;
            }
            let word = self.known.get("status").and_then(Value::as_str);
            if let Some(stage) = word.and_then(Stage::from_text).filter(|stage| stage.is_terminal())
            {
                self.town.count(&format!("orders {stage}"));
                return;
            }
        }
    }

    /// Asks for a part of the journey; whether it was answered as the profile says. What the answer
    /// gives is known from then on.
    async fn asks(&mut self, part: Part, step: Step) -> bool {
        let Some(map) = self.profile.steps.get(&part) else { return false };
        let Ok(filled) = self.profile.fill(map, &self.known) else {
            self.town.count("requests that cannot be made");
            return false;
        };
        let Filled { method, path, headers, body } = &filled;
        let (keys, others): (Vec<_>, Vec<_>) =
            headers.iter().partition(|(name, _)| name.eq_ignore_ascii_case(KEY));
        let others: Vec<(&str, &str)> =
            others.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = Request {
            method: *method,
            headers: &others,
            idempotency_key: keys.first().map(|(_, key)| key.as_str()),
            body: body.as_ref().map(|body| Body::json(body.as_bytes())),
            ..Request::get(path)
        };
        let touch = self.known.get("order_id").map(|id| Touch { key: number(id), units: 0 });
        let about = touch.filter(|_| part > Part::Order).into_iter().collect::<Vec<_>>();
        let look = |answer: &Answer| seen(map, answer);
        let operation = Operation::new(step, request).about(&about).look(&look);
        let Ok(answer) = self.visit.perform(&operation).await else { return false };
        match map.read(answer.status(), answer.body()) {
            // What a repeat gives is what the first gave, or a break that the history shows.
            Ok(_) if step == REPEAT => true,
            Ok(given) => {
                self.known.extend(given);
                true
            }
            Err(_) => {
                self.town.count(&format!("{} not as the profile says", part.name()));
                false
            }
        }
    }
}

/// What an answer shows, for the history.
fn seen(map: &StepMap, answer: &Answer) -> Seen {
    let status = answer.status();
    let fate = if map.is_success(status) { Fate::Ok } else { Fate::of_status(status) };
    let given = map.read(status, answer.body()).unwrap_or_default();
    let whole = |name: &str| given.get(name).and_then(Value::as_i64);
    Seen {
        fate,
        id: given.get("order_id").map(|id| number(id).to_string()),
        version: whole("version").and_then(|version| u64::try_from(version).ok()),
        amount_paise: whole("total_paise"),
        word: given.get("status").and_then(Value::as_str).map(str::to_owned),
        ..Seen::status(answer)
    }
}

/// An id as a number: histories know orders by numbers.
fn number(id: &Value) -> u64 {
    let text = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    text.parse().unwrap_or_else(|_| xxh3_64(text.as_bytes()))
}
