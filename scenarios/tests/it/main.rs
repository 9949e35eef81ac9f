//! The public face of the crate: scenarios resolve, and what is wrong with one is said well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_input;
mod bridge;
mod coverage;
mod fuzz;
mod keys;
mod layers;
mod library;
mod played;
mod runs;
mod setups;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use dastak_scenarios::{Files, Problem, Request, Resolved, resolve};

/// Files by path, in memory.
#[derive(Default)]
pub(crate) struct Shelf(BTreeMap<String, Vec<u8>>);

impl Shelf {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        Self(
            files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
                .collect(),
        )
    }
}

impl Files for Shelf {
    fn read(&self, path: &Path, most_bytes: usize) -> io::Result<Vec<u8>> {
        let bytes = self.0.get(&*path.to_string_lossy()).ok_or(io::ErrorKind::NotFound)?;
        Ok(bytes[..bytes.len().min(most_bytes)].to_vec())
    }
}

/// Resolves `mine.toml` of a shelf with some arguments.
pub(crate) fn resolve_mine(shelf: &Shelf, sets: &[&str]) -> Result<Resolved, Problem> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    resolve(&Request { scenario: "./mine.toml", sets: &sets }, shelf)
}

/// Resolves the text of one file.
pub(crate) fn resolve_text(text: &str, sets: &[&str]) -> Result<Resolved, Problem> {
    resolve_mine(&Shelf::with(&[("mine.toml", text)]), sets)
}
