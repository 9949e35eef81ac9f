//! The folder a run leaves behind, and how it comes to exist without ever looking complete too soon.
//!
//! ```text
//! scenario.toml     as resolved            series.parquet    per minute and store
//! summary.json      what it came to        trips.parquet     one row a leg
//! journal.parquet   all facts              progress.ndjson   one line a simulated minute
//! orders.parquet    one row an order       manifest.json     written last: digests of the others
//! history.ndjson    a live run's requests  ledger.ndjson     its payment provider's own list
//! latency.hdr       how long they took
//! ```
//!
//! Every file is written under its name and `.partial`, synchronised to the disk, then renamed.
//! `progress.ndjson` alone grows in place, because others read it while the run goes on.
//! A folder with a `manifest.json` is a complete run; one with only `manifest.json.partial` is a
//! run that is going on or was cut off.

mod city;
mod file;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io::ErrorKind};

use parquet::errors::ParquetError;

use crate::manifest::{FileDigest, Manifest};
use crate::progress::Progress;
use crate::summary::Summary;

pub use city::{CityTables, Tables};
pub use file::{PartialFile, digest};
pub use read::{ChangedFile, Reader};

/// What was run, when, where; digests of every other file.
pub const MANIFEST: &str = "manifest.json";
/// The scenario as resolved.
pub const SCENARIO: &str = "scenario.toml";
/// What the run came to.
pub const SUMMARY: &str = "summary.json";
/// All facts.
pub const JOURNAL: &str = "journal.parquet";
/// One row an order.
pub const ORDERS: &str = "orders.parquet";
/// One row a leg ridden.
pub const TRIPS: &str = "trips.parquet";
/// One row a store and minute.
pub const SERIES: &str = "series.parquet";
/// Commands and inputs in the order handled; only if it was asked for.
pub const TAPE: &str = "tape";
/// Every request of a live run, as its sender saw it.
pub const HISTORY: &str = "history.ndjson";
/// The payment provider's own list of a live run.
pub const LEDGER: &str = "ledger.ndjson";
/// How long the steps of a live run took, as histograms.
pub const LATENCY: &str = "latency.hdr";
/// One line a simulated minute and city, written while the run goes on.
pub const PROGRESS: &str = "progress.ndjson";

/// Every name that a run may write, the manifest first: it is the first to go when a folder is
/// used again.
const NAMES: &[&str] = &[
    MANIFEST, SCENARIO, SUMMARY, JOURNAL, ORDERS, TRIPS, SERIES, TAPE, HISTORY, LEDGER, LATENCY,
    PROGRESS,
];

/// Why a run folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is something else in the folder.
    #[error("{} is not empty and not a run folder: name another folder, or empty it", dir.display())]
    Occupied {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder is not that of a complete run.
    #[error(
        "{} is not a complete run: {}", dir.display(),
        if *begun { "the run is going on, or was cut off" } else { "it has no manifest.json" }
    )]
    Incomplete {
        /// The folder.
        dir: PathBuf,
        /// Whether a run was begun there.
        begun: bool,
    },
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// A table could not be written.
    #[error("cannot write {}", path.display())]
    Table {
        /// The table's file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: ParquetError,
    },
    /// A file is not the JSON it should be.
    #[error("{} is not what this program writes there", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        cause: serde_json::Error,
    },
}

impl FolderError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io { action, path: path.to_owned(), cause }
    }

    /// What went wrong with a table; the operating system's own error where that is what it was.
    fn table(path: &Path, cause: ParquetError) -> Self {
        let path = path.to_owned();
        let ParquetError::External(cause) = cause else { return Self::Table { path, cause } };
        match cause.downcast::<io::Error>() {
            Ok(cause) => Self::Io { action: "write", path, cause: *cause },
            Err(cause) => Self::Table { path, cause: ParquetError::External(cause) },
        }
    }
}

/// Writes a run folder.
#[derive(Debug)]
pub struct Writer {
    dir: PathBuf,
    files: BTreeMap<String, FileDigest>,
    progress: Option<Arc<Progress>>,
}

