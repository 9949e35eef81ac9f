//! What follows from the log: customers are told, once, and the broker has the whole journal.

use std::collections::BTreeSet;
use std::time::Duration;

use backends::Kafka;
use backends::log::Codec;
use backends::private::PrivateBroker;
use dastak_server::{line_of, record_of};
use serde_json::Value;
use shell::log::{Log, Topic, What};
use tokio::time::Instant;

use crate::order::{judged, order_on, quoted};
use crate::{Town, run, run_with_broker};

const CODEC: Codec = Codec {
    encode: |record| line_of(record).into_bytes(),
    decode: |bytes| record_of(std::str::from_utf8(bytes).ok()?).ok(),
};

/// Places an order and cancels it; its number.
async fn cancelled(town: &Town, key: &str) -> String {
    let quote = quoted(town).await;
    let placed = town.client.post_as(key, "/api/orders", &order_on(&quote, "cash")).await;
    let order = placed.json()["order_id"].as_str().unwrap().to_owned();
    let path = format!("/api/orders/{order}");
    town.client.post_until_heard(&format!("{path}/cancel"), &Value::Null).await;
    town.client.until(&path, |order| order["is_over"] == true).await;
    order
}

/// Waits until a customer was told of so much, and sees to it that nothing is told twice.
async fn told(town: &Town, count: usize) -> Vec<(String, String)> {
    let is_so = |shown: &Value| shown["notifications"].as_array().unwrap().len() >= count;
    let shown = town.client.until("/api/notifications", is_so).await;
    let text = |note: &Value, key: &str| note[key].as_str().unwrap().to_owned();
    let notes = shown["notifications"].as_array().unwrap();
    notes.iter().map(|note| (text(note, "order_id"), text(note, "kind"))).collect()
}

#[test]
fn customers_are_told_of_their_orders() {
    run(async || {
        let town = Town::new().await;
        let order = cancelled(&town, "one").await;
        let expected = ["order_cancelled", "order_confirmed"];
        let expected = expected.map(|kind| (order.clone(), kind.to_owned()));
        assert_eq!(told(&town, 2).await, expected);
        let stranger = town.client.as_customer(8).await;
        let shown = stranger.get("/api/notifications").await.json();
        assert_eq!(shown["notifications"], Value::Array(vec![]), "others are not told");
        town.stop().await;
    });
}

/// Everything on the broker's topics but what is told there again.
async fn numbers(kafka: &Kafka) -> BTreeSet<u64> {
    let mut numbers = BTreeSet::new();
    for (topic, _) in Topic::ALL.into_iter().filter(|(topic, _)| *topic != Topic::Notifications) {
        for partition in 0..kafka.partitions() {
            let mut next = 0;
            loop {
                let page = kafka.read(topic, partition, next, 1_000).await.unwrap();
                if page.next == next {
                    break;
                }
                next = page.next;
                numbers.extend(page.found.iter().map(|found| match &found.what {
                    What::Fact { record, .. } => record.seq,
                    What::Malformed { .. } => panic!("{found:?}"),
                }));
            }
        }
    }
    numbers
}

/// The broker is stopped while orders are taken, and one server dies: nothing is missing, and
/// nobody is told twice.
#[test]
fn the_broker_has_the_whole_journal_whatever_happens() {
    run_with_broker(async |broker: PrivateBroker| {
        let mut town = Town::new().await;
        let mut orders = vec![cancelled(&town, "before").await];
        told(&town, 2).await;
        broker.stall();
        for at in 0..3 {
            orders.push(cancelled(&town, &format!("meanwhile {at}")).await);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        town.servers.remove(0).crash().await;
        town.client = town.client.only(1);
        broker.go_on();
        orders.push(cancelled(&town, "after").await);
        let told = told(&town, 2 * orders.len()).await;
        let once: BTreeSet<_> = told.iter().cloned().collect();
        assert_eq!((told.len(), once.len()), (2 * orders.len(), 2 * orders.len()), "{told:?}");
        let journal = judged(&town).await.len() as u64;
        let kafka = Kafka::at(&broker.address(), CODEC);
        let began = Instant::now();
        while !numbers(&kafka).await.is_superset(&(0..journal).collect()) {
            assert!(began.elapsed() < Duration::from_secs(20), "not all arrives");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let counted = town.client.get("/metrics").await.body;
        assert!(counted.contains("log_lag_seconds{reader=\"publisher\"} 0"), "{counted}");
        town.stop().await;
    });
}
