//! Everything a person can get wrong, and what the program says: an exit code, the file, the line,
//! the field.

use std::fs;
use std::path::Path;

use super::{dastak, folder, run_small_day, said};

/// One mistake.
struct Case {
    name: &'static str,
    /// Files in the folder where the program is started.
    files: &'static [(&'static str, &'static [u8])],
    arguments: &'static [&'static str],
    code: i32,
    /// What standard error must contain.
    says: &'static [&'static str],
}

const CITY: &[u8] = b"[cities]\nbengaluru = 2\n";
const ORDERS: &str = "order_id,pick_up_lat,pick_up_lng,drop_off_lat,drop_off_lng,placement_time,\
    preparation_time,ready_time,expected_drop_off_time\n";
const COURIERS: &[u8] = b"courier_id,vehicle,on_lat,on_lng,on_time,off_time\n\
    1,motorcycle,12.97,77.59,08:00:00,20:00:00\n";
const RIGHT_ROW: &str = "1,12.97,77.59,12.98,77.60,10:00:00,10:01:00,10:05:00,10:20:00\n";

/// A scenario with one thing wrong in its third line.
macro_rules! scenario {
    ($name:literal, $line:literal, $($says:literal),+) => {
        Case {
            name: $name,
            files: &[("my.toml", concat!("[cities]\nbengaluru = 2\n", $line, "\n").as_bytes())],
            arguments: &["run", "my.toml"],
            code: 2,
            says: &["my.toml:", $($says),+],
        }
    };
}

/// The command line alone is wrong.
macro_rules! arguments {
    ($name:literal, $arguments:expr, $code:literal, $($says:literal),+) => {
        Case { name: $name, files: &[], arguments: &$arguments, code: $code, says: &[$($says),+] }
    };
}

