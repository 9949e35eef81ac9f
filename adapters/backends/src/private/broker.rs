//! A broker of the Kafka API of one's own, whose program is fetched if it is missing.

use std::fs;
use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::{PAUSE, PORTS_TRIED, PrivateError, Process, SERVICES, TRIES, free_port};

/// A broker that keeps everything in its memory, and ends when it is dropped.
#[derive(Debug)]
pub struct PrivateBroker {
    process: Process,
    port: u16,
}

impl PrivateBroker {
    /// Starts a broker without topics.
    ///
    /// # Errors
    /// [`PrivateError`].
    pub async fn start() -> Result<Self, PrivateError> {
        let program = program()?;
        let mut last = PrivateError::Stranger("no port was tried".to_owned());
        for _ in 0..PORTS_TRIED {
            let port = free_port()?;
            let url = format!("tcp://127.0.0.1:{port}");
            let mut command = Command::new(&program);
            command.args(["broker", "--kafka-cluster-id", "dastak", "--listener-url", &url]);
            command.args(["--advertised-listener-url", &url]);
            command.args(["--storage-engine", "memory://dastak/"]);
            let broker = Self { process: Process::start(&mut command, "KILL")?, port };
            match broker.answers().await {
                Ok(()) => return Ok(broker),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Where it is, `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Stops the broker where it is: it takes connections, and answers nothing.
    pub fn stall(&self) {
        self.process.signal("STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.process.signal("CONT");
    }

    /// Waits until somebody listens, and sees to it that it is the broker. It tells nothing of
    /// itself, so it is looked who has the socket.
    async fn answers(&self) -> Result<(), PrivateError> {
        for _ in 0..TRIES {
            tokio::time::sleep(PAUSE).await;
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                let is_ours = self.listens()?;
                let stranger = || PrivateError::Stranger(self.address());
                return is_ours.then_some(()).ok_or_else(stranger);
            }
        }
        Err(PrivateError::Stranger(self.address()))
    }

    fn listens(&self) -> io::Result<bool> {
        let ours = format!("0100007F:{:04X}", self.port);
        let table = fs::read_to_string("/proc/net/tcp")?;
        let socket = table.lines().find_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let is_it = words.get(1) == Some(&ours.as_str()) && words.get(3) == Some(&"0A");
            is_it.then(|| format!("socket:[{}]", words.get(9).copied().unwrap_or_default()))
        });
        let Some(socket) = socket else { return Ok(false) };
        let mut files = fs::read_dir(format!("/proc/{}/fd", self.process.id()))?;
        Ok(files.any(|file| {
            let target = file.and_then(|file| fs::read_link(file.path()));
            target.is_ok_and(|target| target == Path::new(&socket))
        }))
    }
}

/// The broker's program, kept for the next test where caches are.
fn program() -> Result<PathBuf, PrivateError> {
    /// One fetches at a time.
    static FETCHES: Mutex<()> = Mutex::new(());
    let _fetches = FETCHES.lock().unwrap_or_else(PoisonError::into_inner);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = cache.or_else(home).unwrap_or_else(std::env::temp_dir);
    let folder = cache.join("dastak/broker");
    let output = Command::new(SERVICES).arg("fetch-broker").arg(folder).output()?;
    if output.status.success() {
        return Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(PrivateError::NotInstalled { program: "tansu", said })
}
