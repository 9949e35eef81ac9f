//! The program and the machine it runs on.

use std::fs;

use reports::manifest::{Host, Program};

/// The program, as it was built.
pub(crate) fn program() -> Program {
    Program {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        git_commit: option_env!("DASTAK_GIT_COMMIT").map(str::to_owned),
        git_dirty: option_env!("DASTAK_GIT_DIRTY").map(|dirty| dirty == "true"),
    }
}

/// The machine.
pub(crate) fn host() -> Host {
    let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Host {
        os: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        cpu: field("/proc/cpuinfo", "model name"),
        cpus: u32::try_from(cpus).unwrap_or(u32::MAX),
        memory_bytes: kib("/proc/meminfo", "MemTotal"),
    }
}

/// A field of one of the system's lists, such as `MemTotal:  16 kB`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

/// A field in kibibytes, in bytes.
pub(crate) fn kib(path: &str, name: &str) -> Option<u64> {
    let field = field(path, name)?;
    field.strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}
