//! What can be typed: global flags and subcommands.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::commands::{audit, city, completions, drive, replay, run, scenario, serve};

/// A digital twin of a ten-minute grocery business.
#[derive(Debug, Parser)]
#[command(
    name = "dastak",
    version,
    disable_help_subcommand = true,
    after_help = "Type `dastak` alone for where to start."
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Flags that every subcommand takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// What all chance is drawn from; the same seed gives the same journal
    #[arg(long, global = true, value_name = "N", help_heading = "Everywhere")]
    pub(crate) seed: Option<u32>,
    /// How many threads work; the result does not depend on it [default: all processors]
    #[arg(long, global = true, value_name = "N", help_heading = "Everywhere")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Where results are written
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub(crate) out: Option<PathBuf>,
    /// How results are printed: for people or for programs
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Everywhere")]
    pub(crate) format: Format,
    /// Prints no progress and no notes, and of a run the verdict alone
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    pub(crate) quiet: bool,
    /// Does everything as if started in this folder
    #[arg(short = 'C', global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub(crate) directory: Option<PathBuf>,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    // Comments that clap does not see keep the help to one line a flag.
    #[default]
    Text,
    Json,
}

/// What can be done: one variant, one file in `commands/`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulates a scenario, judges it, and writes a run folder
    Run(run::Command),
    /// Checks every invariant and every count of a finished run
    Audit(audit::Command),
    /// Runs a finished run again; the journals must be equal
    Replay(replay::Command),
    /// Lists, shows, checks and begins scenarios
    Scenario(scenario::Command),
    /// Describes a scenario's cities, or imports real roads
    City(city::Command),
    /// Serves the business over HTTP
    Serve(serve::Command),
    /// Drives a live deployment with a scenario's people, and judges it
    Drive(drive::Command),
    /// Says what is installed, what answers, and what is missing
    Doctor,
    /// Prints completions for a shell, or the manual page
    Completions(completions::Command),
}
