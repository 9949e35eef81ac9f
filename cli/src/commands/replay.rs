//! `dastak replay`: the same run again must give the same facts.

use std::path::{Path, PathBuf};

use domain::facts::{CityDigest, Record, RunDigest, Sink};
use domain::ids::CityId;
use domain::time::MICROS_PER_S;
use reports::folder::Reader;
use reports::manifest::JournalDifference;
use scenarios::{Request, Resolved, resolve};
use serde::Serialize;

use crate::args::{Format, Global};
use crate::exit::{Exit, Failure};
use crate::files::Disk;
use crate::interrupt::Interrupt;
use crate::play::{self, Stage};
use crate::{console, inputs, threads};

/// Which run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: dastak replay runs/evening-peak-1

Simulates the run's first replication again from its stored scenario, and the same files of streets,
wards or recorded days. Every fact must be the same.
Ends with 14 when one is not: the first minute that differs is named, and the first fact of it.")]
pub(crate) struct Command {
    /// The folder of the run
    run: PathBuf,
}

/// What a replay found.
#[derive(Serialize)]
struct Replay {
    run: String,
    facts: u64,
    /// The digest of the stored run.
    then: String,
    /// The digest of the replay.
    now: String,
    /// Where they first differ, in words.
    difference: Option<String>,
    /// The first fact that differs: stored, and replayed.
    first: Option<[String; 2]>,
}

/// Runs it again.
pub(crate) fn run(command: &Command, global: &Global) -> Result<Exit, Failure> {
    let interrupt = Interrupt::listen()?;
    let reader = Reader::open(&command.run).map_err(Failure::invalid)?;
    let summary = reader.summary().map_err(Failure::invalid)?;
    if summary.verdict.status == reports::summary::Status::Partial {
        let error = anyhow::anyhow!("{} was stopped before its end", command.run.display());
        return Err(Failure::invalid(error.context("this run cannot be replayed")));
    }
    inputs::unchanged(reader.manifest())?;
    let resolved = stored_scenario(reader.dir())?;
    let threads = threads::count(global.threads);
    let world = play::build(&resolved, threads)?;
    let scenario = &resolved.scenario;
    let quiet = global.quiet;
    let stage = Stage { scenario, world: &world, threads, interrupt: &interrupt, quiet };
    let play = stage.play(Vec::new());
    if play.stopped {
        let error = anyhow::anyhow!("the replay was stopped before its end");
        return Err(Failure { exit: Exit::Interrupted, error });
    }
    let digests: Vec<CityDigest> =
        play.replications[0].iter().map(|city| city.digest.clone()).collect();
    let difference = reader.manifest().first_difference(&digests);
    let replay = Replay {
        run: command.run.display().to_string(),
        facts: play.replications[0].iter().map(|city| city.counts.facts).sum(),
        then: summary.journal_digest,
        now: RunDigest::of_run(&digests).to_string(),
        difference: difference.map(|difference| difference.to_string()),
        first: difference.and_then(|difference| first_fact(difference, &reader, &stage)),
    };
    let same = replay.difference.is_none() && replay.then == replay.now;
    match global.format {
        Format::Json => console::print_json(&replay)?,
        Format::Text => console::print(&replay.text(same, reader.has_journal()))?,
    }
    Ok(if same { Exit::Ok } else { Exit::Invalid })
}

/// The scenario as the run stored it, once.
fn stored_scenario(dir: &Path) -> Result<Resolved, Failure> {
    let stored = dir.join(reports::folder::SCENARIO).display().to_string();
    let sets = ["replications=1".to_owned()];
    Ok(resolve(&Request { scenario: &stored, sets: &sets }, &Disk)?)
}

/// The first fact of a minute that differs: as stored, and as replayed.
fn first_fact(
    difference: JournalDifference,
    reader: &Reader,
    stage: &Stage<'_>,
) -> Option<[String; 2]> {
    let JournalDifference::Minute { city, minute } = difference else { return None };
    let place = stage.world.cities.iter().position(|built| built.city.id == city)?;
    let is_in = |record: &Record| record.city == city && minute_of(record) == minute;
    let then: Vec<Record> = reader.journal().ok()?.map_while(Result::ok).filter(is_in).collect();
    let mut now = Minute { city, minute, records: Vec::new() };
    stage.play_to(place, &mut now);
    let line = |record: Option<&Record>| {
        record.map_or("nothing more in this minute".to_owned(), verify::line)
    };
    (0..=then.len().max(now.records.len()))
        .map(|index| (then.get(index), now.records.get(index)))
        .find(|(then, now)| then != now)
        .map(|(then, now)| [line(then), line(now)])
}

fn minute_of(record: &Record) -> u64 {
    record.at.0 / (60 * MICROS_PER_S)
}

/// Keeps the records of one simulated minute.
struct Minute {
    city: CityId,
    minute: u64,
    records: Vec<Record>,
}

impl Sink for &mut Minute {
    fn record(&mut self, record: &Record) {
        if record.city == self.city && minute_of(record) == self.minute {
            self.records.push(*record);
        }
    }
}

impl Replay {
    fn text(&self, same: bool, has_journal: bool) -> String {
        let Self { facts, then, now, .. } = self;
        if same {
            return format!("PASS all {facts} facts came out again: digest {now}\n");
        }
        let mut text = format!("INVALID the run does not come out again: {then} then, {now} now\n");
        if let Some(difference) = &self.difference {
            text += &format!("  {difference}\n");
        }
        match &self.first {
            Some([then, now]) => text += &format!("  then: {then}\n  now:  {now}\n"),
            None if !has_journal => text += "  the run kept no journal, so the fact is not known\n",
            None => {}
        }
        text
    }
}
