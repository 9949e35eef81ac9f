//! What is kept at hand beside the database, to be quick.
//!
//! It is never the authority: whoever finds nothing here, or no answer, asks the database. What
//! stands here may be gone at any moment, or older than what the database says by its time to
//! live. So a decision hangs on rows, and an answer that came from here may be stale and no worse.
//!
//! Keys are the source design's; [`keys`] spells them.

mod copies;
mod guarded;
pub mod keys;
mod memory;

use std::future::Future;

use domain::gateway::breaker::Phase;
use domain::place::Place;
use domain::time::{Millis, Timestamp};

pub use copies::{Copies, Copy, Level, Use};
pub use guarded::Guarded;
pub use memory::{ENTRIES_LIMIT, MemoryCache};

use crate::ports::PortError;

/// Values by keys with a time to live, sets ordered by a score, and places.
///
/// Every method may fail, and may have been carried out all the same. The module `contract`
/// (feature of the same name) checks what is said here.
pub trait Cache: Send + Sync {
    /// The value of a key, if it is there and its time is not over.
    ///
    /// # Errors
    /// [`PortError`].
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, PortError>> + Send;

    /// Sets a value for as long as `ttl`, which is above zero.
    ///
    /// # Errors
    /// [`PortError`].
    fn put(
        &self,
        key: &str,
        value: &[u8],
        ttl: Millis,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// The values of keys, in their order.
    ///
    /// # Errors
    /// [`PortError`].
    fn get_many(
        &self,
        keys: &[String],
    ) -> impl Future<Output = Result<Vec<Option<Vec<u8>>>, PortError>> + Send {
        async move {
            let mut found = Vec::with_capacity(keys.len());
            for key in keys {
                found.push(self.get(key).await?);
            }
            Ok(found)
        }
    }

    /// Sets values for as long as `ttl`, which is above zero; those that have one already keep it
    /// unless it is written `over`. Each by itself: some may be set when it fails.
    ///
    /// # Errors
    /// [`PortError`].
    fn put_many(
        &self,
        entries: &[(String, Vec<u8>)],
        ttl: Millis,
        over: bool,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Moves times on, each by itself, that several servers move on, such as those at which token
    /// buckets are full again: from `now`, or from where a time stands if that is later, by so many
    /// microseconds. Where they stand then, in their order. A time that is over is forgotten by and
    /// by, which changes nothing.
    ///
    /// # Errors
    /// [`PortError`].
    fn advance(
        &self,
        times: &[(String, u64)],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Timestamp>, PortError>> + Send;

    /// Forgets a value.
    ///
    /// # Errors
    /// [`PortError`].
    fn remove(&self, key: &str) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Puts a member into an ordered set, or gives it another score. Scores are exact up to 2^53.
    ///
    /// # Errors
    /// [`PortError`].
    fn rank(
        &self,
        set: &str,
        member: &str,
        score: i64,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Takes a member out of an ordered set.
    ///
    /// # Errors
    /// [`PortError`].
    fn unrank(&self, set: &str, member: &str)
    -> impl Future<Output = Result<(), PortError>> + Send;

    /// The members with the lowest scores, at most `limit`, the lowest first, then by name.
    ///
    /// # Errors
    /// [`PortError`].
    fn lowest(
        &self,
        set: &str,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(String, i64)>, PortError>> + Send;

    /// Says where members of a set are. Places are good to a metre.
    ///
    /// # Errors
    /// [`PortError`].
    fn locate(
        &self,
        set: &str,
        members: &[(String, Place)],
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// The members within a distance of a place, at most `limit`, the nearest first.
    ///
    /// # Errors
    /// [`PortError`].
    fn near(
        &self,
        set: &str,
        place: Place,
        radius_m: u32,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<String>, PortError>> + Send;

    /// Forgets everything.
    ///
    /// # Errors
    /// [`PortError`].
    fn clear(&self) -> impl Future<Output = Result<(), PortError>> + Send;

    /// How it stands with what is far away, if anything is.
    fn far(&self) -> Option<Far> {
        None
    }
}

/// How it stands with a cache that is far away: what its breaker does, and how calls went so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Far {
    /// What its breaker does with calls.
    pub phase: Phase,
    /// Calls that it answered.
    pub answered: u64,
    /// Calls that it did not answer.
    pub failed: u64,
    /// Calls that were not made, since it does not answer.
    pub shed: u64,
}
