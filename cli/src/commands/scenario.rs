//! `dastak scenario`: list, show, check, begin.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use scenarios::{
    Request, Resolved, SCHEMA_FILE, init_text, library, resolve, schema_json, text_of,
};
use serde::Serialize;

use super::Which;
use crate::args::{Format, Global};
use crate::console;
use crate::exit::{Exit, Failure};
use crate::files::Disk;

/// What to do with scenarios.
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the scenarios that ship with dastak
    List,
    /// Prints a scenario as it was written, or with every key
    #[command(after_help = "\
Examples:
  dastak scenario show evening-peak
  dastak scenario show evening-peak --resolved --set riders_per_store=40")]
    Show(Show),
    /// Looks for mistakes in scenarios and runs nothing
    #[command(after_help = "Example: dastak scenario check my.toml")]
    Check(Check),
    /// Begins a scenario of your own: every key, commented out, with its default and source
    #[command(after_help = "Example: dastak scenario init my.toml")]
    Init(Init),
    /// Prints the JSON schema of scenario files
    Schema,
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    which: Which,
    /// Prints every key with its value, as a run would store it
    #[arg(long)]
    resolved: bool,
}

#[derive(Debug, clap::Args)]
struct Check {
    /// Shipped names or paths
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// Sets a key of each scenario first
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
}

#[derive(Debug, clap::Args)]
struct Init {
    /// Where to write it; without it, it is printed
    file: Option<PathBuf>,
    /// The scenario it starts from
    #[arg(long, default_value = "evening-peak", value_name = "SCENARIO")]
    extends: String,
}

/// Does it.
pub(crate) fn run(command: &Command, global: &Global) -> Result<Exit, Failure> {
    match &command.action {
        Action::List => list(global),
        Action::Show(show) => print(show, global),
        Action::Check(check) => look(check, global),
        Action::Init(init) => begin(init, global),
        Action::Schema => {
            console::print_json(&schema_json())?;
            Ok(Exit::Ok)
        }
    }
}

#[derive(Serialize)]
struct Listed {
    name: &'static str,
    summary: String,
}

fn list(global: &Global) -> Result<Exit, Failure> {
    let listed = library::all()
        .iter()
        .map(|shipped| Ok(Listed { name: shipped.name, summary: shipped.summary()? }))
        .collect::<Result<Vec<_>, Failure>>()?;
    match global.format {
        Format::Json => console::print_json(&listed)?,
        Format::Text => {
            let rows = listed.into_iter().map(|row| vec![row.name.to_owned(), row.summary]);
            console::print(&console::table(rows))?;
        }
    }
    Ok(Exit::Ok)
}

fn print(show: &Show, global: &Global) -> Result<Exit, Failure> {
    let changed = show.resolved || !show.which.sets.is_empty() || global.seed.is_some();
    let text = match (changed, global.format) {
        (false, Format::Text) => text_of(&show.which.scenario, &Disk)?,
        (true, Format::Text) => show.which.resolve(global, &[])?.toml,
        (_, Format::Json) => {
            console::print_json(&show.which.resolve(global, &[])?.scenario)?;
            return Ok(Exit::Ok);
        }
    };
    console::print(&text)?;
    Ok(Exit::Ok)
}

/// Checks each scenario and tells all problems, not only the first scenario's.
fn look(check: &Check, global: &Global) -> Result<Exit, Failure> {
    let mut wrong = 0;
    for scenario in &check.scenarios {
        match resolve(&Request { scenario, sets: &check.sets }, &Disk) {
            Ok(resolved) if !global.quiet => console::print(&right(&resolved))?,
            Ok(_) => {}
            Err(problem) => {
                wrong += 1;
                console::error(&problem.into());
            }
        }
    }
    Ok(if wrong == 0 { Exit::Ok } else { Exit::Usage })
}

/// One line on a scenario without mistakes.
fn right(resolved: &Resolved) -> String {
    let scenario = &resolved.scenario;
    let (name, window) = (&scenario.name, &scenario.window);
    if let Some(trace) = &scenario.trace {
        let day = trace.dir.as_deref().unwrap_or("the small day that ships with dastak");
        return format!("ok {name}: a recorded day, {day}\n");
    }
    let cities: Vec<String> =
        scenario.cities.named().iter().map(|(city, stores)| format!("{city} {stores}")).collect();
    let cities = cities.join(", ");
    let (start, length) = (window.start, window.duration);
    format!("ok {name}: stores {cities}; {length} from {start}\n")
}

fn begin(init: &Init, global: &Global) -> Result<Exit, Failure> {
    // A scenario that extends nothing real would be wrong from its first line.
    resolve(&Request { scenario: &init.extends, sets: &[] }, &Disk)?;
    let text = init_text(&init.extends);
    let Some(file) = &init.file else {
        console::print(&text)?;
        return Ok(Exit::Ok);
    };
    write_new(file, &text)?;
    let schema = file.with_file_name(SCHEMA_FILE);
    let json = serde_json::to_string_pretty(&schema_json()).context("the schema is no JSON")?;
    std::fs::write(&schema, json + "\n")
        .with_context(|| format!("cannot write {}", schema.display()))
        .map_err(Failure::usage)?;
    if !global.quiet {
        console::print(&format!(
            "wrote {} and {}\nedit it, then: dastak run {}\n",
            file.display(),
            schema.display(),
            runnable(file)
        ))?;
    }
    Ok(Exit::Ok)
}

/// The path in a form that `run` takes for one.
fn runnable(file: &Path) -> String {
    let shown = file.display().to_string();
    if scenarios::is_path(&shown) { shown } else { format!("./{shown}") }
}

/// Writes a file that is not there yet.
fn write_new(file: &Path, text: &str) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let mut new = OpenOptions::new().write(true).create_new(true).open(file)?;
        new.write_all(text.as_bytes())
    };
    write().with_context(|| format!("cannot write {}", file.display())).map_err(Failure::usage)
}
