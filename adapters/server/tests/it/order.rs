//! One whole order over HTTP, from the quote to the door, and its journal judged.

use dastak_server::record_of;
use domain::facts::{Record, Sink};
use serde_json::{Value, json};
use shell::Clock;
use shell::clock::WallClock;
use verify::Judge;

use crate::client::Client;
use crate::{Town, run};

/// Some twenty metres north of the store.
pub(crate) fn door() -> Value {
    json!({"lat_e7": 190_002_000, "lon_e7": 730_000_000})
}

/// Quotes two lines.
pub(crate) async fn quoted(town: &Town) -> Value {
    quoted_by(&town.client).await
}

/// Quotes two lines at a server.
pub(crate) async fn quoted_by(client: &Client) -> Value {
    let lines = json!([{"sku_id": "0", "units": 2}, {"sku_id": "2", "units": 1}]);
    let asked = json!({"store_id": "0", "door": door(), "lines": lines});
    let answer = client.post("/api/quotes", &asked).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

/// The body that places an order on a quote.
pub(crate) fn order_on(quote: &Value, method: &str) -> Value {
    json!({
        "quote_id": quote["quote_id"], "client_ref": "41", "door": door(),
        "method": method,
    })
}

/// The journal, in order of time, as a judge wants it; so many facts are asked for at a time.
pub(crate) async fn journal(town: &Town, at_a_time: usize) -> Vec<Record> {
    let mut journal: Vec<Record> = Vec::new();
    loop {
        let path = format!("/admin/audit/journal?after={}&limit={at_a_time}", journal.len());
        let page = town.client.admin("GET", &path, String::new()).await;
        let before = journal.len();
        journal.extend(page.body.lines().map(|line| record_of(line).unwrap()));
        if journal.len() < before + at_a_time {
            break;
        }
    }
    journal.sort_by_key(|record| record.at);
    for (seq, record) in (0..).zip(&mut journal) {
        record.seq = seq;
    }
    journal
}

/// Judges the journal, which must be clean.
pub(crate) async fn judged(town: &Town) -> Vec<Record> {
    let journal = journal(town, 7).await;
    judge(&journal);
    journal
}

/// Judges a journal, which must be clean.
pub(crate) fn judge(journal: &[Record]) {
    let mut judge = Judge::new();
    judge.records(journal);
    let verdict = judge.finish();
    let breaks: Vec<String> = verdict.breaks().map(ToString::to_string).collect();
    assert!(breaks.is_empty(), "{breaks:#?}");
}

async fn pick(town: &Town, order: &str) {
    let client = &town.client;
    let of_order = |tasks: &Value| tasks["tasks"][0]["status"] == "collecting";
    let tasks = client.until("/api/stores/0/tasks", of_order).await;
    assert_eq!(tasks["tasks"][0]["order_id"], order);
    let task = client.post("/api/stores/0/pickers/0/take", &Value::Null).await.json();
    for line in task["lines"].as_array().unwrap() {
        let found = json!({"line": line["line"], "units": line["units"]});
        client.post(&format!("/api/stores/0/tasks/{order}/scan"), &found).await;
    }
    let packed = client.post(&format!("/api/stores/0/tasks/{order}/pack"), &Value::Null).await;
    assert_eq!(packed.json()["status"], "packed");
}

async fn ride(town: &Town, order: &str) {
    let client = &town.client;
    let does = |what: &'static str| move |rider: &Value| rider["todo"]["what"] == what;
    let offered = client.until("/api/riders/0", does("answer")).await;
    let trip = offered["todo"]["trip_id"].as_str().unwrap().to_owned();
    let on_trip = |what: &str| format!("/api/riders/0/trips/{trip}/{what}");
    let accepted = client.post(&on_trip("accept"), &Value::Null).await.json();
    let store = accepted["todo"]["place"].clone();
    let at_store =
        json!({"from_us": WallClock.now().0, "origin": store, "place": store, "leg_m": 0});
    client.post(&on_trip("arrived"), &at_store).await;
    // The ride is told to begin here: two requests make it slower than the cap, however quick the
    // machine.
    let from = WallClock.now();
    client.until("/api/riders/0", does("take_bag")).await;
    let taken = client.post(&on_trip("picked-up"), &json!({"order_id": order})).await.json();
    assert_eq!(taken["todo"]["what"], "ride_to_door");
    let place = taken["todo"]["place"].clone();
    let at_door = json!({"from_us": from.0, "origin": store, "place": place, "leg_m": 30});
    // A rider whose network is bad says it twice.
    for _ in 0..2 {
        let arrived = client.post_as("at the door", &on_trip("arrived"), &at_door).await.json();
        assert_eq!(arrived["todo"]["what"], "knock");
    }
    let done = client.post(&on_trip("delivered"), &Value::Null).await.json();
    assert_eq!(done["todo"], Value::Null);
}

async fn all_on_duty(town: &Town) {
    let place = json!({"place": {"lat_e7": 190_000_000, "lon_e7": 730_000_000}});
    for _ in 0..2 {
        assert_eq!(town.client.post("/api/riders/0/on", &place).await.json()["duty"], "on");
        let on = town.client.post("/api/stores/0/pickers/0/on", &Value::Null).await;
        assert_eq!(on.status, 204);
    }
}

#[test]
fn an_order_goes_from_the_quote_to_the_door_and_its_journal_is_clean() {
    run(async || {
        let town = Town::new().await;
        all_on_duty(&town).await;
        let quote = quoted(&town).await;
        let answer = town.client.post_as("first", "/api/orders", &order_on(&quote, "upi")).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let id = answer.json()["order_id"].as_str().unwrap().to_owned();
        pick(&town, &id).await;
        ride(&town, &id).await;
        let path = format!("/api/orders/{id}");
        let order = town.client.until(&path, |order| order["is_over"] == true).await;
        assert_eq!(order["status"], "delivered");
        assert_eq!(order["kept_paise"], quote["total_paise"]);
        let total = &quote["total_paise"];
        assert_eq!(
            town.bank.asked(),
            [format!("capture {id} 1 {total}"), format!("create {id} 1 {total}")]
        );
        let asked = ["ask_collect", "ask_pack", "ask_rider", "ask_hand_over", "ask_knock"];
        town.bank.until_pushed(&asked).await;
        let journal = judged(&town).await;
        let kinds = |name: &str| journal.iter().filter(|r| r.fact.kind().name == name).count();
        assert_eq!((kinds("order_delivered"), kinds("payment_captured")), (1, 1));
        town.stop().await;
    });
}

#[test]
fn a_paid_order_that_is_cancelled_gets_its_money_back() {
    run(async || {
        let town = Town::new().await;
        let quote = quoted(&town).await;
        let answer = town.client.post_as("first", "/api/orders", &order_on(&quote, "card")).await;
        let path = format!("/api/orders/{}", answer.json()["order_id"].as_str().unwrap());
        town.client.until(&path, |order| order["status"] == "confirmed").await;
        town.client.post(&format!("{path}/cancel"), &Value::Null).await;
        let order = town.client.until(&path, |order| order["is_over"] == true).await;
        assert_eq!((&order["status"], &order["kept_paise"]), (&json!("cancelled"), &json!(0)));
        assert!(town.bank.asked().iter().any(|asked| asked.starts_with("refund")));
        judged(&town).await;
        town.stop().await;
    });
}
