//! A customer: quote, order, look, pay again, change their mind, receive.

use std::sync::Arc;

use city::Arrival;
use domain::ids::StoreId;
use domain::payment::Method;
use domain::place::Place;
use kernel::chance::draw;
use serde_json::{Value, json};

use super::manner::{self, CANCEL, LOOK, ORDER, PAY, QUOTE, REPEAT, STRANGER};
use super::town::{Known, Town};
use super::track;
use super::wire::{Id, Order, Quote, Taken, WirePlace, read};
use crate::fate::Fate;
use crate::history::Touch;
use crate::http::{Answer, Request};
use crate::visit::{Operation, Seen, Visit};

/// How often a customer looks at an order, µs.
const LOOK_US: u64 = 1_000_000;
/// Looks of all customers together, a second, at most.
const LOOKS_PER_S: u64 = 1_000;
/// Share of orders that somebody else tries to look at. 2 %, assumed, grade E.
const STRANGER_SHARE: f64 = 0.02;
/// What a draw about strangers is for, apart from the purposes of a city's draws.
const STRANGERS: u32 = 0x5354_5247;
/// What a draw about repeating is for, apart from the purposes of a city's draws.
const REPEATS: u32 = 0x5245_5045;

/// A customer from the first look at prices to the end of the order.
pub(super) async fn lives(town: &Arc<Town>, visit: Visit, number: u64) {
    let (place, arrival) = (town.place(number), town.wish(number));
    let customer = arrival.customer.0;
    let visit = &mut visit.bearing(town.badge(|badges| badges.customer(customer)));
    let touches = touches(town, &arrival);
    let Some(quote) = quoted(town, visit, &arrival, &touches).await else { return };
    let units = quote.lines.iter().map(|line| line.units).collect();
    town.know(quote.quote_id.0, Known { arrival: place, units });
    let Some(order) = placed(town, visit, number, &arrival, &quote, &touches).await else { return };
    town.count("orders placed");
    if draw(town.script.seed, number, STRANGERS, 0).chance(STRANGER_SHARE) {
        let stranger = town.badge(|badges| badges.stranger(customer));
        pries(town, &visit.afresh().bearing(stranger), order).await;
    }
    track::tracks(town, visit, number, order);
    follow(town, visit, &arrival, order).await;
}

/// What an arrival wants, as the history names it: the shelf, and how many units.
fn touches(town: &Town, arrival: &Arrival) -> Vec<Touch> {
    let store = u64::from(store_of(town, arrival).0);
    let lines = town.script.demand.lines_of(arrival).iter();
    let key = |sku: domain::ids::SkuId| store << 32 | u64::from(sku.0);
    lines.map(|line| Touch { key: key(line.sku), units: i64::from(line.units) }).collect()
}

/// The order itself, as the history names it.
fn touch(order: u64) -> [Touch; 1] {
    [Touch { key: order, units: 0 }]
}

/// The store that an arrival orders from.
pub(super) fn store_of(town: &Town, arrival: &Arrival) -> StoreId {
    arrival.store.unwrap_or_else(|| town.store_near(arrival.door))
}

/// Somebody tries to look at an order that is not theirs.
async fn pries(town: &Town, visit: &Visit, order: u64) {
    let path = format!("/api/orders/{order}");
    let touch = touch(order);
    let look = Operation::new(STRANGER, Request::get(&path)).about(&touch).look(&seen);
    town.count("looks at orders of others");
    // What came of it is in the history.
    let _ = visit.beside().perform(&look).await;
}

async fn quoted(
    town: &Town,
    visit: &mut Visit,
    arrival: &Arrival,
    touches: &[Touch],
) -> Option<Quote> {
    let store = store_of(town, arrival);
    let line = |line: &domain::order::Line| json!({"sku_id": Id(line.sku.0), "units": line.units});
    let lines: Vec<Value> = town.script.demand.lines_of(arrival).iter().map(line).collect();
    let body = json!({"store_id": Id(store.0), "door": door(arrival.door), "lines": lines});
    let look = |answer: &Answer| {
        let quote: Option<Quote> = read(answer.body());
        let id = quote.as_ref().map(|quote| quote.quote_id.0.to_string());
        let amount_paise = quote.map(|quote| quote.total_paise);
        Seen { id, amount_paise, ..Seen::status(answer) }
    };
    let answer = manner::said(visit, QUOTE, "/api/quotes", &body, None, touches, &look).await?;
    let quote = (answer.status() == 201).then(|| read(answer.body())).flatten();
    if quote.is_none() {
        town.count("quotes refused");
    }
    quote
}

fn door(place: Place) -> WirePlace {
    place.into()
}

