//! A scenario lies over what it extends, and arguments lie over both.

use dastak_scenarios::{Request, resolve};

use super::{Shelf, resolve_mine, resolve_text};

#[test]
fn later_layers_win_key_by_key() {
    let base = "[cities]\nmumbai = 3\n[fleet]\nspeed = \"20km/h\"\nreject = \"5%\"\n";
    let mine = "extends = \"base.toml\"\n[fleet]\nspeed = \"18km/h\"\n";
    let shelf = Shelf::with(&[("mine.toml", mine), ("base.toml", base)]);
    let check = |sets: &[&str], expected: &str| {
        let fleet = resolve_mine(&shelf, sets).unwrap().scenario.fleet;
        assert_eq!(format!("{} {}", fleet.speed, fleet.reject), expected);
    };
    check(&[], "18km/h 5%");
    check(&["fleet.speed=12km/h"], "12km/h 5%");
    check(&["fleet.speed=\"12km/h\"", "reject=1%"], "12km/h 1%");
    check(&["reject=1%", "reject=2%"], "18km/h 2%");
}

#[test]
fn one_rate_of_orders_replaces_the_other() {
    let base = "[cities]\nmumbai = 3\n[demand]\norders_per_store_per_day = 1000\n";
    let check = |text: &str, sets: &[&str], expected: &str| {
        let demand = resolve_text(text, sets).unwrap().scenario.demand;
        let per_day = demand.orders_per_store_per_day.map(|count| count.get());
        let found = format!("{per_day:?} {:?}", demand.orders_per_hour.map(|rate| rate.0));
        assert_eq!(found, expected);
    };
    check(base, &[], "Some(1000) None");
    check(base, &["orders_per_hour=120000"], "None Some(120000)");
    check(base, &["orders_per_hour=2/s", "orders_per_store_per_day=900"], "Some(900) None");
}

#[test]
fn names_are_not_taken_over() {
    let mine = "extends = \"national-peak\"\n";
    let scenario = resolve_text(mine, &[]).unwrap().scenario;
    assert_eq!(scenario.name, "mine");
    assert_eq!(scenario.summary, "");
    assert_eq!(scenario.cities.stores(), 1_000);
}

#[test]
fn paths_start_where_they_were_written() {
    let base = "[trace]\ndir = \"day\"\n";
    let shelf = Shelf::with(&[
        ("sub/mine.toml", "extends = \"../base.toml\"\n"),
        ("sub/../base.toml", base),
    ]);
    let check = |sets: &[&str], expected: &str| {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        let request = Request { scenario: "sub/mine.toml", sets: &sets };
        let trace = resolve(&request, &shelf).unwrap().scenario.trace.unwrap();
        assert_eq!(trace.dir.as_deref(), Some(expected));
    };
    check(&[], "sub/../day");
    check(&["trace.dir=elsewhere"], "elsewhere");
}

#[test]
fn a_resolved_scenario_resolves_to_itself() {
    let check = |scenario: &str| {
        let request = Request { scenario, sets: &[] };
        let first = resolve(&request, &Shelf::default()).unwrap();
        let again = resolve_text(&first.toml, &[]).unwrap();
        assert_eq!(again.scenario, first.scenario, "{}", first.toml);
        assert_eq!(again.toml, first.toml);
    };
    for shipped in dastak_scenarios::library::all() {
        check(shipped.name);
    }
}
