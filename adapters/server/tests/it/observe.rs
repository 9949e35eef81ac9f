//! What is counted, and that the shipped dashboard and rules ask for nothing else.

use std::collections::BTreeSet;

use crate::order::{order_on, quoted};
use crate::{Town, run_alone};

const DASHBOARD: &str = include_str!("../../../deploy/observe/dashboard.json");
const RULES: &str = include_str!("../../../deploy/observe/rules.yml");

/// Words that look like names of what is counted.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let begin = ["http_request_", "orders_", "cache_", "log_"];
    words.filter(|word| begin.iter().any(|begin| word.starts_with(begin))).collect()
}

#[test]
fn dashboard_and_rules_ask_for_what_is_counted() {
    run_alone(async || {
        let town = Town::new().await;
        let quote = quoted(&town).await;
        town.client.post_as("one", "/api/orders", &order_on(&quote, "cash")).await;
        // The log's readers have had a turn by then.
        let mut text = town.client.get("/metrics").await.body;
        while !text.contains("\nlog_lag_seconds{") {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            text = town.client.get("/metrics").await.body;
        }
        for counted in [
            "orders_placed_total 1\n",
            "orders_processing_time_seconds_count 1\n",
            "orders_active 0\n",
            "http_request_duration_seconds_count{method=\"POST\",route=\"/api/orders\",status=\"201\"} 1\n",
        ] {
            assert!(text.contains(counted), "{counted} is not in {text}");
        }
        for file in [DASHBOARD, RULES] {
            let named = named(file);
            assert!(named.len() > 3, "{named:?}");
            for name in named {
                let is_there =
                    [" ", "{"].iter().any(|end| text.contains(&format!("\n{name}{end}")));
                assert!(is_there, "{name} is not counted");
            }
        }
        serde_json::from_str::<serde_json::Value>(DASHBOARD).unwrap();
        town.stop().await;
    });
}

/// Whoever makes up methods and paths makes no counts of them.
#[test]
fn counts_are_few_whatever_is_asked() {
    run_alone(async || {
        let town = Town::new().await;
        for at in 0..50 {
            town.client.send(&format!("X{at}"), &format!("/api/{at}"), &[], vec![]).await;
            town.client.get(&format!("/api/orders/{at}")).await;
        }
        let text = town.client.get("/metrics").await.body;
        let rows =
            text.lines().filter(|line| line.starts_with("http_request_duration_seconds_count"));
        assert!(rows.count() < 12, "{text}");
        town.stop().await;
    });
}
