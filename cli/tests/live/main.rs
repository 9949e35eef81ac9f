//! `dastak serve` and `dastak drive` together: a whole evening's people against a live deployment.
//!
//! A program of its own: what is measured here must not share the processors with other tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "counts are printed for whoever looks at them")]

mod cost;
mod crashes;
mod deployed;
mod deployment;
mod kills;
mod mutants;
mod stores;

use std::collections::BTreeMap;
use std::process::Command;

use backends::private::{PrivateRedis, PrivateServer};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::cost::Spent;
use crate::deployment::{Ports, Server, alone, dastak, drive, is_slow_wanted, said, summary};

/// The live tests. None of them is ever skipped but slow ones: without their servers they fail.
const LIVE: [&str; 19] = [
    "crashes::slow_a_server_ends_between_any_two_steps_and_nothing_is_lost",
    "kills::a_server_that_is_killed_and_a_rolling_restart_lose_nothing",
    "kills::slow_a_database_that_crashes_again_and_again_keeps_what_was_acknowledged",
    "kills::slow_a_provider_that_misbehaves_costs_nobody_anything",
    "kills::slow_a_server_that_stands_still_for_long_does_no_harm_when_it_goes_on",
    "kills::slow_one_killed_server_of_a_hundred_thousand_orders_an_hour_is_hardly_missed",
    "kills::slow_servers_that_are_killed_again_and_again_lose_nothing",
    "mutants::a_bug_is_chosen_by_its_name_from_a_list",
    "mutants::slow_every_bug_is_named_and_sound_deployments_never",
    "mutants::slow_rows_that_are_not_guarded_are_named_whoever_comes",
    "mutants::some_bugs_are_named_and_a_sound_deployment_is_not",
    "no_live_test_is_missing",
    "slow_half_a_million_orders_an_hour",
    "slow_ten_minutes_of_a_hundred_thousand_orders_an_hour",
    "slow_three_hundred_orders_a_second",
    "stores::slow_a_database_that_stalls_is_told_of_in_time",
    "stores::slow_redis_that_is_killed_emptied_and_stalled_is_hardly_missed",
    "the_first_contact_is_two_lines",
    "two_servers_hold_a_minute_of_a_hundred_thousand_orders_an_hour",
];

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

/// What the README promises to whoever has installed no server.
#[test]
fn the_first_contact_is_two_lines() {
    let _alone = alone();
    let (dir, ports) = (tempfile::tempdir().unwrap(), Ports::new(18_491, 1));
    let at = &ports.servers[0];
    let _server = Server::start(dir.path(), at, &ports.providers, &[], &[]);
    let mut command = dastak(dir.path());
    command.args(["drive", "evening-peak", "--target", &format!("http://{at}")]);
    command.args(["--providers", &ports.providers, "--duration", "8s", "--time-scale", "120"]);
    let (code, text) = said(&mut command);
    assert_eq!(code, Some(0), "{text}");
}

/// What came of a drive of two servers, requests alternating, over one PostgreSQL that keeps commits
/// safe and a Redis; if it passes. What it cost is printed.
fn replicas_hold(scenario: &str, rate: &str, [duration, time_scale, drain]: [&str; 3]) -> Value {
    let _alone = alone();
    let runtime = Runtime::new().unwrap();
    let (postgres, url, redis) = runtime.block_on(async {
        let postgres = PrivateServer::start().await.unwrap();
        let url = postgres.fresh().await.unwrap();
        (postgres, url, PrivateRedis::start().await.unwrap())
    });
    let (dir, ports) = (tempfile::tempdir().unwrap(), Ports::new(18_494, 2));
    let store = ["--postgres", &url, "--redis", &redis.fresh()];
    let start = |at: &String| Server::start(dir.path(), at, &ports.providers, &store, &[]);
    let servers: Vec<Server> = ports.servers.iter().map(start).collect();
    let numbers: Vec<u32> = servers.iter().map(|server| server.0.id()).collect();
    let spent = || runtime.block_on(Spent::read(&url, &numbers, postgres.process_id()));
    let before = spent();
    let more = ["--rate", rate, "--duration", duration, "--time-scale", time_scale];
    let (code, text) =
        drive(dir.path(), &ports, scenario, &[&more[..], &["--drain", drain]].concat());
    println!("{text}");
    let summary = summary(dir.path());
    println!("{}", spent().since(&before, summary["orders"]["placed"].as_u64().unwrap()));
    assert_eq!(code, Some(0), "{text}");
    summary
}

#[test]
fn two_servers_hold_a_minute_of_a_hundred_thousand_orders_an_hour() {
    is_g0(&replicas_hold("g0.toml", "28/s", ["60s", "30", "90s"]), 1_680);
}

/// `RUN_SLOW=1 cargo test --release -p dastak-cli --test live slow_ten -- --nocapture`
#[test]
fn slow_ten_minutes_of_a_hundred_thousand_orders_an_hour() {
    if is_slow_wanted() {
        is_g0(&replicas_hold("g0.toml", "28/s", ["10min", "4", "20min"]), 16_800);
    }
}

/// What two processor cores hold with everything on them: driver, servers, PostgreSQL and Redis.
///
/// `RUN_SLOW=1 cargo test --release -p dastak-cli --test live slow_half -- --nocapture`
#[test]
fn slow_half_a_million_orders_an_hour() {
    if is_slow_wanted() {
        let summary = replicas_hold("g1.toml", "150/s", ["60s", "240", "60s"]);
        assert!(summary["orders"]["delivered"].as_u64().unwrap() >= 8_500, "{summary}");
    }
}

/// Takes more than two processor cores.
///
/// `RUN_SLOW=1 cargo test --release -p dastak-cli --test live slow_three -- --nocapture`
#[test]
fn slow_three_hundred_orders_a_second() {
    if is_slow_wanted() {
        let summary = replicas_hold("g1.toml", "300/s", ["60s", "240", "60s"]);
        assert!(summary["orders"]["placed"].as_u64().unwrap() >= 17_000, "{summary}");
    }
}

/// A live test that is lost is not missed by anybody otherwise.
#[test]
fn no_live_test_is_missing() {
    let listed = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    let names: Vec<&str> = text.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    assert_eq!(names, LIVE);
}
