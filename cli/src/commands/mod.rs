//! The subcommands, one a file.

pub(crate) mod audit;
pub(crate) mod city;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod drive;
pub(crate) mod overview;
pub(crate) mod replay;
pub(crate) mod run;
pub(crate) mod scenario;
pub(crate) mod serve;

use scenarios::{Request, Resolved, resolve};

use crate::args::Global;
use crate::exit::Failure;
use crate::files::Disk;

/// Which scenario, and what is to be different.
#[derive(Debug, clap::Args)]
pub(crate) struct Which {
    /// A shipped scenario's name, or the path of a file ending in .toml
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: String,
    /// Sets a key of the scenario, such as fleet.riders_per_store=40; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,
}

impl Which {
    /// The scenario with the arguments applied, `--seed` among them.
    pub(crate) fn resolve(&self, global: &Global, more: &[String]) -> Result<Resolved, Failure> {
        let mut sets = self.sets.clone();
        sets.extend(global.seed.map(|seed| format!("seed={seed}")));
        sets.extend_from_slice(more);
        Ok(resolve(&Request { scenario: &self.scenario, sets: &sets }, &Disk)?)
    }
}
