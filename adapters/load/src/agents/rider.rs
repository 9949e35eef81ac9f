//! A rider on a trip: answers, rides, takes bags, knocks, rides back.

use std::sync::Arc;
use std::time::Duration;

use city::behaviour::Reply;
use domain::payment::Method;
use domain::place::Place;
use domain::time::Millis;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::manner::{self, BAG, DOOR, LOOK_UP, OFFER, PING, RIDE, TRIP};
use super::town::{Leg, Town};
use super::wire::{Rider, Todo, read};
use crate::http::Request;
use crate::record::Step;
use crate::visit::{Operation, Visit};

/// How long a rider waits for a notice before they look.
const WAIT: Duration = Duration::from_secs(1);
/// How often a rider looks again whom nobody answered, and how long apart, µs: a minute in all.
const LOOKS_AGAIN: u32 = 60;
const AGAIN_US: u64 = 1_000_000;

/// A rider of the city begins a trip, unless they are on it already.
pub(super) fn set_out(town: &Arc<Town>, visit: &Visit, trip: u32, rider: u32) {
    let Some(bell) = town.begin_trip(trip) else { return };
    let visit = visit.afresh().bearing(town.badge(|badges| badges.rider(rider)));
    let town = Arc::clone(town);
    tokio::task::spawn_local(async move {
        let town = &*town;
        let mut ride = Ride {
            town,
            visit,
            bell: &bell,
            trip,
            rider,
            legs: 0,
            offer: 0,
            looks_left: LOOKS_AGAIN,
        };
        ride.goes().await;
        town.end_trip(trip);
    });
}

/// A rider's device tells where it is; now and then it also looks what there is to do. Who missed
/// the notice of an offer, or of a trip, sees it then.
pub(super) async fn pings(town: &Arc<Town>, visit: Visit, rider: u32, looks: bool) {
    let mut visit = visit.bearing(town.badge(|badges| badges.rider(rider)));
    let place = town.place_of(rider, visit.now_us());
    let here = json!({ "place": super::wire::WirePlace::from(place) }).to_string();
    let path = format!("/api/riders/{rider}/location");
    // A ping that is lost is made up for by the next.
    let _ = visit.perform(&Operation::new(PING, Request::post(&path, here.as_bytes()))).await;
    if looks {
        let path = format!("/api/riders/{rider}");
        let seen: Option<Rider> = manner::get(&mut visit, LOOK_UP, &path).await;
        if let Some(todo) = seen.and_then(|rider| rider.todo) {
            set_out(town, &visit, todo.trip_id.0, rider);
        }
    }
}

/// A trip under way.
struct Ride<'a> {
    town: &'a Town,
    visit: Visit,
    bell: &'a Notify,
    trip: u32,
    rider: u32,
    /// Rides so far.
    legs: u32,
    /// How often the trip's first order had been offered before.
    offer: u32,
    /// How often they may look again.
    looks_left: u32,
}

