//! Two servers share the work, and either goes on without the other.

use serde_json::Value;

use crate::order::{judged, order_on, quoted};
use crate::{Town, run_replicas};

/// Places an order through one server and waits until it is confirmed: a relay asked the provider,
/// heard it, and a timer or two were wound up.
async fn confirmed(town: &Town, key: &str) -> String {
    let quote = quoted(town).await;
    let placed = town.client.post_as(key, "/api/orders", &order_on(&quote, "upi")).await;
    assert_eq!(placed.status, 201, "{placed:?}");
    let path = format!("/api/orders/{}", placed.json()["order_id"].as_str().unwrap());
    town.client.until(&path, |order| order["status"] == "confirmed").await;
    path
}

#[test]
fn when_a_server_crashes_the_other_takes_its_duties_over() {
    for dies in [0, 1] {
        run_replicas(async || {
            let mut town = Town::new().await;
            let before = confirmed(&town, "before").await;
            town.servers.remove(dies).crash().await;
            town.client = town.client.only(1 - dies);
            for path in [before, confirmed(&town, "after").await] {
                let cancel = format!("{path}/cancel");
                town.client.post_until_heard(&cancel, &Value::Null).await;
                town.client.until(&path, |order| order["is_over"] == true).await;
            }
            judged(&town).await;
            town.stop().await;
        });
    }
}

#[test]
fn a_server_that_starts_later_finds_the_world_and_its_orders() {
    run_replicas(async || {
        let town = Town::new().await;
        let path = confirmed(&town, "first").await;
        let before = town.client.clone();
        town.stop().await;
        let later = Town::empty().await;
        later.client.speak_like(&before);
        for at in 0..2 {
            let client = later.client.only(at);
            client.until("/readyz", |ready| ready["world"] == "1").await;
            assert_eq!(client.get(&path).await.json()["status"], "confirmed");
        }
        confirmed(&later, "second").await;
        later.stop().await;
    });
}
