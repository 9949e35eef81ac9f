//! Redis as the shell's cache.
//!
//! One connection carries what all callers ask at once. Nobody waits longer than [`DEADLINE`]:
//! what is not answered by then is not worth waiting for, and whoever asked goes on without. A
//! connection that broke, or on which somebody waited in vain, is replaced when the next one asks.

mod connection;

use domain::place::Place;
use domain::time::Millis;
use redis::{Cmd, FromRedisValue, Pipeline, cmd, pipe};
use shell::{Cache, PortError};

use connection::Connections;
pub use connection::{BadAddress, DEADLINE};

/// Swaps a value if it is the one that was seen. Redis 7 has no command for that.
const SWAP: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then \
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1 else return 0 end";
/// Redis knows no places nearer to the poles (EPSG:3857).
const LATITUDES: std::ops::RangeInclusive<f64> = -85.05..=85.05;

/// A cache in a Redis database, 7 or later. It is used within a tokio runtime.
pub struct Redis(Connections);

impl Redis {
    /// A cache at an address, `redis://host:port/database`, to which nobody connects yet. The
    /// database is ours alone: it is emptied by [`Cache::clear`].
    ///
    /// # Errors
    /// [`BadAddress`].
    pub fn at(url: &str) -> Result<Self, BadAddress> {
        Connections::to(url).map(Self)
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, PortError> {
        self.0.carry(async |mut connection| command.query_async(&mut connection).await).await
    }

    async fn ask_all(&self, commands: &Pipeline) -> Result<(), PortError> {
        self.0.carry(async |mut connection| commands.exec_async(&mut connection).await).await
    }
}

fn set(key: &str, value: &[u8], ttl: Millis) -> Cmd {
    let mut command = cmd("SET");
    command.arg(key).arg(value).arg("PX").arg(ttl.0);
    command
}

fn in_range(place: Place) -> bool {
    LATITUDES.contains(&place.lat())
}

impl Cache for Redis {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.ask(cmd("GET").arg(key)).await
    }

    async fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, PortError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.ask(cmd("MGET").arg(keys)).await
    }

    async fn put(&self, key: &str, value: &[u8], ttl: Millis) -> Result<(), PortError> {
        self.ask(&set(key, value, ttl)).await
    }

    async fn put_many(
        &self,
        entries: &[(String, Vec<u8>)],
        ttl: Millis,
        over: bool,
    ) -> Result<(), PortError> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut commands = pipe();
        for (key, value) in entries {
            let mut command = set(key, value, ttl);
            if !over {
                command.arg("NX");
            }
            commands.add_command(command);
        }
        self.ask_all(&commands).await
    }

    async fn swap(
        &self,
        key: &str,
        seen: Option<&[u8]>,
        value: &[u8],
        ttl: Millis,
    ) -> Result<bool, PortError> {
        match seen {
            None => {
                let set: Option<String> = self.ask(set(key, value, ttl).arg("NX")).await?;
                Ok(set.is_some())
            }
            Some(seen) => {
                let mut swap = cmd("EVAL");
                self.ask(swap.arg(SWAP).arg(1).arg(key).arg(seen).arg(value).arg(ttl.0)).await
            }
        }
    }

    async fn remove(&self, key: &str) -> Result<(), PortError> {
        self.ask(cmd("DEL").arg(key)).await
    }

    async fn rank(&self, set: &str, member: &str, score: i64) -> Result<(), PortError> {
        self.ask(cmd("ZADD").arg(set).arg(score).arg(member)).await
    }

    async fn unrank(&self, set: &str, member: &str) -> Result<(), PortError> {
        self.ask(cmd("ZREM").arg(set).arg(member)).await
    }

    async fn lowest(&self, set: &str, limit: usize) -> Result<Vec<(String, i64)>, PortError> {
        let Some(last) = limit.checked_sub(1) else { return Ok(Vec::new()) };
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        let mut range = cmd("ZRANGE");
        range.arg(set).arg(0).arg(last).arg("WITHSCORES");
        let found: Vec<(String, f64)> = self.ask(&range).await?;
        #[expect(clippy::cast_possible_truncation, reason = "scores are whole and below 2^53")]
        Ok(found.into_iter().map(|(member, score)| (member, score as i64)).collect())
    }

    async fn locate(&self, set: &str, member: &str, place: Place) -> Result<(), PortError> {
        if !in_range(place) {
            return Ok(());
        }
        self.ask(cmd("GEOADD").arg(set).arg(place.lon()).arg(place.lat()).arg(member)).await
    }

    async fn near(
        &self,
        set: &str,
        place: Place,
        radius_m: u32,
        limit: usize,
    ) -> Result<Vec<String>, PortError> {
        if limit == 0 || !in_range(place) {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut search = cmd("GEOSEARCH");
        search.arg(set).arg("FROMLONLAT").arg(place.lon()).arg(place.lat());
        search.arg("BYRADIUS").arg(radius_m).arg("m").arg("ASC").arg("COUNT").arg(limit);
        self.ask(&search).await
    }

    async fn clear(&self) -> Result<(), PortError> {
        self.ask(cmd("FLUSHDB").arg("ASYNC")).await
    }
}
