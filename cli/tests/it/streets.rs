//! Scenarios on streets: made-up ones, those of files, and some of them closed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::{dastak, folder, said};

/// Twelve by twelve crossings 200 m apart, as OpenStreetMap would have them. A river runs between
/// the sixth and the seventh column; bridges cross it in the third and the tenth row.
fn town() -> String {
    let mut text = "<osm version=\"0.6\">\n".to_owned();
    let node = |row: usize, column: usize| 1 + row * 12 + column;
    for (row, column) in (0..12).flat_map(|row| (0..12).map(move |column| (row, column))) {
        let (lat, lon) = (row as f64 * 0.0018, column as f64 * 0.0018);
        let id = node(row, column);
        let _ = writeln!(text, "<node id=\"{id}\" lat=\"{lat:.4}\" lon=\"{lon:.4}\"/>");
    }
    let mut way = |id: usize, nodes: &[usize]| {
        let refs: String = nodes.iter().map(|node| format!("<nd ref=\"{node}\"/>")).collect();
        let tags = "<tag k=\"highway\" v=\"tertiary\"/>";
        let _ = writeln!(text, "<way id=\"{id}\">{refs}{tags}</way>");
    };
    for line in 0..12 {
        let row: Vec<usize> = (0..12).map(|column| node(line, column)).collect();
        if matches!(line, 2 | 9) {
            way(100 + line, &row);
        } else {
            way(100 + line, &row[..6]);
            way(200 + line, &row[6..]);
        }
        way(300 + line, &(0..12).map(|row| node(row, line)).collect::<Vec<_>>());
    }
    text + "</osm>\n"
}

/// The southern bridge, by places near its ends.
const BRIDGE: &str = "0.0037,0.0091 to 0.0035,0.0107";

/// A quarter of an hour in the town. A store is closed, so that some orders cross the river.
const PAGE: &str = "extends = \"evening-peak\"\n[cities]\nbengaluru = 0\nelsewhere = 2\n\
                    [city]\nstreets = \"town.osm\"\ncatchment = \"1km\"\nskus = 200\n\
                    [outage]\nstores = 1\ncloses = \"00:00\"\n\
                    [window]\nduration = \"15min\"\nwarm_up = \"0s\"\n[objectives]\n\
                    on_time = \">= 0%\"\norder_to_door_p90 = \"<= 2h\"\n";

/// A folder with the town and a scenario in it.
fn town_folder() -> tempfile::TempDir {
    let dir = folder();
    fs::create_dir(dir.path().join("plans")).unwrap();
    fs::write(dir.path().join("plans/town.osm"), town()).unwrap();
    fs::write(dir.path().join("plans/town.toml"), PAGE).unwrap();
    dir
}

/// Runs the town with some arguments; it must pass.
fn run_town(dir: &Path, more: &[&str]) {
    let arguments = ["run", "plans/town.toml", "--replications", "1", "--out", "run"];
    let run = said(dastak(dir).args(arguments).args(more));
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.contains(", 0 broken"), "{}", run.out);
}

