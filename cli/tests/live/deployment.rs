//! Deployments of a test's own: servers as processes, and who drives and audits them.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// How long a server that is to stop lets everybody know, seconds: each connection of the driver's is
/// used meanwhile.
const LINGER_S: &str = "1";
/// How often it is looked whether a server has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Held by the test that has the processors.
static ALONE: Mutex<()> = Mutex::new(());

/// Waits until no other test of this program has the processors.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether long tests are wanted; says so if not.
pub(crate) fn is_slow_wanted() -> bool {
    let is_wanted = std::env::var_os("RUN_SLOW").is_some();
    if !is_wanted {
        println!("SKIPPED: a slow test (set RUN_SLOW=1)");
    }
    is_wanted
}

/// Where the servers of a test listen, and where their providers are: below the ports that systems
/// deal out, and each test its own.
pub(crate) struct Ports {
    pub(crate) servers: Vec<String>,
    pub(crate) providers: String,
}

impl Ports {
    /// The ports from `first` on: one for each server, then one for the providers.
    pub(crate) fn new(first: u16, servers: u16) -> Self {
        let at = |port| format!("127.0.0.1:{port}");
        let servers_at = (first..first + servers).map(at).collect();
        Self { servers: servers_at, providers: at(first + servers) }
    }
}

/// The program, started in a folder.
pub(crate) fn dastak(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dastak"));
    command.current_dir(dir).env("NO_COLOR", "1").env_remove("DASTAK_DATA");
    command
}

/// A server of a test's own, ended with it.
pub(crate) struct Server(pub(crate) Child);

impl Server {
    /// Serves at an address, from where `store` says, with more in its environment. What it logs is
    /// in the folder, in a file by its port.
    pub(crate) fn start(
        dir: &Path,
        at: &str,
        providers: &str,
        store: &[&str],
        env: &[(&str, &str)],
    ) -> Self {
        assert!(TcpStream::connect(at).is_err(), "{at} is somebody else's");
        let port = at.rsplit(':').next().unwrap_or(at);
        let log = File::options().append(true).create(true).open(dir.join(format!("{port}.log")));
        let providers = format!("http://{providers}");
        let mut child = dastak(dir)
            .args(["serve", "--listen", at, "--providers", &providers, "--log", "warn"])
            .args(store)
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log.unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, format!("listening on http://{at}\n"), "{}", logged(dir));
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

/// Servers of one deployment over a PostgreSQL server of its own, that can be ended and started
/// again while it is driven.
pub(crate) struct Replicas {
    pub(crate) dir: TempDir,
    pub(crate) ports: Ports,
    pub(crate) database: String,
    /// What tells servers how they stop, where the truth is kept, and what is kept at hand.
    store: Vec<String>,
    servers: Vec<Mutex<Server>>,
}

impl Replicas {
    /// Two servers at the ports from `first` on, with a Redis database or none; `env` gives more in
    /// the environment of each.
    pub(crate) fn start(
        first: u16,
        database: String,
        redis: Option<&str>,
        env: [&[(&str, &str)]; 2],
    ) -> Self {
        let (dir, ports) = (tempfile::tempdir().unwrap(), Ports::new(first, 2));
        let mut store = ["--linger", LINGER_S, "--postgres", &database].map(str::to_owned).to_vec();
        store.extend(redis.into_iter().flat_map(|redis| ["--redis".to_owned(), redis.to_owned()]));
        let words: Vec<&str> = store.iter().map(String::as_str).collect();
        let start = |(at, env): (&String, &[(&str, &str)])| {
            Mutex::new(Server::start(dir.path(), at, &ports.providers, &words, env))
        };
        let servers = ports.servers.iter().zip(env).map(start).collect();
        Self { dir, ports, database, store, servers }
    }

