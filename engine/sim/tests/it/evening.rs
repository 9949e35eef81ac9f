//! A synthetic metro day.

use city::{City, Demand};
use domain::ids::CityId;

use crate::play::{play, setup};

#[test]
fn a_calibrated_day() {
    let metro = city::Setup::default();
    let city = City::build(&metro, CityId(0), 1).unwrap();
    let demand = Demand::generate(&metro, &city, 1);
    println!(
        "{} stores {} riders {} pickers {} arrivals",
        city.stores.len(),
        city.riders.len(),
        city.pickers.len(),
        demand.arrivals.len()
    );
    let setup = setup(1, 0, 24);
    let played = play(&setup, &city, &demand);
    println!("{:?}", played.outcome);
    let mean = played.outcome.order_to_door_us as f64 / 60e6 / played.outcome.delivered as f64;
    println!(
        "mean {mean} min, on time {}",
        played.outcome.on_time as f64 / played.outcome.delivered as f64
    );
    let mut counts = std::collections::BTreeMap::new();
    for record in &played.journal {
        *counts.entry(record.fact.kind().name).or_insert(0) += 1;
    }
    println!("{counts:#?}");
}
