//! The evidence of a drive: files that grow while it goes on, and the deployment's journal.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use domain::facts::{CityDigest, Record, RunDigest, Sink};
use load::agents::Town;
use load::office::Office;
use reports::folder::{PartialFile, Tables, Writer};
use tokio::runtime::Runtime;
use verify::{Counts, Judge, Recount, Verdict};

use crate::commands::run::told;
use crate::exit::Failure;

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

/// What the deployment's journal says.
pub(super) struct Heard {
    pub(super) digest: CityDigest,
    pub(super) verdict: Verdict,
    pub(super) counts: Counts,
    /// How many facts of each kind there are.
    pub(super) facts: BTreeMap<String, u64>,
}

/// Reads the deployment's journal, keeps it, and judges it.
pub(super) fn journal(
    runtime: &Runtime,
    shop: &Office,
    writer: &mut Writer,
    town: &Town,
) -> Result<Heard, Failure> {
    let mut records: Vec<Record> = Vec::new();
    let mut wrong = None;
    let read = shop.journal(|line| match server::record_of(line) {
        Ok(record) => records.push(record),
        Err(error) => wrong = wrong.take().or_else(|| Some(format!("{error} in {line}"))),
    });
    runtime.block_on(read).map_err(|error| Failure::invalid(anyhow::Error::new(error)))?;
    if let Some(wrong) = wrong {
        return Err(Failure::invalid(anyhow::anyhow!("the journal is not to be read: {wrong}")));
    }
    // A deployment writes down units of work as they end; history is in order of time.
    records.sort_by_key(|record| record.at);
    for (seq, record) in (0..).zip(&mut records) {
        record.seq = seq;
    }
    let city = town.city();
    let tables = Tables { series: false, ..Tables::ALL };
    let mut tables = writer.city(city, tables, None).map_err(told)?;
    let (mut digest, mut judge, mut recount) = (RunDigest::new(city), Judge::new(), Recount::new());
    let mut facts = BTreeMap::new();
    for record in &records {
        *facts.entry(record.fact.kind().name.to_owned()).or_default() += 1;
    }
    for few in records.chunks(1_000) {
        tables.records(few);
        digest.records(few);
        judge.records(few);
        recount.records(few);
    }
    writer.join(vec![tables]).map_err(told)?;
    let (verdict, counts) = (judge.finish(), recount.finish_where_it_ends());
    Ok(Heard { digest: digest.finish(), verdict, counts, facts })
}
