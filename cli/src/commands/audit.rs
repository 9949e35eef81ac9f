//! `dastak audit`: proves a finished run again from what it left behind.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::facts::{CityDigest, Record, RunDigest};
use reports::audit::recount_differs;
use reports::folder::{ChangedFile, HISTORY, Reader};
use reports::live::Live;
use reports::summary::{RunKind, Status};
use scenarios::{Request, resolve};
use serde::Serialize;
use verify::history::Figures;
use verify::{Break, Check, Counts, Judge, Recorded, Recount, Verdict, counterexample, line};

use crate::args::{Format, Global};
use crate::exit::{Exit, Failure};
use crate::files::Disk;
use crate::interrupt::Interrupt;
use crate::play::{self, Stage};
use crate::{console, evidence, inputs, threads};

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
    /// Where the facts come from: the stored journal, or a second simulation.
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

/// How one law fared, whoever judged it.
struct Row<'a> {
    id: &'static str,
    status: verify::Status,
    judged: u64,
    law: &'a str,
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

impl From<&Check> for Broken {
    fn from(check: &Check) -> Self {
        let Check { id, law, broken: times, ref breaks, .. } = *check;
        let first = breaks.first();
        Self {
            id,
            law,
            times,
            first: first.map(|shown| shown.sentence.clone()).unwrap_or_default(),
            counterexample: first.map(|shown| shown.lines.clone()).unwrap_or_default(),
        }
    }
}

/// What the facts of a run say.
#[derive(Default)]
struct Facts {
    digests: Vec<CityDigest>,
    verdict: Verdict,
    counts: Counts,
    /// What others saw of a live run, and how often requests were answered in time.
    witnessed: Option<(Vec<Check>, Figures)>,
}

