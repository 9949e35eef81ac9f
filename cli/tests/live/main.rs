//! `dastak serve` and `dastak drive` together: a whole evening's people against a live deployment.
//!
//! A program of its own: what is measured here must not share the processors with other tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "counts are printed for whoever looks at them")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use backends::private::PrivateServer;
use serde_json::Value;
use tokio::runtime::Runtime;

/// Where the servers of a test listen, and where their providers are: below the ports that systems
/// deal out, and each test its own.
struct Ports {
    servers: &'static [&'static str],
    providers: &'static str,
}

const IN_MEMORY: Ports = Ports { servers: &["127.0.0.1:18491"], providers: "127.0.0.1:18492" };
const REPLICAS: Ports =
    Ports { servers: &["127.0.0.1:18494", "127.0.0.1:18495"], providers: "127.0.0.1:18496" };

/// Held by the test that has the processors.
static ALONE: Mutex<()> = Mutex::new(());

/// The program, started in a folder.
fn dastak(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dastak"));
    command.current_dir(dir).env("NO_COLOR", "1").env_remove("DASTAK_DATA");
    command
}

/// A server of a test's own, ended with it.
struct Server(Child);

impl Server {
    /// Serves at an address, from where `store` says.
    fn start(dir: &Path, at: &str, providers: &str, store: [&str; 2]) -> Self {
        assert!(TcpStream::connect(at).is_err(), "{at} is somebody else's");
        let providers = format!("http://{providers}");
        let mut child = dastak(dir)
            .args(["serve", "--listen", at, "--providers", &providers])
            .args(store)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, format!("listening on http://{at}\n"));
        Self(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Drives a scenario of these tests; how it ended, and what it said.
fn drive(dir: &Path, ports: &Ports, more: &[&str]) -> (Option<i32>, String) {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/g0.toml");
    let mut command = dastak(dir);
    command.args(["drive", scenario, "--providers", ports.providers, "--out", "run"]);
    for server in ports.servers {
        command.args(["--target", &format!("http://{server}")]);
    }
    let output = command.args(more).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// What came of a drive of a length at a speed, if it passes.
fn passes(ports: &Ports, store: [&str; 2], duration: &str, time_scale: &str) -> Value {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = tempfile::tempdir().unwrap();
    let start = |at: &&str| Server::start(dir.path(), at, ports.providers, store);
    let _servers: Vec<Server> = ports.servers.iter().map(start).collect();
    let more = ["--rate", "28/s", "--duration", duration, "--time-scale", time_scale];
    let (code, text) = drive(dir.path(), ports, &[&more[..], &["--drain", "90s"]].concat());
    println!("{text}");
    assert_eq!(code, Some(0), "{text}");
    serde_json::from_str(&fs::read_to_string(dir.path().join("run/summary.json")).unwrap()).unwrap()
}

/// A hundred thousand orders an hour, ten thousand riders who tell every five seconds where they
/// are, and at least so many of everything that goes wrong.
fn is_g0(summary: &Value, orders: u64) {
    let counts = |of: &str| -> BTreeMap<String, u64> {
        serde_json::from_value(summary["live"][of].clone()).unwrap()
    };
    let (facts, counts) = (counts("facts"), counts("counts"));
    println!("facts {facts:#?}\ncounts {counts:#?}");
    let fact = |name: &str| facts.get(name).copied().unwrap_or(0);
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    let at_least = [
        ("delivered", summary["orders"]["delivered"].as_u64().unwrap(), orders * 5 / 6),
        ("riders on duty", fact("rider_came_on"), 10_000),
        ("times to pay that ended, and holds with them", fact("payment_expired"), 20),
        ("cancelled", summary["orders"]["cancelled"].as_u64().unwrap(), 20),
        ("declined", fact("payment_declined"), 20),
        ("authorised late", count("payments authorised late"), 20),
        ("offers not answered in time", fact("trip_offer_timed_out"), 20),
        ("lines short", count("lines short"), 20),
    ];
    for (what, is, least) in at_least {
        println!("{what}: {is}, at least {least}");
        assert!(is >= least, "{what}: {is} of {least}");
    }
    assert_eq!(summary["orders"]["in_flight"], 0, "every order is over after the drain");
}

#[test]
fn a_minute_of_a_hundred_thousand_orders_an_hour_from_memory() {
    is_g0(&passes(&IN_MEMORY, ["--store", "memory"], "60s", "30"), 1_680);
}

/// Two servers, requests alternating, over one PostgreSQL that keeps commits safe.
fn replicas_hold(duration: &str, time_scale: &str, orders: u64) {
    let runtime = Runtime::new().unwrap();
    let (_postgres, url) = runtime.block_on(async {
        let postgres = PrivateServer::start().await.unwrap();
        let url = postgres.fresh().await.unwrap();
        (postgres, url)
    });
    is_g0(&passes(&REPLICAS, ["--postgres", &url], duration, time_scale), orders);
}

/// `RUN_SLOW=1 cargo test --release -p dastak-cli --test live slow_ -- --nocapture`
#[test]
fn slow_two_servers_hold_a_hundred_thousand_orders_an_hour() {
    if std::env::var_os("RUN_SLOW").is_none() {
        println!("SKIPPED: a slow test (set RUN_SLOW=1)");
        return;
    }
    replicas_hold("60s", "30", 1_680);
    replicas_hold("10min", "4", 16_800);
}
