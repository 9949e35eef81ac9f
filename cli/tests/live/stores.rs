//! What servers keep their data in fails under load: Redis is killed, emptied and stands still, and
//! nobody notices; PostgreSQL stands still, and everybody is told so in time.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::deployed::{Deployed, FAULTS, is_over_after, slowly};
use crate::kills::AVAILABILITY;

/// How long a store is gone, or stands still: longer than a server waits for PostgreSQL.
const GONE: Duration = Duration::from_secs(5);
/// When everything must be answered again after that: a request that waits for PostgreSQL waits for
/// five seconds at most, and those that began last are answered by then.
const OVER_US: u64 = 1_500_000;
/// How long an answer may take then, µs: nothing waits behind what was asked meanwhile.
const SOON_US: u64 = 1_000_000;
/// How long a request may take at all, µs: what the client waits, and its look at the clock.
const DEADLINE_US: u64 = 5_100_000;

/// G0's rate of orders, and as many riders as a debug build holds beside it.
///
/// `RUN_SLOW=1 cargo test -p dastak-cli --test live slow_redis -- --nocapture`
#[test]
fn slow_redis_that_is_killed_emptied_and_stalled_is_hardly_missed() {
    let Some((deployed, _alone)) = slowly(Deployed::start_with_redis) else { return };
    let more = "--rate 28/s --duration 60s --time-scale 60 --drain 60s --quiet \
                --set fleet.riders_per_store=300";
    let survived = deployed.survives(FAULTS, more, |is_over| {
        let until = |s| assert!(!is_over_after(is_over, Duration::from_secs(s)), "it is over");
        let keys = || deployed.ask_redis(&["DBSIZE"]);
        until(12);
        println!("Redis is killed: {} keys", keys());
        deployed.redis().kill();
        thread::sleep(GONE);
        deployed.restart_redis();
        until(8);
        let refilled = keys();
        println!("Redis is emptied: {refilled} keys");
        assert!(refilled.parse::<u64>().unwrap() > 0, "nobody has used it again");
        deployed.ask_redis(&["FLUSHALL"]);
        until(8);
        println!("Redis stands still: {} keys", keys());
        deployed.redis().stall();
        thread::sleep(GONE);
        deployed.redis().go_on();
        until(8);
        println!("Redis has gone on: {} keys", keys());
    });
    assert_eq!(survived.is_available(AVAILABILITY), Some(true));
}

/// A request as its client saw it, times in µs since the Unix epoch.
struct Asked {
    sent_us: u64,
    done_us: u64,
    status: Option<u64>,
    is_unknown: bool,
}

/// The requests of a run.
fn asked(run: &Path) -> Vec<Asked> {
    let text = fs::read_to_string(run.join("history.ndjson")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let began_us = lines[0]["started_unix_us"].as_u64().unwrap();
    let number = |line: &Value, what: &str| line[what].as_u64();
    let mut sent = std::collections::BTreeMap::new();
    let mut all = Vec::new();
    for line in &lines {
        let Some(op) = number(line, "op") else { continue };
        if let Some(sent_us) = number(line, "sent_us") {
            sent.insert(op, began_us + sent_us);
        } else if let Some(sent_us) = sent.remove(&op) {
            all.push(Asked {
                sent_us,
                done_us: began_us + number(line, "done_us").unwrap(),
                status: number(line, "status"),
                is_unknown: line["kind"] == "unknown",
            });
        }
    }
    all
}

#[expect(clippy::disallowed_methods, reason = "a history's times are compared with a stall's")]
fn unix_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}

/// `RUN_SLOW=1 cargo test -p dastak-cli --test live slow_a_database_that_stalls -- --nocapture`
#[test]
fn slow_a_database_that_stalls_is_told_of_in_time() {
    let Some((deployed, _alone)) = slowly(Deployed::start) else { return };
    let more = "--rate 28/s --duration 40s --time-scale 60 --drain 60s --quiet";
    let (mut from_us, mut until_us) = (0, 0);
    deployed.survives(FAULTS, more, |is_over| {
        assert!(!is_over_after(is_over, Duration::from_secs(15)), "it is driven still");
        println!("PostgreSQL stands still: {}", deployed.under_way());
        let stalled = deployed.stall_postgres();
        from_us = unix_us();
        thread::sleep(GONE);
        until_us = unix_us();
        drop(stalled);
    });
    let all = asked(&deployed.replicas.dir.path().join("run"));
    let took_us = |one: &Asked| one.done_us - one.sent_us;
    let meanwhile = all.iter().filter(|one| (from_us..until_us).contains(&one.sent_us));
    let unanswered: Vec<&Asked> = meanwhile.clone().filter(|one| one.is_unknown).collect();
    let told = unanswered.iter().filter(|one| one.status == Some(503)).count();
    let mut waited: Vec<u64> = unanswered.iter().map(|one| took_us(one)).collect();
    waited.sort_unstable();
    let (half, most) = (waited[waited.len() / 2], waited[waited.len() - 1]);
    println!(
        "of {} sent while it stood still {} were not answered, {told} of them told so; they took \
         {half} µs, at most {most} µs",
        meanwhile.count(),
        waited.len(),
    );
    assert!(told * 10 >= waited.len() * 9, "{told} of {} were told", waited.len());
    assert!(most <= DEADLINE_US, "{most} µs");
    let afterwards: Vec<&Asked> =
        all.iter().filter(|one| one.sent_us > until_us + OVER_US).collect();
    let lost = afterwards.iter().filter(|one| one.is_unknown).count();
    let slowest = afterwards.iter().map(|one| took_us(one)).max().unwrap();
    println!(
        "of {} sent afterwards {lost} were not answered; at most {slowest} µs",
        afterwards.len()
    );
    assert_eq!(lost, 0, "nothing is left of it");
    assert!(slowest <= SOON_US, "{slowest} µs");
}
