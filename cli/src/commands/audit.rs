//! `dastak audit`: proves a finished run again from what it left behind.

use std::collections::BTreeMap;
use std::path::PathBuf;

use reports::audit::recount_differs;
use reports::folder::{ChangedFile, HISTORY, Reader};
use reports::live::Live;
use reports::summary::{RunKind, Status};
use scenarios::{Request, resolve};
use serde::Serialize;
use verify::history::Figures;

use crate::args::{Format, Global};
use crate::exit::{Exit, Failure};
use crate::files::Disk;
use crate::interrupt::Interrupt;
use crate::judgement::{self, Judgement, Ruling, forgive_stopping, rulings};
use crate::play::{self, Stage};
use crate::{console, inputs, threads};

/// Which run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: dastak audit runs/evening-peak-1

Judges every fact of the journal, makes every count of summary.json again, and compares every file
with its digest. Without a journal it simulates again and compares the digests. The journal of a
live run is also held against what its clients saw and what its payment provider wrote down.
Ends with 11 when an invariant is broken (the few records that show it are printed), and with 14
when evidence is missing, changed, or does not add up.")]
pub(crate) struct Command {
    /// The folder of the run
    run: PathBuf,
}

/// What an audit found.
#[derive(Serialize)]
struct Audit {
    run: String,
    /// Where the facts come from: the stored journal, or a second simulation; of a deployment that
    /// shows none, what its clients saw.
    evidence: &'static str,
    facts: u64,
    /// Invariants that were judged on at least one fact.
    judged: usize,
    broken: Vec<Broken>,
    /// Everything that is missing, changed, or does not add up.
    objections: Vec<String>,
    /// Of a live run: the share of each step's requests that were answered in time and for good.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    answered_in_time: BTreeMap<String, f64>,
}

/// A broken invariant.
#[derive(Serialize)]
struct Broken {
    id: &'static str,
    law: &'static str,
    times: u64,
    first: String,
    /// The few records that show it.
    counterexample: Vec<String>,
}

impl From<&Ruling> for Broken {
    fn from(ruling: &Ruling) -> Self {
        Self {
            id: ruling.id,
            law: ruling.law,
            times: ruling.broken,
            first: ruling.breaks.first().cloned().unwrap_or_default(),
            counterexample: ruling.counterexample.clone(),
        }
    }
}

/// Audits it.
pub(crate) fn run(command: &Command, global: &Global) -> Result<Exit, Failure> {
    let reader = Reader::open(&command.run).map_err(Failure::invalid)?;
    let mut objections: Vec<String> = reader.changed_files().iter().map(changed).collect();
    let (stored, is_live) = (reader.has_journal(), reader.has_witnesses());
    let mut found = match (stored, is_live) {
        (true, _) => from_journal(&reader)?,
        (false, true) => from_history(&reader)?,
        (false, false) => from_simulation(&reader, global)?,
    };
    if let Some(difference) = reader.manifest().first_difference(&found.digests) {
        objections.push(format!("the facts are not those of the manifest: {difference}"));
    }
    match reader.summary() {
        Ok(summary) => {
            if summary.kind == RunKind::Drive && !is_live {
                let missing = "is missing: what clients saw of the live run cannot be judged";
                objections.push(format!("{HISTORY} {missing}"));
            }
            if summary.verdict.status == Status::Partial {
                forgive_stopping(&mut found.verdict, &mut found.checks);
            }
            // Without a journal there is nothing to count again.
            if stored || !is_live {
                let differences = recount_differs(&summary, &found.counts);
                objections.extend(differences.iter().map(ToString::to_string));
            }
        }
        Err(error) => objections.push(format!("{error:#}")),
    }
    let records = || {
        let journal = stored.then(|| reader.journal().ok()).flatten();
        journal.into_iter().flatten().map_while(Result::ok)
    };
    let rulings = rulings(&found.verdict, &found.checks, records);
    let audit = Audit {
        run: command.run.display().to_string(),
        evidence: match (stored, is_live) {
            (true, _) => "journal",
            (false, true) => "history",
            (false, false) => "simulation",
        },
        facts: found.counts.facts,
        judged: rulings.iter().filter(|ruling| ruling.judged > 0).count(),
        broken: rulings.iter().filter(|ruling| ruling.broken > 0).map(Broken::from).collect(),
        objections,
        answered_in_time: in_time(&found.figures),
    };
    match global.format {
        Format::Json => console::print_json(&audit)?,
        Format::Text => console::print(&audit.text(&rulings, global.quiet))?,
    }
    Ok(audit.exit())
}

