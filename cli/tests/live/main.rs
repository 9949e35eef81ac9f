//! `dastak serve` and `dastak drive` together: a whole evening's people against a live deployment.
//!
//! A program of its own: what is measured here must not share the processors with other tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "counts are printed for whoever looks at them")]

mod crashes;
mod deployment;
mod kills;
mod mutants;

use std::collections::BTreeMap;

use backends::private::PrivateServer;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::deployment::{Ports, Server, alone, drive, is_slow_wanted, summary};

/// What came of a drive of a length at a speed, if it passes.
fn passes(ports: &Ports, store: [&str; 2], duration: &str, time_scale: &str) -> Value {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let start = |at: &String| Server::start(dir.path(), at, &ports.providers, store, &[]);
    let _servers: Vec<Server> = ports.servers.iter().map(start).collect();
    let more = ["--rate", "28/s", "--duration", duration, "--time-scale", time_scale];
    let (code, text) =
        drive(dir.path(), ports, "g0.toml", &[&more[..], &["--drain", "90s"]].concat());
    println!("{text}");
    assert_eq!(code, Some(0), "{text}");
    summary(dir.path())
}

/// A hundred thousand orders an hour, ten thousand riders who tell every five seconds where they
/// are, and at least so many of everything that goes wrong.
fn is_g0(summary: &Value, orders: u64) {
    let counts = |of: &str| -> BTreeMap<String, u64> {
        serde_json::from_value(summary["live"][of].clone()).unwrap()
    };
    let (facts, counts) = (counts("facts"), counts("counts"));
    println!("facts {facts:#?}\ncounts {counts:#?}");
    let fact = |name: &str| facts.get(name).copied().unwrap_or(0);
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    let at_least = [
        ("delivered", summary["orders"]["delivered"].as_u64().unwrap(), orders * 5 / 6),
        ("riders on duty", fact("rider_came_on"), 10_000),
        ("times to pay that ended", fact("payment_expired"), 20),
        ("holds that ended", fact("stock_hold_expired"), 20),
        ("cancelled", summary["orders"]["cancelled"].as_u64().unwrap(), 20),
        ("declined", fact("payment_declined"), 20),
        ("authorised late", count("payments authorised late"), 20),
        ("offers not answered in time", fact("trip_offer_timed_out"), 20),
        ("lines short", count("lines short"), 20),
    ];
    for (what, is, least) in at_least {
        println!("{what}: {is}, at least {least}");
        assert!(is >= least, "{what}: {is} of {least}");
    }
    assert_eq!(summary["orders"]["in_flight"], 0, "every order is over after the drain");
}

#[test]
fn a_minute_of_a_hundred_thousand_orders_an_hour_from_memory() {
    is_g0(&passes(&Ports::new(18_491, 1), ["--store", "memory"], "60s", "30"), 1_680);
}

/// Two servers, requests alternating, over one PostgreSQL that keeps commits safe.
fn replicas_hold(duration: &str, time_scale: &str, orders: u64) {
    let runtime = Runtime::new().unwrap();
    let (_postgres, url) = runtime.block_on(async {
        let postgres = PrivateServer::start().await.unwrap();
        let url = postgres.fresh().await.unwrap();
        (postgres, url)
    });
    is_g0(&passes(&Ports::new(18_494, 2), ["--postgres", &url], duration, time_scale), orders);
}

/// `RUN_SLOW=1 cargo test --release -p dastak-cli --test live slow_ -- --nocapture`
#[test]
fn slow_two_servers_hold_a_hundred_thousand_orders_an_hour() {
    if !is_slow_wanted() {
        return;
    }
    replicas_hold("60s", "30", 1_680);
    replicas_hold("10min", "4", 16_800);
}
