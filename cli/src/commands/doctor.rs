//! `dastak doctor`: what is installed, what answers, what is missing and how to get it.

use std::ffi::OsStr;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::args::{Format, Global};
use crate::exit::{Exit, Failure};
use crate::{console, host};

/// How long a server has to answer.
const ANSWER_LIMIT: Duration = Duration::from_millis(300);

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    what: &'static str,
    /// `ok`, `missing` or `bad`.
    state: &'static str,
    found: String,
    /// What it is for and how to get it, where it is not there.
    advice: &'static str,
}

/// Looks at everything.
pub(crate) fn run(global: &Global) -> Result<Exit, Failure> {
    let mut findings = vec![program(), machine()];
    findings.push(folder(
        "run folders",
        Path::new("."),
        "runs are written below this folder; use --out or -C",
    ));
    findings.push(folder("cache", &cache(), "set XDG_CACHE_HOME to a folder that can be written"));
    findings.push(data());
    findings.push(tool("cargo", "only for building dastak: https://rustup.rs"));
    for (what, port, advice) in SERVERS {
        findings.push(server(what, *port, advice));
    }
    let bad = findings.iter().any(|finding| finding.state == "bad");
    match global.format {
        Format::Json => console::print_json(&findings)?,
        Format::Text => {
            let rows = findings.iter().map(|finding| {
                let advice = if finding.state == "ok" { "" } else { finding.advice };
                [finding.state, finding.what, &finding.found, advice].map(str::to_owned).to_vec()
            });
            console::print(&console::table(rows))?;
        }
    }
    Ok(if bad { Exit::Internal } else { Exit::Ok })
}

/// Servers that a live deployment can use, with their usual ports.
const SERVERS: &[(&str, u16, &str)] = &[
    ("PostgreSQL", 5_432, "not needed to simulate"),
    ("Redis", 6_379, "not needed to simulate"),
    ("Kafka-compatible log", 9_092, "not needed to simulate"),
];

fn program() -> Finding {
    let program = host::program();
    let commit = program.git_commit.map(|commit| commit.chars().take(12).collect::<String>());
    let commit = commit.unwrap_or_else(|| "unknown commit".to_owned());
    let dirty = if program.git_dirty == Some(true) { ", with changes" } else { "" };
    let found = format!("{} ({commit}{dirty})", program.version);
    Finding { what: "dastak", state: "ok", found, advice: "" }
}

fn machine() -> Finding {
    let host = host::host();
    let gib = |bytes: u64| format!("{} GiB", bytes >> 30);
    let memory = host.memory_bytes.map_or("unknown".to_owned(), gib);
    let free = host::kib("/proc/meminfo", "MemAvailable").map_or("unknown".to_owned(), gib);
    let found = format!("{} processors, {memory} memory, {free} of it free", host.cpus);
    let cramped = host.memory_bytes.is_some_and(|bytes| bytes < 2 << 30);
    let state = if cramped { "bad" } else { "ok" };
    Finding { what: "machine", state, found, advice: "national-peak needs 2 GiB" }
}

/// Whether files can be made in a folder, or in the nearest one above it that is there.
fn folder(what: &'static str, path: &Path, advice: &'static str) -> Finding {
    let there = path.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("."));
    let probe = there.join(format!(".dastak-doctor-{}", std::process::id()));
    let written = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    let shown = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match written {
        Ok(()) => Finding {
            what,
            state: "ok",
            found: format!("{} can be written", shown.display()),
            advice,
        },
        Err(error) => Finding {
            what,
            state: "bad",
            found: format!("{} cannot be written: {error}", shown.display()),
            advice,
        },
    }
}

/// Where cities are kept between runs.
fn cache() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let base = std::env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    base.or_else(home).unwrap_or_else(std::env::temp_dir).join("dastak")
}

/// Recorded days and road networks for the tests.
fn data() -> Finding {
    let named = std::env::var_os("DASTAK_DATA").map(PathBuf::from);
    let dir = named.unwrap_or_else(|| PathBuf::from("../shared/data"));
    let state = if dir.is_dir() { "ok" } else { "missing" };
    Finding {
        what: "recorded data",
        state,
        found: dir.display().to_string(),
        advice: "only for tests on real days and roads: set DASTAK_DATA",
    }
}

fn tool(what: &'static str, advice: &'static str) -> Finding {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let name = format!("{what}{}", std::env::consts::EXE_SUFFIX);
    let found =
        std::env::split_paths(&path).map(|dir| dir.join(OsStr::new(&name))).find(|f| f.is_file());
    let state = if found.is_some() { "ok" } else { "missing" };
    let found = found.map_or("not on the PATH".to_owned(), |file| file.display().to_string());
    Finding { what, state, found, advice }
}

fn server(what: &'static str, port: u16, advice: &'static str) -> Finding {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let answers = TcpStream::connect_timeout(&address, ANSWER_LIMIT).is_ok();
    let (state, found) = if answers {
        ("ok", format!("answers at {address}"))
    } else {
        ("missing", format!("nothing at {address}"))
    };
    Finding { what, state, found, advice }
}