const CASES: &[Case] = &[
    scenario!("unknown key", "[fleet]\nrider_per_store = 40", "my.toml:4:1", "riders_per_store"),
    scenario!(
        "wrong unit",
        "[policies]\npromise = \"15kg\"",
        "my.toml:4:11",
        "policies.promise",
        "15min"
    ),
    scenario!("not a number", "[fleet]\nriders_per_store = nan", "my.toml:4:20", "not a number"),
    scenario!("negative", "[limits]\noffer = \"-30s\"", "my.toml:4:9", "negative"),
    scenario!("no TOML", "[fleet", "my.toml:3:7", "unclosed"),
    scenario!("extends nothing", "[window]\n[trace]\nextends = 3", "my.toml:5:1", "trace.extends"),
    arguments!(
        "1e18 stores",
        ["run", "evening-peak", "--set", "bengaluru=1e18"],
        2,
        "--set:1:11",
        "2000"
    ),
    arguments!("a set without a value", ["run", "evening-peak", "--set", "speed"], 2, "no `=`"),
    arguments!("an unknown scenario", ["run", "evening-peek"], 2, "did you mean `evening-peak`?"),
    arguments!("a missing file", ["run", "./none.toml"], 2, "none.toml", "no such file"),
    arguments!("an unknown flag", ["run", "real-day", "--fast"], 2, "--fast"),
    arguments!("no threads", ["run", "real-day", "--threads", "0"], 2, "--threads"),
    arguments!("a negative seed", ["run", "real-day", "--seed=-1"], 2, "--seed"),
    arguments!("no replications", ["run", "real-day", "--replications", "0"], 2, "--replications"),
    arguments!("an unknown command", ["rum", "real-day"], 2, "rum"),
    arguments!(
        "no folder to go to",
        ["-C", "nowhere", "run", "real-day"],
        2,
        "cannot go to nowhere"
    ),
    arguments!("no run to audit", ["audit", "nowhere"], 14, "nowhere is not a complete run"),
    arguments!("no run to replay", ["replay", "nowhere"], 14, "nowhere is not a complete run"),
    arguments!(
        "no file of roads",
        ["city", "--osm", "none.osm.pbf"],
        2,
        "none.osm.pbf",
        "No such file"
    ),
    Case {
        name: "extends in a circle",
        files: &[
            ("my.toml", b"extends = \"./b.toml\"\n"),
            ("b.toml", b"\nextends = \"./my.toml\"\n"),
        ],
        arguments: &["run", "my.toml"],
        code: 2,
        says: &["b.toml:2:11", "circle"],
    },
    Case {
        name: "bytes that are no text",
        files: &[("my.toml", b"summary = \"\xff\"\n")],
        arguments: &["run", "my.toml"],
        code: 2,
        says: &["my.toml:1:12", "UTF-8"],
    },
    Case {
        name: "a folder for a file",
        files: &[("my.toml/inner", b"")],
        arguments: &["run", "my.toml"],
        code: 2,
        says: &["my.toml", "is a directory"],
    },
    Case {
        name: "a road file that was cut off",
        files: &[("cut.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18")],
        arguments: &["city", "--osm", "cut.osm.pbf"],
        code: 2,
        says: &["cannot import cut.osm.pbf", "because"],
    },
    Case {
        name: "a road file that is none",
        files: &[("not.osm.pbf", b"hello, roads")],
        arguments: &["city", "--osm", "not.osm.pbf"],
        code: 2,
        says: &["cannot import not.osm.pbf", "because"],
    },
    Case {
        name: "a road file of no known kind",
        files: &[("roads.zip", b"")],
        arguments: &["city", "--osm", "roads.zip"],
        code: 2,
        says: &["roads.zip", ".osm.pbf"],
    },
    Case {
        name: "a folder that is something else",
        files: &[("full/thesis.txt", b"years of work")],
        arguments: &["run", "real-day", "--out", "full"],
        code: 2,
        says: &["full is not empty and not a run folder"],
    },
    Case {
        name: "a folder below a file",
        files: &[("file", b"")],
        arguments: &["run", "real-day", "--out", "file/run"],
        code: 2,
        says: &["cannot make the folder file/run", "because"],
    },
    Case {
        name: "nowhere to put the run",
        files: &[("runs", b"in the way")],
        arguments: &["run", "real-day"],
        code: 2,
        says: &["./runs", "because"],
    },
    Case {
        name: "a recorded day without orders",
        files: &[("day/couriers.csv", COURIERS)],
        arguments: &["run", "real-day", "--set", "trace.dir=day"],
        code: 2,
        says: &["cannot open day/orders.csv"],
    },
];

fn put(dir: &Path, name: &str, bytes: &[u8]) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn every_mistake_has_its_code_and_its_place() {
    for case in CASES {
        let dir = folder();
        case.files.iter().for_each(|(name, bytes)| put(dir.path(), name, bytes));
        let before = entries(dir.path());
        let said = said(dastak(dir.path()).args(case.arguments));
        assert_eq!(said.code, Some(case.code), "{}: {}", case.name, said.err);
        for words in case.says {
            assert!(said.err.contains(words), "{}: no {words:?} in\n{}", case.name, said.err);
        }
        assert_eq!(said.out, "", "{}", case.name);
        assert_eq!(entries(dir.path()), before, "{}: something was left behind", case.name);
    }
}

/// Everything in a folder and below, with its size.
fn entries(dir: &Path) -> Vec<(String, u64)> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let size = fs::metadata(&path).unwrap();
        if size.is_dir() {
            entries.extend(self::entries(&path));
        } else {
            entries.push((path.display().to_string(), size.len()));
        }
    }
    entries.sort();
    entries
}

