//! Worlds of scenarios.

use city::trace::{self, TraceFiles};
use city::{City, Demand};
use dastak_scenarios::library;
use dastak_scenarios::schema::Scenario;

/// The cities of a scenario and their demand; of a recorded day, that which ships with Dastak.
pub(crate) fn worlds(scenario: &Scenario) -> Vec<(City, Demand)> {
    let seed = u64::from(scenario.seed.get());
    if scenario.trace.is_some() {
        let files = TraceFiles {
            orders: &mut library::real_day::ORDERS.as_bytes(),
            couriers: &mut library::real_day::COURIERS.as_bytes(),
            stores: Some(&mut library::real_day::STORES.as_bytes()),
            baskets: &mut library::real_day::BASKETS.as_bytes(),
        };
        let day = trace::import(files, &scenario.trace_setup(seed)).unwrap();
        return vec![(day.city, day.demand)];
    }
    let built = scenario.city_setups().into_iter().map(|plan| {
        let city = City::build(&plan.setup, plan.id, seed).unwrap();
        let demand = Demand::generate(&plan.setup, &city, seed);
        (city, demand)
    });
    built.collect()
}
