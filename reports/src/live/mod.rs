//! What was seen of a live run by others than the deployment, read back: the requests of its
//! clients, and the list of its payment provider.
//!
//! Whatever is in the files gives evidence or an error that names the file and the line. Both are
//! held in memory, within limits.

mod history;
mod ledger;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::de::DeserializeOwned;
use verify::history::{Figures, Operation};
use verify::witness::Entry;
use verify::{Check, Recorded};

use crate::folder::{HISTORY, LEDGER};

/// Bytes that a line may have: an operation about a full cart has a tenth.
const LINE_BYTES: u64 = 64 << 10;
/// Lines that a file may have: an hour at ten thousand requests a second has fewer.
const LINES_LIMIT: u64 = 100_000_000;
/// Operations, or lines of a ledger, that are held in memory. Ten million are some gigabytes.
const KEPT_LIMIT: usize = 10_000_000;

/// Why what others saw of a run cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The operating system refused.
    #[error("cannot read {file}")]
    Io {
        /// The file.
        file: &'static str,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// A line is not what this program writes there.
    #[error("{file}, line {line}: {why}")]
    Line {
        /// The file.
        file: &'static str,
        /// Which line, from one.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The file breaks off, or lines were left out of it.
    #[error("{file} is not whole: {why}; drive again, with a lower rate or on a faster disk")]
    Incomplete {
        /// The file.
        file: &'static str,
        /// What is missing.
        why: String,
    },
}

/// What others saw of a live run.
#[derive(Debug, Default)]
pub struct Live {
    /// When the run started, µs since the Unix epoch.
    pub started_unix_us: u64,
    /// The requests that are judged.
    pub operations: Vec<Operation>,
    /// How all requests were answered.
    pub figures: Figures,
    /// The provider's list.
    pub ledger: Vec<Entry>,
}

impl Live {
    /// Reads what stands in the folder of a run.
    ///
    /// # Errors
    /// [`LiveError`] for the first thing that is missing or wrong.
    pub fn read(dir: &Path) -> Result<Self, LiveError> {
        let open = |file| {
            let opened = File::open(dir.join(file));
            opened.map(BufReader::new).map_err(|cause| LiveError::Io { file, cause })
        };
        let (history, ledger) = (open(HISTORY)?, open(LEDGER)?);
        Self::parse(history, ledger)
    }

    fn parse(history: impl BufRead, ledger: impl BufRead) -> Result<Self, LiveError> {
        let mut live = history::read(history)?;
        live.ledger = ledger::read(ledger, live.started_unix_us)?;
        Ok(live)
    }

    /// A journal's reader that counts from when the run started.
    #[must_use]
    pub fn recorded(&self) -> Recorded {
        Recorded::new(self.started_unix_us)
    }

    /// Judges what clients saw by itself, where there is no journal.
    #[must_use]
    pub fn judge_alone(&self) -> Vec<Check> {
        verify::history::judge_alone(&self.operations)
    }

    /// Judges all of it against what the journal tells.
    #[must_use]
    pub fn judge(&self, recorded: &Recorded) -> Vec<Check> {
        let mut checks = verify::history::judge(&self.operations, recorded);
        checks.extend(verify::witness::judge(&self.ledger, recorded));
        checks
    }
}

/// Reads a file of JSON lines, one after the other.
fn lines<T: DeserializeOwned>(
    file: &'static str,
    mut reader: impl BufRead,
    mut take: impl FnMut(T) -> Result<(), String>,
) -> Result<(), LiveError> {
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        let wrong = |why: String| LiveError::Line { file, line, why };
        let limited = reader.by_ref().take(LINE_BYTES).read_until(b'\n', &mut bytes);
        if limited.map_err(|cause| LiveError::Io { file, cause })? == 0 {
            break;
        }
        if line > LINES_LIMIT {
            return Err(wrong(format!("a run has at most {LINES_LIMIT} lines")));
        }
        if bytes.last() != Some(&b'\n') {
            let why = if bytes.len() as u64 == LINE_BYTES {
                format!("it has more than {LINE_BYTES} bytes")
            } else {
                "it breaks off".to_owned()
            };
            return Err(wrong(why));
        }
        let read = serde_json::from_slice(&bytes).map_err(|error| error.to_string());
        read.and_then(&mut take).map_err(wrong)?;
    }
    Ok(())
}

/// Notes one more that is held in memory.
fn keep<T>(kept: &mut Vec<T>, one: T) -> Result<(), String> {
    if kept.len() == KEPT_LIMIT {
        return Err(format!("at most {KEPT_LIMIT} are judged: drive for a shorter time"));
    }
    kept.push(one);
    Ok(())
}