/// Places the order; its id, or none if it was refused or never answered.
async fn placed(
    town: &Town,
    visit: &mut Visit,
    number: u64,
    arrival: &Arrival,
    quote: &Quote,
    touches: &[Touch],
) -> Option<u64> {
    let key = format!("{}-order-{number}", town.script.name);
    let body = |client_ref: u64| {
        json!({
            "quote_id": quote.quote_id, "client_ref": Id(client_ref),
            "door": door(arrival.door), "method": arrival.method.text(),
        })
    };
    let mut luck = draw(town.script.seed, number, REPEATS, 0);
    let repeats = luck.chance(town.script.repeat_share).then(|| luck.below(3));
    let copy = (repeats == Some(0)).then(|| {
        let (mut visit, key, body) = (visit.afresh(), key.clone(), body(number));
        let touches = touches.to_vec();
        tokio::task::spawn_local(async move { again(&mut visit, &key, &body, &touches).await })
    });
    let (path, wish) = ("/api/orders", body(number));
    let answer = manner::said(visit, ORDER, path, &wish, Some(&key), touches, &taken).await;
    if let Some(copy) = copy {
        town.count("orders sent twice at a time");
        // A copy that panicked is reported by its task.
        let _ = copy.await;
    }
    match repeats {
        Some(1) => {
            town.count("orders sent again");
            again(visit, &key, &wish, touches).await;
        }
        // Until the first is known to be taken, another may take its key.
        Some(2) if answer.as_ref().is_some_and(|answer| answer.status() == 201) => {
            town.count("keys used for another order");
            again(visit, &key, &body(number | 1 << 40), touches).await;
        }
        _ => {}
    }
    let order: Option<Taken> =
        answer.filter(|answer| answer.status() == 201).and_then(|answer| read(answer.body()));
    if order.is_none() {
        town.count("orders refused or unanswered");
    }
    order.map(|taken| taken.order_id.0)
}

/// Sends an order once more under its key.
async fn again(visit: &mut Visit, key: &str, body: &Value, touches: &[Touch]) {
    let bytes = body.to_string();
    let request = Request::post("/api/orders", bytes.as_bytes()).keyed(key);
    // What came of it is in the history.
    let repeat = Operation::new(REPEAT, request).about(touches).look(&taken);
    let _ = visit.perform(&repeat).await;
}

fn taken(answer: &Answer) -> Seen {
    let taken: Option<Taken> = read(answer.body());
    Seen { id: taken.map(|taken| taken.order_id.0.to_string()), ..Seen::status(answer) }
}

/// What a look at an order shows.
fn seen(answer: &Answer) -> Seen {
    let order: Option<Order> = read(answer.body());
    let Some(order) = order else { return Seen::status(answer) };
    Seen {
        id: Some(order.order_id.0.to_string()),
        version: Some(order.version),
        units: Some(order.lines.iter().map(|line| i64::from(line.picked_units)).sum()),
        amount_paise: Some(order.total_paise),
        word: Some(order.status),
        ..Seen::status(answer)
    }
}

/// Looks at the order until it is over.
async fn follow(town: &Town, visit: &mut Visit, arrival: &Arrival, order: u64) {
    let (path, touch) = (format!("/api/orders/{order}"), touch(order));
    let behaviour = &town.script.behaviour;
    let placed_us = visit.now_us();
    let mut cancels_us = behaviour.cancels(arrival.luck).map(|after| placed_us + town.us(after));
    let mut attempts = 1;
    let mut method = arrival.method;
    loop {
        let busy_us = town.customers() * 1_000_000 / LOOKS_PER_S;
        let look_us = visit.now_us() + LOOK_US.max(busy_us);
        visit.pause_until(cancels_us.map_or(look_us, |at_us| at_us.min(look_us))).await;
        if cancels_us.is_some_and(|at_us| at_us <= visit.now_us()) {
            cancels_us = None;
            let key = format!("{}-cancel-{order}", town.script.name);
            town.count("cancellations asked for");
            let cancel = format!("{path}/cancel");
            manner::said(visit, CANCEL, &cancel, &Value::Null, Some(&key), &touch, &seen).await;
            continue;
        }
        let look = Operation::new(LOOK, Request::get(&path)).about(&touch).look(&seen);
        let Ok(answer) = visit.perform(&look).await else { continue };
        if Fate::of_status(answer.status()) == Fate::Failed {
            town.count("orders lost");
            return;
        }
        let Some(shown) = read::<Order>(answer.body()) else { continue };
        if shown.is_over {
            town.count(&format!("orders {}", shown.status));
            return;
        }
        if shown.asks_to_pay_again {
            method = pays_again(town, visit, arrival.luck, order, attempts, method).await;
            attempts += 1;
        }
    }
}

/// Answers after a failed attempt to pay; the method of the next one.
async fn pays_again(
    town: &Town,
    visit: &mut Visit,
    luck: u64,
    order: u64,
    attempts: u8,
    method: Method,
) -> Method {
    let next = town.script.behaviour.retries(luck, attempts, method);
    if let Some((after, _)) = next {
        visit.pause(town.us(after)).await;
    }
    town.count(if next.is_some() { "payments tried again" } else { "payments given up" });
    let method = next.map_or(method, |(_, method)| method);
    let body = json!({"again": next.is_some(), "method": method.text()});
    let key = format!("{}-pay-{order}-{attempts}", town.script.name);
    let path = format!("/api/orders/{order}/payment");
    manner::said(visit, PAY, &path, &body, Some(&key), &touch(order), &seen).await;
    method
}
