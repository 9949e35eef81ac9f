//! A run folder is complete or it does not look complete, and what is wrong is told.

use std::error::Error;
use std::io::ErrorKind;
use std::process::Command;

use domain::facts::{CityDigest, Digest, RunDigest, Sink};
use domain::ids::CityId;
use expect_test::{Expect, expect};

use super::*;
use crate::fixture::city_of_deliveries;
use crate::manifest::{CityJournal, JournalDifference};
use crate::progress;
use crate::summary::tests::{about, figures, judgements};

fn summary() -> Summary {
    Summary::new(about(), &[figures(0)], judgements())
}

/// Writes a run of two cities, given to the folder in the wrong order.
fn write_run(dir: &Path) -> Result<Vec<CityDigest>, FolderError> {
    let mut folder = Writer::create(dir)?;
    folder.scenario("name = \"two\"\n")?;
    let progress = folder.progress()?;
    let (mut tables, mut digests) = (Vec::new(), Vec::new());
    for city in [CityId(1), CityId(0)] {
        let mut sinks = (
            folder.city(city, Tables { tape: true, ..Tables::ALL }, Some(&progress))?,
            RunDigest::new(city),
        );
        city_of_deliveries(city, 100).iter().for_each(|record| sinks.record(record));
        tables.push(sinks.0);
        digests.push(sinks.1.finish());
    }
    digests.reverse();
    folder.join(tables)?;
    folder.summary(&summary())?;
    let journal = digests.iter().map(CityJournal::from).collect();
    folder.finish(Manifest { journal, ..Manifest::default() })?;
    Ok(digests)
}

fn names(dir: &Path) -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn a_run_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let digests = write_run(dir.path()).unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(reader.scenario().unwrap(), "name = \"two\"\n");
    assert_eq!(reader.summary().unwrap(), summary());
    assert!(reader.has_journal());
    let records: Result<Vec<_>, _> = reader.journal().unwrap().collect();
    let expected = [city_of_deliveries(CityId(0), 100), city_of_deliveries(CityId(1), 100)];
    assert_eq!(records.unwrap(), expected.concat());
    assert_eq!(reader.manifest().first_difference(&digests), None);
    let progress = progress::read(&dir.path().join(PROGRESS)).unwrap();
    assert_eq!(progress.last().unwrap().placed, 100);
    assert_eq!(reader.tape().unwrap().count(), 0);
    assert_eq!(reader.changed_files(), []);
    assert!(names(dir.path()).iter().all(|name| !name.ends_with(".partial")));
}

#[test]
fn a_changed_or_missing_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    write_run(dir.path()).unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    fs::write(dir.path().join(SCENARIO), "name = \"Two\"\n").unwrap();
    fs::remove_file(dir.path().join(JOURNAL)).unwrap();
    let changed = reader.changed_files();
    let told: Vec<_> = changed.iter().map(|f| (f.name.as_str(), f.now.is_some())).collect();
    assert_eq!(told, [(JOURNAL, false), (SCENARIO, true)]);
}

fn check_refused<T>(result: Result<T, FolderError>, dir: &Path, expected: Expect) {
    let error = result.err().expect("it is refused");
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told += &format!(": {error}");
        cause = error.source();
    }
    expected.assert_eq(&told.replace(dir.to_str().unwrap(), ""));
}

#[test]
fn what_is_wrong_with_a_folder_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("occupied")).unwrap();
    fs::write(dir.join("occupied/thesis.tex"), "").unwrap();
    check_refused(
        Writer::create(&dir.join("occupied")),
        dir,
        expect!["/occupied is not empty and not a run folder: name another folder, or empty it"],
    );
    check_refused(
        Writer::create(&dir.join("occupied/thesis.tex/run")),
        dir,
        expect!["cannot make the folder /occupied/thesis.tex/run: Not a directory (os error 20)"],
    );
    check_refused(
        Reader::open(&dir.join("nowhere")),
        dir,
        expect!["/nowhere is not a complete run: it has no manifest.json"],
    );
    let _begun = Writer::create(&dir.join("begun")).unwrap();
    check_refused(
        Reader::open(&dir.join("begun")),
        dir,
        expect!["/begun is not a complete run: the run is going on, or was cut off"],
    );
    fs::write(dir.join("begun").join(MANIFEST), "{\n  \"argv\": 3\n}").unwrap();
    check_refused(
        Reader::open(&dir.join("begun")),
        dir,
        expect![
            "/begun/manifest.json is not what this program writes there: invalid type: integer `3`, expected a sequence at line 2 column 11"
        ],
    );
}