    /// Sends one a signal, such as `KILL`, by its number.
    pub(crate) fn signal(&self, nth: usize, signal: &str) {
        let number = self.lock(nth).0.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &number]).status().unwrap();
        assert!(sent.success(), "replica {nth} is gone already");
    }

    /// How one has ended, if it has.
    fn ended(&self, nth: usize) -> Option<ExitStatus> {
        self.lock(nth).0.try_wait().unwrap()
    }

    /// Starts one again when it has ended.
    pub(crate) fn start_again(&self, nth: usize) {
        let mut server = self.lock(nth);
        server.0.wait().unwrap();
        let (at, providers) = (&self.ports.servers[nth], &self.ports.providers);
        let store: Vec<&str> = self.store.iter().map(String::as_str).collect();
        *server = Server::start(self.dir.path(), at, providers, &store, &[]);
    }

    /// Starts again whichever has ended, as whoever runs servers does, until the drive is over;
    /// `ended` is told how each did.
    pub(crate) fn keep_up(&self, is_over: &AtomicBool, mut ended: impl FnMut(ExitStatus)) {
        while !is_over.load(Ordering::SeqCst) {
            for nth in 0..self.servers.len() {
                if let Some(status) = self.ended(nth) {
                    ended(status);
                    self.start_again(nth);
                }
            }
            thread::sleep(LOOK);
        }
    }

    fn lock(&self, nth: usize) -> MutexGuard<'_, Server> {
        self.servers[nth].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drives them while something is done to them, from when the driver has begun until
    /// it has ended: then `is_over` says so. How the drive ended, and what it said.
    pub(crate) fn driven(
        &self,
        scenario: &str,
        more: &[&str],
        meanwhile: impl FnOnce(&AtomicBool) + Send,
    ) -> (Option<i32>, String) {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let other = scope.spawn(|| meanwhile(&is_over));
            let ended = drive(self.dir.path(), &self.ports, scenario, more);
            is_over.store(true, Ordering::SeqCst);
            other.join().unwrap();
            ended
        })
    }
}

/// What all servers of a folder logged.
pub(crate) fn logged(dir: &Path) -> String {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let logs = files.filter(|path| path.extension().is_some_and(|ending| ending == "log"));
    logs.map(|log| fs::read_to_string(log).unwrap()).collect()
}

/// Drives a scenario of these tests; how it ended, and what it said.
pub(crate) fn drive(
    dir: &Path,
    ports: &Ports,
    scenario: &str,
    more: &[&str],
) -> (Option<i32>, String) {
    let scenario = format!("{}/tests/live/{scenario}", env!("CARGO_MANIFEST_DIR"));
    let mut command = dastak(dir);
    command.args(["drive", &scenario, "--providers", &ports.providers, "--out", "run"]);
    for server in &ports.servers {
        command.args(["--target", &format!("http://{server}")]);
    }
    said(command.args(more))
}

/// Whether a drive that ended so has left its evidence. One that is not worth its figures has: a
/// driver that had to wait for a processor does no deployment wrong.
pub(crate) const fn is_judged(code: Option<i32>) -> bool {
    matches!(code, Some(0 | 10 | 11 | 14))
}

/// What the audit of a run found.
pub(crate) struct Audited {
    pub(crate) code: Option<i32>,
    /// What it told of each broken law: its id, what was wrong, what shows it.
    pub(crate) broken: Vec<(String, String, Vec<String>)>,
    /// All it said.
    pub(crate) text: String,
}

/// Audits a run.
pub(crate) fn audit(dir: &Path) -> Audited {
    let (code, text) = said(dastak(dir).args(["audit", "run", "--format", "json"]));
    let told: Value = serde_json::from_str(&text).unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |broken: &Value| {
        let shown = broken["counterexample"].as_array().cloned().unwrap_or_default();
        (word(&broken["id"]), word(&broken["first"]), shown.iter().map(word).collect())
    };
    let broken = told["broken"].as_array().cloned().unwrap_or_default();
    Audited { code, broken: broken.iter().map(one).collect(), text }
}

/// The summary of a run.
pub(crate) fn summary(dir: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(dir.join("run/summary.json")).unwrap()).unwrap()
}

/// How a program ended, and what it said.
pub(crate) fn said(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}
