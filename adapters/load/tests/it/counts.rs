//! Every arrival and every operation is accounted for.

use dastak_load::echo::Stall;
use dastak_load::record::Arrivals;
use dastak_load::verdict::Reason;
use dastak_load::{Outcome, Setup, Shape, Step, Stop, Verdict, Visit};

use crate::{S, drive, echo, knock, schedule, setup};

/// The sums that hold for every run that was not stopped.
fn check(outcome: &Outcome, shape: &Shape) -> Arrivals {
    let arrivals = outcome.record.arrivals_whole();
    let operations = outcome.record.whole().operations;
    assert_eq!(arrivals.scheduled, schedule(shape).count() as u64, "{arrivals:?}");
    let met = arrivals.begun + arrivals.dropped + arrivals.never_sent;
    assert_eq!(arrivals.scheduled, met, "{arrivals:?}");
    let ended = operations.ok + operations.failed + operations.unknown;
    assert_eq!(operations.sent, ended, "{operations:?}");
    arrivals
}

#[test]
fn lanes_share_the_arrivals() {
    let server = echo(None);
    let shape = Shape::new().warm_up(300.0, S / 4).ramp(300.0, 900.0, S / 2);
    for lanes in [1, 3] {
        let before = server.served();
        let setup = Setup { lanes, ..setup(server.address(), &shape) };
        let outcome = drive(&setup, &shape, knock);
        let arrivals = check(&outcome, &shape);
        assert_eq!((arrivals.dropped, arrivals.never_sent, arrivals.cut_short), (0, 0, 0));
        assert_eq!(outcome.record.whole().operations.ok, arrivals.begun);
        assert_eq!(server.served() - before, arrivals.begun);
        assert_eq!(outcome.lanes.len() as u64, lanes);
    }
}

/// While the server stands still, journeys pile up to the bound and not beyond; who comes then is
/// dropped, and the run says that it did not deliver.
#[test]
fn never_more_in_flight_than_the_bound() {
    let server = echo(Some(Stall { at_request: 200, for_ms: 300 }));
    let shape = Shape::new().hold(1_000.0, 3 * S / 4);
    let setup = Setup { in_flight_limit: 50, ..setup(server.address(), &shape) };
    let mut most = 0;
    let outcome = dastak_load::run(&setup, &schedule(&shape), knock, None, |second| {
        most = most.max(second.in_flight);
    })
    .expect("the server is there");
    let arrivals = check(&outcome, &shape);
    assert!(outcome.connections <= 50, "{} connections", outcome.connections);
    assert!(most <= 50, "{most} in flight");
    assert!(arrivals.dropped >= 100, "{arrivals:?}");
    let undelivered = |reason: &Reason| matches!(reason, Reason::Undelivered { dropped, .. } if *dropped == arrivals.dropped);
    let Verdict::Invalid(reasons) = &outcome.verdict else { panic!("{}", outcome.verdict) };
    assert!(reasons.iter().any(undelivered), "{}", outcome.verdict);
}

/// A driver that stood still does not send at once all that it missed.
#[test]
fn what_is_too_late_is_never_sent() {
    let server = echo(None);
    let shape = Shape::new().hold(1_000.0, S / 2);
    let setup = Setup { give_up_us: 50_000, ..setup(server.address(), &shape) };
    let outcome = drive(&setup, &shape, |visit: Visit| async move {
        if visit.arrival().index == 100 {
            let until_us = visit.now_us() + 200_000;
            while visit.now_us() < until_us {}
        }
        knock(visit).await;
    });
    let arrivals = check(&outcome, &shape);
    assert!(arrivals.never_sent >= 75, "{arrivals:?}: about 150 came in the first 150 ms");
    assert_eq!(server.served(), arrivals.begun);
}