fn changed(file: &ChangedFile) -> String {
    let ChangedFile { name, then, now } = file;
    match now {
        None => format!("{name} is gone or cannot be read"),
        Some(now) if now.bytes != then.bytes => {
            format!("{name} was {} bytes and is {}", then.bytes, now.bytes)
        }
        Some(_) => format!("{name} was changed"),
    }
}

/// Judges and counts the stored journal, and of a live run what others saw.
fn from_journal(reader: &Reader) -> Result<Judgement, Failure> {
    let live = reader.has_witnesses().then(|| Live::read(reader.dir())).transpose();
    let live = live.map_err(Failure::invalid)?;
    judgement::of_journal(reader.journal().map_err(Failure::invalid)?, live.as_ref())
}

/// Judges what clients saw of a deployment that shows no journal.
fn from_history(reader: &Reader) -> Result<Judgement, Failure> {
    Ok(judgement::of_history(&Live::read(reader.dir()).map_err(Failure::invalid)?))
}

/// Simulates the run's first replication again.
fn from_simulation(reader: &Reader, global: &Global) -> Result<Judgement, Failure> {
    let interrupt = Interrupt::listen()?;
    inputs::unchanged(reader.manifest())?;
    let stored = reader.dir().join(reports::folder::SCENARIO).display().to_string();
    let sets = ["replications=1".to_owned()];
    let resolved = resolve(&Request { scenario: &stored, sets: &sets }, &Disk)?;
    let scenario = &resolved.scenario;
    let threads = threads::count(global.threads);
    let world = play::build(&resolved, threads)?;
    let quiet = global.quiet;
    let stage = Stage { scenario, world: &world, threads, interrupt: &interrupt, quiet };
    let mut play = stage.play(Vec::new());
    if play.stopped {
        let error = anyhow::anyhow!("the audit was stopped before its end");
        return Err(Failure { exit: Exit::Interrupted, error });
    }
    let mut found = Judgement::default();
    for city in play.replications.swap_remove(0) {
        found.digests.push(city.digest);
        found.verdict.merge(city.verdict);
        found.counts.merge(&city.counts);
    }
    Ok(found)
}

/// The share of each step's requests that were answered in time and for good.
fn in_time(figures: &Figures) -> BTreeMap<String, f64> {
    let share = |(step, figure): (&str, verify::history::Figure)| {
        #[expect(clippy::cast_precision_loss, reason = "2^53 requests are not sent")]
        let share = figure.in_time as f64 / figure.sent.max(1) as f64;
        (step.to_owned(), share)
    };
    figures.by_step().map(share).collect()
}

impl Audit {
    fn exit(&self) -> Exit {
        match (self.broken.is_empty(), self.objections.is_empty()) {
            (false, _) => Exit::InvariantBroken,
            (true, false) => Exit::Invalid,
            (true, true) => Exit::Ok,
        }
    }

    fn text(&self, rulings: &[Ruling], quiet: bool) -> String {
        let word = match (self.broken.is_empty(), self.objections.is_empty()) {
            (false, _) => "FAIL",
            (true, false) => "INVALID",
            (true, true) => "PASS",
        };
        let (facts, judged, from) = (self.facts, self.judged, self.evidence);
        let (broken, objections) = (self.broken.len(), self.objections.len());
        let mut text = format!(
            "{word} {facts} facts of the {from}: {judged} invariants judged, {broken} broken; \
             {objections} objections to the evidence\n"
        );
        if quiet {
            return text;
        }
        for objection in &self.objections {
            text += &format!("  {objection}\n");
        }
        for broken in &self.broken {
            text += &format!("\n{} is broken {} times: {}\n", broken.id, broken.times, broken.law);
            text += &format!("  first: {}\n", broken.first);
            broken.counterexample.iter().for_each(|line| text += &format!("    {line}\n"));
        }
        text.push('\n');
        let cells = rulings.iter().map(|ruling| {
            vec![
                ruling.id.to_owned(),
                ruling.status.text().to_owned(),
                ruling.judged.to_string(),
                ruling.law.to_owned(),
            ]
        });
        text += &console::table(cells);
        if !self.answered_in_time.is_empty() {
            let deadline_s = Figures::DEADLINE_US / 1_000_000;
            text += &format!("\nAnswered for good within {deadline_s} s of when it was meant:\n");
            let shares = self.answered_in_time.iter();
            text += &console::table(
                shares.map(|(step, share)| vec![step.clone(), format!("{:.3} %", share * 100.0)]),
            );
        }
        text
    }
}
