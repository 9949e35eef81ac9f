//! `dastak run`: simulate, judge, write, tell.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use domain::facts::RunDigest;
use reports::console::Beside;
use reports::folder::{FolderError, Tables, Writer};
use reports::manifest::{CityJournal, Manifest, SCHEMA_VERSION, Timing};
use reports::summary::{About, Figures, Judgements, RunKind, Status, Summary};
use scenarios::Resolved;
use verify::Verdict;

use super::Which;
use crate::args::{Format, Global};
use crate::clock::{self, Stopwatch};
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupt;
use crate::judgement::{forgive_stopping, rulings};
use crate::play::{self, Play, Stage, World};
use crate::{console, evidence, host, threads};

/// Which run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dastak run evening-peak
  dastak run national-peak --set demand.orders_per_hour=120000 --seed 7
  dastak run real-day --set trace.dir=days/monday --set trace.baskets=baskets.csv
  dastak run ./my.toml --replications 20 --out runs/mine --format json

Ends with 0 when all objectives were met, 10 when one was missed, 11 when an invariant is broken,
14 when the run proves nothing, 130 when it was stopped (what there was by then is written), 2 when
the scenario or an input is wrong.")]
pub(crate) struct Command {
    #[command(flatten)]
    which: Which,
    /// How often it is run, each time with the next seed [default: what the scenario says]
    #[arg(long, value_name = "N")]
    replications: Option<NonZeroU32>,
    /// Whether all facts are kept; without them, `audit` simulates again
    #[arg(long, value_enum, default_value_t)]
    journal: Journal,
}

/// Whether all facts are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Journal {
    #[default]
    Parquet,
    Off,
}

/// Runs it.
pub(crate) fn run(command: &Command, global: &Global) -> Result<Exit, Failure> {
    let interrupt = Interrupt::listen()?;
    let more: Vec<String> =
        command.replications.map(|n| format!("replications={n}")).into_iter().collect();
    let resolved = command.which.resolve(global, &more)?;
    let threads = threads::count(global.threads);
    let (started_unix_s, clock) = (clock::unix_s(), Stopwatch::start());
    // Built first, so that an input that cannot be read leaves no folder behind.
    let world = play::build(&resolved, threads)?;
    world.notes.iter().for_each(|note| console::note(global, note));
    let dir = match &global.out {
        Some(dir) => dir.clone(),
        None => free_folder(&resolved.scenario.name)?,
    };
    let mut writer = Writer::create(&dir).map_err(Failure::usage)?;
    writer.scenario(&resolved.toml).map_err(told)?;

    let scenario = &resolved.scenario;
    let quiet = global.quiet;
    let stage = Stage { scenario, world: &world, threads, interrupt: &interrupt, quiet };
    let tables = Tables { journal: command.journal == Journal::Parquet, ..Tables::ALL };
    let cpu = Stopwatch::start();
    let mut play = perform(&stage, &mut writer, tables)?;
    let timing = Timing {
        started_unix_s,
        wall_s: clock.wall().as_secs_f64(),
        cpu_s: cpu.cpu_s(),
        judged_cpu_s: play.replications.iter().flatten().map(|city| city.judged_cpu_s).sum(),
        threads: u32::try_from(threads.get()).unwrap_or(u32::MAX),
        orders: play.replications.iter().flatten().map(|city| city.placed).sum(),
    };
    let summary = sum_up(&resolved, &mut play);
    writer.summary(&summary).map_err(told)?;
    writer.finish(manifest(&resolved, &world, &play, &timing)).map_err(told)?;
    show(&summary, &timing, &dir, global)?;
    Ok(exit_of(&summary))
}

/// Plays everything and joins the first replication's tables.
fn perform(stage: &Stage<'_>, writer: &mut Writer, tables: Tables) -> Result<Play, Failure> {
    let progress = writer.progress().map_err(told)?;
    let cities = stage.world.cities.iter().map(|built| built.city.id);
    let kept = cities.map(|city| writer.city(city, tables, Some(&progress)));
    let kept = kept.collect::<Result<Vec<_>, _>>().map_err(told)?;
    let mut play = stage.play(kept);
    progress.finish().with_context(|| {
        format!("cannot write {}", writer.dir().join(reports::folder::PROGRESS).display())
    })?;
    let first = play.replications.first_mut().into_iter().flatten();
    let tables = first.filter_map(|city| city.tables.take()).collect();
    writer.join(tables).map_err(told)?;
    Ok(play)
}

