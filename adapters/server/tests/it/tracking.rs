//! Streams: whoever watches sees each change, and whoever is not allowed sees nothing.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::order::{order_on, quoted};
use crate::{Town, run};

/// Whoever waits longer waits in vain.
const LIMIT: Duration = Duration::from_secs(10);

async fn placed(town: &Town) -> String {
    let quote = quoted(town).await;
    let placed = town.client.post_as("one", "/api/orders", &order_on(&quote, "cash")).await;
    format!("/api/orders/{}", placed.json()["order_id"].as_str().unwrap())
}

#[test]
fn an_order_is_tracked_until_it_is_over() {
    run(async || {
        let town = Town::new().await;
        let path = placed(&town).await;
        let mut events = town.client.events(&format!("{path}/track")).await;
        let first = events.next(LIMIT).await;
        assert_eq!((&first["status"], &first["is_over"]), (&json!("confirmed"), &json!(false)));
        town.client.post(&format!("{path}/cancel"), &Value::Null).await;
        let mut last = events.next(LIMIT).await;
        while last["is_over"] == false {
            last = events.next(LIMIT).await;
        }
        assert_eq!(last["status"], "cancelled");
        town.stop().await;
    });
}

#[test]
fn an_order_is_tracked_by_web_socket() {
    run(async || {
        let town = Town::new().await;
        let path = placed(&town).await;
        let request = |token: Option<String>| {
            let url = town.client.url(&format!("{path}/track")).replace("http://", "ws://");
            let mut request = url.into_client_request().unwrap();
            if let Some(token) = token {
                let bearer = format!("Bearer {token}").parse().unwrap();
                request.headers_mut().insert("authorization", bearer);
            }
            request
        };
        for (token, status) in [(None, 401), (Some(town.client.session("customers", 8).await), 404)]
        {
            let refused = tokio_tungstenite::connect_async(request(token)).await;
            let Err(Error::Http(answer)) = refused else { panic!("{refused:?}") };
            assert_eq!(answer.status(), status);
        }
        let token = town.client.session("customers", 7).await;
        let (mut socket, _) = tokio_tungstenite::connect_async(request(Some(token))).await.unwrap();
        let mut statuses = Vec::new();
        loop {
            let said = tokio::time::timeout(LIMIT, socket.next()).await.unwrap();
            match said {
                Some(Ok(Message::Text(text))) => {
                    let order: Value = serde_json::from_str(&text).unwrap();
                    if statuses.is_empty() {
                        town.client.post(&format!("{path}/cancel"), &Value::Null).await;
                    }
                    statuses.push(order["status"].as_str().unwrap().to_owned());
                }
                Some(Ok(Message::Close(_))) | None => break,
                Some(Ok(_)) => {}
                Some(Err(error)) => panic!("{error}"),
            }
        }
        assert_eq!(statuses.first().unwrap(), "confirmed");
        assert_eq!(statuses.last().unwrap(), "cancelled");
        town.stop().await;
    });
}

#[test]
fn a_stream_tells_what_a_store_has_and_what_changes() {
    run(async || {
        let town = Town::new().await;
        let mut events = town.client.events("/api/availability/stream?store=0").await;
        let first = events.next(LIMIT).await;
        assert_eq!(first["skus"].as_array().unwrap().len(), 3);
        let received = json!({"sku_id": "1", "units": 4});
        town.client.post_as("r", "/api/stores/0/receive", &received).await;
        let changed = events.next(LIMIT).await;
        assert_eq!(changed["skus"], json!([{"sku_id": "1", "free_units": 9}]));
        town.stop().await;
    });
}
