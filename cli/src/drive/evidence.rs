//! The evidence of a drive: files that grow while it goes on, and the deployment's journal.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use domain::facts::{Record, Sink as _};
use load::agents::Town;
use load::office::Office;
use load::{Outcome, Step};
use reports::folder::{LATENCY, PartialFile, Tables, Writer};
use reports::latency::{self, Timed};
use reports::live::{Live, LiveError};
use reports::summary::Orders;
use tokio::runtime::Runtime;

use crate::commands::run::told;
use crate::exit::Failure;
use crate::judgement::{self, Judgement};

/// How long a server may take to show its journal: one of an hour has millions of lines.
const READ_LIMIT: Duration = Duration::from_secs(600);
/// The same where all servers failed everything.
const DOWN_LIMIT: Duration = Duration::from_secs(10);

/// A file of the run folder that another thread writes.
pub(super) struct Kept(Arc<Mutex<Option<PartialFile>>>);

/// Its writing end.
struct Pen(Arc<Mutex<Option<PartialFile>>>);

impl Kept {
    pub(super) fn begin(writer: &Writer, name: &str) -> Result<Self, Failure> {
        let file = writer.begin(name).map_err(told)?;
        Ok(Self(Arc::new(Mutex::new(Some(file)))))
    }

    pub(super) fn pen(&self) -> Box<dyn Write + Send> {
        Box::new(Pen(Arc::clone(&self.0)))
    }

    /// Makes it a part of the folder; what is written to it afterwards is lost.
    pub(super) fn complete(&self, writer: &mut Writer) -> Result<(), Failure> {
        let file = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        file.map_or(Ok(()), |file| writer.complete(file).map_err(told))
    }
}

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let file = file.as_mut().ok_or_else(|| io::Error::other("the file is complete"))?;
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Writes how long everything took, in full.
pub(super) fn latency(outcome: &Outcome, writer: &mut Writer) -> Result<(), Failure> {
    let record = &outcome.record;
    let phases = record.phases().all();
    let started_us = |phase: usize| phase.checked_sub(1).map_or(0, |last| phases[last].until_us);
    let rows = (0_u16..).zip(record.steps()).flat_map(|(step, name)| {
        let row = move |phase| record.row(Step(step), phase).map(|row| (name, phase, row));
        (0..phases.len()).filter_map(row)
    });
    let lines = rows.flat_map(|(step, phase, row)| {
        let from_us = started_us(phase);
        let lasted_us = phases[phase].until_us - from_us;
        let timed = move |time, times_us| {
            let phase = phases[phase].name.as_str();
            Timed { step, phase, time, from_us, lasted_us, times_us }
        };
        [
            timed("schedule_error", &row.schedule_error_us),
            timed("service", &row.service_us),
            timed("response", &row.response_us),
        ]
    });
    let log =
        latency::log(outcome.started_unix_us, lines).context("cannot tell how long it took")?;
    writer.put(LATENCY, &log).map_err(told)
}

/// What the deployment's journal says, and what others saw.
pub(super) struct Heard {
    pub(super) records: Vec<Record>,
    pub(super) judgement: Judgement,
    /// How many facts of each kind there are.
    pub(super) facts: BTreeMap<String, u64>,
    /// Why what others saw could not be judged.
    pub(super) unseen: Option<LiveError>,
    /// Orders as their customers saw them end, where there is no journal.
    pub(super) orders: Option<Orders>,
}

/// Judges what clients saw of a deployment that shows no journal.
pub(super) fn seen(writer: &Writer, town: &Town) -> Heard {
    let (judgement, unseen) = match Live::read(writer.dir()) {
        Ok(live) => (judgement::of_history(&live), None),
        Err(error) => (Judgement::default(), Some(error)),
    };
    let counts = town.counts();
    let count = |what: &str| counts.get(&format!("orders {what}")).copied().unwrap_or(0);
    let (placed, delivered, rejected) = (count("placed"), count("delivered"), count("rejected"));
    let (cancelled, undelivered) = (count("cancelled"), count("undelivered"));
    let over = delivered + rejected + cancelled + undelivered;
    let in_flight = placed.saturating_sub(over);
    let orders = Orders { placed, delivered, rejected, cancelled, undelivered, in_flight };
    let (records, facts) = (Vec::new(), BTreeMap::new());
    Heard { records, judgement, facts, unseen, orders: Some(orders) }
}

/// Keeps the deployment's journal, and judges it against the history and the ledger that are in the
/// folder already.
pub(super) fn judged(
    records: Vec<Record>,
    writer: &mut Writer,
    town: &Town,
) -> Result<Heard, Failure> {
    let tables = Tables { series: false, ..Tables::ALL };
    let mut tables = writer.city(town.city(), tables, None).map_err(told)?;
    let mut facts = BTreeMap::new();
    for record in &records {
        *facts.entry(record.fact.kind().name.to_owned()).or_default() += 1;
    }
    records.chunks(1_000).for_each(|few| tables.records(few));
    writer.join(vec![tables]).map_err(told)?;
    let (live, unseen) = match Live::read(writer.dir()) {
        Ok(live) => (Some(live), None),
        Err(error) => (None, Some(error)),
    };
    let read = records.iter().copied().map(Ok::<_, std::convert::Infallible>);
    let judgement = judgement::of_journal(read, live.as_ref())?;
    Ok(Heard { records, judgement, facts, unseen, orders: None })
}

/// The deployment's journal, from the first of its servers that shows it. One that is down is not
/// waited for as long.
pub(super) fn journal(
    runtime: &Runtime,
    offices: &[Office],
    is_down: bool,
) -> Result<Vec<Record>, Failure> {
    let limit = if is_down { DOWN_LIMIT } else { READ_LIMIT };
    let mut last = Failure::invalid(anyhow::anyhow!("nobody was asked for the journal"));
    for office in offices {
        let read =
            runtime.block_on(async { tokio::time::timeout(limit, journal_of(office)).await });
        match read.unwrap_or_else(|_| Err(Failure::invalid(anyhow::anyhow!("no journal in time"))))
        {
            Ok(records) => return Ok(records),
            Err(failure) => last = failure,
        }
    }
    Err(last)
}

/// A server's journal in order of time: it writes down units of work as they end.
async fn journal_of(shop: &Office) -> Result<Vec<Record>, Failure> {
    let mut records: Vec<Record> = Vec::new();
    let mut wrong = None;
    let read = shop.journal(|line| match server::record_of(line) {
        Ok(record) => records.push(record),
        Err(error) => wrong = wrong.take().or_else(|| Some(format!("{error} in {line}"))),
    });
    read.await.map_err(|error| Failure::invalid(anyhow::Error::new(error)))?;
    if let Some(wrong) = wrong {
        return Err(Failure::invalid(anyhow::anyhow!("the journal is not to be read: {wrong}")));
    }
    records.sort_by_key(|record| record.at);
    for (seq, record) in (0..).zip(&mut records) {
        record.seq = seq;
    }
    Ok(records)
}
