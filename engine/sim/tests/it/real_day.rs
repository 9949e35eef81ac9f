//! Recorded days played from end to end.

use std::fs::File;
use std::path::PathBuf;

use city::trace::{self, TraceFiles, TraceSetup};
use dastak_sim::{Behaviour, Policies, Setup, Window, services};
use domain::dispatch;
use domain::facts::{Record, RunDigest};
use domain::ids::CityId;
use domain::rules::Rules;
use domain::time::{Millis, Timestamp};
use kernel::queue::RadixQueue;

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
    let setup = Setup {
        seed: 1,
        rules: Rules::default(),
        policies: Policies {
            dispatch: dispatch::Policy::Nearest,
            dispatch_params: dispatch::Params::default(),
        },
        behaviour: Behaviour,
        services: services::Setup::default(),
        window: Window {
            from: Timestamp(0),
            to: Timestamp::from_s(86_400),
            drain: Millis::from_min(180),
        },
    };
    let mut journal: Vec<Record> = Vec::new();
    let outcome = dastak_sim::run::<RadixQueue<_>>(
        &setup,
        &day.city,
        &day.demand,
        (&mut journal, RunDigest::new(CityId(0))),
        |_| true,
    );
    println!("{outcome:?}");
    println!("{} facts", journal.len());
    let mut counts = std::collections::BTreeMap::new();
    for record in &journal {
        *counts.entry(record.fact.kind().name).or_insert(0) += 1;
    }
    println!("{counts:#?}");
}
