//! What is kept at hand in Redis: what stands there, and that nothing hangs on it.

use std::time::Duration;

use backends::private::PrivateRedis;
use serde_json::{Value, json};
use shell::Clock;
use shell::clock::WallClock;
use tokio::time::Instant;

use crate::asking::check;
use crate::goods::comes_to_have;
use crate::order::{order_on, quoted};
use crate::{Stores, Town, run_with_redis};

/// Longer than any request may take, whatever happens to Redis: it asks a few times, 50 ms each,
/// on a busy machine.
const PATIENCE: Duration = Duration::from_secs(2);
/// Within so long everything is as it was.
const RECOVERY: Duration = Duration::from_secs(20);

/// Between a handful of requests of one caller, again and again.
const LESS_THAN_TOO_OFTEN: Duration = Duration::from_millis(400);
/// Requests of one caller that are fewer than a bucket lets through.
const FEW: usize = 40;

fn here() -> Value {
    json!({"place": {"lat_e7": 190_001_000, "lon_e7": 730_002_000}})
}

/// The value of what is counted under a name and labels at the first server.
async fn counted(town: &Town, name: &str) -> f64 {
    let text = town.client.only(0).get("/metrics").await.body;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}

#[test]
fn sessions_limits_and_places_stand_in_redis() {
    run_with_redis(async |redis: PrivateRedis, Stores { redis: url, .. }: Stores| {
        let town = Town::new().await;
        // So often that their buckets take a while to be full again.
        for _ in 0..FEW {
            town.client.get("/api/carts/mine").await;
            town.client.post("/api/riders/0/location", &here()).await;
        }
        let told = |command: &[&str]| redis.ask(&url, command).unwrap();
        let sessions = told(&["KEYS", "user:session:*"]);
        assert_eq!(sessions.lines().count(), 2, "a customer and a rider: {sessions}");
        let sessions: Vec<String> = sessions.lines().map(|key| told(&["GET", key])).collect();
        for whose in [" customer 7 ", " rider 0 "] {
            assert!(sessions.iter().any(|text| text.contains(whose)), "{whose} in {sessions:?}");
        }
        for key in ["rate:user:7", "rate:rider:0", "rider:location:0", "world"] {
            comes(key, async || told(&["PTTL", key]).parse::<i64>().unwrap() > 0).await;
        }
        let position = told(&["GEOPOS", "rider:locations", "0"]);
        let degrees: Vec<f64> = position.lines().map(|line| line.parse().unwrap()).collect();
        assert!((degrees[0] - 73.000_2).abs() < 1e-5, "{position}");
        assert!((degrees[1] - 19.000_1).abs() < 1e-5, "{position}");
        town.stop().await;
    });
}

