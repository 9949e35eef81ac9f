//! A recorded day played from end to end.

use std::fs::File;
use std::path::{Path, PathBuf};

use city::trace::{self, TraceDay, TraceFiles, TraceSetup};
use domain::time::Millis;

use crate::play::{play, setup};

fn data() -> PathBuf {
    std::env::var_os("DASTAK_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    )
}

/// A recorded day; none, and a word about it, where the data is absent.
fn day(name: &str) -> Option<TraceDay> {
    let dir = data().join("rappi").join(name);
    if !dir.exists() {
        println!("skipped: {} is absent; DASTAK_DATA says where the data is", dir.display());
        return None;
    }
    let open = |path: PathBuf| File::open(path).expect("the file is there");
    let mut stores = dir.join("stores.csv").exists().then(|| open(dir.join("stores.csv")));
    let files = TraceFiles {
        orders: &mut open(dir.join("orders.csv")),
        couriers: &mut open(dir.join("couriers.csv")),
        stores: stores.as_mut().map(|file| file as &mut dyn std::io::Read),
        baskets: &mut open(data().join("groceries/groceries_wide.csv")),
    };
    Some(trace::import(files, &TraceSetup::default()).expect("the day can be read"))
}

/// Every recorded order is placed and ends, and nearly all are delivered.
fn check(name: &str, orders: u64) {
    let Some(day) = day(name) else { return };
    let mut setup = setup(1, 0, 30);
    // What was ordered on the day was let in.
    setup.policies.doors_by_load = false;
    // Some recorded orders go hundreds of kilometres; they are kept, and take their time.
    setup.rules.order_limit = Millis::from_min(24 * 60);
    let outcome = play(&setup, &day.city, &day.demand).outcome;
    println!("{name}: {outcome:?}");
    assert_eq!(outcome.placed, orders);
    assert_eq!(outcome.in_flight, 0);
    assert!(outcome.delivered * 100 >= orders * 95, "{outcome:?}");
}

#[test]
fn day_1() {
    check("day-1", 7_367);
}

#[test]
fn day_12() {
    check("day-12", 31_199);
}

#[test]
fn day_0() {
    check("day-0-with-stores", 56_420);
}
