//! The source design at its word fails on riders, and the run says how many it would take.
//!
//! Each claim of the derivation is tried by doing what it says: with as many riders as it names
//! they no longer limit, twice the pickers change nothing, and half the demand needs half of them.

#![expect(clippy::print_stdout, reason = "a test says what it measured")]

use serde_json::Value;

use super::{dastak, folder, said};

/// What a run of `seed-literal` with some keys set came to.
struct Ran {
    code: Option<i32>,
    verdict: String,
    riders: Limit,
    pickers: Limit,
    stores: f64,
}

struct Limit {
    needed: f64,
    have: f64,
    sentence: String,
}

/// The same country, small: 20 stores and 2 000 orders an hour.
const SMALL: &[&str] = &[
    "cities.delhi=6",
    "cities.bengaluru=5",
    "cities.mumbai=4",
    "cities.chennai=3",
    "cities.hyderabad=2",
    "demand.orders_per_hour=2000/h",
];

fn run(sets: &[&str], more: &[&str], stores: f64) -> Ran {
    let dir = folder();
    let mut command = dastak(dir.path());
    command.args(["run", "seed-literal", "--journal", "off", "--format", "json", "--quiet"]);
    sets.iter().chain(more).for_each(|set| {
        command.args(["--set", set]);
    });
    let said = said(&mut command);
    let summary: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}", said.err));
    let verdict = summary["verdict"]["sentence"].to_string();
    println!("{more:?} {verdict}");
    let limit = |resource: &str| {
        let limits = summary["limits"].as_array().expect("limits are a list");
        let found = limits.iter().find(|limit| limit["resource"] == resource);
        let found = found.expect("both resources are told of");
        println!("    {}", found["sentence"]);
        let number = |key: &str| found[key].as_f64().expect("a number");
        let sentence = found["sentence"].as_str().expect("a sentence").to_owned();
        Limit { needed: number("needed"), have: number("have"), sentence }
    };
    Ran { code: said.code, verdict, riders: limit("riders"), pickers: limit("pickers"), stores }
}

/// Tries the derivation; `half` sets half the demand.
fn check(sets: &[&str], half: &str, stores: f64) {
    let at_its_word = run(sets, &[], stores);
    assert_eq!(at_its_word.code, Some(10), "{}", at_its_word.verdict);
    let Limit { needed, have, sentence } = &at_its_word.riders;
    assert!(sentence.starts_with("riders limit the run: "), "{sentence}");
    assert!(*have < 10.5 * at_its_word.stores, "{have}");
    // 29 to 43 riders on shift for each store and 100 orders an hour (domain.md section 1).
    let per_store = needed / at_its_word.stores;
    assert!((29.0..43.0).contains(&per_store), "{per_store} riders a store");

    let enough = format!("fleet.riders_per_store={}", per_store.ceil());
    let with_enough = run(sets, &[&enough], stores);
    assert_eq!(with_enough.code, Some(0), "{}", with_enough.verdict);
    assert!(with_enough.riders.sentence.starts_with("riders suffice: "), "{enough}");

    let pickers = (2.0 * at_its_word.pickers.have / at_its_word.stores).ceil();
    let more_pickers = format!("staff.pickers_per_store={pickers}");
    let with_pickers = run(sets, &[&more_pickers], stores);
    assert_eq!(with_pickers.code, Some(10), "{}", with_pickers.verdict);
    assert!(with_pickers.pickers.have > 1.9 * at_its_word.pickers.have);
    assert!(with_pickers.riders.sentence.starts_with("riders limit the run: "));

    let with_half = run(sets, &[half], stores);
    let share = with_half.riders.needed / needed;
    assert!((0.45..=0.55).contains(&share), "half the demand needs {share:.3} of the riders");
}

#[test]
fn a_small_country_fails_on_riders_as_it_says() {
    check(SMALL, "demand.orders_per_hour=1000/h", 20.0);
}

/// `RUN_SLOW=1 cargo test --release -p dastak-cli --test it slow_seed -- --nocapture`
#[test]
fn slow_seed_literal_fails_on_riders_as_it_says() {
    if std::env::var_os("RUN_SLOW").is_none() {
        eprintln!("SKIPPED: a slow test (set RUN_SLOW=1)");
        return;
    }
    check(&[], "demand.orders_per_hour=50000/h", 1_000.0);
}
