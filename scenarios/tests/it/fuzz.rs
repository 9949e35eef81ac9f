//! Whatever the bytes, the answer is a scenario or a problem that can be shown.

use dastak_scenarios::{init_text, library};
use proptest::prelude::*;

use super::{Shelf, resolve_mine};

fn check(bytes: Vec<u8>, sets: &[&str]) {
    let mut shelf = Shelf::default();
    shelf.0.insert("mine.toml".to_owned(), bytes);
    match resolve_mine(&shelf, sets) {
        Ok(resolved) => assert!(!resolved.toml.is_empty()),
        Err(problem) => assert!(problem.render(true).len() < 100_000),
    }
}

/// A page with a bit of everything in it.
fn page() -> String {
    let shipped: String = library::all().iter().map(|shipped| shipped.text).collect();
    format!("{}{shipped}", init_text("evening-peak").replace("# [", "["))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(bytes, &[]);
    }

    #[test]
    fn nearly_toml(text in "([a-z_.\\[\\]]{1,12}( = )?([0-9.e+-]{1,8}|\"[₹%0-9a-z/]{0,8}\"|nan|inf)?\n){0,8}") {
        check(text.into_bytes(), &[]);
    }

    #[test]
    fn a_page_with_bytes_changed(
        from in 0_usize..2_000,
        to in 0_usize..2_000,
        with in prop::collection::vec(any::<u8>(), 0..6),
    ) {
        let mut bytes = page().into_bytes();
        let from = from.min(bytes.len());
        bytes.splice(from..to.clamp(from, bytes.len()), with);
        check(bytes, &[]);
    }

    #[test]
    fn any_value_of_any_key(key in 0_usize..200, value in "[-0-9a-z.₹%/{}\\[\\]\"= ]{0,12}") {
        let keys = dastak_scenarios::keys();
        let set = format!("{}={value}", keys[key % keys.len()].path);
        check(b"[cities]\nbengaluru = 2\n".to_vec(), &[&set]);
    }

    #[test]
    fn any_argument(set in ".{0,30}") {
        check(b"[cities]\nbengaluru = 2\n".to_vec(), &[&set]);
    }
}
