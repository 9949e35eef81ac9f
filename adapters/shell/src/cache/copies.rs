//! Copies of rows: in this process for a moment, and in a cache that all servers share.
//!
//! A copy says of which world it is and when its row was read. One of another world, or older than
//! its use allows, is not believed, wherever it stood; so nothing hangs on a cache that was not
//! cleared, or that gives back what it should have forgotten.

use domain::time::{Millis, Timestamp};

use super::{Cache, MemoryCache};
use crate::ports::Clock;

/// Copies in one process at once. 2^16: some 10 MB.
const NEAR_LIMIT: usize = 1 << 16;

/// What copies are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// One word.
    pub name: &'static str,
    /// Older copies are not believed.
    pub max_age: Millis,
    /// How long one that was found is kept in this process; zero is never.
    pub near: Millis,
}

/// Where a copy was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// In this process.
    Near,
    /// In the cache that all servers share.
    Shared,
}

impl Level {
    /// How it is written down.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Near => "process",
            Self::Shared => "shared",
        }
    }
}

/// A copy of a row, or of a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where it was found.
    pub level: Level,
    /// How long ago its row was read.
    pub age: Millis,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// The copies of one world's rows.
#[derive(Debug)]
pub struct Copies<C> {
    world: u64,
    clock: C,
    near: MemoryCache<C>,
}

impl<C: Clock + Clone> Copies<C> {
    /// Of a world that has a number.
    pub fn new(world: u64, clock: C) -> Self {
        Self { world, near: MemoryCache::with_limit(clock.clone(), NEAR_LIMIT), clock }
    }

    /// The copies under keys, in their order. A cache that fails is a cache that knows nothing.
    pub async fn read(&self, shared: &impl Cache, of: Use, keys: &[String]) -> Vec<Option<Copy>> {
        let mut found = vec![None; keys.len()];
        if of.near > Millis::ZERO {
            for (copy, key) in found.iter_mut().zip(keys) {
                let stands = self.near.get(key).await.ok().flatten();
                *copy = stands.and_then(|stands| self.believed(of, Level::Near, &stands));
            }
        }
        let missing: Vec<usize> = (0..keys.len()).filter(|at| found[*at].is_none()).collect();
        let wanted: Vec<String> = missing.iter().map(|at| keys[*at].clone()).collect();
        if wanted.is_empty() {
            return found;
        }
        let stand = shared.get_many(&wanted).await.unwrap_or_default();
        for ((at, key), stands) in missing.into_iter().zip(&wanted).zip(stand) {
            let Some(stands) = stands else { continue };
            found[at] = self.believed(of, Level::Shared, &stands);
            if let Some(copy) = &found[at] {
                self.keep_near(of, key, &stands, copy.age).await;
            }
        }
        found
    }

    /// Keeps copies of rows that were read at a time. Those that stand already stay unless they
    /// are written `over`: whoever only reads must not write over what a change wrote meanwhile.
    pub async fn keep(
        &self,
        shared: &impl Cache,
        of: Use,
        entries: &[(String, Vec<u8>)],
        as_of: Timestamp,
        over: bool,
    ) {
        let age = self.age(as_of);
        let left = Millis(of.max_age.0.saturating_sub(age.0));
        if left == Millis::ZERO || entries.is_empty() {
            return;
        }
        let sealed: Vec<(String, Vec<u8>)> =
            entries.iter().map(|(key, bytes)| (key.clone(), self.sealed(as_of, bytes))).collect();
        for (key, bytes) in &sealed {
            self.keep_near(of, key, bytes, age).await;
        }
        // Without a cache there is nothing to keep.
        let _ = shared.put_many(&sealed, left, over).await;
    }

    async fn keep_near(&self, of: Use, key: &str, sealed: &[u8], age: Millis) {
        let ttl = of.near.min(Millis(of.max_age.0.saturating_sub(age.0)));
        if ttl > Millis::ZERO {
            let _ = self.near.put(key, sealed, ttl).await;
        }
    }

    /// The world's number, when the row was read in microseconds, and what it says.
    fn sealed(&self, as_of: Timestamp, bytes: &[u8]) -> Vec<u8> {
        let mut sealed = format!("{} {} ", self.world, as_of.0).into_bytes();
        sealed.extend_from_slice(bytes);
        sealed
    }

    fn believed(&self, of: Use, level: Level, sealed: &[u8]) -> Option<Copy> {
        let mut parts = sealed.splitn(3, |byte| *byte == b' ');
        let mut number = || std::str::from_utf8(parts.next()?).ok()?.parse::<u64>().ok();
        let (world, as_of) = (number()?, Timestamp(number()?));
        let bytes = parts.next()?.to_vec();
        let age = self.age(as_of);
        (world == self.world && age < of.max_age).then_some(Copy { level, age, bytes })
    }

    /// Since a time; zero where another's clock is ahead.
    fn age(&self, as_of: Timestamp) -> Millis {
        self.clock.now().since(as_of)
    }
}
