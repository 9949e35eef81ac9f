//! Two servers over stores of their own, driven while something is done to them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use backends::private::{PrivateRedis, PrivateServer, Stalled};
use tokio::runtime::Runtime;

use crate::deployment::{Replicas, alone, audit, is_judged, is_slow_wanted, logged, summary};

const FIRST_PORT: u16 = 18_680;
/// How a drive ends whose figures are not its target's.
const INVALID: i32 = 14;
/// What is driven, mostly.
pub(crate) const FAULTS: &str = "faults.toml";
/// The orders that are under way by the stage of their saga, and what waits for them.
const UNDER_WAY: &str = "
    SELECT string_agg(name || ' ' || rows, ', ' ORDER BY name) FROM (
        SELECT status AS name, count(*) AS rows FROM orders
        WHERE status NOT IN ('draft', 'delivered', 'rejected', 'cancelled', 'undelivered')
        GROUP BY status
        UNION ALL SELECT 'outbox ' || kind, count(*) FROM outbox GROUP BY kind) AS found";

/// Two servers over a database server of their own, with a Redis or without.
pub(crate) struct Deployed {
    runtime: Runtime,
    postgres: Mutex<PrivateServer>,
    redis: Option<(Mutex<PrivateRedis>, String)>,
    pub(crate) replicas: Replicas,
}

/// What came of being driven.
pub(crate) struct Survived {
    availability: f64,
    is_valid: bool,
}

impl Survived {
    /// Whether so large a share of requests was answered. Not known where it was not and the driver
    /// lacked a processor: then the fault may be the driver's.
    pub(crate) fn is_available(&self, least: f64) -> Option<bool> {
        let is_available = self.availability >= least;
        (is_available || self.is_valid).then_some(is_available)
    }
}

/// Deploys for a long test that has the processors to itself; none unless those are wanted.
pub(crate) fn slowly(deploy: fn() -> Deployed) -> Option<(Deployed, MutexGuard<'static, ()>)> {
    is_slow_wanted().then(|| {
        let held = alone();
        (deploy(), held)
    })
}

impl Deployed {
    pub(crate) fn start() -> Self {
        Self::over(Runtime::new().unwrap(), None)
    }

    pub(crate) fn start_with_redis() -> Self {
        let runtime = Runtime::new().unwrap();
        let redis = runtime.block_on(PrivateRedis::start()).unwrap();
        Self::over(runtime, Some(redis))
    }

    fn over(runtime: Runtime, redis: Option<PrivateRedis>) -> Self {
        let (postgres, database) = runtime.block_on(async {
            let postgres = PrivateServer::start().await.unwrap();
            let database = postgres.fresh().await.unwrap();
            (postgres, database)
        });
        let redis = redis.map(|redis| {
            let url = redis.fresh();
            (Mutex::new(redis), url)
        });
        let url = redis.as_ref().map(|(_, url)| url.as_str());
        let replicas = Replicas::start(FIRST_PORT, database, url, [&[], &[]]);
        Self { runtime, postgres: Mutex::new(postgres), redis, replicas }
    }

    /// What is under way, read from the database.
    pub(crate) fn under_way(&self) -> String {
        self.runtime.block_on(async {
            let connected = tokio_postgres::connect(&self.replicas.database, tokio_postgres::NoTls);
            let (client, connection) = connected.await.unwrap();
            tokio::spawn(async move { connection.await.ok() });
            let row = client.query_one(UNDER_WAY, &[]).await.unwrap();
            row.get::<_, Option<String>>(0).unwrap_or_default()
        })
    }

    /// Drives a scenario while something is done to it, and audits that.
    pub(crate) fn survives(
        &self,
        scenario: &str,
        more: &str,
        meanwhile: impl FnOnce(&AtomicBool) + Send,
    ) -> Survived {
        let dir = self.replicas.dir.path();
        let more: Vec<&str> = more.split(' ').collect();
        let (code, said) = self.replicas.driven(scenario, &more, meanwhile);
        println!("{said}");
        assert!(is_judged(code), "{code:?} {said}\n{}", logged(dir));
        let audited = audit(dir);
        assert_eq!(audited.code, Some(0), "{}\n{said}\n{}", audited.text, logged(dir));
        let summary = summary(dir);
        assert_eq!(summary["orders"]["in_flight"], 0, "every order is over after the drain");
        let live = &summary["live"];
        let mut sent = 0;
        for (name, step) in live["steps"].as_object().unwrap() {
            let [all, answered, unknown] =
                ["sent", "answered", "unknown"].map(|what| step[what].as_u64().unwrap());
            sent += all;
            if answered < all {
                println!("{name}: {} of {all} not answered, {unknown} unknown", all - answered);
            }
        }
        let availability = live["availability"].as_f64().unwrap();
        println!(
            "availability {:.4} % of {sent} requests; {} connections refused and asked of the \
             other server",
            availability * 100.0,
            live["passed_over"],
        );
        Survived { availability, is_valid: code != Some(INVALID) }
    }

    /// Kills a server and starts it again; what was under way is told.
    pub(crate) fn kill(&self, nth: usize) {
        println!("replica {nth} is killed: {}", self.under_way());
        self.replicas.signal(nth, "KILL");
        self.replicas.start_again(nth);
    }

    /// Kills PostgreSQL and starts it again.
    pub(crate) fn crash_postgres(&self) {
        let mut postgres = self.postgres.lock().unwrap_or_else(PoisonError::into_inner);
        self.runtime.block_on(postgres.crash()).unwrap();
    }

    /// Stops PostgreSQL where it is, until what is given is dropped.
    pub(crate) fn stall_postgres(&self) -> Stalled {
        self.postgres.lock().unwrap_or_else(PoisonError::into_inner).stall()
    }

    /// The Redis that servers have.
    pub(crate) fn redis(&self) -> MutexGuard<'_, PrivateRedis> {
        let (redis, _) = self.redis.as_ref().unwrap();
        redis.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it says to a command about the servers' database.
    pub(crate) fn ask_redis(&self, command: &[&str]) -> String {
        let (_, url) = self.redis.as_ref().unwrap();
        self.redis().ask(url, command).unwrap()
    }

    /// Starts it again, with nothing in it.
    pub(crate) fn restart_redis(&self) {
        self.runtime.block_on(self.redis().restart()).unwrap();
    }
}

/// Waits for some time; whether the drive is over meanwhile.
pub(crate) fn is_over_after(is_over: &AtomicBool, wait: Duration) -> bool {
    thread::sleep(wait);
    is_over.load(Ordering::SeqCst)
}
