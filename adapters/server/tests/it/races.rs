//! Races of the business: each in both orders and truly at the same time, over memory
//! and over PostgreSQL with two servers. After every round all is over and the books are even; after
//! every race the journal is judged.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::order::{door, judged};
use crate::{Town, run, world};

/// Rounds of each race, each way; with RUN_SLOW more.
const ROUNDS: u32 = 1;
const MANY_ROUNDS: u32 = 25;
/// SKUs of which a store has two units each, beyond those that every world has.
const SCARCE: u32 = 8;
/// The first of them.
pub(crate) const FIRST_SCARCE: u32 = 3;
/// Longer than any race takes.
pub(crate) const LONG_MS: u32 = 600_000;
/// Tries to be heard, and how long apart.
const TRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(10);

/// How the two sides of a race come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    FirstFirst,
    SecondFirst,
    AtOnce,
}

/// Lets both sides of a race come.
pub(crate) async fn race(way: Way, first: impl Future, second: impl Future) {
    match way {
        Way::FirstFirst => {
            first.await;
            second.await;
        }
        Way::SecondFirst => {
            second.await;
            first.await;
        }
        Way::AtOnce => {
            tokio::join!(first, second);
        }
    }
}

type Played<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A round of a race.
type Plays = for<'a> fn(&'a Town, Way) -> Played<'a>;

/// The races: how long stock is held, ms, and what plays a round. R17 and R18 are crashes: `crashes.rs`.
const RACES: &[(&str, u32, Plays)] = &[
    ("R1: the last units, more buyers", LONG_MS, |town, way| Box::pin(last_units(town, way))),
    ("R2: cancelled, and picking begins", LONG_MS, |town, way| {
        Box::pin(cancel_and_pick(town, way))
    }),
    ("R3: cancelled, and captured", LONG_MS, |town, way| Box::pin(cancel_and_capture(town, way))),
    ("R4: the hold ends, and it is paid", 300, |town, way| Box::pin(hold_and_payment(town, way))),
    ("R5: declined, then authorised late", LONG_MS, |town, way| {
        Box::pin(declined_and_late(town, way))
    }),
    ("R6: two attempts succeed", LONG_MS, |town, way| Box::pin(two_attempts(town, way))),
    ("R7: a word comes twice", LONG_MS, |town, way| Box::pin(word_twice(town, way))),
    ("R8: a word before the order", LONG_MS, |town, way| Box::pin(word_before_order(town, way))),
    ("R15: units arrive, and are wanted", LONG_MS, |town, way| {
        Box::pin(receive_and_reserve(town, way))
    }),
    ("R20: the answer to a refund is lost", LONG_MS, |town, way| Box::pin(lost_refund(town, way))),
];

/// A customer with a quote.
pub(crate) struct Buyer {
    pub(crate) client: Client,
    pub(crate) order: String,
    pub(crate) body: Value,
}

/// Everybody is somebody else, and every word another.
pub(crate) fn fresh() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1_000);
    NEXT.fetch_add(1, Ordering::SeqCst)
}

