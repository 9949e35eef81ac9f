//! `dastak drive` when something is in its way: a driver without a processor, a target that goes
//! down, somebody who stops it, a load that nobody may ask for.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{dastak, folder, said};

/// A small city.
const SCENARIO: [&str; 5] =
    ["midnight-low", "--set", "bengaluru=2", "--set", "fleet.riders_per_store=60"];

/// A port that nobody has, below those that systems deal out.
pub(crate) fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let process = u16::try_from(std::process::id() % 1_000).unwrap();
    let candidates =
        (0..1_000).map(|_| 20_000 + (process * 12 + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000);
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    candidates.into_iter().find(free).unwrap()
}

/// A server of the reference deployment, and the folder and ports of who drives it.
struct Stage {
    dir: TempDir,
    server: Child,
    target: String,
    providers: String,
}

impl Stage {
    fn new() -> Self {
        let (dir, providers) = (folder(), format!("127.0.0.1:{}", port()));
        let mut server = dastak(dir.path())
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"])
            .args(["--providers", &format!("http://{providers}")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let target = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { dir, server, target, providers }
    }

    /// Drives it, into `run`; every second is told on a line of its own.
    fn drive(&self, more: &[&str]) -> Driver {
        let mut command = dastak(self.dir.path());
        command.arg("drive").args(SCENARIO).args(["--target", &self.target, "--out", "run"]);
        command.args(["--providers", &self.providers, "--time-scale", "120"]).args(more);
        Driver::start(&mut command)
    }

    fn audit(&self) -> (Option<i32>, String) {
        let audited = said(dastak(self.dir.path()).args(["audit", "run"]));
        (audited.code, audited.out + &audited.err)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A drive under way.
struct Driver {
    child: Child,
    told: BufReader<std::process::ChildStderr>,
    heard: String,
}

impl Driver {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let told = BufReader::new(child.stderr.take().unwrap());
        Self { child, told, heard: String::new() }
    }

    /// Waits until customers come.
    fn until_it_holds(&mut self) {
        while !self.heard.contains(" s  hold ") {
            let read = self.told.read_line(&mut self.heard).unwrap();
            assert_ne!(read, 0, "{}", self.heard);
        }
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// How it ended, and what it said.
    fn ends(mut self) -> (Option<i32>, String) {
        // What it tells is read to its end first, so that it is never held up.
        while self.told.read_line(&mut self.heard).unwrap() > 0 {}
        let Output { status, stdout, .. } = self.child.wait_with_output().unwrap();
        (status.code(), String::from_utf8(stdout).unwrap() + &self.heard)
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a drive takes to end is what is tested")]
fn now() -> Instant {
    Instant::now()
}

fn summary(dir: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(dir.join("run/summary.json")).unwrap()).unwrap()
}

/// A driver that stood still for longer than anybody may be late has not delivered its load,
/// whatever its target did.
#[test]
fn a_driver_without_a_processor_proves_nothing() {
    let stage = Stage::new();
    let mut driver = stage.drive(&["--rate", "10/s", "--duration", "5s"]);
    driver.until_it_holds();
    driver.signal("-STOP");
    thread::sleep(Duration::from_millis(1_500));
    driver.signal("-CONT");
    let (code, text) = driver.ends();
    assert_eq!(code, Some(14), "{text}");
    assert!(text.contains("INVALID The run proves nothing: schedule error p99 "), "{text}");
    assert!(text.contains(" never sent"), "{text}");
    let live = &summary(stage.dir.path())["live"];
    // Those of the first half second of 1.5 s are more than a second late: given up.
    assert!(live["arrivals"]["never_sent"].as_u64().unwrap() >= 5, "{live}");
}

/// Nobody comes any more, who has come goes on to the end, and what there is proves itself.
#[test]
fn a_stopped_drive_drains_and_can_be_audited() {
    let stage = Stage::new();
    let mut driver = stage.drive(&["--rate", "10/s", "--duration", "10min"]);
    driver.until_it_holds();
    driver.signal("-INT");
    let began = now();
    let (code, text) = driver.ends();
    assert_eq!(code, Some(130), "{text}");
    assert!(text.contains("PARTIAL Stopped before the end"), "{text}");
    assert!(text.contains("stopping: writing what there is"), "{text}");
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    let summary = summary(stage.dir.path());
    assert!(summary["orders"]["placed"].as_u64().unwrap() > 0, "{text}");
    assert_eq!(summary["orders"]["in_flight"], 0, "{text}");
    let held = |id: &str| {
        let all = summary["invariants"].as_array().unwrap();
        all.iter().find(|one| one["id"] == id).unwrap()["status"].as_str().unwrap().to_owned()
    };
    // A law of the journal, one of the clients' history, one of the provider's ledger, one that
    // nobody sees here, and one that a run that was stopped is not held to.
    let fared = ["I9", "H1", "W1", "J5"].map(held);
    assert_eq!(fared, ["held", "held", "held", "not observable here"], "{text}");
    assert!(text.contains("\n  held                I1 "), "{text}");
    let (code, text) = stage.audit();
    assert_eq!(code, Some(0), "{text}");
}

/// Sessions come beside the orders, a spike is a phase of its own, and how long everything took is
/// kept by step and phase.
#[test]
fn the_funnel_and_a_spike_are_told_apart() {
    let stage = Stage::new();
    let rates = ["--rate", "4/s", "--duration", "6s", "--spike", "16/s@2s..4s"];
    let (code, text) = stage.drive(&[&rates[..], &["--funnel"]].concat()).ends();
    // Among other tests the driver may be late, and says so.
    assert!(matches!(code, Some(0 | 14)), "{text}");
    let live = &summary(stage.dir.path())["live"];
    let names = |of: &Value| -> Vec<String> {
        of.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&live["phases"]), ["warm-up", "hold", "spike", "hold"]);
    let sent = |phase: usize, step: &str| {
        live["phases"][phase]["steps"][step]["sent"].as_u64().unwrap_or(0)
    };
    assert_eq!(sent(0, "order"), 0);
    assert!(sent(2, "order") > sent(1, "order") + sent(3, "order"), "{text}");
    // A third of the orders are tracked, all to their ends.
    let tracked = live["counts"]["orders tracked to their end"].as_u64().unwrap();
    assert!(tracked >= 5 && live["steps"]["track"]["ok"] == tracked, "{text}");
    assert!(live["counts"]["places of riders tracked"].as_u64().unwrap() > 0, "{text}");
    // 48 orders bring 567 sessions, give or take five deviations.
    let wanted = live["counts"]["sessions wanted"].as_u64().unwrap();
    assert!((448..686).contains(&wanted), "{wanted}");
    let funnel = &live["funnel"];
    assert!(
        (funnel["wanted_per_s"].as_f64().unwrap() - wanted as f64 / 6.0).abs() < 0.1,
        "{funnel}"
    );
    assert!(funnel["reached_share"].as_f64().unwrap() > 0.5, "{text}");
    assert!(text.contains(" sessions/s beside the orders, "), "{text}");
    for step in ["browse", "search", "stock", "cart"] {
        assert!(live["steps"][step]["ok"].as_u64().unwrap() > 20, "{step}: {text}");
    }
    let log = fs::read_to_string(stage.dir.path().join("run/latency.hdr")).unwrap();
    for tag in ["Tag=order/spike/response,3.000,2.000,", "Tag=browse/hold/schedule_error,"] {
        assert!(log.contains(tag), "no {tag} in {log}");
    }
}

#[test]
fn a_target_that_goes_down_ends_the_drive() {
    let mut stage = Stage::new();
    let mut driver = stage.drive(&["--rate", "10/s", "--duration", "10min"]);
    driver.until_it_holds();
    stage.server.kill().unwrap();
    stage.server.wait().unwrap();
    let began = now();
    let (code, text) = driver.ends();
    assert_eq!(code, Some(20), "{text}");
    assert!(text.contains("failed everything for seconds on end"), "{text}");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    // What its clients saw is there, and is audited.
    assert!(text.contains("PARTIAL Stopped before the end"), "{text}");
    let live = &summary(stage.dir.path())["live"];
    assert!(live["availability"].as_f64().unwrap() < 0.999, "{live}");
    let (code, text) = stage.audit();
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("facts of the history"), "{text}");
}

/// Known within five seconds, before anything is built or installed.
#[test]
fn a_target_that_is_down_is_told_at_once() {
    let dir = folder();
    let target = format!("http://127.0.0.1:{}", port());
    let began = now();
    let said = said(dastak(dir.path()).args(["drive", "evening-peak", "--target", &target]));
    assert_eq!(said.code, Some(20), "{}", said.err);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(!dir.path().join("runs").exists());
}

/// What nobody may ask for is refused before anything is installed.
#[test]
fn more_than_a_run_can_have_is_refused() {
    let stage = Stage::new();
    let check = |more: &[&str], says: &str| {
        let (code, text) = stage.drive(more).ends();
        assert_eq!(code, Some(2), "{more:?}: {text}");
        assert!(text.contains(says), "{more:?}: {text}");
    };
    check(&["--duration", "25h", "--rate", "1/s"], " s, allowed 1000000 a second for 86400 s");
    check(&["--rate", "2000000/s"], "a second for 21 s, allowed 1000000 a second");
    check(&["--rate", "20000/s", "--duration", "2h"], "144000000 orders are more than the");
    check(&["--spike", "40/s@18s..22s"], "the spike from 18 s to 22 s is not between");
    check(&["--spike", "40/s@18s-22s"], "is no spike such as 300000/h@10s..15s");
}
