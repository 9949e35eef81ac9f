//! The clients' history: every request, as its sender saw it.

use std::collections::BTreeMap;
use std::io::BufRead;

use domain::order::Stage;
use serde::Deserialize;
use verify::history::{End, Fate, Operation, Step, Touch};

use super::{KEPT_LIMIT, Live, LiveError, keep, lines};
use crate::folder::HISTORY;

/// The version of the lines that is read.
const SCHEMA_VERSION: u32 = 1;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Opening { schema_version: u32, started_unix_us: u64 },
    Invoke(Invoked),
    Ok(Ended),
    Fail(Ended),
    Unknown(Ended),
    Closing { lines: u64, lost: u64 },
}

#[derive(Deserialize)]
struct Invoked {
    op: u64,
    arrival: u64,
    step: String,
    #[serde(default)]
    keys: Vec<Key>,
    idempotency_key: Option<Box<str>>,
    request: String,
    intended_us: u64,
    sent_us: u64,
}

#[derive(Deserialize)]
struct Key {
    key: u64,
    units: i64,
}

#[derive(Deserialize)]
struct Ended {
    op: u64,
    done_us: u64,
    status: Option<u16>,
    answer: Option<String>,
    id: Option<String>,
    version: Option<u64>,
    units: Option<i64>,
    amount_paise: Option<i64>,
    word: Option<String>,
}

/// A history that is being read.
#[derive(Default)]
struct Reading {
    live: Live,
    is_open: bool,
    lines: u64,
    /// Operations that were sent and have not ended.
    under_way: BTreeMap<u64, Invoked>,
    closing: Option<(u64, u64)>,
}

pub(super) fn read(reader: impl BufRead) -> Result<Live, LiveError> {
    let mut reading = Reading::default();
    lines(HISTORY, reader, |line| reading.take(line))?;
    let incomplete = |why: String| LiveError::Incomplete { file: HISTORY, why };
    match reading.closing {
        None => return Err(incomplete("it has no last line".to_owned())),
        Some((_, lost)) if lost > 0 => return Err(incomplete(format!("{lost} lines were lost"))),
        Some((told, _)) if told != reading.lines => {
            let there = reading.lines;
            return Err(incomplete(format!("its last line tells of {told} lines, {there} stand")));
        }
        Some(_) => {}
    }
    // What has no end may have happened, or may yet.
    for (_, invoked) in std::mem::take(&mut reading.under_way) {
        reading.end(invoked, End::UNKNOWN).map_err(incomplete)?;
    }
    Ok(reading.live)
}

impl Reading {
    fn take(&mut self, line: Line) -> Result<(), String> {
        if self.closing.is_some() {
            return Err("it comes after the closing line".to_owned());
        }
        if self.is_open == matches!(line, Line::Opening { .. }) {
            return Err("the opening line comes first, and once".to_owned());
        }
        match line {
            Line::Opening { schema_version: SCHEMA_VERSION, started_unix_us } => {
                self.is_open = true;
                self.live.started_unix_us = started_unix_us;
                return Ok(());
            }
            Line::Opening { schema_version, .. } => {
                return Err(format!("version {SCHEMA_VERSION} is read, this is {schema_version}"));
            }
            Line::Closing { lines, lost } => {
                self.closing = Some((lines, lost));
                return Ok(());
            }
            Line::Invoke(invoked) => self.begin(invoked)?,
            Line::Ok(ended) => self.ended(ended, Fate::Ok)?,
            Line::Fail(ended) => self.ended(ended, Fate::Failed)?,
            Line::Unknown(ended) => self.ended(ended, Fate::Unknown)?,
        }
        self.lines += 1;
        Ok(())
    }

    fn begin(&mut self, invoked: Invoked) -> Result<(), String> {
        if self.under_way.len() == KEPT_LIMIT {
            return Err(format!("more than {KEPT_LIMIT} operations are under way"));
        }
        let op = invoked.op;
        match self.under_way.insert(op, invoked) {
            Some(_) => Err(format!("op {op} is sent a second time")),
            None => Ok(()),
        }
    }

    fn ended(&mut self, ended: Ended, fate: Fate) -> Result<(), String> {
        let op = ended.op;
        let invoked = self.under_way.remove(&op);
        let invoked = invoked.ok_or_else(|| format!("op {op} ended and was never sent"))?;
        if ended.done_us < invoked.sent_us {
            return Err(format!("op {op} ended before it was sent"));
        }
        let word = ended.word.as_deref().map(|word| {
            Stage::from_text(word).ok_or_else(|| format!("{word:?} is no status of an order"))
        });
        let id = ended
            .id
            .as_deref()
            .map(|id| id.parse::<u64>().map_err(|_| format!("id {id:?} is no whole number")));
        let end = End {
            fate,
            done_us: Some(ended.done_us),
            status: ended.status,
            answer: ended.answer.as_deref().map(digest).transpose()?,
            id: id.transpose()?,
            version: ended.version,
            units: ended.units,
            amount_paise: ended.amount_paise,
            word: word.transpose()?,
        };
        self.end(invoked, end)
    }

    fn end(&mut self, invoked: Invoked, end: End) -> Result<(), String> {
        let Invoked { op, arrival, step, keys, idempotency_key, request, intended_us, sent_us } =
            invoked;
        let times = (intended_us, end.done_us);
        self.live.figures.count(&step, times, end.fate, end.status);
        let request = digest(&request)?;
        let Some(step) = Step::of_name(&step) else { return Ok(()) };
        let keys = keys.into_iter().map(|Key { key, units }| Touch { key, units }).collect();
        let operation =
            Operation { op, arrival, step, keys, idempotency_key, request, sent_us, end };
        keep(&mut self.live.operations, operation)
    }
}

fn digest(hex: &str) -> Result<u64, String> {
    let read = u64::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 16);
    read.ok_or_else(|| format!("{hex:?} is no digest of 16 hexadecimal digits"))
}
