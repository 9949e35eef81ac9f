//! The payment provider's list: what it was asked, what it said, and what moved.

use std::collections::BTreeMap;
use std::io::BufRead;

use domain::payment::WordKind;
use serde::Deserialize;
use verify::witness::{Entry, Verb, What};

use super::{LiveError, keep, lines};
use crate::folder::LEDGER;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Asked,
    Said,
}

/// A line of the list.
#[derive(Deserialize)]
struct Line {
    /// µs since the Unix epoch.
    at_us: u64,
    kind: Kind,
    /// What was asked for, or the word that was said.
    what: String,
    order: u64,
    attempt: u8,
    /// What this moved, paise; nothing for a repeat.
    moved_paise: i64,
    #[serde(default)]
    late: bool,
}

pub(super) fn read(reader: impl BufRead, started_unix_us: u64) -> Result<Vec<Entry>, LiveError> {
    let mut entries = Vec::new();
    // How each attempt stands: the list tells what moved, and what stands follows from it.
    let mut standing: BTreeMap<(u64, u8), WordKind> = BTreeMap::new();
    lines(LEDGER, reader, |line: Line| {
        let before = standing.get(&(line.order, line.attempt)).copied();
        let (what, word) = match line.kind {
            Kind::Said => (What::Said { is_late: line.late }, said(&line.what)?),
            Kind::Asked => asked(&line, before)?,
        };
        standing.insert((line.order, line.attempt), word);
        let at_us = line.at_us.saturating_sub(started_unix_us);
        let Line { order, attempt, .. } = line;
        keep(&mut entries, Entry { at_us, order, attempt, what, word })
    })?;
    Ok(entries)
}

fn said(word: &str) -> Result<WordKind, String> {
    WordKind::from_text(word).ok_or_else(|| format!("{word:?} is no word of a provider"))
}

/// What was asked, and how the attempt stands after it.
fn asked(line: &Line, before: Option<WordKind>) -> Result<(What, WordKind), String> {
    let verb = Verb::of_name(&line.what)
        .ok_or_else(|| format!("{:?} is nothing that a provider is asked for", line.what))?;
    let (amount_paise, stands) = (line.moved_paise, before.unwrap_or(WordKind::Pending));
    let is_taken = matches!(before, Some(WordKind::Captured | WordKind::Refunded));
    let (is_repeat, word) = match verb {
        Verb::Create => (before.is_some(), stands),
        Verb::Status => (true, stands),
        Verb::Capture if amount_paise != 0 => (false, WordKind::Captured),
        Verb::Refund if amount_paise != 0 => (false, WordKind::Refunded),
        Verb::Void if before.is_some() && !is_taken => {
            (before == Some(WordKind::Voided), WordKind::Voided)
        }
        Verb::Capture | Verb::Refund | Verb::Void => (true, stands),
    };
    Ok((What::Asked { verb, amount_paise, is_repeat }, word))
}
