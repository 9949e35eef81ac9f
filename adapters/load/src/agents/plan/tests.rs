use super::{Arrival, ORDERS_LIMIT, Pings, PlanError, Pressure, Role, Spike};

const S: u64 = 1_000_000;

fn pressure() -> Pressure {
    Pressure {
        orders_per_s: 100.0,
        lasts_us: 20 * S,
        ramp_us: 0,
        spikes: Vec::new(),
        sessions_per_order: 0.0,
        ping_us: 5 * S,
    }
}

fn spike(orders_per_s: f64, from_s: u64, until_s: u64) -> Spike {
    Spike { orders_per_s, from_us: from_s * S, until_us: until_s * S }
}

/// The pieces of a shape: name, end in seconds, rate in its middle as counted over many arrivals.
fn check(pressure: &Pressure, expected: &[(&str, u64, f64)]) {
    let shape = pressure.shape(S, 1.0).expect("it can be followed");
    let phases = shape.phases().expect("it can be followed");
    let arrivals: Vec<u64> = shape.schedule(5).unwrap().map(|arrival| arrival.at_us).collect();
    let mut from_us = 0;
    let mut told = Vec::new();
    for (phase, (.., per_s)) in phases.all().iter().zip(expected) {
        let in_it = arrivals.iter().filter(|at_us| (from_us..phase.until_us).contains(at_us));
        let (count, lasts_s) = (in_it.count() as f64, (phase.until_us - from_us) as f64 / 1e6);
        let wanted = per_s * lasts_s;
        assert!((count - wanted).abs() <= 5.0 * wanted.sqrt(), "{phase:?}: {count} of {wanted}");
        told.push((phase.name.as_str(), phase.until_us / S));
        from_us = phase.until_us;
    }
    let expected: Vec<_> = expected.iter().map(|&(name, until_s, _)| (name, until_s)).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_rate_rises_holds_and_spikes() {
    check(&pressure(), &[("warm-up", 1, 0.0), ("hold", 21, 100.0)]);
    let spikes = vec![spike(500.0, 8, 10), spike(0.0, 10, 12), spike(900.0, 18, 20)];
    let shaped = Pressure { ramp_us: 4 * S, spikes, ..pressure() };
    let expected = [
        ("warm-up", 1, 0.0),
        ("ramp", 5, 50.0),
        ("hold", 9, 100.0),
        ("spike", 11, 500.0),
        ("spike", 13, 0.0),
        ("hold", 19, 100.0),
        ("spike", 21, 900.0),
    ];
    check(&shaped, &expected);
    check(&Pressure { ramp_us: 20 * S, ..pressure() }, &[("warm-up", 1, 0.0), ("ramp", 21, 50.0)]);
}

#[test]
fn what_no_run_can_have_is_refused() {
    let refused = |pressure: Pressure| pressure.shape(S, 1.0).expect_err("it cannot be");
    for (from_s, until_s) in [(3, 6), (19, 21), (8, 8), (9, 8)] {
        let spikes = vec![spike(1.0, from_s, until_s)];
        let error = refused(Pressure { ramp_us: 4 * S, spikes, ..pressure() });
        assert!(matches!(error, PlanError::Spike { .. }), "{error}");
    }
    let overlapping = vec![spike(1.0, 5, 10), spike(1.0, 9, 12)];
    let error = refused(Pressure { spikes: overlapping, ..pressure() });
    assert!(error.to_string().contains("the spike from 9 s to 12 s is not between"), "{error}");
    let error = refused(Pressure { orders_per_s: 1e5, lasts_us: 3_600 * S, ..pressure() });
    assert_eq!(error, PlanError::Orders { orders: ORDERS_LIMIT * 3.6 });
}

/// Every rider is heard once in each interval, evenly over it, and looks once in twelve.
#[test]
fn devices_take_turns() {
    let pings = Pings { riders: 10, every_us: 5 * S, from_us: S, until_us: S + 60 * S, next: 0 };
    let all: Vec<(u64, Role)> = pings.collect();
    assert_eq!(all.len(), 120);
    assert!(all.is_sorted_by_key(|(at_us, _)| *at_us));
    for rider in 0..10 {
        let his =
            |role: &Role| matches!(role, Role::Ping(id) | Role::PingAndLook(id) if *id == rider);
        let times: Vec<u64> = all.iter().filter(|(_, role)| his(role)).map(|one| one.0).collect();
        assert_eq!(times.len(), 12);
        assert!(times.windows(2).all(|two| two[1] - two[0] == 5 * S), "{times:?}");
        let looks = all.iter().filter(|(_, role)| *role == Role::PingAndLook(rider)).count();
        assert_eq!(looks, 1);
    }
    let mut nobody = Pings { riders: 0, every_us: 1, from_us: 0, until_us: 9, next: 0 };
    assert_eq!(nobody.next(), None);
}

#[test]
fn roles_are_read_back() {
    let roles = [
        Role::Devices,
        Role::RiderOn(1),
        Role::PickerOn(2),
        Role::Ping(u32::MAX),
        Role::PingAndLook(4),
        Role::Customer(5),
        Role::Session(6),
    ];
    for role in roles {
        assert_eq!(Role::of(Arrival { index: 0, own: role.own(), at_us: 0 }), role);
    }
}
