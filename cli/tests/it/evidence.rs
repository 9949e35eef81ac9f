//! A finished run can be proved again, and whoever changes it is found out.

use std::fs;
use std::path::Path;

use super::{Said, dastak, folder, run_small_day, said};

fn audit(dir: &Path) -> Said {
    said(dastak(dir).args(["audit", "run"]))
}

#[test]
fn a_run_passes_its_audit_and_its_replay() {
    let dir = folder();
    run_small_day(dir.path());
    let audited = audit(dir.path());
    assert_eq!(audited.code, Some(0), "{}{}", audited.out, audited.err);
    assert!(audited.out.starts_with("PASS "), "{}", audited.out);
    let replayed = said(dastak(dir.path()).args(["replay", "run", "--quiet"]));
    assert_eq!(replayed.code, Some(0), "{}{}", replayed.out, replayed.err);
}

#[test]
fn without_a_journal_the_audit_simulates_again() {
    let dir = folder();
    let arguments = ["run", "real-day", "--journal", "off", "--out", "run", "--quiet"];
    assert_eq!(said(dastak(dir.path()).args(arguments)).code, Some(0));
    assert!(!dir.path().join("run/journal.parquet").exists());
    let audited = audit(dir.path());
    assert_eq!(audited.code, Some(0), "{}{}", audited.out, audited.err);
    assert!(audited.out.contains("facts of the simulation"), "{}", audited.out);
}

#[test]
fn the_same_run_has_the_same_digest_for_any_number_of_threads() {
    let dir = folder();
    let digest = |threads: &str, out: &str| {
        let arguments = ["run", "midnight-low", "--set", "bengaluru=2", "--set", "mumbai=3"];
        let more = ["--replications", "2", "--threads", threads, "--out", out, "--quiet"];
        said(dastak(dir.path()).args(arguments).args(more));
        fs::read_to_string(dir.path().join(out).join("summary.json")).unwrap()
    };
    let one = digest("1", "one");
    assert_eq!(digest("2", "two"), one);
    assert_eq!(digest("4", "four"), one);
    let demand = |summary: &str| {
        summary.lines().find(|line| line.contains("demand_digest")).unwrap().to_owned()
    };
    let arguments = ["run", "midnight-low", "--set", "bengaluru=2", "--set", "mumbai=3"];
    let more =
        ["--replications", "2", "--set", "max_batch=1", "--set", "round=30s", "--out", "policy"];
    said(dastak(dir.path()).args(arguments).args(more).arg("--quiet"));
    let other = fs::read_to_string(dir.path().join("policy/summary.json")).unwrap();
    assert_ne!(other, one, "another policy is another run");
    assert_eq!(demand(&other), demand(&one), "of the same demand");
}

/// What was done to the folder of a run, and what its audit says.
#[test]
fn whoever_changes_a_run_is_found_out() {
    let check = |change: &dyn Fn(&Path), says: &str| {
        let dir = folder();
        run_small_day(dir.path());
        change(&dir.path().join("run"));
        let audited = audit(dir.path());
        assert_eq!(audited.code, Some(14), "{says}: {}{}", audited.out, audited.err);
        let told = audited.out + &audited.err;
        assert!(told.contains(says), "no {says:?} in\n{told}");
    };
    check(&|run| fs::remove_file(run.join("orders.parquet")).unwrap(), "orders.parquet is gone");
    check(&|run| fs::remove_file(run.join("manifest.json")).unwrap(), "no manifest.json");
    check(&|run| fs::write(run.join("manifest.json"), "{").unwrap(), "manifest.json");
    check(&|run| fs::remove_file(run.join("journal.parquet")).unwrap(), "journal.parquet");
    check(
        &|run| {
            let journal = run.join("journal.parquet");
            let bytes = fs::read(&journal).unwrap();
            fs::write(&journal, &bytes[..bytes.len() / 2]).unwrap();
        },
        "journal.parquet",
    );
    check(
        &|run| {
            let summary = run.join("summary.json");
            let text = fs::read_to_string(&summary).unwrap();
            fs::write(&summary, text.replacen("\"placed\": 60", "\"placed\": 61", 1)).unwrap();
        },
        "orders.placed is 61 in the summary and 60 recounted",
    );
    check(
        &|run| {
            let scenario = run.join("scenario.toml");
            let text = fs::read_to_string(&scenario).unwrap();
            fs::write(&scenario, text + "# nothing\n").unwrap();
        },
        "scenario.toml was",
    );
}

#[test]
fn flipping_a_byte_of_the_journal_is_always_noticed() {
    let dir = folder();
    run_small_day(dir.path());
    let journal = dir.path().join("run/journal.parquet");
    let sound = fs::read(&journal).unwrap();
    for at in (0..sound.len()).step_by(sound.len() / 40) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x20;
        fs::write(&journal, &bytes).unwrap();
        let audited = audit(dir.path());
        assert!(
            matches!(audited.code, Some(11 | 14)),
            "byte {at}: {:?} {}",
            audited.code,
            audited.err
        );
    }
}

#[test]
fn a_replay_names_the_first_fact_that_differs() {
    let dir = folder();
    run_small_day(dir.path());
    let scenario = dir.path().join("run/scenario.toml");
    let text = fs::read_to_string(&scenario).unwrap();
    let slower = text.replacen("speed = \"23km/h\"", "speed = \"22km/h\"", 1);
    assert_ne!(slower, text);
    fs::write(&scenario, slower).unwrap();
    let replayed = said(dastak(dir.path()).args(["replay", "run"]));
    assert_eq!(replayed.code, Some(14), "{}{}", replayed.out, replayed.err);
    for words in ["INVALID", "differs first in the minute d0 ", "then: d0 ", "now:  "] {
        assert!(replayed.out.contains(words), "no {words:?} in\n{}", replayed.out);
    }
}

#[test]
fn two_runs_never_share_a_folder() {
    let dir = folder();
    for number in 1..=3 {
        let said = said(dastak(dir.path()).args(["run", "real-day"]));
        assert!(
            said.out.contains(&format!("run folder: runs/real-day-{number}\n")),
            "{}",
            said.out
        );
    }
}

#[test]
fn json_is_the_summary() {
    let dir = folder();
    let said =
        said(dastak(dir.path()).args(["run", "real-day", "--format", "json", "--out", "run"]));
    assert_eq!(said.out, fs::read_to_string(dir.path().join("run/summary.json")).unwrap());
}
