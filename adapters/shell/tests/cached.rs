//! Copies of rows, and a cache that is far away and fails.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use dastak_shell::cache::{Level, Use};
use dastak_shell::{Cache, Clock, Copies, Guarded, MemoryCache, PortError};
use domain::gateway::breaker::Phase;
use domain::place::Place;
use domain::time::{Millis, Timestamp};

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("memory never waits"),
    }
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
    fn pass(&self, ms: u64) {
        self.0.fetch_add(ms * 1_000, Ordering::Relaxed);
    }
}

const OF: Use = Use { name: "thing", max_age: Millis(10_000), near: Millis(1_000) };

/// What two servers read of a copy at times after one of them kept it.
#[test]
fn copies_are_believed_until_they_are_old() {
    use Level::{Near, Shared};
    let hands = Hands::default();
    let shared = MemoryCache::new(hands.clone());
    let here = Copies::new(1, hands.clone());
    let there = Copies::new(1, hands.clone());
    let other_world = Copies::new(2, hands.clone());
    let key = ["k".to_owned()];
    let read = |copies: &Copies<Hands>| {
        let found = now(copies.read(&shared, OF, &key)).pop().flatten();
        found.map(|copy| (copy.level, copy.age.0, String::from_utf8(copy.bytes).unwrap()))
    };
    let is = |level, age, text: &str| Some((level, age, text.to_owned()));
    hands.pass(5_000);
    assert_eq!(read(&here), None);
    let entry = [("k".to_owned(), b"a b".to_vec())];
    // Its row was read half a second ago.
    now(here.keep(&shared, OF, &entry, Timestamp(4_500_000), true));
    assert_eq!(read(&here), is(Near, 500, "a b"));
    assert_eq!(read(&there), is(Shared, 500, "a b"));
    assert_eq!(read(&there), is(Near, 500, "a b"), "it is kept near once it was found");
    assert_eq!(read(&other_world), None, "it is of another world");
    hands.pass(1_000);
    assert_eq!(read(&here), is(Shared, 1_500, "a b"), "it is near no more");
    let newer = [("k".to_owned(), b"new".to_vec())];
    now(there.keep(&shared, OF, &newer, hands.now(), false));
    assert_eq!(read(&here), is(Near, 1_500, "a b"));
    hands.pass(1_000);
    assert_eq!(read(&here), is(Shared, 2_500, "a b"), "what only reads writes over nothing");
    now(there.keep(&shared, OF, &newer, hands.now(), true));
    hands.pass(1_000);
    assert_eq!(read(&here), is(Shared, 1_000, "new"));
    hands.pass(9_000);
    assert_eq!(read(&here), None, "it is ten seconds old");
}

/// What stands in a cache may be anything.
#[test]
fn what_is_no_copy_is_not_believed() {
    let hands = Hands::default();
    let shared = MemoryCache::new(hands.clone());
    let copies = Copies::new(1, hands);
    for text in ["", " ", "1", "1 0", "x 0 a", "1 x a", "-1 0 a", "2 0 a"] {
        now(shared.put("k", text.as_bytes(), Millis(1_000))).unwrap();
        assert_eq!(now(copies.read(&shared, OF, &["k".to_owned()])), [None], "{text:?}");
    }
    now(shared.put("k", b"1 0 ", Millis(1_000))).unwrap();
    let found = now(copies.read(&shared, OF, &["k".to_owned()])).pop().flatten().unwrap();
    assert_eq!(found.bytes, b"", "nothing is a value");
}

/// A cache that fails when it is told to, and counts how often it is asked.
struct Frail {
    inner: MemoryCache<Hands>,
    fails: AtomicBool,
    asked: AtomicUsize,
}

impl Frail {
    fn ask(&self) -> Result<(), PortError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.fails.load(Ordering::Relaxed) { Err(PortError::TimedOut) } else { Ok(()) }
    }
}

impl Cache for &Frail {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.ask()?;
        self.inner.get(key).await
    }

    async fn put(&self, key: &str, value: &[u8], ttl: Millis) -> Result<(), PortError> {
        self.ask()?;
        self.inner.put(key, value, ttl).await
    }

    async fn put_many(
        &self,
        entries: &[(String, Vec<u8>)],
        ttl: Millis,
        over: bool,
    ) -> Result<(), PortError> {
        self.ask()?;
        self.inner.put_many(entries, ttl, over).await
    }

    async fn advance(
        &self,
        times: &[(String, u64)],
        now: Timestamp,
    ) -> Result<Vec<Timestamp>, PortError> {
        self.ask()?;
        self.inner.advance(times, now).await
    }

    async fn remove(&self, key: &str) -> Result<(), PortError> {
        self.ask()?;
        self.inner.remove(key).await
    }

    async fn rank(&self, set: &str, member: &str, score: i64) -> Result<(), PortError> {
        self.ask()?;
        self.inner.rank(set, member, score).await
    }

    async fn unrank(&self, set: &str, member: &str) -> Result<(), PortError> {
        self.ask()?;
        self.inner.unrank(set, member).await
    }

    async fn lowest(&self, set: &str, limit: usize) -> Result<Vec<(String, i64)>, PortError> {
        self.ask()?;
        self.inner.lowest(set, limit).await
    }

    async fn locate(&self, set: &str, members: &[(String, Place)]) -> Result<(), PortError> {
        self.ask()?;
        self.inner.locate(set, members).await
    }

    async fn near(
        &self,
        set: &str,
        place: Place,
        radius_m: u32,
        limit: usize,
    ) -> Result<Vec<String>, PortError> {
        self.ask()?;
        self.inner.near(set, place, radius_m, limit).await
    }

    async fn clear(&self) -> Result<(), PortError> {
        self.ask()?;
        self.inner.clear().await
    }
}

#[test]
fn a_cache_that_fails_is_left_alone_and_tried_again() {
    let hands = Hands::default();
    hands.pass(60_000);
    let inner = MemoryCache::new(hands.clone());
    let (fails, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let frail = Frail { inner, fails, asked };
    let guarded = Guarded::new(&frail, hands.clone());
    let get = || now(guarded.get("k")).unwrap().map(|bytes| String::from_utf8(bytes).unwrap());
    let put = |value: &str| now(guarded.put("k", value.as_bytes(), Millis(60_000))).unwrap();
    let asked = || frail.asked.swap(0, Ordering::Relaxed);
    put("far");
    frail.fails.store(true, Ordering::Relaxed);
    assert_eq!(get(), None, "nothing was told to the one that stands in");
    put("here");
    assert_eq!(get().as_deref(), Some("here"));
    (0..6).for_each(|_| drop(get()));
    assert!(matches!(guarded.far().unwrap().phase, Phase::Open { .. }));
    asked();
    (0..100).for_each(|_| assert_eq!(get().as_deref(), Some("here")));
    assert_eq!(asked(), 0, "it is left alone");
    hands.pass(500);
    (0..100).for_each(|_| assert_eq!(get().as_deref(), Some("here")));
    assert_eq!(asked(), 1, "it is tried once");
    frail.fails.store(false, Ordering::Relaxed);
    hands.pass(500);
    assert_eq!(get().as_deref(), Some("far"), "it is asked again");
    let far = guarded.far().unwrap();
    assert_eq!((far.phase, far.shed), (Phase::Closed, 199));
    assert_eq!(far.answered + far.failed, 12);
}