#[test]
fn a_run_on_the_streets_of_a_file_can_be_proved_again_by_that_file_alone() {
    let dir = town_folder();
    run_town(dir.path(), &[]);
    let manifest = fs::read_to_string(dir.path().join("run/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let inputs = manifest["inputs"].as_object().unwrap();
    let (path, digest) = inputs.iter().next().unwrap();
    assert!(path.ends_with("town.osm") && inputs.len() == 1, "{inputs:?}");
    assert_eq!(digest["bytes"], town().len());
    assert_eq!(digest["sha256"].as_str().map(str::len), Some(64));

    let check = |command: &str, code: i32, says: &str| {
        // From elsewhere, as the paths in a run folder do not depend on where one is.
        let run = dir.path().join("run");
        let told = said(dastak(&dir.path().join("plans")).arg(command).arg(run));
        assert_eq!(told.code, Some(code), "{command}: {}{}", told.out, told.err);
        assert!(format!("{}{}", told.out, told.err).contains(says), "{}{}", told.out, told.err);
    };
    check("audit", 0, "PASS ");
    check("replay", 0, "PASS ");
    let streets = dir.path().join("plans/town.osm");
    fs::write(&streets, town().replace("tertiary", "primary")).unwrap();
    check("replay", 14, "which is another now");
    check("audit", 0, "PASS ");
    fs::remove_file(&streets).unwrap();
    check("replay", 14, "which cannot be read now");
}

#[test]
fn a_run_without_a_journal_is_audited_by_the_same_streets() {
    let dir = town_folder();
    run_town(dir.path(), &["--journal", "off"]);
    let audited = said(dastak(dir.path()).args(["audit", "run"]));
    assert_eq!(audited.code, Some(0), "{}{}", audited.out, audited.err);
    fs::write(dir.path().join("plans/town.osm"), town() + "\n").unwrap();
    assert_eq!(said(dastak(dir.path()).args(["audit", "run"])).code, Some(14));
}

#[test]
fn streets_that_cannot_be_used_are_told_with_their_place() {
    let dir = town_folder();
    fs::write(dir.path().join("plans/cut.osm"), &town()[..town().len() / 2]).unwrap();
    fs::write(dir.path().join("plans/bare.geojson"), "{}").unwrap();
    let check = |change: (&str, &str), title: &str, place: &str| {
        let page = PAGE.replace(change.0, change.1);
        fs::write(dir.path().join("plans/wrong.toml"), page).unwrap();
        let told = said(dastak(dir.path()).args(["run", "plans/wrong.toml", "--out", "run"]));
        assert_eq!(told.code, Some(2), "{}", told.err);
        for words in [title, place, "plans/wrong.toml:"] {
            assert!(told.err.contains(words), "no {words:?} in\n{}", told.err);
        }
        assert!(!dir.path().join("run").exists(), "a folder was left behind");
    };
    let file = "^ this file";
    check(("town.osm", "gone.osm"), "`city.streets`: cannot open", file);
    check(("town.osm", "cut.osm"), "`city.streets`: cannot import", file);
    check(("town.osm", "town.shp"), "cannot tell the format of", file);
    let closed = |roads: &str| format!("[city]\nclosed = [{roads}]\n");
    let roads = "^ these roads";
    check(("[city]\n", &closed("\"1,1 to 1.1,1.1\"")), "from the nearest junction", roads);
    let both = format!("\"{BRIDGE}\", \"0.0162,0.0090 to 0.0162,0.0108\"");
    check(("[city]\n", &closed(&both)), "leave 1 stores without a way", roads);
    check(("[city]\n", "[city]\nwards = \"bare.geojson\"\n"), "`city.wards`: cannot read", file);
}

#[test]
fn closing_a_bridge_is_another_run_of_the_same_demand() {
    let digests = |more: &[&str]| {
        let dir = town_folder();
        run_town(dir.path(), more);
        let summary = fs::read_to_string(dir.path().join("run/summary.json")).unwrap();
        let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
        ["journal_digest", "demand_digest"].map(|name| summary[name].as_str().unwrap().to_owned())
    };
    let open = digests(&[]);
    let closed = digests(&["--set", &format!("city.closed=[\"{BRIDGE}\"]")]);
    assert_ne!(open[0], closed[0]);
    assert_eq!(open[1], closed[1]);
}

#[test]
fn a_metro_has_made_up_streets_if_it_is_asked_for() {
    let dir = folder();
    let sets = ["--set", "bengaluru=1", "--set", "city.streets=generated"];
    let told =
        said(dastak(dir.path()).args(["city", "midnight-low", "--format", "json"]).args(sets));
    assert_eq!(told.code, Some(0), "{}", told.err);
    let cities: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let share = cities[0]["largest_scc_share"].as_f64().unwrap();
    let nodes = cities[0]["nodes"].as_u64().unwrap();
    assert!(share > 0.99 && nodes > 1_000, "{cities}");
}

/// A file of the shared data; none where it is not here.
fn shared(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("DASTAK_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(file);
    if !path.exists() {
        eprintln!("skipped: {} is not here (set DASTAK_DATA)", path.display());
        return None;
    }
    Some(path)
}

/// Counted apart from the importer: 1 719 junctions and 3 423 arcs that reach each other.
#[test]
fn andorra_is_imported_and_carries_a_scenario() {
    let Some(file) = shared("osm/andorra.osm.pbf") else { return };
    let dir = folder();
    let told = said(dastak(dir.path()).args(["city", "--format", "json", "--osm"]).arg(&file));
    let roads: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    for (count, expected) in [("nodes", 1_719.0), ("arcs", 3_423.0)] {
        let found = roads[count].as_f64().unwrap();
        assert!((found / expected - 1.0).abs() < 0.01, "{found} {count}");
    }
    let page = PAGE.replace("town.osm", &file.display().to_string()).replace("1km", "2km");
    fs::write(dir.path().join("andorra.toml"), page).unwrap();
    let arguments = ["run", "./andorra.toml", "--replications", "1", "--out", "run"];
    let run = said(dastak(dir.path()).args(arguments));
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.contains(", 0 broken"), "{}", run.out);
    for command in ["audit", "replay"] {
        let told = said(dastak(dir.path()).args([command, "run"]));
        assert_eq!(told.code, Some(0), "{command}: {}{}", told.out, told.err);
    }
}

#[test]
fn wards_say_how_many_people_live_where() {
    let Some(file) = shared("wards/mumbai-electoral-wards-2017-population.geojson") else { return };
    let dir = folder();
    let told = said(dastak(dir.path()).args(["city", "--format", "json", "--wards"]).arg(&file));
    let wards: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(wards["wards"], 227);
    assert!((wards["people"].as_f64().unwrap() / 12_442_373.0 - 1.0).abs() < 0.01, "{wards}");
    let sets = ["--set", "bengaluru=0", "--set", "mumbai=4", "--wards"];
    let told = said(dastak(dir.path()).args(["city", "midnight-low"]).args(sets).arg(&file));
    assert!(told.out.contains(" mumbai  4 "), "{}{}", told.out, told.err);
}
