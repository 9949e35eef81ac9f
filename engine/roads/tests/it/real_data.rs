//! Where real data lies that is no part of the project.

use std::fs::File;
use std::path::PathBuf;

/// Opens a file of the shared data; without it, says that the test is skipped.
///
/// The folder is `../shared/data` beside the workspace, or what `DASTAK_DATA` names.
pub(crate) fn open(name: &str) -> Option<File> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder = std::env::var_os("DASTAK_DATA").unwrap_or_else(|| beside.into());
    let path = PathBuf::from(folder).join(name);
    let file = File::open(&path).ok();
    if file.is_none() {
        eprintln!("SKIPPED: {} is absent (set DASTAK_DATA)", path.display());
    }
    file
}
