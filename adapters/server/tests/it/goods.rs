//! What there is to buy: search, availability, carts that become orders, counts, holds.

use serde_json::{Value, json};

use crate::asking::check;
use crate::order::order_on;
use crate::{Town, run};

fn door() -> Value {
    json!({"lat_e7": 190_002_000, "lon_e7": 730_000_000})
}

#[test]
fn what_is_searched_is_found() {
    run(async || {
        let town = Town::new().await;
        for (asked, found) in [
            ("q=toned", vec!["0"]),
            ("q=milk&store=0", vec!["0", "1"]),
            ("q=milk&limit=1", vec!["0"]),
            ("q=%27%3B%20DROP%20TABLE%20orders", vec![]),
            ("q=sku%202", vec!["2"]),
            ("", vec!["0", "1", "2"]),
        ] {
            let answer = town.client.get(&format!("/api/products?{asked}")).await.json();
            let products = answer["products"].as_array().unwrap();
            let ids: Vec<&str> = products.iter().map(|p| p["sku_id"].as_str().unwrap()).collect();
            assert_eq!(ids, found, "{asked}");
        }
        assert_eq!(town.client.get("/api/products/1").await.json()["name"], "Oat milk");
        check(&town.client.get("/api/products/3").await, 404, "no such SKU");
        check(&town.client.get("/api/products?store=9").await, 404, "no such store");
        check(&town.client.get("/api/products?store=-1").await, 400, "decimal");
        town.stop().await;
    });
}

#[test]
fn a_cart_is_quoted_and_becomes_an_order() {
    run(async || {
        let town = Town::new().await;
        let client = &town.client;
        let line = |sku: &str| format!("/api/carts/mine/lines/{sku}");
        check(&client.put(&line("0"), &json!({"units": 13})).await, 409, "at most 12 in a cart");
        check(&client.put(&line("9"), &json!({"units": 1})).await, 404, "no such SKU");
        client.put(&line("0"), &json!({"units": 2})).await;
        let cart = client.put(&line("1"), &json!({"units": 1})).await.json();
        assert_eq!(cart["lines"].as_array().unwrap().len(), 2);
        let asked = json!({"store_id": "0", "door": door()});
        let quote = client.post("/api/quotes", &asked).await.json();
        assert_eq!(quote["lines"].as_array().unwrap().len(), 2);
        let cart = client.get("/api/carts/mine").await.json();
        assert_eq!(
            (&cart["status"], &cart["quote_id"]),
            (&json!("checked_out"), &quote["quote_id"])
        );
        let mut order = order_on(&quote, "cash");
        order["from_cart"] = json!(true);
        for _ in 0..2 {
            assert_eq!(client.post_as("one", "/api/orders", &order).await.status, 201);
        }
        assert_eq!(client.get("/api/carts/mine").await.json()["status"], "converted");
        let next = client.put(&line("2"), &json!({"units": 1})).await.json();
        assert_eq!(
            (&next["status"], next["lines"].as_array().unwrap().len()),
            (&json!("active"), 1)
        );
        town.stop().await;
    });
}

/// Waits until a SKU is shown to have so many free units: what is shown is a moment old.
pub(crate) async fn comes_to_have(town: &Town, sku: &str, free_units: u32) {
    let path = format!("/api/availability?store=0&skus={sku}");
    town.client.until(&path, |shown| shown["skus"][0]["free_units"] == free_units).await;
}

#[test]
fn counting_corrects_the_record_and_holds_are_released() {
    run(async || {
        let town = Town::new().await;
        let client = &town.client;
        let asked =
            json!({"store_id": "0", "door": door(), "lines": [{"sku_id": "0", "units": 2}]});
        let quote = client.post("/api/quotes", &asked).await.json();
        let placed = client.post_as("one", "/api/orders", &order_on(&quote, "cash")).await.json();
        comes_to_have(&town, "0", 3).await;
        let counted = json!({"sku_id": "0", "on_hand_units": 9});
        for _ in 0..2 {
            let answer = client.post_as("c", "/api/stores/0/count", &counted).await;
            assert_eq!(answer.status, 204, "{answer:?}");
        }
        // Two of the nine are held.
        comes_to_have(&town, "0", 7).await;
        let few = json!({"sku_id": "0", "on_hand_units": 1});
        check(&client.post_as("d", "/api/stores/0/count", &few).await, 409, "fewer units are free");
        let hold = json!({"order_id": placed["order_id"]}).to_string();
        let path = |verb: &str| format!("/api/inventory/{verb}");
        let held = client.admin("POST", &path("reserve"), hold.clone()).await.json();
        assert_eq!(held["lines"][0]["held_units"], 2, "it is held once");
        comes_to_have(&town, "0", 7).await;
        let released = client.admin("POST", &path("release"), hold).await.json();
        assert_eq!(released["lines"][0]["held_units"], 0);
        comes_to_have(&town, "0", 9).await;
        town.stop().await;
    });
}
