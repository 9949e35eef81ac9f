//! Whom the driver does not drive, and when it gives up.

use std::net::TcpListener;

use dastak_load::target::{Target, TargetError};
use dastak_load::{RunError, Setup, Shape, Verdict, run};

use crate::exchange::serve;
use crate::{S, drive, echo, knock, loopback, schedule, setup};

#[test]
fn a_foreign_host_is_a_mistake_of_the_caller() {
    let refused = Target::parse("http://192.0.2.1:80", None).expect_err("it is foreign");
    assert!(matches!(refused, TargetError::Foreign { .. }));
    assert_eq!(RunError::from(refused).exit_code(), 2);
}

#[test]
fn more_than_the_ceiling_is_refused() {
    let server = echo(None);
    let shape = Shape::new().hold(10.0, 25 * 3_600 * S);
    let setup = setup(server.address(), &shape);
    let error = run(&setup, &schedule(&shape), knock, None, |_| ()).expect_err("a day at most");
    assert!(matches!(error, RunError::Target(TargetError::Ceiling { .. })), "{error}");
    assert_eq!(error.exit_code(), 2);
    assert_eq!(server.served(), 0);
}

#[test]
fn impossible_limits_are_refused() {
    let server = echo(None);
    let shape = Shape::new().hold(10.0, S);
    let plain = setup(server.address(), &shape);
    let setups = [
        Setup { lanes: 0, ..plain.clone() },
        Setup { lanes: 65, ..plain.clone() },
        Setup { in_flight_limit: 0, ..plain.clone() },
        Setup { connections: 0, ..plain.clone() },
        Setup { connections: usize::MAX >> 1, ..plain.clone() },
        Setup { steps: Vec::new(), ..plain },
    ];
    for setup in setups {
        let error = run(&setup, &schedule(&shape), knock, None, |_| ()).expect_err("impossible");
        assert_eq!(error.exit_code(), 2, "{error}");
    }
}

/// Nobody listens: known within five seconds, before anything is sent.
#[test]
fn a_target_that_is_down_is_told() {
    let closed = {
        let listener = TcpListener::bind(loopback()).expect("a port is free");
        listener.local_addr().expect("it has an address")
    };
    let shape = Shape::new().hold(10.0, S);
    let clock = dastak_load::clock::Clock::start_in(0);
    let error = run(&setup(closed, &shape), &schedule(&shape), knock, None, |_| ())
        .expect_err("nobody listens");
    assert_eq!(error.exit_code(), 20, "{error}");
    assert!(clock.now_us() < 5 * S);
}

/// It accepts connections and fails every request: given up after so many seconds.
#[test]
fn a_target_that_fails_hard_ends_the_run() {
    let server = serve(|_| b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n".to_vec());
    let shape = Shape::new().hold(50.0, 60 * S);
    let setup = Setup { down_after_s: 2, ..setup(server, &shape) };
    let outcome = drive(&setup, &shape, knock);
    assert_eq!(outcome.verdict, Verdict::TargetDown);
    assert_eq!(outcome.verdict.exit_code(), 20);
    assert!((2 * S..5 * S).contains(&outcome.lasted_us), "{} µs", outcome.lasted_us);
}
