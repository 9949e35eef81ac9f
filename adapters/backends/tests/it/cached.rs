//! Redis keeps the contract of caches, also after it was gone or stood still.

use std::time::Duration;

use dastak_backends::Redis;
use dastak_backends::private::{PrivateError, PrivateRedis};
use dastak_backends::redis::DEADLINE;
use domain::gateway::breaker::Phase;
use domain::time::Millis;
use shell::clock::WallClock;
use shell::{Cache, Guarded, PortError};
use tokio::time::Instant;

const TTL: Millis = Millis::from_min(1);
/// Longer than anybody waits for an answer, busy as the machine may be.
const PATIENCE: Duration = DEADLINE.saturating_mul(6);
/// Within so long everything is as it was.
const RECOVERY: Duration = Duration::from_secs(20);

/// Runs a test against a server of its own. Where none can be installed it is skipped, but not in
/// CI.
fn with_redis(test: impl AsyncFnOnce(PrivateRedis)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match PrivateRedis::start().await {
            Ok(redis) => test(redis).await,
            Err(error @ PrivateError::NotInstalled { .. }) if std::env::var_os("CI").is_none() => {
                eprintln!("skipped: {error}");
            }
            Err(error) => panic!("no server: {error:?}"),
        }
    });
}

async fn wait(time: Millis) {
    tokio::time::sleep(Duration::from_millis(time.0.into())).await;
}

#[test]
fn redis_keeps_the_contract_of_caches() {
    with_redis(async |redis| {
        shell::contract::cache::check(&Redis::at(&redis.fresh()).unwrap(), wait).await;
        let guarded = Guarded::new(Redis::at(&redis.fresh()).unwrap(), WallClock);
        shell::contract::cache::check(&guarded, wait).await;
        assert_eq!(guarded.far().map(|far| (far.failed, far.shed)), Some((0, 0)));
    });
}

/// What stands there is what any other client reads.
#[test]
fn values_are_redis_own() {
    with_redis(async |redis| {
        let url = redis.fresh();
        let cache = Redis::at(&url).unwrap();
        cache.put("cart:7", b"text", Millis(30_000)).await.unwrap();
        cache.rank("inventory:low_stock", "1:2", 3).await.unwrap();
        let told = |command: &[&str]| redis.ask(&url, command).unwrap();
        assert_eq!(told(&["GET", "cart:7"]), "text");
        let left: u32 = told(&["PTTL", "cart:7"]).parse().unwrap();
        assert!((25_000..=30_000).contains(&left), "{left} ms");
        assert_eq!(told(&["ZSCORE", "inventory:low_stock", "1:2"]), "3");
    });
}

#[test]
fn another_database_is_not_emptied() {
    with_redis(async |redis| {
        let (ours, other) = (redis.fresh(), redis.fresh());
        redis.ask(&other, &["SET", "theirs", "1"]).unwrap();
        Redis::at(&ours).unwrap().clear().await.unwrap();
        assert_eq!(redis.ask(&other, &["GET", "theirs"]).unwrap(), "1");
    });
}

/// Asks until it is answered, which it is not while the server is hurt.
async fn recovers(cache: &Redis, value: Option<&[u8]>) {
    let began = Instant::now();
    loop {
        let asked = Instant::now();
        let answer = cache.get("k").await;
        assert!(asked.elapsed() < PATIENCE, "{:?}", asked.elapsed());
        match answer {
            Ok(found) => return assert_eq!(found.as_deref(), value),
            Err(error) => assert!(began.elapsed() < RECOVERY, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn what_hurts_redis_is_said_in_time_and_passes() {
    with_redis(async |mut redis| {
        let cache = Redis::at(&redis.fresh()).unwrap();
        cache.put("k", b"1", TTL).await.unwrap();
        redis.stall();
        for _ in 0..4 {
            let asked = Instant::now();
            let failed = cache.get("k").await.unwrap_err();
            assert!(asked.elapsed() < PATIENCE, "{:?}", asked.elapsed());
            assert!(matches!(failed, PortError::TimedOut | PortError::Down(_)), "{failed}");
        }
        redis.go_on();
        recovers(&cache, Some(b"1")).await;
        redis.kill();
        assert!(cache.get("k").await.is_err());
        redis.restart().await.unwrap();
        recovers(&cache, None).await;
    });
}

/// Whoever asks is answered always: by Redis, or by what this process knows.
#[test]
fn a_guarded_cache_answers_whatever_happens() {
    with_redis(async |mut redis| {
        let cache = Guarded::new(Redis::at(&redis.fresh()).unwrap(), WallClock);
        let phase = || cache.far().unwrap().phase;
        cache.put("k", b"redis", TTL).await.unwrap();
        redis.kill();
        while phase() == Phase::Closed {
            assert_eq!(cache.get("k").await, Ok(None));
        }
        cache.put("k", b"own", TTL).await.unwrap();
        let began = Instant::now();
        for _ in 0..100 {
            assert_eq!(cache.get("k").await, Ok(Some(b"own".to_vec())));
        }
        assert!(began.elapsed() < DEADLINE, "nobody waits for what is known to be gone");
        assert!(cache.far().unwrap().shed >= 90);
        redis.restart().await.unwrap();
        let began = Instant::now();
        while phase() != Phase::Closed {
            assert!(began.elapsed() < RECOVERY);
            cache.get("k").await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(cache.get("k").await, Ok(None), "Redis is asked again, and has begun anew");
    });
}

#[test]
fn an_address_that_is_none_is_refused() {
    for url in ["", "127.0.0.1:6379", "postgres://127.0.0.1/0", "redis://127.0.0.1:x/0"] {
        assert!(Redis::at(url).is_err(), "{url}");
    }
}