/// Audits it.
pub(crate) fn run(command: &Command, global: &Global) -> Result<Exit, Failure> {
    let reader = Reader::open(&command.run).map_err(Failure::invalid)?;
    let mut objections: Vec<String> = reader.changed_files().iter().map(changed).collect();
    let stored = reader.has_journal();
    let mut facts = if stored { from_journal(&reader)? } else { from_simulation(&reader, global)? };
    if let Some(difference) = reader.manifest().first_difference(&facts.digests) {
        objections.push(format!("the facts are not those of the manifest: {difference}"));
    }
    match reader.summary() {
        Ok(summary) => {
            if summary.kind == RunKind::Drive && facts.witnessed.is_none() {
                let missing = "is missing: what clients saw of the live run cannot be judged";
                objections.push(format!("{HISTORY} {missing}"));
            }
            if summary.verdict.status == Status::Partial {
                evidence::forgive_stopping(&mut facts.verdict);
            }
            let differences = recount_differs(&summary, &facts.counts);
            objections.extend(differences.iter().map(ToString::to_string));
        }
        Err(error) => objections.push(format!("{error:#}")),
    }
    let mut broken = broken(&facts.verdict, stored.then_some(&reader));
    let (checks, figures) = facts.witnessed.unwrap_or_default();
    broken.extend(checks.iter().filter(|check| check.broken > 0).map(Broken::from));
    let rows = rows(&facts.verdict, &checks);
    let audit = Audit {
        run: command.run.display().to_string(),
        evidence: if stored { "journal" } else { "simulation" },
        facts: facts.counts.facts,
        judged: rows.iter().filter(|row| row.judged > 0).count(),
        broken,
        objections,
        answered_in_time: in_time(&figures),
    };
    match global.format {
        Format::Json => console::print_json(&audit)?,
        Format::Text => console::print(&audit.text(&rows, global.quiet))?,
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

/// Judges and counts the stored journal, city by city.
fn from_journal(reader: &Reader) -> Result<Facts, Failure> {
    let mut facts = Facts::default();
    let live = reader.has_witnesses().then(|| Live::read(reader.dir())).transpose();
    let live = live.map_err(Failure::invalid)?;
    let mut recorded = live.as_ref().map(Live::recorded);
    let is_live = live.is_some();
    let mut city: Option<Listener> = None;
    for record in reader.journal().map_err(Failure::invalid)? {
        let record = record.map_err(Failure::invalid)?;
        if let Some(recorded) = &mut recorded {
            recorded.record(&record);
        }
        if city.as_ref().is_some_and(|city| city.digest_of != record.city)
            && let Some(done) = city.take()
        {
            done.finish(is_live, &mut facts);
        }
        city.get_or_insert_with(|| Listener::new(&record)).record(&record);
    }
    if let Some(done) = city {
        done.finish(is_live, &mut facts);
    }
    let witnessed = |(live, recorded): (Live, Recorded)| (live.judge(&recorded), live.figures);
    facts.witnessed = live.zip(recorded).map(witnessed);
    Ok(facts)
}

/// Takes one city's records.
struct Listener {
    digest_of: domain::ids::CityId,
    digest: RunDigest,
    judge: Judge,
    recount: Recount,
}

impl Listener {
    fn new(first: &Record) -> Self {
        Self {
            digest_of: first.city,
            digest: RunDigest::new(first.city),
            judge: Judge::new(),
            recount: Recount::new(),
        }
    }

    fn record(&mut self, record: &Record) {
        domain::facts::Sink::record(&mut self.digest, record);
        self.judge.record(record);
        self.recount.record(record);
    }

    fn finish(self, is_live: bool, facts: &mut Facts) {
        let Self { digest, judge, recount, .. } = self;
        facts.digests.push(digest.finish());
        facts.verdict.merge(judge.finish());
        let counts = if is_live { recount.finish_where_it_ends() } else { recount.finish() };
        facts.counts.merge(&counts);
    }
}

/// Simulates the run's first replication again.
fn from_simulation(reader: &Reader, global: &Global) -> Result<Facts, Failure> {
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
    let mut facts = Facts::default();
    for city in play.replications.swap_remove(0) {
        facts.digests.push(city.digest);
        facts.verdict.merge(city.verdict);
        facts.counts.merge(&city.counts);
    }
    Ok(facts)
}

/// The broken invariants, each with the few records that show it where a journal is stored.
fn broken(verdict: &Verdict, reader: Option<&Reader>) -> Vec<Broken> {
    let records = |first: &Break| -> Vec<String> {
        let journal = reader.and_then(|reader| reader.journal().ok());
        let records = journal.into_iter().flatten().map_while(Result::ok);
        counterexample(records, first).iter().map(line).collect()
    };
    let broken = verdict.invariants.iter().filter(|finding| finding.broken > 0);
    broken
        .map(|finding| Broken {
            id: finding.id,
            law: finding.law,
            times: finding.broken,
            first: finding.breaks.first().map(ToString::to_string).unwrap_or_default(),
            counterexample: finding.breaks.first().map(records).unwrap_or_default(),
        })
        .collect()
}

/// Every law with how it fared, the journal's first. What others saw stands in the place of what a
/// journal does not show.
fn rows<'a>(verdict: &'a Verdict, checks: &'a [Check]) -> Vec<Row<'a>> {
    let is_elsewhere = |id: &str| checks.iter().any(|check| check.id == id);
    let of_journal = verdict.invariants.iter().filter(|finding| !is_elsewhere(finding.id));
    let of_journal = of_journal.map(|finding| Row {
        id: finding.id,
        status: finding.status,
        judged: finding.judged,
        law: finding.law,
    });
    let of_others = checks.iter().map(|check| Row {
        id: check.id,
        status: check.status,
        judged: check.judged,
        law: check.law,
    });
    of_journal.chain(of_others).collect()
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

    fn text(&self, rows: &[Row<'_>], quiet: bool) -> String {
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
        let cells = rows.iter().map(|row| {
            vec![
                row.id.to_owned(),
                row.status.text().to_owned(),
                row.judged.to_string(),
                row.law.to_owned(),
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
