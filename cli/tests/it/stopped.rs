//! Ctrl-C: what there is by then is written, and says that it is not all.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{dastak, folder, said};

/// Waits until a run has begun to tell where it is.
fn wait_until_begun(run: &Path) {
    let began = || std::fs::metadata(run.join("progress.ndjson")).is_ok_and(|file| file.len() > 0);
    while !began() {
        thread::sleep(Duration::from_millis(10));
    }
}

fn interrupt(child: &Child) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
}

#[test]
fn a_stopped_run_is_partial_and_can_be_audited() {
    let dir = folder();
    let arguments =
        ["run", "evening-peak", "--replications", "50", "--out", "run", "--threads", "1"];
    let child = dastak(dir.path())
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until_begun(&dir.path().join("run"));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let (out, err) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(130), "{out}{err}");
    assert!(out.starts_with("PARTIAL Stopped before the end"), "{out}");
    assert!(err.contains("stopping: writing what there is"), "{err}");
    let audited = said(dastak(dir.path()).args(["audit", "run"]));
    assert_eq!(audited.code, Some(0), "{}{}", audited.out, audited.err);
    let replayed = said(dastak(dir.path()).args(["replay", "run"]));
    assert_eq!(replayed.code, Some(14), "{}{}", replayed.out, replayed.err);
    assert!(replayed.err.contains("was stopped before its end"), "{}", replayed.err);
}
