//! Recorded days played from end to end.

use std::fs::File;
use std::path::PathBuf;

use city::trace::{self, TraceFiles, TraceSetup};

use crate::play::{play, setup};

fn data() -> PathBuf {
    std::env::var_os("DASTAK_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    )
}

#[test]
fn day_one() {
    let day = data().join("rappi/day-1");
    let mut orders = File::open(day.join("orders.csv")).unwrap();
    let mut couriers = File::open(day.join("couriers.csv")).unwrap();
    let mut baskets = File::open(data().join("groceries/groceries_wide.csv")).unwrap();
    let files = TraceFiles {
        orders: &mut orders,
        couriers: &mut couriers,
        stores: None,
        baskets: &mut baskets,
    };
    let day = trace::import(files, &TraceSetup::default()).unwrap();
    let setup = setup(1, 0, 24);
    let played = play(&setup, &day.city, &day.demand);
    println!("{:?}", played.outcome);
}
