//! The rules of the house that a compiler does not hold: who may depend on whom, how large files
//! and functions may be, what must not be written. CONVENTIONS.md says why.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines a source file may have, tests not counted.
const FILE_LINES: usize = 600;
/// Bytes of any file, at most: what is larger was made or fetched, not written.
const FILE_BYTES: u64 = 1 << 19;
/// Lines a function may have.
const FUNCTION_LINES: usize = 70;

/// What each crate of the workspace may use of the others. Dependencies of tests do not count.
const MAY_USE: &[(&str, &[&str])] = &[
    ("dastak-domain", &[]),
    ("dastak-kernel", &[]),
    ("dastak-roads", &["dastak-domain"]),
    ("dastak-city", &["dastak-domain", "dastak-kernel", "dastak-roads"]),
    ("dastak-sim", &["dastak-city", "dastak-domain", "dastak-kernel", "dastak-roads"]),
    ("dastak-verify", &["dastak-domain"]),
    ("dastak-scenarios", &["dastak-city", "dastak-domain", "dastak-roads", "dastak-sim"]),
    ("dastak-shell", &["dastak-domain"]),
    ("dastak-backends", &["dastak-domain", "dastak-shell"]),
    ("dastak-reports", &["dastak-domain", "dastak-kernel", "dastak-verify"]),
    ("dastak-server", &["dastak-backends", "dastak-domain", "dastak-shell"]),
    ("dastak-load", &["dastak-city", "dastak-domain", "dastak-kernel"]),
    (
        "dastak-cli",
        &[
            "dastak-city",
            "dastak-domain",
            "dastak-kernel",
            "dastak-load",
            "dastak-reports",
            "dastak-roads",
            "dastak-scenarios",
            "dastak-server",
            "dastak-sim",
            "dastak-verify",
        ],
    ),
    (
        "dastak-benches",
        &[
            "dastak-city",
            "dastak-domain",
            "dastak-kernel",
            "dastak-roads",
            "dastak-sim",
            "dastak-verify",
        ],
    ),
];

/// Nothing under engine/ may depend on these.
const NOT_IN_ENGINE: &[&str] =
    &["tokio", "tokio-postgres", "redis", "fred", "clap", "polars", "serde", "serde_json"];

/// `verify` re-derives what it checks, so it may not name what decides.
const NOT_IN_VERIFY: &[&str] = &[
    "::decide",
    "::evolve",
    "::step(",
    "::choose",
    "::policies",
    "::Policy",
    "domain::saga",
    "domain::rules",
    "domain::wiring",
    ".tax_within(",
];

/// Words that mark something unfinished, or a machine of ours.
const NOT_ANYWHERE: &[&str] =
    &["TO\u{44}O", "FIX\u{4d}E", "XX\u{58}", "todo\u{21}(", "/wo\u{72}k/", "/ro\u{6f}t/"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the workspace is there")
}

/// Every file of the project with one of the endings, with its text.
fn files(endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in paths() {
        if endings.iter().any(|ending| path.ends_with(ending))
            && let Ok(text) = fs::read_to_string(root().join(&path))
        {
            found.push((path, text));
        }
    }
    assert!(!found.is_empty(), "the project has files ending in {endings:?}");
    found
}

/// The paths of all files of the project.
fn paths() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    let listed = String::from_utf8(output.stdout).expect("paths are text");
    listed.lines().map(str::to_owned).collect()
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("benches/benches/")
}

/// Fails with every finding, one a line.
fn check(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn crates_use_only_what_they_may() {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .expect("cargo describes the workspace");
    let may: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let Some(allowed) = may.get(package.name.as_str()) else {
            findings.push(format!("{}: no row in MAY_USE", package.name));
            continue;
        };
        let normal = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == cargo_metadata::DependencyKind::Normal);
        for dependency in normal {
            let name = dependency.name.as_str();
            let in_engine = package.manifest_path.as_str().contains("/engine/");
            if name.starts_with("dastak-") && !allowed.contains(&name) {
                findings.push(format!("{} may not use {name}", package.name));
            }
            if in_engine && NOT_IN_ENGINE.contains(&name) {
                findings.push(format!("{} is in engine/ and may not use {name}", package.name));
            }
        }
    }
    check(&findings);
}

/// The feature that adds bugs and crashes on purpose.
const ON_PURPOSE: &str = "mutants";

