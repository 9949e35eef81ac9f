//! A customer who looks around and leaves without an order: most do.
//!
//! Whoever orders is played by [`super::customer`]; these sessions run beside them, so that a
//! deployment serves the whole funnel and not its narrow end alone.

use std::sync::Arc;

use domain::time::Millis;
use kernel::chance::{Draw, draw};
use serde_json::{Value, json};

use super::customer::store_of;
use super::manner::{BROWSE, CART, PRICE, SEARCH, STOCK};
use super::town::Town;
use super::wire::{Id, WirePlace};
use crate::http::{Body, Method, Request};
use crate::record::Step;
use crate::visit::{Operation, Visit};

/// Sessions for each order placed (calibration C8): of all sessions 22 % fill a cart, of those 50 %
/// go to the checkout, of those 77 % place their order.
pub const SESSIONS_PER_ORDER: f64 = 1.0 / (0.22 * 0.50 * 0.77);
/// Share of sessions that fill a cart (C8).
const FILL: f64 = 0.22;
/// Share of filled carts that are priced and left: they go to the checkout and do not place (C8).
const PRICED: f64 = 0.50 * 0.23;
/// Share of sessions that search for words. Assumed, grade E.
const SEARCHED: f64 = 0.6;
/// Lines put into a cart at most.
const LINES: usize = 3;
/// Between two screens, before time is sped up. 8 s in the mean, assumed, grade E.
const READS_S: f64 = 8.0;
/// Sessions under way at a time: who comes beyond that is turned away by the driver, and counted.
/// Thirty seconds of those that 100 000 orders an hour bring.
const SESSIONS_LIMIT: u64 = 10_000;
/// A session that begins so late is not begun, µs: it would meet a driver that catches up.
const LATE_US: u64 = 250_000;
/// What a draw about a session is for, apart from the purposes of a city's draws.
const SESSION: u32 = 0x5345_5353;

/// Looks around and leaves.
pub(super) async fn browses(town: &Arc<Town>, visit: Visit, number: u64) {
    town.count("sessions wanted");
    let is_late = visit.now_us().saturating_sub(visit.intended_us()) > LATE_US;
    if is_late || !town.opens(SESSIONS_LIMIT) {
        town.count("sessions not begun");
        return;
    }
    let looked = looks_around(town, visit, number).await;
    town.closes();
    town.count(if looked.is_some() { "sessions whole" } else { "sessions broken off" });
}

/// Every screen of a session; none once a request was not answered as it should be.
async fn looks_around(town: &Town, visit: Visit, number: u64) -> Option<()> {
    let arrival = town.wish(number);
    let badge = town.badge(|badges| badges.somebody(arrival.customer.0));
    let mut visit = visit.bearing(badge);
    let mut luck = draw(town.script.seed, number, SESSION, 0);
    let store = store_of(town, &arrival).0;
    let lines = town.script.demand.lines_of(&arrival);

    get(&mut visit, BROWSE, &format!("/api/products?store={store}&limit=20")).await?;
    if luck.chance(SEARCHED) {
        reads(town, &mut visit, &mut luck).await;
        let sku = lines.first().map_or(0, |line| line.sku.0);
        let words = format!("/api/products?store={store}&limit=20&q=sku+{sku}");
        get(&mut visit, SEARCH, &words).await?;
    }
    reads(town, &mut visit, &mut luck).await;
    let skus: Vec<String> = lines.iter().map(|line| line.sku.0.to_string()).collect();
    let stock = format!("/api/availability?store={store}&skus={}", skus.join(","));
    get(&mut visit, STOCK, &stock).await?;
    if !luck.chance(FILL) {
        return Some(());
    }
    for line in lines.iter().take(LINES) {
        reads(town, &mut visit, &mut luck).await;
        let body = json!({ "units": line.units });
        let path = format!("/api/carts/mine/lines/{}", line.sku.0);
        send(&mut visit, CART, Method::Put, &path, &body).await?;
    }
    if luck.chance(PRICED) {
        reads(town, &mut visit, &mut luck).await;
        let line =
            |line: &domain::order::Line| json!({"sku_id": Id(line.sku.0), "units": line.units});
        let lines: Vec<Value> = lines.iter().take(LINES).map(line).collect();
        let door = WirePlace::from(arrival.door);
        let body = json!({ "store_id": Id(store), "door": door, "lines": lines });
        send(&mut visit, PRICE, Method::Post, "/api/quotes", &body).await?;
    }
    Some(())
}

/// Reads a screen.
async fn reads(town: &Town, visit: &mut Visit, luck: &mut Draw) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
    let reads_ms = (luck.exponential(READS_S) * 1e3) as u32;
    visit.pause(town.us(Millis(reads_ms))).await;
}

async fn get(visit: &mut Visit, step: Step, path: &str) -> Option<()> {
    let answer = visit.perform(&Operation::new(step, Request::get(path))).await.ok()?;
    (answer.status() == 200).then_some(())
}

async fn send(
    visit: &mut Visit,
    step: Step,
    method: Method,
    path: &str,
    body: &Value,
) -> Option<()> {
    let bytes = body.to_string();
    let request =
        Request { method, body: Some(Body::json(bytes.as_bytes())), ..Request::get(path) };
    let answer = visit.perform(&Operation::new(step, request)).await.ok()?;
    (answer.status() < 300).then_some(())
}
