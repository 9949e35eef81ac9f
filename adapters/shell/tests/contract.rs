//! The database in memory keeps the contract.

use std::future::{Future, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use dastak_shell::{Bug, Memory, contract};
use domain::ids::CityId;

fn check(fresh: impl Fn() -> Memory) {
    let checked = pin!(contract::check(|| ready(fresh())));
    let polled = checked.poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(()), "memory never waits");
}

#[test]
fn memory_keeps_the_contract() {
    check(|| Memory::new(CityId(3)));
}

/// A contract that bugs keep is none.
#[test]
fn bugs_break_the_contract() {
    for bug in [Bug::DropsGuard, Bug::ForgetsNames, Bug::ForgetsTimers, Bug::TakesOutOfOrder] {
        let broken = std::panic::catch_unwind(|| check(|| Memory::with_bug(CityId(3), bug)));
        assert!(broken.is_err(), "{bug:?} keeps the contract");
    }
}