/// Waits until something is told: what requests leave for Redis is told ten times a second.
async fn comes(what: &str, is_there: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is_there().await {
        assert!(began.elapsed() < RECOVERY, "{what} does not come");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until a shelf has a score among those that run low, or none.
async fn scores(redis: &PrivateRedis, url: &str, shelf: &str, score: &str) {
    let stands = || redis.ask(url, &["ZSCORE", "inventory:low_stock", shelf]).unwrap();
    comes(&format!("{shelf} with {score}"), async || stands() == score).await;
}

/// Free units and what runs low stand in Redis as the source design has them, and follow what
/// happens; riders near a store are found there.
#[test]
fn shelves_and_riders_stand_in_redis() {
    run_with_redis(async |redis: PrivateRedis, Stores { redis: url, .. }: Stores| {
        let town = Town::new().await;
        let told = |command: &[&str]| redis.ask(&url, command).unwrap();
        let key = "product:availability:0:warehouse:0";
        comes_to_have(&town, "0", 5).await;
        let text = told(&["GET", key]);
        assert!(text.starts_with("1 ") && text.ends_with(" 5"), "world, time, units: {text}");
        let left: i64 = told(&["PTTL", key]).parse().unwrap();
        assert!((250_000..=300_000).contains(&left), "{left} ms");
        let quote = quoted(&town).await;
        town.client.post_as("one", "/api/orders", &order_on(&quote, "cash")).await;
        comes_to_have(&town, "0", 3).await;
        assert!(told(&["GET", key]).ends_with(" 3"), "whoever follows the log wrote it");
        scores(&redis, &url, "0:0", "3").await;
        scores(&redis, &url, "0:2", "4").await;
        let low = town.client.admin("GET", "/admin/inventory/low-stock", String::new()).await;
        let low = low.json();
        assert_eq!(low["shelves"][0], json!({"store_id": "0", "sku_id": "0", "free_units": 3}));
        assert_eq!(low["shelves"].as_array().unwrap().len(), 2, "{low}");
        let received = json!({"sku_id": "0", "units": 9});
        town.client.post_as("r", "/api/stores/0/receive", &received).await;
        comes_to_have(&town, "0", 12).await;
        scores(&redis, &url, "0:0", "").await;
        town.client.post("/api/riders/0/location", &here()).await;
        comes("a rider near the store", async || {
            let near = town.client.admin("GET", "/admin/stores/0/riders", String::new()).await;
            near.json() == json!({"rider_ids": ["0"]})
        })
        .await;
        town.stop().await;
    });
}

/// A figure that is wrong in Redis is shown until it is old, and sells nothing.
#[test]
fn nothing_is_sold_that_only_redis_has() {
    run_with_redis(async |redis: PrivateRedis, Stores { redis: url, .. }: Stores| {
        let town = Town::new().await;
        let set = |world: u64, age_s: u64, units: u32| {
            let as_of = WallClock.now().0 - age_s * 1_000_000;
            let text = format!("{world} {as_of} {units}");
            redis.ask(&url, &["SET", "product:availability:0:warehouse:0", &text]).unwrap();
        };
        // One that is too old, one of another world, and one that is neither.
        for (world, age_s, units, shown) in [(1, 301, 99, 5), (2, 0, 98, 5), (1, 1, 97, 97)] {
            // Until whoever follows the log has written what the opening says, it writes over this.
            comes(&format!("{shown} units"), async || {
                set(world, age_s, units);
                tokio::time::sleep(Duration::from_millis(300)).await;
                let answer = town.client.get("/api/availability?store=0&skus=0").await;
                answer.json()["skus"][0]["free_units"] == shown
            })
            .await;
        }
        let door = json!({"lat_e7": 190_002_000, "lon_e7": 730_000_000});
        let lines = json!([{"sku_id": "0", "units": 97}]);
        let asked = json!({"store_id": "0", "door": door, "lines": lines});
        check(&town.client.post("/api/quotes", &asked).await, 409, "the cart is empty");
        town.stop().await;
    });
}

/// A cart in Redis that is old changes nothing that was done since.
#[test]
fn an_old_cart_in_redis_loses_nothing() {
    run_with_redis(async |redis: PrivateRedis, Stores { redis: url, .. }: Stores| {
        let town = Town::new().await;
        let told = |command: &[&str]| redis.ask(&url, command).unwrap();
        let set = async |sku: u32, units: u32| {
            let path = format!("/api/carts/mine/lines/{sku}");
            let answer = town.client.put(&path, &json!({"units": units})).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let cart = answer.json();
            let lines = cart["lines"].as_array().unwrap().iter();
            lines.map(|line| (line["sku_id"].clone(), line["units"].clone())).collect::<Vec<_>>()
        };
        set(0, 1).await;
        let old = told(&["GET", "cart:7"]);
        assert!(old.contains(" active - ") && old.ends_with(" 0:1"), "{old}");
        set(1, 2).await;
        assert!(told(&["GET", "cart:7"]).ends_with(" 0:1 1:2"));
        told(&["SET", "cart:7", &old]);
        let whole = [(json!("0"), json!(1)), (json!("1"), json!(2)), (json!("2"), json!(3))];
        assert_eq!(set(2, 3).await, whole);
        // What the old cart has already, and what it would refuse.
        told(&["SET", "cart:7", &old]);
        assert_eq!(set(0, 1).await, whole);
        let shown = town.client.get("/api/carts/mine").await.json();
        assert_eq!(shown["lines"].as_array().unwrap().len(), 3);
        town.stop().await;
    });
}

/// What was asked for was found somewhere or missed, and most of it was found.
#[test]
fn counts_of_copies_reconcile() {
    run_with_redis(async |_redis: PrivateRedis, _: Stores| {
        let town = Town::new().await;
        let before = counted(&town, "cache_asked_total{kind=\"session\"}").await;
        let client = town.client.only(0);
        for _ in 0..30 {
            assert_eq!(client.get("/api/carts/mine").await.status, 200);
        }
        let asked = counted(&town, "cache_asked_total{kind=\"session\"}").await;
        assert!((asked - before - 30.0).abs() < 0.5, "{before} to {asked}");
        let missed = counted(&town, "cache_missed_total{kind=\"session\"}").await;
        let found = async |level: &str| {
            let labels = format!("{{kind=\"session\",level=\"{level}\"}}");
            counted(&town, &format!("cache_staleness_seconds_count{labels}")).await
        };
        let (near, shared) = (found("process").await, found("shared").await);
        assert!((near + shared + missed - asked).abs() < 0.5, "{near} {shared} {missed}");
        assert!(near >= 28.0 && missed < 3.0, "{near} {shared} {missed}");
        let answered = async || counted(&town, "cache_calls_total{outcome=\"answered\"}").await;
        comes("a call that was answered", async || answered().await > 2.0).await;
        assert!(answered().await < 30.0, "no request waits for Redis");
        town.stop().await;
    });
}

/// Requests of all kinds, each answered as if nothing were wrong, and soon.
async fn all_is_well(town: &Town, key: &str) {
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut timed = |what: &str, status: u16, answer: crate::client::Answer, began: Instant| {
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        slowest = slowest.max(began.elapsed());
    };
    for _ in 0..2 {
        let began = Instant::now();
        timed("a cart", 200, town.client.get("/api/carts/mine").await, began);
        let began = Instant::now();
        let answer = town.client.post("/api/riders/0/location", &here()).await;
        timed("a place", 204, answer, began);
    }
    let quote = quoted(town).await;
    let began_order = Instant::now();
    let placed = town.client.post_as(key, "/api/orders", &order_on(&quote, "cash")).await;
    let path = format!("/api/orders/{}", placed.json()["order_id"].as_str().unwrap());
    timed("an order", 201, placed, began_order);
    town.client.post(&format!("{path}/cancel"), &Value::Null).await;
    assert!(slowest < PATIENCE, "{slowest:?}");
    assert!(began.elapsed() < PATIENCE * 5, "{:?}", began.elapsed());
}

/// Waits until both servers ask Redis again.
async fn recovered(town: &Town) {
    let began = Instant::now();
    for at in 0..2 {
        let client = town.client.only(at);
        loop {
            // Somebody must ask, or nobody notices.
            client.get("/api/carts/mine").await;
            let text = client.get("/metrics").await.body;
            if text.contains("\ncache_breaker 0\n") {
                break;
            }
            assert!(began.elapsed() < RECOVERY, "{text}");
            tokio::time::sleep(LESS_THAN_TOO_OFTEN / 4).await;
        }
    }
}

#[test]
fn nothing_hangs_on_redis() {
    run_with_redis(async |mut redis: PrivateRedis, Stores { redis: url, .. }: Stores| {
        let town = Town::new().await;
        all_is_well(&town, "before").await;
        redis.ask(&url, &["FLUSHALL"]).unwrap();
        all_is_well(&town, "flushed").await;
        redis.stall();
        for at in 0..3 {
            all_is_well(&town, &format!("stalled {at}")).await;
        }
        redis.go_on();
        recovered(&town).await;
        all_is_well(&town, "went on").await;
        redis.kill();
        let shed = async || counted(&town, "cache_calls_total{outcome=\"shed\"}").await;
        let began = Instant::now();
        for at in 0.. {
            all_is_well(&town, &format!("killed {at}")).await;
            if shed().await > 0.0 {
                break;
            }
            assert!(began.elapsed() < RECOVERY, "nobody leaves Redis alone");
            tokio::time::sleep(LESS_THAN_TOO_OFTEN).await;
        }
        redis.restart().await.unwrap();
        recovered(&town).await;
        all_is_well(&town, "restarted").await;
        comes("a bucket, when Redis is used again", async || {
            town.client.get("/api/carts/mine").await;
            !redis.ask(&url, &["KEYS", "rate:*"]).unwrap().is_empty()
        })
        .await;
        town.stop().await;
    });
}

/// Without Redis each server limits callers by itself.
#[test]
fn limits_hold_without_redis() {
    run_with_redis(async |mut redis: PrivateRedis, _: Stores| {
        let town = Town::new().await;
        redis.kill();
        let client = town.client.only(0);
        let asked = (0..300).map(|_| client.get("/api/carts/mine"));
        let answers = futures_util::future::join_all(asked).await;
        let passed = answers.iter().filter(|answer| answer.status == 200).count();
        let limited = answers.iter().filter(|answer| answer.status == 429).count();
        assert_eq!(passed + limited, 300);
        assert!((60..=160).contains(&passed), "{passed} of 300 passed");
        town.stop().await;
    });
}
