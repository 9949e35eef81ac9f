//! A cache that is far away, behind a circuit breaker, with one in this process that stands in.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use domain::gateway::breaker::{self, Effect, Input, Phase, Rules};
use domain::money::Bps;
use domain::place::Place;
use domain::time::{Millis, Timestamp};

use super::{Cache, Far, MemoryCache};
use crate::ports::{Clock, PortError};

/// When a cache is left alone: half of ten calls or more failed within two seconds. It is tried
/// again after half a second. Assumed, grade E: each call that fails holds up a request.
const RULES: Rules = Rules {
    window: Millis::from_s(2),
    least_calls: 10,
    failed_share: Bps(5_000),
    open: Millis(500),
    probes: 1,
    probe_limit: Millis::from_s(1),
};

/// A cache that is far away and may fail. What it does not answer is answered by a cache in this
/// process: limits limit still, each server by itself, and copies are known to whoever made them.
/// So no call of it ever fails.
#[derive(Debug)]
pub struct Guarded<F, C> {
    far: F,
    spare: MemoryCache<C>,
    clock: C,
    breaker: Mutex<breaker::State>,
    answered: AtomicU64,
    failed: AtomicU64,
    shed: AtomicU64,
}

impl<F: Cache, C: Clock + Clone> Guarded<F, C> {
    /// Guards a cache.
    pub fn new(far: F, clock: C) -> Self {
        Self {
            far,
            spare: MemoryCache::new(clock.clone()),
            clock,
            breaker: Mutex::default(),
            answered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            shed: AtomicU64::new(0),
        }
    }

    /// What the cache says that is far away; none if it does not answer or is not asked.
    async fn ask<T, A>(&self, ask: impl FnOnce() -> A) -> Option<T>
    where
        A: Future<Output = Result<T, PortError>>,
    {
        let Some(epoch) = self.pass() else {
            self.shed.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        let answer = ask().await;
        self.step(Input::Ended { epoch, failed: answer.is_err() });
        let count = if answer.is_ok() { &self.answered } else { &self.failed };
        count.fetch_add(1, Ordering::Relaxed);
        answer.ok()
    }

    /// The epoch of a call, if it may be made.
    fn pass(&self) -> Option<u32> {
        self.step(Input::Ask).into_iter().find_map(|effect| match effect {
            Effect::Pass { epoch } => Some(epoch),
            Effect::Shed { .. } | Effect::Opened | Effect::HalfOpened | Effect::Closed => None,
        })
    }

    fn step(&self, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        // A step is pure, so a state is whole wherever a panic stops who makes it.
        let mut state = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        *state = breaker::step(&RULES, *state, input, self.clock.now(), &mut effects);
        effects
    }

    fn phase(&self) -> Phase {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner).phase
    }
}

impl<F: Cache, C: Clock + Clone> Cache for Guarded<F, C> {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError> {
        match self.ask(|| self.far.get(key)).await {
            Some(found) => Ok(found),
            None => self.spare.get(key).await,
        }
    }

    async fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, PortError> {
        match self.ask(|| self.far.get_many(keys)).await {
            Some(found) => Ok(found),
            None => self.spare.get_many(keys).await,
        }
    }

    async fn put(&self, key: &str, value: &[u8], ttl: Millis) -> Result<(), PortError> {
        match self.ask(|| self.far.put(key, value, ttl)).await {
            Some(()) => Ok(()),
            None => self.spare.put(key, value, ttl).await,
        }
    }

    async fn put_many(
        &self,
        entries: &[(String, Vec<u8>)],
        ttl: Millis,
        over: bool,
    ) -> Result<(), PortError> {
        match self.ask(|| self.far.put_many(entries, ttl, over)).await {
            Some(()) => Ok(()),
            None => self.spare.put_many(entries, ttl, over).await,
        }
    }

    async fn advance(
        &self,
        times: &[(String, u64)],
        now: Timestamp,
    ) -> Result<Vec<Timestamp>, PortError> {
        match self.ask(|| self.far.advance(times, now)).await {
            Some(stand) => Ok(stand),
            None => self.spare.advance(times, now).await,
        }
    }

    async fn remove(&self, key: &str) -> Result<(), PortError> {
        // What the spare one was told while the other failed goes as well.
        self.spare.remove(key).await?;
        self.ask(|| self.far.remove(key)).await;
        Ok(())
    }

    async fn rank(&self, set: &str, member: &str, score: i64) -> Result<(), PortError> {
        match self.ask(|| self.far.rank(set, member, score)).await {
            Some(()) => Ok(()),
            None => self.spare.rank(set, member, score).await,
        }
    }

    async fn unrank(&self, set: &str, member: &str) -> Result<(), PortError> {
        self.spare.unrank(set, member).await?;
        self.ask(|| self.far.unrank(set, member)).await;
        Ok(())
    }

    async fn lowest(&self, set: &str, limit: usize) -> Result<Vec<(String, i64)>, PortError> {
        match self.ask(|| self.far.lowest(set, limit)).await {
            Some(found) => Ok(found),
            None => self.spare.lowest(set, limit).await,
        }
    }

    async fn locate(&self, set: &str, members: &[(String, Place)]) -> Result<(), PortError> {
        match self.ask(|| self.far.locate(set, members)).await {
            Some(()) => Ok(()),
            None => self.spare.locate(set, members).await,
        }
    }

    async fn near(
        &self,
        set: &str,
        place: Place,
        radius_m: u32,
        limit: usize,
    ) -> Result<Vec<String>, PortError> {
        match self.ask(|| self.far.near(set, place, radius_m, limit)).await {
            Some(found) => Ok(found),
            None => self.spare.near(set, place, radius_m, limit).await,
        }
    }

    async fn clear(&self) -> Result<(), PortError> {
        self.spare.clear().await?;
        self.ask(|| self.far.clear()).await;
        Ok(())
    }

    fn far(&self) -> Option<Far> {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (answered, failed) = (count(&self.answered), count(&self.failed));
        Some(Far { phase: self.phase(), answered, failed, shed: count(&self.shed) })
    }
}
