//! Redis as the shell's cache.
//!
//! One connection carries what all callers ask at once. Nobody waits longer than [`DEADLINE`]:
//! what is not answered by then is not worth waiting for, and whoever asked goes on without. A
//! connection that broke, or on which somebody waited in vain, is replaced when the next one asks.

mod connection;

use domain::place::Place;
use domain::time::{Millis, Timestamp};
use redis::{Cmd, FromRedisValue, Pipeline, cmd, pipe};
use shell::{Cache, PortError};

use connection::Connections;
pub use connection::{BadAddress, DEADLINE};

/// Moves times on. Numbers of Lua are exact up to 2^53, microseconds up to the year 2255.
const ADVANCE: &str = "local now = tonumber(ARGV[1]) \
    local stand = {} \
    for at, key in ipairs(KEYS) do \
        local stood = tonumber(redis.call('GET', key) or '0') or 0 \
        local stands = math.max(now, stood) + tonumber(ARGV[at + 1]) \
        local text = string.format('%.0f', stands) \
        redis.call('SET', key, text, 'PX', math.ceil((stands - now) / 1000) + 1) \
        stand[at] = text \
    end \
    return stand";
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

    async fn advance(
        &self,
        times: &[(String, u64)],
        now: Timestamp,
    ) -> Result<Vec<Timestamp>, PortError> {
        if times.is_empty() {
            return Ok(Vec::new());
        }
        let mut advance = cmd("EVAL");
        advance.arg(ADVANCE).arg(times.len());
        for (key, _) in times {
            advance.arg(key);
        }
        advance.arg(now.0);
        for (_, by) in times {
            advance.arg(by);
        }
        let stand: Vec<u64> = self.ask(&advance).await?;
        Ok(stand.into_iter().map(Timestamp).collect())
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

    async fn locate(&self, set: &str, members: &[(String, Place)]) -> Result<(), PortError> {
        let mut add = cmd("GEOADD");
        add.arg(set);
        let mut are_any = false;
        for (member, place) in members {
            if in_range(*place) {
                add.arg(place.lon()).arg(place.lat()).arg(member);
                are_any = true;
            }
        }
        if !are_any {
            return Ok(());
        }
        self.ask(&add).await
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