/// What the run came to.
fn sum_up(resolved: &Resolved, play: &mut Play) -> Summary {
    let scenario = &resolved.scenario;
    let mut verdict = Verdict::default();
    let cities = play.replications.iter_mut().flatten();
    cities.for_each(|city| verdict.merge(std::mem::take(&mut city.verdict)));
    if play.stopped {
        forgive_stopping(&mut verdict, &mut []);
    }
    let figures: Vec<_> = play
        .replications
        .iter()
        .map(|cities| Figures::from(&evidence::counts_of(cities.iter().map(|city| &city.counts))))
        .collect();
    let first = &play.replications[0];
    let digests: Vec<_> = first.iter().map(|city| city.digest.clone()).collect();
    let placed: u64 = figures.iter().map(|figures| figures.orders.placed).sum();
    let invalid =
        (placed == 0 && !play.stopped).then(|| "no order was placed in the window".to_owned());
    let about = About {
        kind: RunKind::Run,
        scenario: scenario.name.clone(),
        seed: u64::from(scenario.seed.get()),
        journal_digest: RunDigest::of_run(&digests).to_string(),
        demand_digest: play.demand_digest.to_string(),
        invalid,
        partial: play.stopped,
    };
    let judgements = Judgements {
        objectives: evidence::objectives(&scenario.objectives, &figures),
        invariants: evidence::invariants(rulings(&verdict, &[], std::iter::empty)),
        limits: evidence::limits(first.iter().map(|city| &city.outcome.limits)),
    };
    Summary::new(about, &figures, judgements)
}

fn manifest(resolved: &Resolved, world: &World, play: &Play, timing: &Timing) -> Manifest {
    let scenario = &resolved.scenario;
    Manifest {
        schema_version: SCHEMA_VERSION,
        program: host::program(),
        argv: std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect(),
        host: host::host(),
        timing: timing.clone(),
        scenario: scenario.name.clone(),
        seed: u64::from(scenario.seed.get()),
        replications: u32::try_from(play.replications.len()).unwrap_or(u32::MAX),
        journal: play.replications[0].iter().map(|city| CityJournal::from(&city.digest)).collect(),
        inputs: world.inputs.0.clone(),
        ..Manifest::default()
    }
}

/// Tells what the run came to, the verdict first.
pub(crate) fn show(
    summary: &Summary,
    timing: &Timing,
    dir: &Path,
    global: &Global,
) -> anyhow::Result<()> {
    let colour = console::coloured(&std::io::stdout());
    match global.format {
        Format::Json => console::print(&summary.to_json()),
        Format::Text => {
            let beside = Beside { timing: Some(timing), folder: Some(dir), colour };
            let text = reports::console::text(summary, beside);
            let shown = if global.quiet {
                text.lines().next().unwrap_or_default()
            } else {
                text.trim_end()
            };
            console::print(&format!("{shown}\n"))
        }
    }
}

/// How a run with this summary ends the program.
pub(crate) fn exit_of(summary: &Summary) -> Exit {
    match summary.verdict.status {
        Status::Pass => Exit::Ok,
        Status::Fail if summary.invariants.iter().any(|invariant| invariant.broken > 0) => {
            Exit::InvariantBroken
        }
        Status::Fail => Exit::ObjectiveMissed,
        Status::Invalid => Exit::Invalid,
        Status::Partial => Exit::Interrupted,
    }
}

/// Makes the first folder of a scenario that is not there yet, so that no run is lost to another,
/// not even to one that begins at the same time.
pub(crate) fn free_folder(name: &str) -> Result<PathBuf, Failure> {
    let runs = Path::new("runs");
    let make = || -> std::io::Result<PathBuf> {
        std::fs::create_dir_all(runs)?;
        let mut number = 1_u64;
        loop {
            let dir = runs.join(format!("{name}-{number}"));
            match std::fs::create_dir(&dir) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
                made => return made.map(|()| dir),
            }
        }
    };
    make().context("cannot make a folder for the run below ./runs").map_err(Failure::usage)
}

/// A folder that cannot be written once the run has begun: nobody's input, but the machine.
pub(crate) fn told(error: FolderError) -> Failure {
    Failure { exit: Exit::Internal, error: error.into() }
}