#[test]
fn a_run_takes_the_place_of_an_earlier_one_and_of_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("made/on/the/way");
    write_run(&run).unwrap();
    fs::write(run.join("notes.txt"), "mine").unwrap();
    let cut_off = Writer::create(&run).unwrap();
    assert_eq!(names(&run), ["manifest.json.partial", "notes.txt"]);
    drop(cut_off);
    write_run(&run).unwrap();
    Reader::open(&run).unwrap();
    assert_eq!(fs::read_to_string(run.join("notes.txt")).unwrap(), "mine");
}

#[test]
fn an_abandoned_file_does_not_stay() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Writer::create(dir.path()).unwrap();
    let mut file = folder.begin(TAPE).unwrap();
    file.write_all(b"half of it").unwrap();
    drop(file);
    assert_eq!(names(dir.path()), ["manifest.json.partial"]);
}

#[test]
fn the_first_minute_that_differs_is_named() {
    let city = |city, minutes: &[(u64, u128)]| CityDigest {
        city: CityId(city),
        records: 1,
        whole: Digest(minutes.iter().map(|(_, digest)| digest).sum()),
        minutes: minutes.iter().map(|(at, digest)| (*at, Digest(*digest))).collect(),
    };
    let then = [city(0, &[(1, 10), (2, 20)]), city(1, &[(1, 11), (3, 31), (4, 41)])];
    let journal = then.iter().map(CityJournal::from).collect();
    let manifest = Manifest { journal, ..Manifest::default() };
    let minute = |city, minute| Some(JournalDifference::Minute { city: CityId(city), minute });
    let check = |now: &[CityDigest], expected| {
        assert_eq!(manifest.first_difference(now), expected, "{now:?}");
    };
    check(&then, None);
    check(&[then[0].clone(), city(1, &[(1, 11), (3, 99), (4, 41)])], minute(1, 3));
    check(&[then[0].clone(), city(1, &[(1, 11), (2, 22), (3, 31)])], minute(1, 2));
    check(&[city(0, &[(1, 10)]), then[1].clone()], minute(0, 2));
    check(&[city(0, &[(1, 10), (2, 20), (9, 9)]), then[1].clone()], minute(0, 9));
    check(&then[..1], Some(JournalDifference::City(CityId(1))));
    let more = [then[0].clone(), then[1].clone(), city(2, &[])];
    check(&more, Some(JournalDifference::City(CityId(2))));
}

const CHILD_DIR: &str = "DASTAK_TEST_RUN_DIR";
const REFUSED: i32 = 42;

/// Not a test of its own: what `a_disk_that_fills_up_is_told` runs in another process.
#[test]
fn child_writes_a_run() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else { return };
    if let Err(error) = write_run(Path::new(&dir)) {
        let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
        let cause = cause.unwrap_or_else(|| panic!("{error}: the system's own error is told"));
        assert_eq!(cause.kind(), ErrorKind::FileTooLarge, "{error}");
        std::process::exit(REFUSED);
    }
}

/// Limits the size of files, from nothing up to enough: every limit is told as an error, and what
/// has its name is whole.
#[test]
fn a_disk_that_fills_up_is_told() {
    let program = std::env::current_exe().unwrap();
    let script = "trap '' XFSZ; ulimit -f $1; exec $0 --exact folder::tests::child_writes_a_run";
    let mut refused = 0;
    for blocks in [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1_000_000] {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh");
        child.args(["-c", script]).arg(&program).arg(blocks.to_string());
        let output = child.env(CHILD_DIR, dir.path()).output().unwrap();
        if output.status.success() {
            assert_eq!(Reader::open(dir.path()).unwrap().changed_files(), []);
            continue;
        }
        assert_eq!(
            output.status.code(),
            Some(REFUSED),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        refused += 1;
        assert!(!dir.path().join(MANIFEST).exists(), "{blocks} blocks look complete");
        for name in names(dir.path()).iter().filter(|name| *name == JOURNAL) {
            let records = crate::journal::JournalReader::open(&dir.path().join(name)).unwrap();
            assert!(records.into_iter().all(|record| record.is_ok()), "{blocks}: {name} is whole");
        }
    }
    assert!((3..13).contains(&refused), "{refused} of 13 limits were too small");
}