impl Writer {
    /// Begins a run in a folder, which is made if it is missing.
    ///
    /// If it holds an earlier run, that run's files are removed; others stay.
    ///
    /// # Errors
    /// [`FolderError::Occupied`] when it holds anything else; [`FolderError::Io`] when it cannot
    /// be made, read or written.
    pub fn create(dir: &Path) -> Result<Self, FolderError> {
        fs::create_dir_all(dir).map_err(FolderError::io("make the folder", dir))?;
        if !is_empty(dir)? {
            if !is_complete(dir) && !is_begun(dir) {
                return Err(FolderError::Occupied { dir: dir.to_owned() });
            }
            remove_run(dir)?;
        }
        let begun = partial_of(&dir.join(MANIFEST));
        fs::write(&begun, "{}\n").map_err(FolderError::io("write", &begun))?;
        Ok(Self { dir: dir.to_owned(), files: BTreeMap::new(), progress: None })
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes the scenario as it was resolved.
    ///
    /// # Errors
    /// When the file cannot be written in full.
    pub fn scenario(&mut self, toml: &str) -> Result<(), FolderError> {
        self.put(SCENARIO, toml.as_bytes())
    }

    /// Writes what the run came to.
    ///
    /// # Errors
    /// When the file cannot be written in full.
    pub fn summary(&mut self, summary: &Summary) -> Result<(), FolderError> {
        self.put(SUMMARY, summary.to_json().as_bytes())
    }

    /// Begins telling where the run is.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn progress(&mut self) -> Result<Arc<Progress>, FolderError> {
        let path = self.dir.join(PROGRESS);
        let progress = Progress::create(&path).map_err(FolderError::io("make", &path))?;
        Ok(Arc::clone(self.progress.insert(Arc::new(progress))))
    }

    /// Writes a file.
    ///
    /// # Errors
    /// When it cannot be written in full.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let mut file = self.begin(name)?;
        file.write_all(bytes).map_err(FolderError::io("write", file.path()))?;
        self.complete(file)
    }

    /// Begins a file that is written bit by bit, and given to [`Writer::complete`] in the end.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin(&self, name: &str) -> Result<PartialFile, FolderError> {
        PartialFile::create(self.dir.join(name))
    }

    /// Makes a file that was begun a part of the folder.
    ///
    /// # Errors
    /// When the last of it cannot be written or brought to the disk.
    pub fn complete(&mut self, file: PartialFile) -> Result<(), FolderError> {
        let name = file.name();
        let digest = file.complete()?;
        self.files.insert(name, digest);
        Ok(())
    }

    /// Writes the manifest, which makes the run complete.
    ///
    /// # Errors
    /// When a line of progress could not be written, the manifest cannot be written, or the folder not be brought to the disk.
    pub fn finish(mut self, mut manifest: Manifest) -> Result<(), FolderError> {
        if let Some(progress) = self.progress.take() {
            let path = self.dir.join(PROGRESS);
            progress.finish().map_err(FolderError::io("write", &path))?;
            let digest = file::digest(&path).map_err(FolderError::io("read", &path))?;
            self.files.insert(PROGRESS.to_owned(), digest);
        }
        manifest.files = std::mem::take(&mut self.files);
        self.put(MANIFEST, manifest.to_json().as_bytes())?;
        file::sync_dir(&self.dir).map_err(FolderError::io("bring to the disk", &self.dir))
    }
}

fn is_empty(dir: &Path) -> Result<bool, FolderError> {
    let mut entries = fs::read_dir(dir).map_err(FolderError::io("read the folder", dir))?;
    Ok(entries.next().is_none())
}

fn is_complete(dir: &Path) -> bool {
    dir.join(MANIFEST).is_file()
}

fn is_begun(dir: &Path) -> bool {
    partial_of(&dir.join(MANIFEST)).is_file()
}

/// Removes what an earlier run left, complete or not.
fn remove_run(dir: &Path) -> Result<(), FolderError> {
    for name in NAMES {
        let path = dir.join(name);
        let partial = partial_of(&path);
        for path in [path, partial] {
            match fs::remove_file(&path) {
                Err(cause) if cause.kind() != ErrorKind::NotFound => {
                    return Err(FolderError::Io { action: "remove", path, cause });
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn partial_of(path: &Path) -> PathBuf {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    PathBuf::from(partial)
}
