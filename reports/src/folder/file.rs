//! A file that has its name only once all of it is on the disk.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{FolderError, partial_of};
use crate::manifest::FileDigest;

const BUFFER_BYTES: usize = 1 << 16;

/// A file that is being written under its name and `.partial`.
///
/// Dropped before it is complete, it is removed.
#[derive(Debug)]
pub struct PartialFile {
    path: PathBuf,
    partial: PathBuf,
    /// None once the file is complete.
    file: Option<BufWriter<Summed>>,
}

/// A file and the digest of what was written to it.
#[derive(Debug)]
struct Summed {
    file: File,
    sha256: Sha256,
    bytes: u64,
}

impl PartialFile {
    pub(super) fn create(path: PathBuf) -> Result<Self, FolderError> {
        let partial = partial_of(&path);
        let file = File::create(&partial).map_err(FolderError::io("make", &partial))?;
        let summed = Summed { file, sha256: Sha256::new(), bytes: 0 };
        let file = Some(BufWriter::with_capacity(BUFFER_BYTES, summed));
        Ok(Self { path, partial, file })
    }

    /// Where the file will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Brings all of it to the disk and gives it its name.
    pub(super) fn complete(mut self) -> Result<FileDigest, FolderError> {
        let file = self.file.take().expect("a file is completed once");
        let failed = |cause| FolderError::io("write", &self.path)(cause);
        let completed = file.into_inner().map_err(|error| error.into_error()).and_then(|summed| {
            summed.file.sync_all()?;
            fs::rename(&self.partial, &self.path)?;
            Ok(FileDigest { bytes: summed.bytes, sha256: hex(&summed.sha256.finalize()) })
        });
        if completed.is_err() {
            remove(&self.partial);
        }
        completed.map_err(failed)
    }

    fn open(&mut self) -> &mut BufWriter<Summed> {
        self.file.as_mut().expect("a file is written until it is complete")
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open().flush()
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // What is still buffered is not wanted any more.
            drop(file.into_parts());
            remove(&self.partial);
        }
    }
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Removes a file that is of no use; if it cannot be removed, its name still says so.
fn remove(partial: &Path) {
    let _left_behind = fs::remove_file(partial);
}

/// The size and digest of a file as it is on the disk.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> io::Result<FileDigest> {
    let mut file = File::open(path)?;
    let mut sha256 = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(FileDigest { bytes, sha256: hex(&sha256.finalize()) }),
            read => {
                sha256.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Brings a folder's names to the disk.
///
/// # Errors
/// When the folder cannot be opened or synchronised.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
