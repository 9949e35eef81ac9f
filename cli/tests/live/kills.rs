//! Servers that are killed, stopped and restarted under load, and so is their database: nothing
//! that was acknowledged is lost, everything comes to its end, and the audit finds nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use backends::private::PrivateServer;
use kernel::chance::draw;
use tokio::runtime::Runtime;

use crate::deployment::{Replicas, alone, audit, is_judged, is_slow_wanted, logged, summary};

const FIRST_PORT: u16 = 18_680;
/// What the times of kills are drawn from.
const SEED: u64 = 7;
/// What a draw about kills is for.
const KILLS: u32 = 0x4b49_4c4c;
/// How many are killed in the long test.
const KILLED: u64 = 30;
/// How often the database is killed.
const CRASHES: u64 = 5;
/// How long a server stands still: longer than its duties are its own.
const STANDS_STILL: Duration = Duration::from_secs(10);
/// What is driven, mostly.
const FAULTS: &str = "faults.toml";
/// Share of requests that are answered with certainty, at least. 99.9 % (live.md, G0); where a
/// server ends every few seconds, 98 %, assumed, grade E: some ten requests are under way each time.
const AVAILABILITY: f64 = 0.999;
const AVAILABILITY_IN_A_STORM: f64 = 0.98;
/// The orders that are under way by the stage of their saga, and what waits for them.
const UNDER_WAY: &str = "
    SELECT string_agg(name || ' ' || rows, ', ' ORDER BY name) FROM (
        SELECT status AS name, count(*) AS rows FROM orders
        WHERE status NOT IN ('draft', 'delivered', 'rejected', 'cancelled', 'undelivered')
        GROUP BY status
        UNION ALL SELECT 'outbox ' || kind, count(*) FROM outbox GROUP BY kind) AS found";

/// Two servers over a database server of their own.
struct Deployed {
    runtime: Runtime,
    postgres: Mutex<PrivateServer>,
    replicas: Replicas,
}

impl Deployed {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let (postgres, database) = runtime.block_on(async {
            let postgres = PrivateServer::start().await.unwrap();
            let database = postgres.fresh().await.unwrap();
            (postgres, database)
        });
        let replicas = Replicas::start(FIRST_PORT, database, [&[], &[]]);
        Self { runtime, postgres: Mutex::new(postgres), replicas }
    }

    /// What is under way, read from the database.
    fn under_way(&self) -> String {
        self.runtime.block_on(async {
            let connected = tokio_postgres::connect(&self.replicas.database, tokio_postgres::NoTls);
            let (client, connection) = connected.await.unwrap();
            tokio::spawn(async move { connection.await.ok() });
            let row = client.query_one(UNDER_WAY, &[]).await.unwrap();
            row.get::<_, Option<String>>(0).unwrap_or_default()
        })
    }

    /// Drives a scenario while something is done to it, and audits that; its availability.
    fn survives(
        &self,
        scenario: &str,
        more: &str,
        meanwhile: impl FnOnce(&AtomicBool) + Send,
    ) -> f64 {
        let dir = self.replicas.dir.path();
        let more: Vec<&str> = more.split(' ').collect();
        let (code, said) = self.replicas.driven(scenario, &more, meanwhile);
        println!("{said}");
        assert!(is_judged(code), "{code:?} {said}\n{}", logged(dir));
        let audited = audit(dir);
        assert_eq!(audited.code, Some(0), "{}\n{said}\n{}", audited.text, logged(dir));
        let summary = summary(dir);
        assert_eq!(summary["orders"]["in_flight"], 0, "every order is over after the drain");
        let (mut sent, mut certain) = (0, 0);
        for (name, step) in summary["live"]["steps"].as_object().unwrap() {
            let count = |what: &str| step[what].as_u64().unwrap();
            if count("unknown") > 0 {
                println!("{name}: {} of {} have an unknown end", count("unknown"), count("sent"));
            }
            sent += count("sent");
            certain += count("ok") + count("failed");
        }
        let availability = certain as f64 / sent as f64;
        println!("availability {:.4} % of {sent} requests", availability * 100.0);
        availability
    }

    /// Kills a server and starts it again; what was under way is told.
    fn kill(&self, nth: usize) {
        println!("replica {nth} is killed: {}", self.under_way());
        self.replicas.signal(nth, "KILL");
        self.replicas.start_again(nth);
    }
}

/// Waits for some time; whether the drive is over meanwhile.
fn is_over_after(is_over: &AtomicBool, wait: Duration) -> bool {
    thread::sleep(wait);
    is_over.load(Ordering::SeqCst)
}

