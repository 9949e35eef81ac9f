//! The command line as people and scripts meet it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod bad_input;
mod bands;
mod cmd;
mod deploy;
mod driver;
mod evidence;
mod hostile;
mod profile;
mod python;
mod seed_literal;
mod stopped;
mod streets;

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// The program, started in a folder.
pub(crate) fn dastak(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dastak"));
    command.current_dir(dir).env("NO_COLOR", "1").env_remove("DASTAK_DATA");
    command
}

/// How the program ended and what it said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command to its end. Whatever it is given, it does not panic.
pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let said =
        Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
    assert!(!said.err.contains("panicked"), "{command:?}\n{}", said.err);
    said
}

/// A folder of its own for a test.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The small recorded day that ships with the program, run into `run/`.
pub(crate) fn run_small_day(dir: &Path) {
    let said = said(dastak(dir).args(["run", "real-day", "--out", "run", "--quiet"]));
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
}
