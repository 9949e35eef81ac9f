//! The shipped scenarios: all are listed, and all are right.

use std::path::Path;

use dastak_scenarios::{Request, library, resolve};

use super::Shelf;

#[test]
fn every_file_of_the_folder_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("library");
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    let listed: Vec<_> = library::all().iter().map(|shipped| shipped.name).collect();
    assert_eq!(found, listed);
}

#[test]
fn every_shipped_scenario_resolves_and_says_what_it_shows() {
    for shipped in library::all() {
        let request = Request { scenario: shipped.name, sets: &[] };
        let resolved = resolve(&request, &Shelf::default())
            .unwrap_or_else(|problem| panic!("{}: {problem}", shipped.name));
        assert_eq!(resolved.scenario.name, shipped.name);
        assert!(!shipped.summary().unwrap().is_empty(), "{}", shipped.name);
    }
}