#[test]
fn only_tests_ask_for_bugs_on_purpose() {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .expect("cargo describes the workspace");
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let asks = |features: &[String]| {
            features.iter().any(|feature| feature.rsplit('/').next() == Some(ON_PURPOSE))
        };
        for (feature, enables) in &package.features {
            if feature != ON_PURPOSE && asks(enables) {
                findings.push(format!("{}: {feature} enables {ON_PURPOSE}", package.name));
            }
        }
        for dependency in &package.dependencies {
            let is_of_tests = dependency.kind == cargo_metadata::DependencyKind::Development;
            if !is_of_tests && asks(&dependency.features) {
                findings.push(format!("{} ships {ON_PURPOSE}", package.name));
            }
        }
    }
    check(&findings);
}

#[test]
fn verify_uses_only_facts_of_the_domain() {
    let mut findings = Vec::new();
    for (path, text) in files(&[".rs"]) {
        if !path.starts_with("engine/verify/src") || is_test(&path) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for word in NOT_IN_VERIFY {
                if line.contains(word) {
                    findings.push(format!("{path}:{}: verify may not name {word}", number + 1));
                }
            }
        }
    }
    check(&findings);
}

#[test]
fn only_adapters_and_the_command_line_are_async() {
    let findings: Vec<_> = files(&[".rs"])
        .into_iter()
        // Benches may be async where a peer's own interface is.
        .filter(|(path, _)| {
            !["adapters/", "cli/", "benches/"].iter().any(|at| path.starts_with(at))
        })
        .filter(|(path, _)| !path.ends_with("tidy.rs"))
        .filter(|(_, text)| {
            [".await;", ".await?", ".await.", "async fn", "async move"]
                .iter()
                .any(|word| text.contains(word))
        })
        .map(|(path, _)| format!("{path}: async code belongs in adapters/ and cli/"))
        .collect();
    check(&findings);
}

#[test]
fn no_file_is_a_download() {
    let mut findings = Vec::new();
    for path in paths() {
        let bytes = fs::metadata(root().join(&path)).map_or(0, |file| file.len());
        if bytes > FILE_BYTES {
            findings.push(format!("{path}: {bytes} bytes, at most {FILE_BYTES}"));
        }
    }
    check(&findings);
}

#[test]
fn files_and_functions_stay_small() {
    let mut findings = Vec::new();
    for (path, text) in files(&[".rs"]) {
        if is_test(&path) {
            continue;
        }
        let lines: Vec<_> = text.lines().collect();
        if lines.len() > FILE_LINES {
            findings.push(format!("{path}: {} lines, at most {FILE_LINES}", lines.len()));
        }
        for (number, length) in functions(&lines) {
            if length > FUNCTION_LINES {
                findings.push(format!(
                    "{path}:{number}: a function of {length} lines, at most {FUNCTION_LINES}"
                ));
            }
        }
    }
    check(&findings);
}

/// The functions of formatted source: first line, counted from one, and length. A function ends
/// at the closing brace that stands as far in as its first line.
fn functions(lines: &[&str]) -> Vec<(usize, usize)> {
    let starts = |line: &str| {
        let words = line.trim_start();
        ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "const fn ", "pub const fn "]
            .iter()
            .any(|start| words.starts_with(start))
    };
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| starts(line)) {
        let opens = lines[at..].iter().find(|line| line.ends_with('{') || line.ends_with(';'));
        if !opens.is_some_and(|line| line.ends_with('{')) {
            continue;
        }
        let closing = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let body = lines[at..].iter().position(|line| **line == closing);
        if let Some(length) = body {
            found.push((at + 1, length + 1));
        }
    }
    found
}

#[test]
fn nothing_unfinished_and_no_path_of_a_machine() {
    let mut findings = Vec::new();
    for (path, text) in files(&[".rs", ".md", ".toml", ".sh", ".sql", ".yml", ".yaml"]) {
        for (number, line) in text.lines().enumerate() {
            for word in NOT_ANYWHERE {
                if line.contains(word) {
                    findings.push(format!("{path}:{}: {word}", number + 1));
                }
            }
        }
    }
    check(&findings);
}

#[test]
fn the_source_is_formatted() {
    let output = Command::new("cargo")
        .args(["fmt", "--all", "--check"])
        .current_dir(root())
        .output()
        .expect("cargo fmt runs");
    let diff = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "run `cargo fmt --all`:\n{diff}");
}

/// Clippy over everything, warnings denied.
#[test]
fn clippy_is_clean() {
    let output = Command::new("cargo")
        .args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])
        .current_dir(root())
        .output()
        .expect("cargo clippy runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "clippy says:\n{said}");
}