pub(crate) async fn is_heard(ask: impl AsyncFn() -> Answer) -> Answer {
    for _ in 0..TRIES {
        let answer = ask().await;
        if !matches!(answer.status, 0 | 429 | 503) {
            return answer;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("nobody hears it");
}

impl Buyer {
    /// Quotes one unit of a SKU.
    pub(crate) async fn of(town: &Town, sku: u32, method: &str) -> Self {
        let client = town.client.as_customer(fresh()).await;
        let lines = json!([{"sku_id": sku.to_string(), "units": 1}]);
        let asked = json!({"store_id": "0", "door": door(), "lines": lines});
        let quote = is_heard(async || client.post("/api/quotes", &asked).await).await;
        assert_eq!(quote.status, 201, "{quote:?}");
        let order = quote.json()["quote_id"].as_str().unwrap().to_owned();
        let body = json!({
            "quote_id": order, "client_ref": order, "door": door(), "method": method,
        });
        Self { client, order, body }
    }

    pub(crate) async fn places(&self) {
        let placed =
            is_heard(async || self.client.post_as(&self.order, "/api/orders", &self.body).await);
        assert_eq!(placed.await.status, 201);
    }

    async fn cancels(&self) {
        let path = format!("/api/orders/{}/cancel", self.order);
        is_heard(async || self.client.post(&path, &Value::Null).await).await;
    }

    /// Waits until the order is as it must become.
    pub(crate) async fn until(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        self.client.until(&format!("/api/orders/{}", self.order), is_so).await
    }

    /// Waits until it is decided whether the order goes ahead; whether it does.
    pub(crate) async fn is_confirmed(&self) -> bool {
        let is_ahead =
            |order: &Value| ["confirmed", "picking"].iter().any(|so| order["status"] == *so);
        is_ahead(&self.until(|order| order["is_over"] == true || is_ahead(order)).await)
    }

    /// Ends the order if it is not over; nothing of it is kept then.
    pub(crate) async fn ends(&self, town: &Town) {
        self.cancels().await;
        let over = self.until(|order| order["is_over"] == true).await;
        assert_eq!(over["kept_paise"], 0, "{over}");
        for _ in 0..TRIES {
            if town.bank.kept(&self.order).iter().all(|kept| *kept == 0) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("order {}: the bank keeps {:?}", self.order, town.bank.kept(&self.order));
    }
}

/// Units that are free.
pub(crate) async fn free_units(town: &Town, sku: u32) -> u64 {
    let path = format!("/api/availability?store=0&skus={sku}");
    let shown = is_heard(async || town.client.get(&path).await).await.json();
    shown["skus"][0]["free_units"].as_u64().unwrap()
}

/// The word for "authorised", with a number of its own.
pub(crate) async fn authorised(town: &Town, order: &str, attempt: u8) {
    town.bank.says(fresh().into(), order, attempt, "authorised").await;
}

async fn last_units(town: &Town, way: Way) {
    let sku = FIRST_SCARCE + fresh() % SCARCE;
    let there = free_units(town, sku).await;
    let mut buyers = Vec::new();
    for _ in 0..there + 2 {
        buyers.push(Buyer::of(town, sku, "cash").await);
    }
    let (some, others) = buyers.split_at(buyers.len() / 2);
    let all = async |buyers: &[Buyer]| {
        let placing = buyers.iter().map(Buyer::places);
        futures_util::future::join_all(placing).await
    };
    race(way, all(some), all(others)).await;
    let mut winners = 0;
    for buyer in &buyers {
        winners += u64::from(buyer.is_confirmed().await);
    }
    assert_eq!((winners, free_units(town, sku).await), (there, 0), "{way:?}");
    for buyer in &buyers {
        buyer.ends(town).await;
    }
    assert_eq!(free_units(town, sku).await, there, "all is back on the shelf");
}

async fn cancel_and_pick(town: &Town, way: Way) {
    let there = free_units(town, 0).await;
    let buyer = Buyer::of(town, 0, "upi").await;
    buyer.places().await;
    authorised(town, &buyer.order, 1).await;
    assert!(buyer.is_confirmed().await);
    let shift = async |what: &str| {
        let path = format!("/api/stores/0/pickers/0/{what}");
        assert_eq!(
            is_heard(async || town.client.post(&path, &Value::Null).await).await.status,
            204
        );
    };
    let picks = async {
        shift("on").await;
        // It is refused where the order was cancelled before.
        let (path, found) =
            (format!("/api/stores/0/tasks/{}/scan", buyer.order), json!({"line": 0, "units": 1}));
        is_heard(async || town.client.post(&path, &found).await).await;
    };
    race(way, buyer.cancels(), picks).await;
    // Whoever began to pick puts back.
    let path = format!("/api/stores/0/tasks/{}/put-back", buyer.order);
    is_heard(async || town.client.post(&path, &Value::Null).await).await;
    buyer.ends(town).await;
    shift("off").await;
    assert_eq!(free_units(town, 0).await, there, "{way:?}: all is back on the shelf");
}

async fn cancel_and_capture(town: &Town, way: Way) {
    let buyer = Buyer::of(town, 0, "card").await;
    buyer.places().await;
    race(way, buyer.cancels(), authorised(town, &buyer.order, 1)).await;
    buyer.ends(town).await;
}

/// The hold is swept a second after its end; the money comes about then.
async fn hold_and_payment(town: &Town, way: Way) {
    let buyer = Buyer::of(town, 0, "upi").await;
    buyer.places().await;
    let until = match way {
        Way::FirstFirst => 1_600,
        Way::SecondFirst => 100,
        Way::AtOnce => 1_290 + u64::from(fresh() % 20),
    };
    tokio::time::sleep(Duration::from_millis(until)).await;
    authorised(town, &buyer.order, 1).await;
    if buyer.is_confirmed().await {
        assert_eq!(town.bank.kept(&buyer.order).len(), 1, "{way:?}");
    }
    buyer.ends(town).await;
}

async fn declined_and_late(town: &Town, way: Way) {
    let buyer = Buyer::of(town, 0, "upi").await;
    buyer.places().await;
    let declined = town.bank.says(fresh().into(), &buyer.order, 1, "declined");
    race(way, declined, authorised(town, &buyer.order, 1)).await;
    assert!(buyer.is_confirmed().await, "{way:?}: a decline is no barrier");
    buyer.ends(town).await;
}

async fn two_attempts(town: &Town, way: Way) {
    let buyer = Buyer::of(town, 0, "upi").await;
    buyer.places().await;
    town.bank.says(fresh().into(), &buyer.order, 1, "declined").await;
    buyer.until(|order| order["asks_to_pay_again"] == true).await;
    let (path, again) =
        (format!("/api/orders/{}/payment", buyer.order), json!({"again": true, "method": "card"}));
    is_heard(async || buyer.client.post(&path, &again).await).await;
    race(way, authorised(town, &buyer.order, 1), authorised(town, &buyer.order, 2)).await;
    assert!(buyer.is_confirmed().await);
    let kept = async || town.bank.kept(&buyer.order).iter().filter(|kept| **kept > 0).count();
    assert_eq!(kept().await, 1, "{way:?}: the money of one attempt is kept");
    buyer.ends(town).await;
}

async fn word_twice(town: &Town, way: Way) {
    let buyer = Buyer::of(town, 0, "upi").await;
    buyer.places().await;
    let event = fresh().into();
    let same = town.bank.says(event, &buyer.order, 1, "authorised");
    let both = async {
        same.await;
        authorised(town, &buyer.order, 1).await;
    };
    race(way, both, town.bank.says(event, &buyer.order, 1, "authorised")).await;
    assert!(buyer.is_confirmed().await);
    let paid = buyer.until(|order| order["kept_paise"] == order["total_paise"]).await;
    assert_eq!(town.bank.kept(&buyer.order), [paid["total_paise"].as_i64().unwrap()], "{way:?}");
    buyer.ends(town).await;
}

/// A word about an order that is not placed yet is said again until it is.
async fn word_before_order(town: &Town, way: Way) {
    let buyer = Buyer::of(town, 0, "upi").await;
    let word = authorised(town, &buyer.order, 1);
    match way {
        Way::SecondFirst => {
            let late = async {
                tokio::time::sleep(PAUSE).await;
                buyer.places().await;
            };
            tokio::join!(word, late);
        }
        Way::FirstFirst | Way::AtOnce => race(way, buyer.places(), word).await,
    }
    assert!(buyer.is_confirmed().await, "{way:?}: the word is not lost");
    buyer.ends(town).await;
}

async fn receive_and_reserve(town: &Town, way: Way) {
    let sku = FIRST_SCARCE + fresh() % SCARCE;
    let there = free_units(town, sku).await;
    let mut buyers = Vec::new();
    for _ in 0..there + 1 {
        buyers.push(Buyer::of(town, sku, "cash").await);
    }
    let last = buyers.pop().unwrap();
    for buyer in &buyers {
        buyer.places().await;
    }
    assert_eq!(free_units(town, sku).await, 0);
    let arrived = json!({"sku_id": sku.to_string(), "units": 1});
    let key = fresh().to_string();
    let receive =
        is_heard(async || town.client.post_as(&key, "/api/stores/0/receive", &arrived).await);
    race(way, receive, last.places()).await;
    let won = u64::from(last.is_confirmed().await);
    assert_eq!(free_units(town, sku).await, 1 - won, "{way:?}: no update is lost");
    for buyer in buyers.iter().chain([&last]) {
        buyer.ends(town).await;
    }
    assert_eq!(free_units(town, sku).await, there + 1);
}

async fn lost_refund(town: &Town, way: Way) {
    town.bank.lose_answers();
    let buyer = Buyer::of(town, 0, "upi").await;
    buyer.places().await;
    race(way, authorised(town, &buyer.order, 1), buyer.cancels()).await;
    buyer.ends(town).await;
}

/// A town whose bank says nothing by itself, with a thousand units of some SKUs and two of others.
pub(crate) async fn town(hold_ms: u32) -> Town {
    let town = Town::empty().await;
    let mut rows = world();
    rows.retain(|row| row["kind"] != "stock");
    (rows[0]["payment_window_ms"], rows[0]["hold_ms"]) = (json!(60_000), json!(hold_ms));
    for sku in 0..FIRST_SCARCE + SCARCE {
        let (id, is_scarce) = (sku.to_string(), sku >= FIRST_SCARCE);
        if is_scarce {
            rows.push(json!({
                "kind": "sku", "sku": id, "mrp_paise": 10_000, "price_paise": 9_000,
                "gst_bps": 500,
            }));
        }
        let units = if is_scarce { 2 } else { 1_000 };
        rows.push(json!({"kind": "stock", "store": "0", "sku": id, "units": units}));
    }
    assert_eq!(town.client.put_world(&rows).await.status, 200);
    town.bank.hush();
    town
}

/// How often each race is played each way.
pub(crate) fn rounds() -> u32 {
    if std::env::var_os("RUN_SLOW").is_some() { MANY_ROUNDS } else { ROUNDS }
}

#[test]
fn every_race_ends_as_it_must_whoever_comes_first() {
    let rounds = rounds();
    // One database server for all of them, where there is one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _kept = runtime.block_on(crate::shared());
    for (name, hold_ms, plays) in RACES {
        run(async || {
            let town = town(*hold_ms).await;
            for _ in 0..rounds {
                for way in [Way::FirstFirst, Way::SecondFirst, Way::AtOnce] {
                    plays(&town, way).await;
                }
            }
            judged(&town).await;
            eprintln!("{name}: {} rounds", 3 * rounds);
            town.stop().await;
        });
    }
}
