//! Programs written in Python that tests are judged by, each in an environment of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with the programs of some packages, in an environment under the cache folder.
/// Without Python they are skipped, but not in CI.
pub(crate) fn programs(packages: &[&str]) -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let name = packages.join("+").replace("==", "-");
    let folder = cache.or_else(home).unwrap().join("dastak").join(name);
    let runs = |command: &mut Command| command.output().is_ok_and(|out| out.status.success());
    let whole = folder.join("whole");
    let is_there = whole.exists()
        || runs(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))
            && runs(Command::new(folder.join("bin/pip")).args(["install", "-q"]).args(packages))
            && std::fs::write(&whole, "").is_ok();
    assert!(is_there || std::env::var_os("CI").is_none(), "{packages:?} cannot be installed");
    if !is_there {
        eprintln!("skipped: {packages:?} cannot be installed");
    }
    is_there.then(|| folder.join("bin"))
}
