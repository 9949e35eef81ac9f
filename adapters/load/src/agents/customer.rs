//! A customer: quote, order, look, pay again, change their mind, receive.

use std::sync::Arc;

use city::Arrival;
use domain::payment::Method;
use domain::place::Place;
use kernel::chance::draw;
use serde_json::{Value, json};

use super::manner::{self, CANCEL, LOOK, ORDER, PAY, QUOTE, REPEAT};
use super::town::{Known, Town};
use super::wire::{Id, Order, Quote, Taken, WirePlace, read};
use crate::fate::Fate;
use crate::http::{Answer, Request};
use crate::visit::{Operation, Seen, Visit};

/// How often a customer looks at an order, µs.
const LOOK_US: u64 = 1_000_000;
/// Looks of all customers together, a second, at most.
const LOOKS_PER_S: u64 = 1_000;
/// What a draw about repeating is for, apart from the purposes of a city's draws.
const REPEATS: u32 = 0x5245_5045;

/// A customer from the first look at prices to the end of the order.
pub(super) async fn lives(town: &Arc<Town>, visit: &mut Visit, number: u64) {
    let demand = &town.script.demand;
    let place = usize::try_from(number).expect("targets have 64 bits") % demand.arrivals.len();
    let arrival = demand.arrivals[place];
    let Some(quote) = quoted(town, visit, &arrival).await else { return };
    let units = quote.lines.iter().map(|line| line.units).collect();
    town.know(quote.quote_id.0, Known { arrival: place, units });
    let Some(order) = placed(town, visit, number, &arrival, &quote).await else { return };
    town.count("orders placed");
    follow(town, visit, &arrival, order).await;
}

async fn quoted(town: &Town, visit: &mut Visit, arrival: &Arrival) -> Option<Quote> {
    let store = arrival.store.unwrap_or_else(|| town.store_near(arrival.door));
    let line = |line: &domain::order::Line| json!({"sku_id": Id(line.sku.0), "units": line.units});
    let lines: Vec<Value> = town.script.demand.lines_of(arrival).iter().map(line).collect();
    let body = json!({"store_id": Id(store.0), "door": door(arrival.door), "lines": lines});
    let look = |answer: &Answer| {
        let quote: Option<Quote> = read(answer.body());
        let id = quote.as_ref().map(|quote| quote.quote_id.0.to_string());
        let amount_paise = quote.map(|quote| quote.total_paise);
        Seen { id, amount_paise, ..Seen::status(answer) }
    };
    let answer = manner::said(visit, QUOTE, "/api/quotes", &body, None, &look).await?;
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
) -> Option<u64> {
    let key = format!("{}-order-{number}", town.script.name);
    let body = |client_ref: u64| {
        json!({
            "quote_id": quote.quote_id, "customer_id": Id(arrival.customer.0),
            "client_ref": Id(client_ref), "door": door(arrival.door),
            "method": arrival.method.text(),
        })
    };
    let mut luck = draw(town.script.seed, number, REPEATS, 0);
    let repeats = luck.chance(town.script.repeat_share).then(|| luck.below(3));
    let copy = (repeats == Some(0)).then(|| {
        let (mut visit, key, body) = (visit.afresh(), key.clone(), body(number));
        tokio::task::spawn_local(async move { again(&mut visit, &key, &body).await })
    });
    let answer = manner::said(visit, ORDER, "/api/orders", &body(number), Some(&key), &taken).await;
    if let Some(copy) = copy {
        town.count("orders sent twice at a time");
        // A copy that panicked is reported by its task.
        let _ = copy.await;
    }
    match repeats {
        Some(1) => {
            town.count("orders sent again");
            again(visit, &key, &body(number)).await;
        }
        Some(2) => {
            town.count("keys used for another order");
            again(visit, &key, &body(number | 1 << 40)).await;
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
async fn again(visit: &mut Visit, key: &str, body: &Value) {
    let bytes = body.to_string();
    let request = Request::post("/api/orders", bytes.as_bytes()).keyed(key);
    // What came of it is in the history.
    let _ = visit.perform(&Operation::new(REPEAT, request).look(&taken)).await;
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
        amount_paise: Some(order.total_paise),
        ..Seen::status(answer)
    }
}

/// Looks at the order until it is over.
async fn follow(town: &Town, visit: &mut Visit, arrival: &Arrival, order: u64) {
    let path = format!("/api/orders/{order}");
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
            manner::said(visit, CANCEL, &cancel, &Value::Null, Some(&key), &seen).await;
            continue;
        }
        let look = Operation::new(LOOK, Request::get(&path)).look(&seen);
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
            method = pays_again(town, visit, arrival.luck, &path, attempts, method).await;
            attempts += 1;
        }
    }
}

/// Answers after a failed attempt to pay; the method of the next one.
async fn pays_again(
    town: &Town,
    visit: &mut Visit,
    luck: u64,
    path: &str,
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
    let key = format!("{}-pay-{attempts}", town.script.name);
    manner::said(visit, PAY, &format!("{path}/payment"), &body, Some(&key), &seen).await;
    method
}
