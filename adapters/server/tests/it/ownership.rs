//! Who gets where: without a session nowhere, with one to what is theirs.

use serde_json::{Value, json};

use crate::asking::check;
use crate::order::{order_on, quoted};
use crate::{Town, run, run_alone, world};

/// Everything that needs a session, by the document that lists the routes.
fn guarded() -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&dastak_server::openapi()).unwrap();
    let mut found = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            if operation.get("security").is_some() {
                found.push((method.to_uppercase(), path.replace(['{', '}'], "")));
            }
        }
    }
    found
}

#[test]
fn without_a_token_or_with_a_wrong_one_nobody_gets_anywhere() {
    run_alone(async || {
        let town = Town::new().await;
        let nobody = town.client.as_nobody();
        let guarded = guarded();
        assert!(guarded.len() > 30, "{guarded:?}");
        let wrong = "Bearer ".to_owned() + &"0".repeat(64);
        for (method, path) in guarded {
            for header in [None, Some("Bearer x"), Some("Basic eDp5"), Some(wrong.as_str())] {
                let headers: Vec<_> =
                    header.map(|said| ("authorization", said)).into_iter().collect();
                let answer = nobody.send(&method, &path, &headers, Vec::new()).await;
                assert_eq!(answer.status, 401, "{method} {path} {header:?}: {answer:?}");
                assert_eq!(answer.kind, "application/problem+json");
            }
        }
        town.stop().await;
    });
}

#[test]
fn a_customer_sees_only_their_own_orders() {
    run(async || {
        let town = Town::new().await;
        let quote = quoted(&town).await;
        let placed = town.client.post_as("one", "/api/orders", &order_on(&quote, "cash")).await;
        let path = format!("/api/orders/{}", placed.json()["order_id"].as_str().unwrap());
        assert_eq!(town.client.get(&path).await.status, 200);
        let other = town.client.as_customer(8).await;
        check(&other.get(&path).await, 404, "no such order");
        check(&other.get(&format!("{path}/track")).await, 404, "no such order");
        let cancel = format!("{path}/cancel");
        check(&other.post(&cancel, &Value::Null).await, 404, "no such order");
        let again = json!({"again": false});
        check(&other.post(&format!("{path}/payment"), &again).await, 404, "no such order");
        let stolen = other.post_as("two", "/api/orders", &order_on(&quote, "cash")).await;
        check(&stolen, 409, "somebody else's");
        assert_eq!(town.client.get(&path).await.json()["status"], "confirmed");
        town.stop().await;
    });
}

#[test]
fn a_rider_is_one_rider_and_a_store_is_one_store() {
    run(async || {
        let town = Town::empty().await;
        let place = json!({"lat_e7": 190_000_000, "lon_e7": 730_000_000});
        let mut rows = world();
        rows.push(json!({"kind": "rider", "rider": "1", "place": place}));
        rows.push(json!({"kind": "store", "store": "1", "place": place, "radius_m": 3_000}));
        assert_eq!(town.client.put_world(&rows).await.status, 200);
        let tokens = [
            ("customer", town.client.session("customers", 0).await),
            ("rider", town.client.session("riders", 0).await),
            ("store", town.client.session("stores", 0).await),
        ];
        for (path, whose) in [
            ("/api/riders/0", "rider"),
            ("/api/riders/1", "nobody"),
            ("/api/riders/1/offers", "nobody"),
            ("/api/stores/0/tasks", "store"),
            ("/api/stores/1/tasks", "nobody"),
            ("/api/addresses", "customer"),
            ("/api/carts/mine", "customer"),
            ("/admin/audit/journal", "nobody"),
        ] {
            for (who, token) in &tokens {
                let bearer = format!("Bearer {token}");
                let headers = [("authorization", bearer.as_str())];
                let answer = town.client.send("GET", path, &headers, Vec::new()).await;
                let is_let_in = answer.status == 200;
                assert_eq!(is_let_in, *who == whose, "{who} at {path}: {answer:?}");
                assert!(is_let_in || [401, 403].contains(&answer.status), "{answer:?}");
            }
        }
        town.stop().await;
    });
}

#[test]
fn sessions_are_opened_for_agents_of_the_world_alone() {
    run_alone(async || {
        let town = Town::new().await;
        for (asked, detail) in [
            (json!({"agents": "riders", "from": "0", "count": 2}), "numbers below 1"),
            (json!({"agents": "stores", "from": "1", "count": 1}), "numbers below 1"),
            (json!({"agents": "customers", "from": "0", "count": 0}), "1 to 10000"),
            (json!({"agents": "customers", "from": "0", "count": 10_001}), "1 to 10000"),
            (json!({"agents": "customers", "from": "2147483648", "count": 1}), "2147483648"),
            (json!({"agents": "gods", "from": "0", "count": 1}), "unknown variant"),
        ] {
            check(
                &town.client.admin("POST", "/admin/sessions", asked.to_string()).await,
                400,
                detail,
            );
        }
        let asked = json!({"agents": "customers", "from": "5", "count": 1_000}).to_string();
        let many = town.client.admin("POST", "/admin/sessions", asked).await.json();
        let mut tokens: Vec<String> = serde_json::from_value(many["tokens"].clone()).unwrap();
        tokens.sort();
        tokens.dedup();
        assert_eq!(tokens.len(), 1_000);
        town.stop().await;
    });
}

#[test]
fn a_provider_signs_what_it_says() {
    run_alone(async || {
        let town = Town::new().await;
        let quote = quoted(&town).await;
        let hook = json!({"event_id": "1", "order_id": quote["quote_id"], "attempt": 1,
            "word": "authorised"})
        .to_string();
        let right = dastak_server::sign(crate::SECRET, hook.as_bytes());
        let wrong = dastak_server::sign("another", hook.as_bytes());
        let path = "/api/providers/payment/webhook";
        for (signature, body) in [
            (None, hook.clone()),
            (Some("sha256=é".to_owned()), hook.clone()),
            (Some(wrong), hook.clone()),
            (Some(right), hook + " "),
        ] {
            let headers: Vec<_> =
                signature.iter().map(|text| ("x-dastak-signature", text.as_str())).collect();
            let answer = town.client.send("POST", path, &headers, body.into_bytes()).await;
            check(&answer, 401, "signature");
        }
        town.stop().await;
    });
}

#[test]
fn who_asks_too_often_is_told_so() {
    run_alone(async || {
        let town = Town::new().await;
        let mut answers = Vec::new();
        for _ in 0..400 {
            answers.push(town.client.get("/api/carts/mine").await);
            if answers.last().unwrap().status == 429 {
                break;
            }
        }
        check(answers.last().unwrap(), 429, "too often");
        assert!(answers.len() > 60, "a screen full of requests passes");
        let other = town.client.as_customer(8).await;
        assert_eq!(other.get("/api/carts/mine").await.status, 200, "others are not held up");
        town.stop().await;
    });
}
