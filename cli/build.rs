//! Tells the program which commit it is built from, so that every run can say so.

use std::process::Command;

fn main() {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if let Some(commit) = git(&["rev-parse", "HEAD"]) {
        println!("cargo::rustc-env=DASTAK_GIT_COMMIT={commit}");
    }
    if let Some(changes) = git(&["status", "--porcelain", "--untracked-files=no"]) {
        println!("cargo::rustc-env=DASTAK_GIT_DIRTY={}", !changes.is_empty());
    }
    if let Some(path) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={path}");
    }
    for folder in ["src", "../engine", "../scenarios", "../reports"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
