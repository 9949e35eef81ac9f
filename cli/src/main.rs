//! `dastak`: the command line.
//!
//! The only place that reads clocks, opens files, starts threads and prints. One file of
//! [`commands`] is one subcommand; [`exit::Exit`] is every way to end.

mod args;
mod clock;
mod commands;
mod console;
mod drive;
mod evidence;
mod exit;
mod files;
mod host;
mod inputs;
mod interrupt;
mod judgement;
mod play;
mod progress;
mod threads;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use exit::{Exit, Failure};

/// A server allocates for each request, on all processors: the system's allocator takes a fifth of
/// its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    let exit = run(&args).unwrap_or_else(|failure| {
        console::error(&failure);
        failure.exit
    });
    ExitCode::from(exit.code())
}

fn run(args: &Args) -> Result<Exit, Failure> {
    let global = &args.global;
    if let Some(dir) = &global.directory {
        std::env::set_current_dir(dir).map_err(|error| {
            let error = anyhow::Error::new(error);
            Failure::usage(error.context(format!("cannot go to {}", dir.display())))
        })?;
    }
    match &args.command {
        None => commands::overview::run(),
        Some(Command::Run(command)) => commands::run::run(command, global),
        Some(Command::Audit(command)) => commands::audit::run(command, global),
        Some(Command::Replay(command)) => commands::replay::run(command, global),
        Some(Command::Scenario(command)) => commands::scenario::run(command, global),
        Some(Command::City(command)) => commands::city::run(command, global),
        Some(Command::Serve(command)) => commands::serve::run(command, global),
        Some(Command::Drive(command)) => commands::drive::run(command, global),
        Some(Command::Doctor) => commands::doctor::run(global),
        Some(Command::Completions(command)) => commands::completions::run(command),
    }
}
