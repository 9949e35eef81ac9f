//! A stall is told as those who meant to act went through it; a starved driver blames itself.

use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dastak_load::echo::Stall;
use dastak_load::verdict::{Budgets, Reason};
use dastak_load::{Shape, Step, Verdict, Visit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::{S, drive, echo, knock, schedule, setup};

/// 2 000/s for two seconds, half a second of which the server stands still: a quarter of all who
/// arrive meet the stall. With eight connections only eight requests are in service meanwhile, so
/// service times alone know nothing of it.
#[test]
fn a_stall_of_half_a_second_is_told() {
    let server = echo(Some(Stall { at_request: 1_000, for_ms: 500 }));
    let shape = Shape::new().hold(2_000.0, 2 * S);
    let mut setup = setup(server.address(), &shape);
    setup.connections = 8;
    let outcome = drive(&setup, &shape, knock);
    let row = outcome.record.counted(Step(0));
    let response_us = row.response_us.quantile(0.99);
    let service_us = row.service_us.quantile(0.99);
    assert!(response_us >= 400_000, "response p99 {response_us} µs");
    assert!(service_us < 200_000, "service p99 {service_us} µs");
    assert_eq!(outcome.verdict, Verdict::Valid);
    assert!(outcome.connections <= 8, "{} connections", outcome.connections);
    assert_eq!(row.operations.ok, schedule(&shape).count() as u64);
}

/// The same stall with connections for all: the requests are on their way, and service times tell
/// it too.
#[test]
fn with_connections_for_all_nobody_waits_for_one() {
    let server = echo(Some(Stall { at_request: 500, for_ms: 500 }));
    let shape = Shape::new().hold(1_000.0, S);
    let outcome = drive(&setup(server.address(), &shape), &shape, knock);
    let row = outcome.record.counted(Step(0));
    let service_us = row.service_us.quantile(0.99);
    assert!(service_us >= 400_000, "service p99 {service_us} µs");
    assert!(row.response_us.quantile(0.99) >= 400_000);
    assert!(outcome.connections >= 100, "{} connections", outcome.connections);
}

/// Everything of this test runs on one processor, where busy threads have right of way.
#[test]
fn a_driver_starved_of_cpu_is_invalid() {
    let server = echo(None);
    let shape = Shape::new().hold(2_000.0, S / 2);
    let setup =
        dastak_load::Setup { budgets: Budgets::default(), ..setup(server.address(), &shape) };
    let outcome = thread::spawn(move || {
        let allowed = sched_getaffinity(None).expect("the system tells");
        let first = (0..CpuSet::MAX_CPU).find(|&cpu| allowed.is_set(cpu)).expect("one is allowed");
        let mut only = CpuSet::new();
        only.set(first);
        sched_setaffinity(None, &only).expect("one may have less");
        let over = Arc::new(AtomicBool::new(false));
        let busy: Vec<_> = (0..3).map(|_| spin(Arc::clone(&over))).collect();
        // Threads that begin from here on yield to the busy ones.
        rustix::process::nice(10).expect("one may be nicer");
        let outcome = drive(&setup, &shape, knock);
        over.store(true, Ordering::Relaxed);
        busy.into_iter().for_each(|busy| busy.join().expect("it only spins"));
        outcome
    })
    .join()
    .expect("the run took place");
    let Verdict::Invalid(reasons) = &outcome.verdict else { panic!("{}", outcome.verdict) };
    let late = reasons.iter().any(|reason| matches!(reason, Reason::ScheduleError { .. }));
    let starved = reasons.iter().any(|reason| matches!(reason, Reason::Starved { .. }));
    assert!(late && starved, "{}", outcome.verdict);
    assert_eq!(outcome.verdict.exit_code(), 14);
}

fn spin(over: Arc<AtomicBool>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        while !over.load(Ordering::Relaxed) {
            spin_loop();
        }
    })
}

/// A journey that keeps the lane's thread to itself makes everyone after it late.
#[test]
fn a_lane_that_is_held_up_is_invalid() {
    let server = echo(None);
    let shape = Shape::new().hold(500.0, S / 2);
    let setup = dastak_load::Setup {
        budgets: Budgets { waiting_share: 1.0, ..Budgets::default() },
        ..setup(server.address(), &shape)
    };
    let hog = |visit: Visit| async move {
        if visit.arrival().index == 50 {
            let until_us = visit.now_us() + 100_000;
            while visit.now_us() < until_us {
                spin_loop();
            }
        }
        knock(visit).await;
    };
    let outcome = drive(&setup, &shape, hog);
    let Verdict::Invalid(reasons) = &outcome.verdict else { panic!("{}", outcome.verdict) };
    assert!(matches!(reasons[0], Reason::ScheduleError { us_p99, .. } if us_p99 > 50_000));
    let late = outcome.record.arrivals_counted().late;
    assert!(late >= 20, "{late} late, of about 50 that came meanwhile");
}

/// What the warm-up went through is in its own phase and not among what is judged.
#[test]
fn warm_up_is_left_out_whole() {
    let server = echo(Some(Stall { at_request: 100, for_ms: 300 }));
    let shape = Shape::new().warm_up(500.0, S / 2).hold(500.0, S / 2);
    let outcome = drive(&setup(server.address(), &shape), &shape, knock);
    let warm = outcome.record.row(Step(0), 0).expect("there was a warm-up");
    let counted = outcome.record.counted(Step(0));
    assert!(warm.response_us.max() >= 250_000, "{}", warm.response_us.max());
    assert!(counted.response_us.max() < 250_000, "{}", counted.response_us.max());
    let all = outcome.record.whole().operations.sent;
    assert_eq!(all, schedule(&shape).count() as u64);
    assert_eq!(all, warm.operations.sent + counted.operations.sent);
}
