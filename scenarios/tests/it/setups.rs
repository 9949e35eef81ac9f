//! What the engine is told when a scenario says nothing is what the engine's crates calibrated.

use dastak_scenarios::schema::Scenario;
use domain::ids::CityId;
use domain::time::{Millis, Timestamp};

use super::resolve_text;

fn scenario(text: &str) -> Scenario {
    resolve_text(&format!("[cities]\nbengaluru = 48\n{text}"), &[])
        .expect("the scenario is right")
        .scenario
}

#[test]
fn a_scenario_that_says_nothing_gives_the_calibrated_setups() {
    let scenario = scenario("[window]\nwarm_up = \"0s\"\n");
    let cities = scenario.city_setups();
    assert_eq!(cities[0].setup, city::Setup { ..city::Setup::default() });
    let setup = scenario.sim_setup(7);
    let mut rules = domain::rules::Rules::default();
    // The exact means where the engine's defaults are rounded.
    rules.eta.pick_mean = Millis(135_039);
    rules.eta.cycle_mean = Millis(1_048_646);
    assert_eq!(setup.rules, rules);
    assert_eq!(setup.services, sim::services::Setup::default());
    assert_eq!(setup.behaviour.params, city::behaviour::Params::default());
    let dispatch = domain::dispatch::Params::default();
    assert_eq!(
        setup.policies.dispatch_params,
        domain::dispatch::Params {
            // Again the exact mean.
            dwell: Millis(124_646),
            ..dispatch
        }
    );
    assert_eq!(setup.policies.pricing_params, domain::pricing::Params::default());
}

#[test]
fn orders_per_hour_are_those_of_the_busiest_hour() {
    let check = |text: &str, expected: f64| {
        let scenario = resolve_text(text, &[]).unwrap().scenario;
        let expected_orders: f64 =
            scenario.city_setups().iter().map(|city| city.setup.expected_orders()).sum();
        assert!((expected_orders / expected - 1.0).abs() < 1e-9, "{text}: {expected_orders}");
    };
    let hour = "[window]\nstart = \"19:00\"\nduration = \"1h\"\nwarm_up = \"0s\"\n";
    let cities = "[cities]\nmumbai = 30\nchennai = 10\n";
    check(&format!("{cities}{hour}[demand]\norders_per_hour = \"5000/h\"\n"), 5_000.0);
    let flat = "[demand]\norders_per_hour = \"5000/h\"\nprofile = \"flat\"\n";
    check(&format!("{cities}{hour}{flat}"), 5_000.0);
    check(&format!("{cities}{flat}[window]\nwarm_up = \"0s\"\n"), 120_000.0);
}

#[test]
fn a_warm_up_before_midnight_moves_the_run_to_the_next_day() {
    let check = |text: &str, from_h: u64, to_h: u64, demand_h: u64| {
        let scenario = scenario(text);
        let window = scenario.run_window();
        let demand = &scenario.city_setups()[0].setup.demand;
        let found = (window.from, window.to, demand.from);
        assert_eq!(
            found,
            (
                Timestamp::from_s(from_h * 3_600),
                Timestamp::from_s(to_h * 3_600),
                Timestamp::from_s(demand_h * 3_600)
            )
        );
    };
    check("[window]\nstart = \"19:00\"\nduration = \"1h\"\nwarm_up = \"1h\"\n", 19, 20, 18);
    check("[window]\nstart = \"00:00\"\nduration = \"4h\"\nwarm_up = \"1h\"\n", 24, 28, 23);
    check("[window]\nstart = \"00:00\"\nduration = \"4h\"\nwarm_up = \"0s\"\n", 0, 4, 0);
}

#[test]
fn cities_are_numbered_in_a_fixed_order() {
    let text = "[cities]\nchennai = 10\nmumbai = 30\n";
    let cities = resolve_text(text, &[]).unwrap().scenario.city_setups();
    let found: Vec<_> =
        cities.iter().map(|city| (city.id, city.setup.metro.name.clone())).collect();
    assert_eq!(found, [(CityId(0), "mumbai".to_owned()), (CityId(1), "chennai".to_owned())]);
}
