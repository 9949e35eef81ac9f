//! Servers that end at once at every place between two steps of an order's life: they are started
//! again, everything comes to its end, and the audit finds nothing.

use std::os::unix::process::ExitStatusExt as _;
use std::sync::atomic::AtomicBool;
use std::thread;

use backends::private::PrivateServer;
use server::POINTS;
use tokio::runtime::Runtime;

use crate::deployment::{Replicas, alone, audit, is_judged, is_slow_wanted, logged};

const FIRST_PORT: u16 = 18_700;
const PORTS_EACH: u16 = 4;
/// Deployments side by side: each mostly waits.
const SIDE_BY_SIDE: usize = 4;
const DRIVE: &str = "--rate 30/s --duration 8s --time-scale 120 --drain 30s --quiet --seed 3";
/// How a process ends that aborts.
const ABORTED: i32 = 6;

/// Every place by its name.
fn points() -> Vec<String> {
    let of = |(_, at, words): &(_, &str, &[&str])| -> Vec<String> {
        words.iter().map(|word| format!("{at}:{word}")).collect()
    };
    POINTS.iter().flat_map(of).collect()
}

/// What is wrong when one server ends the first time it comes by a place and the other one the
/// second time; nothing if all is well.
fn wrong(nth: u16, point: &str, database: String) -> Option<String> {
    let second = format!("{point}@2");
    let env = [[("DASTAK_CRASH_AT", point)], [("DASTAK_CRASH_AT", second.as_str())]];
    let first_port = FIRST_PORT + nth * PORTS_EACH;
    let replicas = Replicas::start(first_port, database, None, [&env[0], &env[1]]);
    let mut crashes = 0;
    let more: Vec<&str> = DRIVE.split(' ').collect();
    let (code, said) = replicas.driven("faults.toml", &more, |is_over: &AtomicBool| {
        replicas.keep_up(is_over, |status| {
            assert_eq!(status.signal(), Some(ABORTED), "{}", logged(replicas.dir.path()));
            crashes += 1;
        });
    });
    println!("{point}: {crashes} crashes, {code:?}");
    if crashes == 0 {
        return Some(format!("{point}: nobody came by\n{said}"));
    }
    if !is_judged(code) {
        return Some(format!("{point}: {code:?} {said}\n{}", logged(replicas.dir.path())));
    }
    let audited = audit(replicas.dir.path());
    (audited.code != Some(0)).then(|| format!("{point}: {}\n{said}", audited.text))
}

/// Has servers end at each of some places.
fn check(points: &[String]) {
    let _alone = alone();
    let runtime = Runtime::new().unwrap();
    let postgres = runtime.block_on(PrivateServer::start()).unwrap();
    let mut all_wrong: Vec<String> = Vec::new();
    for some in points.chunks(SIDE_BY_SIDE) {
        let fresh = |_: &String| runtime.block_on(postgres.fresh()).unwrap();
        let databases: Vec<String> = some.iter().map(fresh).collect();
        let found: Vec<Option<String>> = thread::scope(|scope| {
            let each = (0_u16..).zip(some.iter().zip(databases));
            let begun: Vec<_> = each
                .map(|(nth, (point, database))| scope.spawn(move || wrong(nth, point, database)))
                .collect();
            begun.into_iter().map(|one| one.join().unwrap()).collect()
        });
        all_wrong.extend(found.into_iter().flatten());
    }
    assert!(all_wrong.is_empty(), "\n{}", all_wrong.join("\n"));
}

/// `RUN_SLOW=1 cargo test -p dastak-cli --test live slow_a_server_ends -- --nocapture`
#[test]
fn slow_a_server_ends_between_any_two_steps_and_nothing_is_lost() {
    if is_slow_wanted() {
        check(&points());
    }
}