/// At the end of the drain, what is under way is given up: nobody knows what became of it.
#[test]
fn what_is_under_way_at_the_end_is_unknown() {
    let server = echo(Some(Stall { at_request: 50, for_ms: 1_000 }));
    let shape = Shape::new().hold(400.0, S / 4);
    let setup = Setup { drain_us: S / 10, connections: 10, ..setup(server.address(), &shape) };
    let outcome = drive(&setup, &shape, knock);
    let arrivals = check(&outcome, &shape);
    let operations = outcome.record.whole().operations;
    assert_eq!((operations.ok, operations.unknown), (50, 10));
    assert_eq!(operations.unsent, arrivals.begun - 60);
    assert_eq!(arrivals.cut_short, arrivals.begun - 50);
    assert!(outcome.lasted_us < S, "{} µs", outcome.lasted_us);
}

/// Once it is pressed nobody arrives any more; who has arrived goes on to the end.
#[test]
fn the_stop_button_lets_journeys_end() {
    let server = echo(None);
    let shape = Shape::new().hold(200.0, 600 * S);
    let setup = setup(server.address(), &shape);
    let stop: Stop = setup.stop.clone();
    let twice = |mut visit: Visit| async move {
        visit.pause(S).await;
        knock(visit).await;
    };
    let outcome = dastak_load::run(&setup, &schedule(&shape), twice, None, |_| stop.press())
        .expect("the server is there");
    let arrivals = outcome.record.arrivals_whole();
    assert!(outcome.interrupted && outcome.lasted_us < 4 * S, "{} µs", outcome.lasted_us);
    assert_eq!((arrivals.scheduled, arrivals.cut_short), (arrivals.begun, 0), "{arrivals:?}");
    assert!((100..400).contains(&arrivals.begun), "{arrivals:?}: those of the first second");
    assert_eq!(server.served(), arrivals.begun);
}

/// Who is given up is cut short.
#[test]
fn what_is_given_up_ends_at_once() {
    let server = echo(None);
    let shape = Shape::new().hold(200.0, 600 * S);
    let setup = setup(server.address(), &shape);
    let stop: Stop = setup.stop.clone();
    let never = |mut visit: Visit| async move { visit.pause(600 * S).await };
    let outcome = dastak_load::run(&setup, &schedule(&shape), never, None, |_| stop.give_up())
        .expect("the server is there");
    let arrivals = outcome.record.arrivals_whole();
    assert!(outcome.interrupted && outcome.lasted_us < 3 * S, "{} µs", outcome.lasted_us);
    assert_eq!((arrivals.scheduled, arrivals.cut_short), (arrivals.begun, arrivals.begun));
}

/// Later steps are intended when the one before is done, or when a pause ends; a pause never ends
/// early.
#[test]
fn steps_of_a_journey_are_told_apart() {
    let server = echo(None);
    let shape = Shape::new().hold(100.0, S / 4);
    let mut setup = setup(server.address(), &shape);
    setup.steps = ["look", "buy"].map(str::to_owned).to_vec();
    let outcome = drive(&setup, &shape, |mut visit| async move {
        use dastak_load::{Operation, Request};
        let look = Operation::new(Step(0), Request::get("/look"));
        let answer = visit.perform(&look).await.expect("the server answers");
        assert_eq!((answer.status(), answer.body()), (200, &b"knock"[..]));
        let from_us = visit.now_us();
        let intended_us = visit.intended_us();
        visit.pause(20_000).await;
        assert!(visit.now_us() >= intended_us + 20_000 && intended_us <= from_us);
        let buy = Operation::new(Step(1), Request::post("/buy", b"{}"));
        visit.perform(&buy).await.expect("the server answers");
    });
    let arrivals = check(&outcome, &shape);
    for step in [Step(0), Step(1)] {
        let row = outcome.record.counted(step);
        assert_eq!(row.operations.ok, arrivals.begun);
        assert_eq!(row.schedule_error_us.count(), arrivals.begun);
        assert!(row.response_us.quantile(0.5) < 15_000, "a pause is no response time");
    }
}
