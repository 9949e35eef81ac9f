//! Servers of one's own, for tests and measurements: files in a temporary folder, reached over
//! loopback alone, gone when they are dropped. PostgreSQL stands here, Redis and a broker below.

mod broker;
mod redis;

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

pub use broker::PrivateBroker;
pub use redis::PrivateRedis;

/// Where Debian keeps the binaries that are not on the path.
const BINARIES: &str = "/usr/lib/postgresql/15/bin";
/// What installs and fetches the programs of a deployment.
const SERVICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/services");
/// Ports to try: below those that the system hands out by itself.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// Ports that are tried before it is given up.
const PORTS_TRIED: u32 = 5;
/// Tries to reach a server that begins, each after [`PAUSE`].
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);
/// How often a server that crashed is started again, until it goes on.
const RESTARTS: u32 = 100;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum PrivateError {
    /// PostgreSQL is not installed.
    #[error("initdb and postgres are neither on the path nor in {BINARIES}")]
    Missing,
    /// Another program is not installed, and could not be.
    #[error("{program} is not installed, and adapters/deploy/services cannot do so: {said}")]
    NotInstalled {
        /// Which.
        program: &'static str,
        /// What came of installing it.
        said: String,
    },
    /// A file or a program could not be used.
    #[error("the server cannot be started")]
    Io(#[from] io::Error),
    /// A program failed.
    #[error("{program} failed: {said}")]
    Failed {
        /// Which.
        program: String,
        /// What it said.
        said: String,
    },
    /// No server answers, or it is not the one that was started.
    #[error("the server does not answer, or another one does: {0}")]
    Stranger(String),
}

/// A server that ends when it is dropped.
#[derive(Debug)]
pub struct PrivateServer {
    process: Process,
    port: u16,
    databases: AtomicU32,
    folder: TempDir,
}

impl PrivateServer {
    /// Starts a server with PostgreSQL's own settings, which keep commits safe.
    ///
    /// # Errors
    /// [`PrivateError`].
    pub async fn start() -> Result<Self, PrivateError> {
        let initdb = binary("initdb").ok_or(PrivateError::Missing)?;
        let postgres = binary("postgres").ok_or(PrivateError::Missing)?;
        let folder = tempfile::Builder::new().prefix("dastak-postgres-").tempdir()?;
        if is_root() {
            let mut chown = Command::new("chown");
            finish(chown.arg("postgres:postgres").arg(folder.path()))?;
        }
        let files = folder.path().join("files");
        let mut made = unprivileged(&initdb);
        made.args(["--username=dastak", "--auth=trust", "--encoding=UTF8", "--locale=C", "-D"]);
        finish(made.arg(&files))?;
        let mut last = PrivateError::Stranger("no port was tried".to_owned());
        for _ in 0..PORTS_TRIED {
            let port = free_port()?;
            let process = Process::start(&mut postgres_on(&postgres, &files, port), "QUIT")?;
            // Another may have taken the port since it was found free.
            match is_ours(port, &files).await {
                Ok(()) => return Ok(Self { process, port, databases: AtomicU32::new(0), folder }),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The number of the server's first process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Kills the server as a crash of its machine would, and starts it again over its files; what
    /// was committed is there again.
    ///
    /// # Errors
    /// [`PrivateError`] when it does not start again.
    pub async fn crash(&mut self) -> Result<(), PrivateError> {
        let postgres = binary("postgres").ok_or(PrivateError::Missing)?;
        let files = self.folder.path().join("files");
        self.process.signal("KILL");
        let mut last = PrivateError::Missing;
        // Its children notice that it is gone, and end; before that no other can begin.
        for _ in 0..RESTARTS {
            self.process = Process::start(&mut postgres_on(&postgres, &files, self.port), "QUIT")?;
            match self.answers(&files).await {
                Ok(()) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Stops the server and all its processes where they are, until what is given is dropped:
    /// connections stay, and nothing is answered.
    #[must_use]
    pub fn stall(&self) -> Stalled {
        let first = self.process.id();
        // The first one begins no others from then on.
        signal(first, "STOP");
        let others = children(first);
        others.iter().for_each(|number| signal(*number, "STOP"));
        Stalled { first, others }
    }

    /// Waits until the server answers, or has ended.
    async fn answers(&mut self, files: &Path) -> Result<(), PrivateError> {
        for _ in 0..TRIES {
            if self.process.0.try_wait()?.is_some() {
                tokio::time::sleep(PAUSE).await;
                return Err(PrivateError::Stranger("it ended at once".to_owned()));
            }
            if client(self.port).await.is_ok() {
                return is_ours(self.port, files).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(PrivateError::Stranger("it does not begin".to_owned()))
    }

    /// Where the server's files are, while it lives.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address of a database of this server.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// Makes a new, empty database and gives its address.
    ///
    /// # Errors
    /// [`PrivateError`].
    pub async fn fresh(&self) -> Result<String, PrivateError> {
        let name = format!("fresh{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let client = client(self.port).await?;
        let made = client.batch_execute(&format!("CREATE DATABASE {name}")).await;
        made.map_err(|error| PrivateError::Stranger(error.to_string()))?;
        Ok(self.url(&name))
    }
}

/// A server that stands still. Dropped, it goes on.
#[derive(Debug)]
pub struct Stalled {
    first: u32,
    others: Vec<u32>,
}

impl Drop for Stalled {
    fn drop(&mut self) {
        self.others.iter().for_each(|number| signal(*number, "CONT"));
        signal(self.first, "CONT");
    }
}

/// The numbers of a process's children.
fn children(of: u32) -> Vec<u32> {
    let text = std::fs::read_to_string(format!("/proc/{of}/task/{of}/children"));
    let text = text.unwrap_or_default();
    text.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

fn signal(number: u32, name: &str) {
    Command::new("kill").args([format!("-{name}"), number.to_string()]).status().ok();
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://dastak@127.0.0.1:{port}/{database}")
}

async fn client(port: u16) -> Result<Client, PrivateError> {
    let connected = tokio_postgres::connect(&url(port, "postgres"), NoTls).await;
    let (client, connection) =
        connected.map_err(|error| PrivateError::Stranger(error.to_string()))?;
    tokio::spawn(async move { connection.await.ok() });
    Ok(client)
}

/// Waits until a server answers, and sees to it that it is the one that has those files.
async fn is_ours(port: u16, files: &Path) -> Result<(), PrivateError> {
    let mut last = PrivateError::Missing;
    for _ in 0..TRIES {
        tokio::time::sleep(PAUSE).await;
        match client(port).await {
            Ok(client) => {
                let asked = client.query_one("SELECT current_setting('data_directory')", &[]).await;
                let found: String = asked
                    .and_then(|row| row.try_get(0))
                    .map_err(|error| PrivateError::Stranger(error.to_string()))?;
                let is_it = Path::new(&found) == files;
                return if is_it { Ok(()) } else { Err(PrivateError::Stranger(found)) };
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// What starts PostgreSQL over its files.
fn postgres_on(postgres: &Path, files: &Path, port: u16) -> Command {
    let mut command = unprivileged(postgres);
    command.arg("-D").arg(files).args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
    command.args(["-c", "unix_socket_directories=", "-c", "max_connections=200"]);
    command
}

/// A server's first process, which ends when this is dropped, by a signal of its own.
#[derive(Debug)]
struct Process(Child, &'static str);

impl Process {
    fn start(command: &mut Command, ends_by: &'static str) -> io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(command.spawn()?, ends_by))
    }

    /// Its number. `setpriv` becomes the server itself, so that is the server's.
    fn id(&self) -> u32 {
        self.0.id()
    }

    fn signal(&self, name: &str) {
        signal(self.id(), name);
    }
}

impl Drop for Process {
    /// Ends the server by its number: at once, since nobody needs its files any more.
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        self.signal(self.1);
        // One that was stopped hears it when it goes on.
        self.signal("CONT");
        self.0.wait().ok();
    }
}

/// A program of PostgreSQL: of version 15 where Debian keeps it, or whichever is on the path.
fn binary(name: &str) -> Option<PathBuf> {
    let debian = Path::new(BINARIES).join(name);
    if debian.is_file() { Some(debian) } else { on_path(name) }
}

/// A program on the path.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// Installs what the deployment's script installs.
fn install(program: &'static str) -> Result<(), PrivateError> {
    finish(Command::new(SERVICES).arg("install")).map_err(|error| {
        let said = error.to_string();
        PrivateError::NotInstalled { program, said }
    })
}

fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").output();
    asked.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A command for a program that refuses to be run by root.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command.current_dir("/");
    command
}

/// Runs a command to its end.
fn finish(command: &mut Command) -> Result<(), PrivateError> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let program = command.get_program().to_string_lossy().into_owned();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(PrivateError::Failed { program, said })
}

/// Ports that this process was dealt so far.
static DEALT: AtomicU32 = AtomicU32::new(0);

/// A port that nobody listens on, begun to be looked for at a place of this process's own, another
/// each time: the port of a server that is down for a while is left to it.
fn free_port() -> Result<u16, PrivateError> {
    let count = u32::from(PORTS.end - PORTS.start);
    let nth = DEALT.fetch_add(1, Ordering::Relaxed);
    let begin = std::process::id().wrapping_mul(7_919).wrapping_add(nth.wrapping_mul(131)) % count;
    let ports = (0..count).filter_map(|at| u16::try_from((begin + at) % count).ok());
    let mut free = ports.map(|at| PORTS.start + at);
    let port = free.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    port.ok_or_else(|| PrivateError::Stranger("no port is free".to_owned()))
}