/// Rows of a recorded day that are refused, by row and column.
#[test]
fn broken_rows_of_a_recorded_day_are_named() {
    let check = |rows: &str, says: &[&str]| {
        let dir = folder();
        put(dir.path(), "day/orders.csv", format!("{ORDERS}{rows}").as_bytes());
        put(dir.path(), "day/couriers.csv", COURIERS);
        let said = said(dastak(dir.path()).args(["run", "real-day", "--set", "trace.dir=day"]));
        assert_eq!(said.code, Some(2), "{rows}: {}{}", said.out, said.err);
        for words in says {
            assert!(said.err.contains(words), "{rows}: no {words:?} in\n{}", said.err);
        }
        assert!(!dir.path().join("runs").exists(), "an input that cannot be read leaves no folder");
    };
    let broken = |from: &str, to: &str| RIGHT_ROW.replacen(from, to, 1);
    check(&broken("10:00:00", "ten o'clock"), &["orders, row 2", "placement_time", "ten o'clock"]);
    check(&broken("12.97", "97.12"), &["orders, row 2", "pick_up_lat", "97.12"]);
    check(&broken(",10:20:00", ""), &["orders, row 2", "8 fields", "9"]);
    check(&format!("{RIGHT_ROW}{RIGHT_ROW}"), &["orders, row 3", "order_id", "row 2"]);
    check("", &["orders", "no rows"]);
}

#[test]
fn a_file_of_a_gigabyte_is_refused_in_bounded_memory() {
    let dir = folder();
    fs::File::create(dir.path().join("big.toml")).unwrap().set_len(1 << 30).unwrap();
    let mut limited = std::process::Command::new("sh");
    // 512 MiB of addresses hold the program and its threads, but not the file.
    let script = format!("ulimit -v 524288; exec {} run big.toml", env!("CARGO_BIN_EXE_dastak"));
    let said = said(limited.current_dir(dir.path()).args(["-c", &script]));
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("`big.toml` is longer than 1 MiB"), "{}", said.err);
}

#[test]
fn a_file_without_end_is_refused() {
    let dir = folder();
    std::os::unix::fs::symlink("/dev/zero", dir.path().join("zero.toml")).unwrap();
    let said = said(dastak(dir.path()).args(["scenario", "check", "zero.toml"]));
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("longer than 1 MiB"), "{}", said.err);
}

#[test]
fn a_limit_of_file_sizes_is_a_clear_error_and_loses_nothing() {
    let dir = folder();
    run_small_day(dir.path());
    let before = fs::read(dir.path().join("run/summary.json")).unwrap();
    let mut limited = std::process::Command::new("sh");
    let program = env!("CARGO_BIN_EXE_dastak");
    let script = format!("ulimit -f 16; exec {program} run real-day --out small --quiet");
    let said = said(limited.current_dir(dir.path()).args(["-c", &script]));
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    assert!(said.err.contains("error: cannot write small/"), "{}", said.err);
    assert!(said.err.contains("File too large"), "{}", said.err);
    assert!(!dir.path().join("small/manifest.json").exists(), "it must not look complete");
    assert_eq!(fs::read(dir.path().join("run/summary.json")).unwrap(), before);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let dir = folder();
    let mut piped = std::process::Command::new("sh");
    let script = format!("{} scenario schema | head -1", env!("CARGO_BIN_EXE_dastak"));
    let said = said(piped.current_dir(dir.path()).args(["-c", &script]));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert_eq!(said.out, "{\n");
}

/// The page that the cases change is right.
#[test]
fn the_page_without_a_mistake_is_right() {
    let dir = folder();
    put(dir.path(), "my.toml", CITY);
    put(dir.path(), "day/orders.csv", format!("{ORDERS}{RIGHT_ROW}").as_bytes());
    put(dir.path(), "day/couriers.csv", COURIERS);
    let checked = said(dastak(dir.path()).args(["scenario", "check", "my.toml"]));
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    let day = said(dastak(dir.path()).args([
        "run",
        "real-day",
        "--set",
        "trace.dir=day",
        "--out",
        "run",
    ]));
    assert_eq!(day.code, Some(0), "{}{}", day.out, day.err);
}
