//! Requests that are repeated, wrong, too large, or too late.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::order::{order_on, quoted};
use crate::{Town, run, world};

/// Sees to it that a request failed as it should, with problem details.
pub(crate) fn check(answer: &Answer, status: u16, detail: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.kind, "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    let said = problem["detail"].as_str().unwrap();
    assert!(said.contains(detail), "{said}");
}

#[test]
fn a_key_is_heard_once() {
    run(async || {
        let town = Town::new().await;
        let (quote, other) = (quoted(&town).await, quoted(&town).await);
        let body = order_on(&quote, "cash");
        let first = town.client.post_as("one", "/api/orders", &body).await;
        let again = town.client.post_as("one", "/api/orders", &body).await;
        assert_eq!((first.status, again.status), (201, 201));
        assert_eq!(first.body, again.body);
        let reused = town.client.post_as("one", "/api/orders", &order_on(&other, "cash")).await;
        check(&reused, 422, "the same key came with other words");
        let unquoted = town.client.post_as("two", "/api/orders", &order_on(&other, "cash")).await;
        assert_eq!(unquoted.status, 201);
        town.stop().await;
    });
}

#[test]
fn what_is_wrong_is_told_as_a_problem() {
    run(async || {
        let town = Town::new().await;
        let client = &town.client;
        check(&client.get("/api/orders/99").await, 404, "no such order");
        check(&client.get("/api/orders/x").await, 404, "no such");
        check(&client.get("/nowhere").await, 404, "no such path");
        check(&client.get("/api/quotes").await, 405, "asked otherwise");
        let broken = client.send("POST", "/api/quotes", &[], b"{\"store_id\":".to_vec()).await;
        check(&broken, 400, "EOF");
        let number = json!({"store_id": 0, "door": {"lat_e7": 0, "lon_e7": 0}, "lines": []});
        check(&client.post("/api/quotes", &number).await, 400, "string");
        let quote = quoted(&town).await;
        let unnamed = client.post("/api/orders", &order_on(&quote, "upi")).await;
        check(&unnamed, 400, "needs an Idempotency-Key");
        let barter = client.post_as("k", "/api/orders", &order_on(&quote, "barter")).await;
        check(&barter, 400, "upi, card, wallet or cash");
        let journal = client.get("/admin/audit/journal").await;
        check(&journal, 401, "admin's token");
        // The last: the connection is closed.
        let long = vec![b' '; 80_000];
        check(&client.send("POST", "/api/quotes", &[], long).await, 413, "at most 65536 bytes");
        town.stop().await;
    });
}

#[test]
fn a_cart_that_makes_no_sense_is_refused() {
    run(async || {
        let town = Town::new().await;
        for (lines, status, detail) in [
            (json!([]), 400, "1 to 100 lines"),
            (json!([{"sku_id": "0", "units": 0}]), 400, "1 to 100000 units"),
            (json!([{"sku_id": "9", "units": 1}]), 404, "no such SKU"),
            (
                json!([{"sku_id": "0", "units": 1}, {"sku_id": "0", "units": 1}]),
                400,
                "one line for each SKU",
            ),
            (json!([{"sku_id": "0", "units": 100_000}]), 409, "the cart is empty"),
        ] {
            let door = json!({"lat_e7": 190_000_000, "lon_e7": 730_000_000});
            let asked = json!({"store_id": "0", "door": door, "lines": lines});
            check(&town.client.post("/api/quotes", &asked).await, status, detail);
        }
        town.stop().await;
    });
}

#[test]
fn a_world_is_replaced_until_there_is_an_order() {
    run(async || {
        let town = Town::empty().await;
        let client = &town.client;
        check(&client.get("/readyz").await, 503, "no world");
        assert_eq!(client.get("/livez").await.status, 200);
        assert_eq!(client.put_world(&world()).await.status, 200);
        let of_nothing = order_on(&json!({"quote_id": "5"}), "cash");
        check(&client.post_as("none", "/api/orders", &of_nothing).await, 404, "no such order");
        assert_eq!(client.put_world(&world()).await.status, 200);
        assert_eq!(client.get("/readyz").await.status, 200);
        let quote = quoted(&town).await;
        client.post_as("one", "/api/orders", &order_on(&quote, "cash")).await;
        check(&client.put_world(&world()).await, 409, "an order exists");
        let counts = client.get("/metrics").await.body;
        let counted = r#"route="/api/orders",status="201"} 1"#;
        assert!(counts.contains(counted), "{counts}");
        town.stop().await;
    });
}

#[test]
fn a_world_that_makes_no_sense_is_refused_with_its_line() {
    run(async || {
        let town = Town::empty().await;
        let place = json!({"lat_e7": 0, "lon_e7": 0});
        let store = json!({"kind": "store", "store": "0", "place": place, "radius_m": 1});
        for (rows, detail) in [
            (vec![], "a world has a store"),
            (vec![json!({"kind": "moon"})], "line 1"),
            (vec![store.clone(), store.clone()], "line 2: stores count from zero"),
            (vec![json!({"kind": "rules", "time_scale": 0})], "time_scale is from 1"),
            (vec![json!({"kind": "rules", "dispatch": "best"})], "nearest"),
            (vec![json!({"kind": "picker", "picker": "0", "store": "3"})], "store3 is not listed"),
        ] {
            let rows: Vec<Value> = rows;
            check(&town.client.put_world(&rows).await, 400, detail);
        }
        town.stop().await;
    });
}
