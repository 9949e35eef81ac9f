//! Records handed on in batches.

use super::{Record, Sink};
use crate::tape::Entry;

/// Records in a batch: what a processor core keeps at hand besides what a listener knows.
const RECORDS: usize = 1_024;

/// Hands records on in batches, so that the simulator and each listener work for a while at a
/// time, each with its own code and state in the processor's caches. The records and their order
/// are the same.
///
/// The tape is handed on at once: nobody needs to hear it in step with the records.
pub struct Batch<S> {
    sink: S,
    records: Vec<Record>,
}

impl<S: Sink> Batch<S> {
    /// Nothing is waiting.
    pub fn new(sink: S) -> Self {
        Self { sink, records: Vec::with_capacity(RECORDS) }
    }

    /// Hands on what is waiting, and gives the listener back.
    #[must_use]
    pub fn finish(mut self) -> S {
        self.flush();
        self.sink
    }

    fn flush(&mut self) {
        self.sink.records(&self.records);
        self.records.clear();
    }
}

impl<S: Sink> Sink for Batch<S> {
    fn record(&mut self, record: &Record) {
        self.records.push(*record);
        if self.records.len() == RECORDS {
            self.flush();
        }
    }

    fn heard(&mut self, entry: &Entry) {
        self.sink.heard(entry);
    }
}
