//! Files that a scenario names.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use scenarios::Files;

/// The file system.
pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path, most_bytes: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(most_bytes as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn rooted(&self, path: &Path) -> PathBuf {
        // Only an empty path, or a folder that is gone, has no absolute form.
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
    }
}
