//! Everything a person can get wrong in a scenario, and what they are told.

use std::fmt::Write;

use super::{Shelf, resolve_mine};

/// A page that is right; what follows it in a case is wrong.
const RIGHT: &str = "[cities]\nbengaluru = 2\n";

/// Name of the case, what follows the page that is right, arguments.
const CASES: &[(&str, &str, &[&str])] = &[
    ("unknown key", "[fleet]\nrider_per_store = 40\n", &[]),
    ("unknown key of another section", "[staff]\nriders_per_store = 40\n", &[]),
    ("unknown section", "[flete]\nspeed = \"15km/h\"\n", &[]),
    ("unknown key like no other", "[window]\nxyzzy = 1\n", &[]),
    ("a section that does not exist yet", "[sweep]\nriders = [1, 2]\n", &[]),
    ("wrong unit", "[policies]\npromise = \"15kg\"\n", &[]),
    ("no unit", "[policies]\npromise = 15\n", &[]),
    ("unit of another kind", "[city]\nradius = \"2min\"\n", &[]),
    ("too fine", "[demand]\norder_value = \"₹0.001\"\n", &[]),
    ("negative", "[policies]\npromise = \"-15min\"\n", &[]),
    ("negative count", "[fleet]\nriders_per_store = -1\n", &[]),
    ("not a number", "[fleet]\nriders_per_store = nan\n", &[]),
    ("not a number where one is wanted", "[city]\nstore_spread = nan\n", &[]),
    ("infinite", "[city]\nstore_spread = inf\n", &[]),
    ("1e18 stores", "", &["cities.bengaluru=1e18"]),
    ("more stores than 64 bits", "", &["cities.bengaluru=100000000000000000000"]),
    ("more attempts to pay than there is room for", "[limits]\npayment_attempts = 4\n", &[]),
    ("half a rider", "[fleet]\nriders_per_store = 40.5\n", &[]),
    ("a share above all", "[fleet]\nreject = \"101%\"\n", &[]),
    ("shares that do not add up", "[demand.payments]\nupi = \"70%\"\n", &[]),
    ("unknown choice", "[demand]\nprofile = \"weekdays\"\n", &[]),
    ("unknown choice with a table", "[demand]\nprofile = { hours = 3 }\n", &[]),
    ("a table where a value is wanted", "[fleet]\nspeed = { kmh = 15 }\n", &[]),
    ("a value where a table is wanted", "fleet = 3\n", &[]),
    ("a list where a value is wanted", "[fleet]\nspeed = [1]\n", &[]),
    ("unknown streets", "[city]\nstreets = \"generatd\"\n", &[]),
    ("streets that are no text", "[city]\nstreets = 3\n", &[]),
    ("a file for two cities", "[city]\nstreets = \"x.osm.pbf\"\n", &["mumbai=1"]),
    ("a city that is nowhere", "", &["bengaluru=0", "elsewhere=1"]),
    ("streets of a recorded day", "[city]\nstreets = \"generated\"\n[trace]\n", &["bengaluru=0"]),
    ("wards of a recorded day", "[city]\nwards = \"w.geojson\"\n[trace]\n", &["bengaluru=0"]),
    ("closed roads without streets", "[city]\nclosed = [\"12.97,77.59 to 12.98,77.60\"]\n", &[]),
    ("a closed road with one end", "[city]\nclosed = [\"1,2 to 3,4\", \"12.97,77.59\"]\n", &[]),
    ("a closed road off the globe", "[city]\nclosed = [\"12.97,77.59 to 112.98,77.60\"]\n", &[]),
    ("no text", "[policies]\ndispatch = true\n", &[]),
    ("no TOML", "[fleet\nspeed = 1\n", &[]),
    ("a text that does not end", "summary = \"half\n", &[]),
    ("a key twice", "[fleet]\nspeed = \"15km/h\"\nspeed = \"20km/h\"\n", &[]),
    ("a section twice", "[cities]\nmumbai = 3\n", &[]),
    ("both rates", "[demand]\norders_per_hour = 5\norders_per_store_per_day = 5\n", &[]),
    ("no store", "", &["bengaluru=0"]),
    ("recorded day and rate", "[trace]\n[demand]\norders_per_hour = 5\n", &[]),
    ("recorded day and stores", "[trace]\n", &[]),
    ("more orders than fit", "[demand]\norders_per_hour = \"9999999/h\"\n", &[]),
    ("too long a day", "[window]\nduration = \"4d\"\n", &[]),
    ("hold shorter than paying", "[limits]\nhold = \"4min\"\n", &[]),
    ("objective without a side", "[objectives]\non_time = \"95%\"\n", &[]),
    ("objective in the wrong unit", "[objectives]\non_time = \">= 95min\"\n", &[]),
    ("objective of no figure", "[objectives]\nontime = \">= 95%\"\n", &[]),
    ("no name", "", &["name=../../etc"]),
    ("circuity below one", "[city]\ncircuity = \"0.9x\"\n", &[]),
    ("a time of day after midnight", "[window]\nstart = 25:00\n", &[]),
    ("extends itself", "", &["extends=mine.toml"]),
    ("set without a value", "", &["fleet.speed"]),
    ("set of an unknown key", "", &["fleet.riders=40"]),
    ("set below a value", "", &["limits.hold.x=3"]),
    ("set of a section", "", &["fleet=3"]),
    ("set of an ambiguous name", "", &["latency=3ms"]),
    ("set in a wrong unit", "", &["promise=15kg"]),
    ("set to broken TOML", "", &["trace.dir={ file = "]),
    ("deep nesting", DEEP, &[]),
];

