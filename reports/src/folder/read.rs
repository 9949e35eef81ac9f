//! A run folder read back.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::{
    FolderError, HISTORY, JOURNAL, MANIFEST, SCENARIO, SUMMARY, TAPE, file, is_begun, is_complete,
};
use crate::journal::JournalReader;
use crate::manifest::{FileDigest, Manifest};
use crate::summary::Summary;
use crate::table::ReadError;
use crate::tape::TapeReader;

/// A complete run.
#[derive(Debug)]
pub struct Reader {
    dir: PathBuf,
    manifest: Manifest,
}

/// A file that is not what the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its name.
    pub name: String,
    /// What it was when the run was finished.
    pub then: FileDigest,
    /// What it is now; none if it is gone or cannot be read.
    pub now: Option<FileDigest>,
}

impl Reader {
    /// Opens the folder of a complete run.
    ///
    /// # Errors
    /// [`FolderError::Incomplete`] when there is none; otherwise when the manifest cannot be read.
    pub fn open(dir: &Path) -> Result<Self, FolderError> {
        if !is_complete(dir) {
            return Err(FolderError::Incomplete { dir: dir.to_owned(), begun: is_begun(dir) });
        }
        Ok(Self { dir: dir.to_owned(), manifest: json(&dir.join(MANIFEST))? })
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What was run.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What the run came to.
    ///
    /// # Errors
    /// When the file is missing or is not a summary.
    pub fn summary(&self) -> Result<Summary, FolderError> {
        json(&self.dir.join(SUMMARY))
    }

    /// The scenario as it was resolved.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scenario(&self) -> Result<String, FolderError> {
        let path = self.dir.join(SCENARIO);
        fs::read_to_string(&path).map_err(FolderError::io("read", &path))
    }

    /// Whether the run kept its journal.
    #[must_use]
    pub fn has_journal(&self) -> bool {
        self.manifest.files.contains_key(JOURNAL)
    }

    /// Whether the run was live, and kept what others saw of it.
    #[must_use]
    pub fn has_witnesses(&self) -> bool {
        self.manifest.files.contains_key(HISTORY)
    }

    /// All facts of the run.
    ///
    /// # Errors
    /// When the file is missing or is not a journal.
    pub fn journal(&self) -> Result<JournalReader, ReadError> {
        JournalReader::open(&self.dir.join(JOURNAL))
    }

    /// What every process manager heard, if the run kept its tape.
    ///
    /// # Errors
    /// When the file is missing or is not a tape.
    pub fn tape(&self) -> Result<TapeReader, ReadError> {
        TapeReader::open(&self.dir.join(TAPE))
    }

    /// The files that are not what they were when the run was finished.
    #[must_use]
    pub fn changed_files(&self) -> Vec<ChangedFile> {
        let files = self.manifest.files.iter().map(|(name, then)| ChangedFile {
            name: name.clone(),
            then: then.clone(),
            now: file::digest(&self.dir.join(name)).ok(),
        });
        files.filter(|file| file.now.as_ref() != Some(&file.then)).collect()
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, FolderError> {
    let bytes = fs::read(path).map_err(FolderError::io("read", path))?;
    serde_json::from_slice(&bytes)
        .map_err(|cause| FolderError::Json { path: path.to_owned(), cause })
}