#[test]
fn a_server_that_is_killed_and_a_rolling_restart_lose_nothing() {
    let _alone = alone();
    let deployed = Deployed::start();
    let more = "--rate 28/s --duration 12s --time-scale 120 --drain 30s --quiet";
    let availability = deployed.survives(FAULTS, more, |is_over| {
        assert!(!is_over_after(is_over, Duration::from_secs(5)), "it is driven still");
        deployed.kill(0);
        for nth in [0, 1] {
            thread::sleep(Duration::from_secs(2));
            println!("replica {nth} is restarted: {}", deployed.under_way());
            deployed.replicas.signal(nth, "TERM");
            deployed.replicas.start_again(nth);
        }
    });
    assert!(availability >= AVAILABILITY_IN_A_STORM, "{availability}");
}

/// What the tests below are run with: `RUN_SLOW=1 cargo test -p dastak-cli --test live NAME --
/// --nocapture`.
const LONG: &str = "--rate 28/s --duration 150s --time-scale 60 --drain 60s --quiet";

#[test]
fn slow_servers_that_are_killed_again_and_again_lose_nothing() {
    if !is_slow_wanted() {
        return;
    }
    let _alone = alone();
    let deployed = Deployed::start();
    let availability = deployed.survives(FAULTS, LONG, |is_over| {
        for nth in 0..KILLED {
            let mut luck = draw(SEED, nth, KILLS, 0);
            let wait = Duration::from_millis(3_000 + u64::from(luck.below(2_500)));
            assert!(!is_over_after(is_over, wait), "only {nth} were killed");
            deployed.kill(usize::from(luck.chance(0.5)));
        }
    });
    assert!(availability >= AVAILABILITY_IN_A_STORM, "{availability}");
}

#[test]
fn slow_one_killed_server_of_a_hundred_thousand_orders_an_hour_is_hardly_missed() {
    if !is_slow_wanted() {
        return;
    }
    let _alone = alone();
    let deployed = Deployed::start();
    let more = "--rate 28/s --duration 60s --time-scale 30 --drain 90s --quiet";
    let availability = deployed.survives("g0.toml", more, |is_over| {
        assert!(!is_over_after(is_over, Duration::from_secs(45)), "it is driven still");
        deployed.kill(0);
    });
    assert!(availability >= AVAILABILITY, "{availability}");
}

#[test]
fn slow_a_database_that_crashes_again_and_again_keeps_what_was_acknowledged() {
    if !is_slow_wanted() {
        return;
    }
    let _alone = alone();
    let deployed = Deployed::start();
    let more = "--rate 28/s --duration 60s --time-scale 60 --drain 60s --quiet";
    deployed.survives(FAULTS, more, |is_over| {
        for nth in 0..CRASHES {
            assert!(!is_over_after(is_over, Duration::from_secs(9)), "only {nth} crashes");
            println!("PostgreSQL is killed: {}", deployed.under_way());
            let mut postgres = deployed.postgres.lock().unwrap_or_else(PoisonError::into_inner);
            deployed.runtime.block_on(postgres.crash()).unwrap();
        }
    });
}

#[test]
fn slow_a_server_that_stands_still_for_long_does_no_harm_when_it_goes_on() {
    if !is_slow_wanted() {
        return;
    }
    let _alone = alone();
    let deployed = Deployed::start();
    let more = "--rate 28/s --duration 60s --time-scale 60 --drain 60s --quiet";
    deployed.survives(FAULTS, more, |is_over| {
        for nth in [0, 1] {
            assert!(!is_over_after(is_over, Duration::from_secs(10)), "it is driven still");
            println!("replica {nth} stands still: {}", deployed.under_way());
            deployed.replicas.signal(nth, "STOP");
            thread::sleep(STANDS_STILL);
            deployed.replicas.signal(nth, "CONT");
        }
    });
}

/// Money that is taken in silence, agreed to late, or asked for twice; and a server is killed.
#[test]
fn slow_a_provider_that_misbehaves_costs_nobody_anything() {
    if !is_slow_wanted() {
        return;
    }
    let _alone = alone();
    let deployed = Deployed::start();
    let more = "--rate 28/s --duration 60s --time-scale 60 --drain 60s --quiet";
    deployed.survives("provider.toml", more, |is_over| {
        for nth in [0, 1, 0] {
            assert!(!is_over_after(is_over, Duration::from_secs(15)), "it is driven still");
            deployed.kill(nth);
        }
    });
}