const DEEP: &str = concat!(
    "summary = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n"
);

#[test]
fn every_mistake_is_told_with_its_place() {
    let mut told = String::new();
    for (name, wrong, sets) in CASES {
        // What stands outside sections comes first.
        let text = if wrong.starts_with('[') || wrong.is_empty() {
            format!("{RIGHT}{wrong}")
        } else {
            format!("{wrong}{RIGHT}")
        };
        let shelf = Shelf::with(&[("mine.toml", &text)]);
        let problem = resolve_mine(&shelf, sets).map(|resolved| resolved.toml);
        let problem = problem.expect_err(name);
        let _ = write!(told, "## {name}\n{problem}\n\n");
    }
    expect_test::expect_file!["bad_input.txt"].assert_eq(&told);
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let mut told = String::new();
    let mut check = |name: &str, shelf: &Shelf| {
        let problem = resolve_mine(shelf, &[]).map(|resolved| resolved.toml).expect_err(name);
        let _ = write!(told, "## {name}\n{problem}\n\n");
    };
    check("a missing file", &Shelf::default());
    check("nothing to extend", &Shelf::with(&[("mine.toml", "extends = \"./base.toml\"\n")]));
    check("an unknown scenario", &Shelf::with(&[("mine.toml", "extends = \"evening-peek\"\n")]));
    check("no name to extend", &Shelf::with(&[("mine.toml", "extends = 3\n")]));
    check(
        "a circle",
        &Shelf::with(&[
            ("mine.toml", "extends = \"./a.toml\"\n"),
            ("a.toml", "extends = \"sub/b.toml\"\n"),
            ("sub/b.toml", "extends = \"../a.toml\"\n"),
            ("sub/../a.toml", "extends = \"sub/b.toml\"\n"),
        ]),
    );
    let mut shelf = Shelf::default();
    shelf.0.insert("mine.toml".to_owned(), b"summary = \"caf\xe9\"\n".to_vec());
    check("bytes that are no text", &shelf);
    shelf.0.insert("mine.toml".to_owned(), vec![b'#'; 2 << 20]);
    check("a file that is too long", &shelf);
    let long_line = format!(
        "summary = \"{}\"\n[fleet]\nspeed = \"{}\"\n",
        "x".repeat(300_000),
        "9".repeat(300_000)
    );
    check("lines that are too long to show", &Shelf::with(&[("mine.toml", &long_line)]));
    expect_test::expect_file!["bad_files.txt"].assert_eq(&told);
}