impl Ride<'_> {
    /// Does what is to be done until nothing is.
    async fn goes(&mut self) {
        let mut now = self.look_until_seen().await;
        while let Some(rider) = now {
            let Some(todo) = rider.todo.filter(|todo| todo.trip_id.0 == self.trip) else { return };
            now = self.does(rider.place.into(), &todo).await;
        }
    }

    async fn look(&mut self) -> Option<Rider> {
        manner::get(&mut self.visit, TRIP, &format!("/api/riders/{}", self.rider)).await
    }

    /// Looks until somebody answers; none when nobody has for long.
    async fn look_until_seen(&mut self) -> Option<Rider> {
        loop {
            let seen = self.look().await;
            if seen.is_some() || self.looks_left == 0 {
                return seen;
            }
            self.looks_left -= 1;
            self.visit.pause(AGAIN_US).await;
        }
    }

    async fn does(&mut self, at: Place, todo: &Todo) -> Option<Rider> {
        let first = todo.orders.first().map_or(0, |order| order.0);
        let order = todo.order_id.map_or(first, |order| order.0);
        let luck = self.town.luck(order);
        let behaviour = &self.town.script.behaviour;
        match todo.what.as_str() {
            "answer" => self.answers(first).await,
            "ride_to_store" => self.rides_to_store(at, todo, first).await,
            "ride_to_door" => self.rides(at, todo, luck, "arrived").await,
            "ride_back" => self.rides(at, todo, luck, "returned").await,
            "take_bag" => {
                self.visit.pause(self.town.us(behaviour.handover(luck))).await;
                let bag = json!({"order_id": order.to_string()});
                self.says(BAG, "picked-up", &bag, order).await
            }
            "knock" => {
                let method = self.method(order);
                self.visit.pause(self.town.us(behaviour.dwell(luck, method))).await;
                let verb = if behaviour.undelivered(luck) { "failed" } else { "delivered" };
                self.says(DOOR, verb, &Value::Null, order).await
            }
            _ => {
                // Either a bag is ready or the time is over: both mean to look again.
                drop(timeout(WAIT, self.bell.notified()).await);
                self.visit = self.visit.afresh();
                self.look_until_seen().await
            }
        }
    }

    fn method(&self, order: u64) -> Method {
        let known = self.town.known(order);
        known.map_or(Method::Upi, |known| self.town.script.demand.arrivals[known.arrival].method)
    }

    async fn answers(&mut self, first: u64) -> Option<Rider> {
        self.offer = self.town.offered(first);
        let reply = self.town.script.behaviour.reply(self.town.luck(first), self.offer, false);
        let (after, verb) = match reply {
            Reply::Accepts { after } => (after, "accept"),
            Reply::Rejects { after } => (after, "reject"),
            Reply::Silent => {
                self.town.count("offers not answered");
                return None;
            }
        };
        self.visit.pause(self.town.us(after)).await;
        self.town.count(if verb == "accept" { "offers accepted" } else { "offers rejected" });
        self.says(OFFER, verb, &Value::Null, first).await
    }

    /// To the store, if the rider does not give up on the way.
    async fn rides_to_store(&mut self, at: Place, todo: &Todo, first: u64) -> Option<Rider> {
        let luck = self.town.luck(first);
        let Some(share) = self.town.script.behaviour.drops(luck, self.offer, false) else {
            return self.rides(at, todo, luck, "arrived").await;
        };
        let to = todo.place.map_or(at, Place::from);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
        let share_bps = (share * 1e4) as u64;
        let whole_us = self.town.us(self.town.straight.ride(at, to).ms);
        self.visit.pause(whole_us * share_bps / 10_000).await;
        self.town.count("trips given up");
        // Where the rider is when they give up is where the last ride ended: they never arrived.
        let here = json!({"place": super::wire::WirePlace::from(at)});
        self.says(RIDE, "lost", &here, 0).await
    }

    async fn rides(&mut self, at: Place, todo: &Todo, luck: u64, verb: &str) -> Option<Rider> {
        let to = todo.place.map_or(at, Place::from);
        let leg = self.town.straight.ride(at, to);
        let lucky = self.town.script.behaviour.ride(luck, self.legs, leg.ms);
        self.legs += 1;
        let cap_m_per_h = u64::from(self.town.script.rules.delivery.speed_cap_m_per_h).max(1);
        let least_ms = (u64::from(leg.m) * 3_600_000).div_ceil(cap_m_per_h);
        let ride = lucky.max(Millis(u32::try_from(least_ms).unwrap_or(u32::MAX)));
        let from_us = self.visit.unix_us();
        // A millisecond more: what is scaled is rounded down.
        self.visit = self.visit.afresh();
        let (from, lasts_us) = (self.visit.now_us(), self.town.us(ride) + 1_000);
        self.town.rides(self.rider, Leg { at, to, from_us: from, until_us: from + lasts_us });
        self.visit.pause(lasts_us).await;
        let body = json!({
            "from_us": from_us, "leg_m": leg.m, "place": super::wire::WirePlace::from(to),
            "origin": super::wire::WirePlace::from(at),
        });
        let leg = u64::from(self.legs);
        self.says(RIDE, verb, &body, leg).await
    }

    /// Says a word about the trip, and hears what is next; looks if the word was not taken.
    async fn says(&mut self, step: Step, verb: &str, body: &Value, about: u64) -> Option<Rider> {
        let Self { trip, rider, .. } = *self;
        let path = format!("/api/riders/{rider}/trips/{trip}/{verb}");
        let key = format!("{}-{verb}-{about}", self.town.script.name);
        let answer = manner::post(&mut self.visit, step, &path, body, Some(&key)).await;
        match answer.and_then(|answer| read(answer.body())) {
            Some(rider) => Some(rider),
            None => {
                self.town.count("words of riders refused or unanswered");
                self.looks_left = self.looks_left.checked_sub(1)?;
                self.visit.pause(AGAIN_US).await;
                self.look_until_seen().await
            }
        }
    }
}
