//! The database and the cache in memory keep their contracts.

use std::future::{Future, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use dastak_shell::{Bug, Cache, Clock, Memory, MemoryCache, contract};
use domain::ids::CityId;
use domain::time::{Millis, Timestamp};

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("memory never waits"),
    }
}

fn check(fresh: impl Fn() -> Memory) {
    now(contract::check(|| ready(fresh())));
}

/// A clock that stands until it is moved.
#[derive(Clone, Default)]
struct Hands(Arc<AtomicU64>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

impl Hands {
    fn pass(&self, time: Millis) {
        self.0.fetch_add(u64::from(time.0) * 1_000, Ordering::Relaxed);
    }
}

#[test]
fn the_cache_keeps_the_contract() {
    let hands = Hands::default();
    let wait = async |time| hands.pass(time);
    now(contract::cache::check(&MemoryCache::new(hands.clone()), wait));
}

#[test]
fn memory_keeps_the_contract_of_serving() {
    let hands = Hands::default();
    let wait = async |time| hands.pass(time);
    let fresh = || ready(Memory::with_clock(CityId(3), hands.clone()));
    now(contract::serving::check(fresh, wait));
}

#[test]
fn memory_keeps_the_contract_of_cursors() {
    now(contract::cursors::check(|| ready(Memory::new(CityId(3)))));
}

/// What ends first makes room; a set that is full keeps whom it has.
#[test]
fn the_cache_is_bounded() {
    let cache = MemoryCache::with_limit(Hands::default(), 2);
    let get = |key: &str| now(cache.get(key)).unwrap();
    for (key, ttl_s) in [("a", 20), ("b", 10), ("b", 30), ("c", 5), ("d", 40)] {
        now(cache.put(key, b"", Millis::from_s(ttl_s))).unwrap();
    }
    let kept = ["a", "b", "c", "d"].map(|key| get(key).is_some());
    assert_eq!(kept, [false, true, false, true]);
    for member in ["x", "y", "z"] {
        now(cache.rank("set", member, 0)).unwrap();
    }
    let members: Vec<_> = now(cache.lowest("set", 9)).unwrap();
    assert_eq!(members, [("x".to_owned(), 0), ("y".to_owned(), 0)]);
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
