//! The history of a run: every operation, as its sender saw it, streamed as NDJSON.
//!
//! The first line is `opening`, the last `closing`; without a closing line the history is cut off.
//! Between them every operation has two lines: `invoke` when it is sent, and `ok`, `fail` or
//! `unknown` when it ended. An operation without a second line is unknown. Lines of one lane are
//! in order of time; lanes are interleaved in chunks, and `op` tells operations apart.
//!
//! Lanes write into chunks and hand full ones to a thread that writes. Between them wait a bounded
//! number of chunks: when the disk does not keep up, lines are left out, and counted as lost. The
//! run does not wait, for then it would not be open loop; it is invalid instead.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use serde::Serialize;

/// The version of the lines' columns.
pub const SCHEMA_VERSION: u32 = 1;
/// Bytes of a chunk that is handed over.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that may wait for the disk.
const CHUNKS_LIMIT: usize = 256;

/// Something an operation is about: a stock row, a cart, an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Touch {
    /// Which one.
    pub key: u64,
    /// How many units of it are asked for.
    pub units: i64,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opening<'a> {
    /// `opening`.
    pub kind: &'static str,
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// When the run started, µs since the Unix epoch. All times below are µs after it.
    pub started_unix_us: u64,
    /// Host and port of the target.
    pub target: &'a str,
}

/// An operation is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invoked<'a> {
    /// `invoke`.
    pub kind: &'static str,
    /// The operation's number in the run.
    pub op: u64,
    /// The arrival it belongs to: its index in the list of arrivals.
    pub arrival: u64,
    /// The step's name.
    pub step: &'a str,
    /// The name of the arrival's phase.
    pub phase: &'a str,
    /// What it is about.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub keys: &'a [Touch],
    /// What makes a repetition the same request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<&'a str>,
    /// Digest of method, path and body, as 16 hex digits.
    pub request: Digest,
    /// When it was meant to begin, µs.
    pub intended_us: u64,
    /// When it was given a connection; the target acts after this, µs.
    pub sent_us: u64,
}

/// An operation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ended<'a> {
    /// `ok`, `fail` or `unknown`.
    pub kind: &'static str,
    /// The operation's number in the run.
    pub op: u64,
    /// When its answer was whole, or it was given up; the target acted before this, if `ok`. µs.
    pub done_us: u64,
    /// The answer's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
    /// Digest of the answer's body, as 16 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Digest>,
    /// The id that the answer names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The version that the answer names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The units that the answer names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<i64>,
    /// The amount that the answer names, paise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_paise: Option<i64>,
    /// The word for how what the answer shows stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<&'a str>,
}

/// The last line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Closing {
    /// `closing`.
    pub kind: &'static str,
    /// Lines of operations above.
    pub lines: u64,
    /// Lines that were left out.
    pub lost: u64,
}

/// A digest, written as 16 hex digits: a number of 64 bits is more than JSON readers agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(pub u64);

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

/// What a lane writes its lines with.
#[derive(Debug)]
pub(crate) struct Pen {
    chunk: Vec<u8>,
    lines: u64,
    way: Way,
}

/// The way from lanes to the thread that writes.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    to: SyncSender<Chunk>,
    lost: Arc<AtomicU64>,
}

/// Lines on their way to the disk.
#[derive(Debug)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    lines: u64,
}

/// What became of a history.
#[derive(Debug, Default)]
pub struct Written {
    /// Lines of operations written.
    pub lines: u64,
    /// Lines left out, because the disk did not keep up or failed.
    pub lost: u64,
    /// The first error of the disk.
    pub error: Option<io::Error>,
}

/// Makes the way from lanes to the thread that writes.
pub(crate) fn way() -> (Way, Receiver<Chunk>) {
    let (to, chunks) = sync_channel(CHUNKS_LIMIT);
    (Way { to, lost: Arc::default() }, chunks)
}

impl Way {
    /// Counts lines that found no room.
    pub(crate) fn lost(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.lost)
    }
}

impl Pen {
    pub(crate) fn new(way: Way) -> Self {
        Self { chunk: Vec::with_capacity(CHUNK_BYTES), lines: 0, way }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, line: &impl Serialize) {
        serde_json::to_writer(&mut self.chunk, line).expect("lines are made of texts and numbers");
        self.chunk.push(b'\n');
        self.lines += 1;
        if self.chunk.len() >= CHUNK_BYTES {
            self.hand_over();
        }
    }

    /// Hands over what was written so far.
    pub(crate) fn hand_over(&mut self) {
        if self.lines == 0 {
            return;
        }
        let fresh = Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 16);
        let bytes = std::mem::replace(&mut self.chunk, fresh);
        let lines = std::mem::take(&mut self.lines);
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.way.to.try_send(Chunk { bytes, lines })
        {
            self.way.lost.fetch_add(lines, Ordering::Relaxed);
        }
    }
}

impl Drop for Pen {
    fn drop(&mut self) {
        self.hand_over();
    }
}

/// Writes what lanes hand over until the last pen is gone.
pub(crate) fn write(
    out: &mut dyn Write,
    opening: &Opening<'_>,
    chunks: &Receiver<Chunk>,
    lost: &AtomicU64,
) -> Written {
    let mut written = Written { error: write_line(out, opening).err(), ..Written::default() };
    for chunk in chunks {
        if written.error.is_none() {
            written.error = out.write_all(&chunk.bytes).and_then(|()| out.flush()).err();
        }
        let failed = written.error.is_some();
        *(if failed { &mut written.lost } else { &mut written.lines }) += chunk.lines;
    }
    written.lost += lost.load(Ordering::Relaxed);
    let closing = Closing { kind: "closing", lines: written.lines, lost: written.lost };
    if written.error.is_none() {
        written.error = write_line(out, &closing).err();
    }
    written
}

fn write_line(out: &mut dyn Write, line: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    out.write_all(&bytes)?;
    out.flush()
}

#[cfg(test)]
mod tests;
