use super::*;

#[test]
fn the_defaults_are_possible() {
    assert_eq!(Setup::default().check(), Ok(()));
    for name in Metro::NAMES {
        assert_eq!(Metro::named(name).unwrap().name, name);
    }
    assert_eq!(Metro::named("atlantis"), None);
}

#[test]
fn impossible_values_are_refused_by_name() {
    let check = |change: fn(&mut Setup), want: &str| {
        let mut setup = Setup::default();
        change(&mut setup);
        assert_eq!(setup.check().unwrap_err().to_string(), want);
    };
    check(|s| s.stores.count = 0, "stores.count is 0, which is not from 1 to 60 000");
    check(
        |s| s.stores.orders_per_day = f64::NAN,
        "stores.orders_per_day is NaN, which is not from 0 to a million",
    );
    check(
        |s| s.stores.radius_m = 1_000,
        "stores.radius_m is 1000, which is not from the catchment to 100 km",
    );
    check(|s| s.catalogue.skus = 0, "catalogue.skus is 0, which is not from 1 to 200 000");
    check(
        |s| (s.catalogue.skus, s.stores.count) = (200_000, 1_000),
        "catalogue.skus × stores.count is 200000000, which is not at most 100 million",
    );
    check(
        |s| s.demand.orders_per_hour = Some(f64::INFINITY),
        "demand.orders_per_hour is inf, which is not from 0 to 60 000 for each store",
    );
    check(
        |s| s.demand.to = Timestamp::from_s(1_000_000_000),
        "demand.to is d11574 01:46:40.000000, which is not from demand.from to 170 days",
    );
    check(|s| s.demand.lines_mean = 0.5, "demand.lines_mean is 0.5, which is not from 1 to 30");
    check(
        |s| s.fleet.riders_per_store = Some(-1.0),
        "fleet.riders_per_store is -1, which is not from 0 to 10 000",
    );
    check(|s| s.travel.circuity = 0.9, "travel.circuity is 0.9, which is not from 1 to 10");
    check(
        |s| {
            let event = Event::of_demand(Timestamp::from_s(9), Timestamp::from_s(8), 2.0);
            s.events.push(event);
        },
        "events.to is d0 00:00:08.000000, which is not an instant after its beginning",
    );
}

#[test]
fn a_day_of_each_profile_is_shared_out() {
    let check = |profile: Profile, day: u64, want: f64| {
        let sum: f64 = (day * 24..(day + 1) * 24).map(|hour| profile.share(hour)).sum();
        assert!((sum - want).abs() < 1e-12, "{profile:?}: {sum}");
    };
    check(Profile::Weekday, 0, 1.0);
    check(Profile::Weekend, 0, 1.125);
    check(Profile::Week { first: 4 }, 0, 1.0);
    check(Profile::Week { first: 4 }, 1, 1.125);
    check(Profile::Week { first: 4 }, 2, 1.125);
    check(Profile::Week { first: 4 }, 3, 1.0);
    check(Profile::Flat, 0, 1.0);
    check(Profile::Hours([2.0; 24]), 3, 1.0);
    assert!((Profile::Weekday.share(19) - 0.086).abs() < 1e-3, "the evening peak");
}

#[test]
fn a_country_is_shared_out_over_five_metros() {
    let check = |stores: u32| {
        let mut setup = Setup::default();
        setup.stores.count = stores;
        setup.demand.orders_per_hour = Some(100_000.0);
        let cities = setup.national();
        let sum = |of: fn(&Setup) -> f64| cities.iter().map(of).sum::<f64>();
        assert_eq!(cities.iter().map(|city| city.stores.count).sum::<u32>(), stores);
        assert!((sum(|city| city.demand.orders_per_hour.unwrap()) - 1e5).abs() < 1e-3);
        let daily = sum(|city| city.stores.orders_per_day * f64::from(city.stores.count));
        assert!((daily / f64::from(stores) - 1_400.0).abs() < 1e-6, "{daily}");
        assert!(cities.iter().all(|city| city.check().is_ok()));
        cities.iter().map(|city| city.stores.count).collect::<Vec<_>>()
    };
    assert_eq!(check(1_000), [286, 257, 178, 143, 136]);
    assert_eq!(check(5), [1; 5]);
    check(7);
    check(2_525);
}
