//! A Redis server of one's own, which is installed if it is missing and can be hurt.

use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

use super::{PAUSE, PORTS_TRIED, PrivateError, Process, TRIES, free_port, install, on_path};

/// Databases of one server: each test has its own.
const DATABASES: u32 = 1_024;

/// A server that ends when it is dropped.
#[derive(Debug)]
pub struct PrivateRedis {
    process: Option<Process>,
    program: PathBuf,
    port: u16,
    databases: AtomicU32,
    folder: TempDir,
}

impl PrivateRedis {
    /// Starts a server that keeps nothing on disk.
    ///
    /// # Errors
    /// [`PrivateError`].
    pub async fn start() -> Result<Self, PrivateError> {
        let program = server()?;
        let folder = tempfile::Builder::new().prefix("dastak-redis-").tempdir()?;
        let databases = AtomicU32::new(0);
        let mut redis = Self { process: None, program, port: 0, databases, folder };
        let mut last = PrivateError::Stranger("no port was tried".to_owned());
        for _ in 0..PORTS_TRIED {
            redis.port = free_port()?;
            match redis.restart().await {
                Ok(()) => return Ok(redis),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The address of a database of this server that nobody had before.
    #[must_use]
    pub fn fresh(&self) -> String {
        let database = self.databases.fetch_add(1, Ordering::Relaxed) % DATABASES;
        format!("redis://127.0.0.1:{}/{database}", self.port)
    }

    /// What the server says to a command about the database at an address, as `redis-cli` tells
    /// it: a line for each part.
    ///
    /// # Errors
    /// [`PrivateError`].
    pub fn ask(&self, url: &str, command: &[&str]) -> Result<String, PrivateError> {
        let output = Command::new("redis-cli").args(["-u", url]).args(command).output()?;
        let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        if output.status.success() { Ok(text) } else { Err(PrivateError::Stranger(text)) }
    }

    /// Ends the server at once, as a crash would.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Stops the server where it is: it takes connections, and answers nothing.
    pub fn stall(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        if let Some(process) = &self.process {
            process.signal(name);
        }
    }

    /// Starts the server again at its port, with nothing in it.
    ///
    /// # Errors
    /// [`PrivateError`].
    pub async fn restart(&mut self) -> Result<(), PrivateError> {
        self.process = None;
        let mut command = Command::new(&self.program);
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", ""]);
        command.args(["--appendonly", "no", "--databases", &DATABASES.to_string()]);
        command.arg("--dir").arg(self.folder.path());
        let process = Process::start(&mut command, "KILL")?;
        let said = self.awaited().await?;
        let ours = format!("process_id:{}", process.id());
        self.process = Some(process);
        if said.lines().any(|line| line.trim_end() == ours) {
            return Ok(());
        }
        Err(PrivateError::Stranger(said))
    }

    /// What a server says of itself, once it answers.
    async fn awaited(&self) -> Result<String, PrivateError> {
        let url = format!("redis://127.0.0.1:{}", self.port);
        let mut last = PrivateError::Missing;
        for _ in 0..TRIES {
            tokio::time::sleep(PAUSE).await;
            match self.ask(&url, &["INFO", "server"]) {
                Ok(said) => return Ok(said),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// The server's program, which is installed if it is missing.
fn server() -> Result<PathBuf, PrivateError> {
    /// One installs at a time.
    static INSTALLS: Mutex<()> = Mutex::new(());
    let _installs = INSTALLS.lock().unwrap_or_else(PoisonError::into_inner);
    let program = "redis-server";
    if let Some(found) = on_path(program) {
        return Ok(found);
    }
    install(program)?;
    on_path(program).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound).into())
}
