//! A cache in this process's memory, for a server that stands alone and for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, ready};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::place::Place;
use domain::time::{Millis, Timestamp};

use super::Cache;
use crate::ports::{Clock, PortError};

/// Values kept at once, and members of all sets together. The value whose time is over first
/// makes room for another; a set takes no new member when it is full. 2^18: some 50 MB of
/// sessions, far beyond one process's customers.
pub const ENTRIES_LIMIT: usize = 1 << 18;

#[derive(Clone, Debug)]
struct Value {
    bytes: Vec<u8>,
    until: Timestamp,
}

#[derive(Debug, Default)]
struct Inner {
    values: BTreeMap<String, Value>,
    by_end: BTreeSet<(Timestamp, String)>,
    scores: BTreeMap<(String, String), i64>,
    places: BTreeMap<(String, String), Place>,
}

/// A cache in this process's memory.
#[derive(Debug)]
pub struct MemoryCache<C> {
    clock: C,
    limit: usize,
    inner: Mutex<Inner>,
}

impl<C: Clock> MemoryCache<C> {
    /// An empty cache.
    pub fn new(clock: C) -> Self {
        Self::with_limit(clock, ENTRIES_LIMIT)
    }

    /// An empty cache that keeps at most so many values, and so many members.
    pub fn with_limit(clock: C, limit: usize) -> Self {
        Self { clock, limit, inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Each change of the maps is whole wherever a panic stops who makes it, or is only lost.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, inner: &mut Inner, key: &str, value: &[u8], ttl: Millis) {
        let until = self.clock.now() + ttl;
        inner.remove(key);
        if inner.values.len() >= self.limit
            && let Some((_, first)) = inner.by_end.pop_first()
        {
            inner.values.remove(&first);
        }
        inner.by_end.insert((until, key.to_owned()));
        inner.values.insert(key.to_owned(), Value { bytes: value.to_vec(), until });
    }
}

impl Inner {
    fn get(&mut self, key: &str, now: Timestamp) -> Option<&[u8]> {
        if self.values.get(key).is_some_and(|value| value.until <= now) {
            self.remove(key);
        }
        self.values.get(key).map(|value| value.bytes.as_slice())
    }

    fn remove(&mut self, key: &str) {
        if let Some(value) = self.values.remove(key) {
            self.by_end.remove(&(value.until, key.to_owned()));
        }
    }
}

/// Puts a member in unless there are too many.
fn insert<V>(map: &mut BTreeMap<(String, String), V>, limit: usize, name: (&str, &str), value: V) {
    let name = (name.0.to_owned(), name.1.to_owned());
    if map.len() < limit || map.contains_key(&name) {
        map.insert(name, value);
    }
}

/// The members of one set.
fn members<'a, V: Copy>(
    map: &'a BTreeMap<(String, String), V>,
    set: &'a str,
) -> impl Iterator<Item = (&'a str, V)> {
    let from = (set.to_owned(), String::new());
    map.range(from..).take_while(move |((of, _), _)| of == set).map(|((_, name), v)| (&**name, *v))
}

impl<C: Clock> Cache for MemoryCache<C> {
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, PortError>> + Send {
        ready(Ok(self.lock().get(key, self.clock.now()).map(<[u8]>::to_vec)))
    }

    fn put(
        &self,
        key: &str,
        value: &[u8],
        ttl: Millis,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        self.set(&mut self.lock(), key, value, ttl);
        ready(Ok(()))
    }

    fn put_many(
        &self,
        entries: &[(String, Vec<u8>)],
        ttl: Millis,
        over: bool,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        let mut inner = self.lock();
        for (key, value) in entries {
            if over || inner.get(key, self.clock.now()).is_none() {
                self.set(&mut inner, key, value, ttl);
            }
        }
        ready(Ok(()))
    }

    fn advance(
        &self,
        times: &[(String, u64)],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Timestamp>, PortError>> + Send {
        let mut inner = self.lock();
        let stand = times.iter().map(|(key, by)| {
            let stood = inner.get(key, self.clock.now());
            let stood = stood.and_then(|bytes| std::str::from_utf8(bytes).ok()?.parse().ok());
            let stands = Timestamp(now.0.max(stood.unwrap_or_default()).saturating_add(*by));
            self.set(&mut inner, key, stands.0.to_string().as_bytes(), stands.since(now));
            stands
        });
        ready(Ok(stand.collect()))
    }

    fn remove(&self, key: &str) -> impl Future<Output = Result<(), PortError>> + Send {
        self.lock().remove(key);
        ready(Ok(()))
    }

    fn rank(
        &self,
        set: &str,
        member: &str,
        score: i64,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        insert(&mut self.lock().scores, self.limit, (set, member), score);
        ready(Ok(()))
    }

    fn unrank(
        &self,
        set: &str,
        member: &str,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        self.lock().scores.remove(&(set.to_owned(), member.to_owned()));
        ready(Ok(()))
    }

    fn lowest(
        &self,
        set: &str,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(String, i64)>, PortError>> + Send {
        let inner = self.lock();
        let mut found: Vec<_> =
            members(&inner.scores, set).map(|(m, s)| (m.to_owned(), s)).collect();
        found.sort_by_key(|(_, score)| *score);
        found.truncate(limit);
        ready(Ok(found))
    }

    fn locate(
        &self,
        set: &str,
        members: &[(String, Place)],
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        let mut inner = self.lock();
        for (member, place) in members {
            insert(&mut inner.places, self.limit, (set, member), *place);
        }
        ready(Ok(()))
    }

    fn near(
        &self,
        set: &str,
        place: Place,
        radius_m: u32,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<String>, PortError>> + Send {
        let inner = self.lock();
        let mut found: Vec<_> = members(&inner.places, set)
            .map(|(member, at)| (at.straight_m(place), member.to_owned()))
            .filter(|(m, _)| *m <= f64::from(radius_m))
            .collect();
        found.sort_by(|one, other| one.0.total_cmp(&other.0));
        found.truncate(limit);
        ready(Ok(found.into_iter().map(|(_, member)| member).collect()))
    }

    fn clear(&self) -> impl Future<Output = Result<(), PortError>> + Send {
        *self.lock() = Inner::default();
        ready(Ok(()))
    }
}
