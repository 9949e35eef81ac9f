//! Races with a crash: a server ends before, after and while it does
//! something, over PostgreSQL with two servers. The other one goes on, the crashed one comes back,
//! and everything happens once.

use std::time::Duration;

use backends::{Options, Postgres};
use domain::ids::CityId;
use domain::time::Millis;
use shell::clock::WallClock;
use shell::{Clock, Database, OutboxId, Pause};

use crate::order::judged;
use crate::races::{
    Buyer, FIRST_SCARCE, LONG_MS, Way, authorised, free_units, fresh, rounds, town,
};
use crate::{STORES, Town, run_replicas};

/// Longer than a row of the outbox is lent for.
const LEASE: Millis = Millis::from_s(60);
/// Rows of the outbox.
const ALL: usize = 1_000;

/// Lets the leases of the outbox end, as they would by themselves half a minute after a crash.
async fn leases_end() {
    let url = STORES.with_borrow(Clone::clone).unwrap().postgres;
    let database = Postgres::connect(&url, CityId(0), Options::default()).await.unwrap();
    let now = WallClock.now();
    let rows = database.take(now + LEASE, Millis::ZERO, ALL).await.unwrap();
    let ids: Vec<OutboxId> = rows.iter().map(|row| row.id).collect();
    let none = Pause { first: Millis::ZERO, most: Millis::ZERO };
    database.give_back(&ids, now + LEASE, now, none).await.unwrap();
}

/// Some moment within a request.
async fn a_moment() {
    tokio::time::sleep(Duration::from_micros(u64::from(fresh() * 7 % 40) * 200)).await;
}

/// R17: the bank is asked to take the money, and whoever asked crashes before that is noted.
async fn asked_and_crashed(town: &mut Town, way: Way) {
    let buyer = Buyer::of(town, 0, "upi").await;
    buyer.places().await;
    let relays = town.bank.asker("create", &buyer.order).await;
    town.bank.keep_captures(!matches!(way, Way::AtOnce));
    if let Way::SecondFirst = way {
        town.crash(relays).await;
        town.bank.keep_captures(false);
    }
    authorised(town, &buyer.order, 1).await;
    let asked_by = town.bank.asker("capture", &buyer.order).await;
    if !matches!(way, Way::SecondFirst) {
        town.crash(asked_by).await;
        town.bank.keep_captures(false);
        leases_end().await;
    }
    assert!(buyer.is_confirmed().await);
    let total = buyer.until(|order| order["kept_paise"] == order["total_paise"]).await;
    let total = total["total_paise"].as_i64().unwrap();
    assert_eq!(town.bank.kept(&buyer.order), [total], "{way:?}: taken once");
    assert_eq!(town.bank.keys("capture", &buyer.order), 1, "{way:?}: asked under one name");
    buyer.ends(town).await;
}

/// R18: an order is placed and paid, and whoever does that crashes between the step and its answer.
async fn stepped_and_crashed(town: &mut Town, way: Way) {
    let sku = FIRST_SCARCE + fresh() % 8;
    let there = free_units(town, sku).await;
    let buyer = Buyer::of(town, sku, "upi").await;
    let dies = usize::from(fresh().is_multiple_of(2));
    let asks = buyer.client.only(dies);
    let placing = asks.post_as(&buyer.order, "/api/orders", &buyer.body);
    match way {
        Way::FirstFirst => {
            assert_eq!(placing.await.status, 201);
            town.crash(dies).await;
            // What was answered stands.
            buyer.until(|order| order["is_over"] == false).await;
        }
        Way::SecondFirst => {
            town.crash(dies).await;
            // Nobody may be there to hear it yet.
            placing.await;
        }
        Way::AtOnce => {
            let crash = async {
                a_moment().await;
                town.crash(dies).await;
            };
            tokio::join!(placing, crash);
        }
    }
    buyer.places().await;
    leases_end().await;
    assert_eq!(free_units(town, sku).await, there - 1, "{way:?}: held once");
    let relays = town.bank.asker("create", &buyer.order).await;
    let (event, bank) = (fresh().into(), town.bank.clone());
    let says = async || bank.says(event, &buyer.order, 1, "authorised").await;
    match way {
        Way::FirstFirst => {
            says().await;
            town.crash(relays).await;
        }
        Way::SecondFirst => {
            town.crash(relays).await;
            says().await;
        }
        Way::AtOnce => {
            let crash = async {
                a_moment().await;
                town.crash(relays).await;
            };
            tokio::join!(says(), crash);
        }
    }
    says().await;
    leases_end().await;
    assert!(buyer.is_confirmed().await, "{way:?}");
    assert_eq!(town.bank.keys("create", &buyer.order), 1, "{way:?}: one payment is begun");
    buyer.ends(town).await;
    assert_eq!(free_units(town, sku).await, there, "{way:?}: let go once");
}

#[test]
fn what_a_crash_interrupts_happens_once() {
    run_replicas(async || {
        let mut town = town(LONG_MS).await;
        for _ in 0..rounds() {
            for way in [Way::FirstFirst, Way::SecondFirst, Way::AtOnce] {
                asked_and_crashed(&mut town, way).await;
                stepped_and_crashed(&mut town, way).await;
            }
        }
        judged(&town).await;
        town.stop().await;
    });
}
