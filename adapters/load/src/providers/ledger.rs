//! What the payment provider knows of every attempt to pay, and the list of all that was said.
//!
//! The list is a witness of its own: it is written by who holds the money, not by the deployment.

use std::collections::BTreeMap;
use std::io::{self, Write};

use city::behaviour::{Answer, Outcome};
use domain::payment::Decline;
use serde::Serialize;

/// Lines of the list, at most; beyond that a provider refuses to work. 20 million, assumed.
const LINES_LIMIT: usize = 20_000_000;

/// How far an attempt has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Asked,
    Authorised,
    Declined(Decline),
    Captured,
    Voided,
}

/// An attempt.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    stage: Stage,
    amount_paise: i64,
    refunded_paise: i64,
    /// That it is captured is told from then on, µs since the Unix epoch.
    told_from_us: u64,
}

/// One thing that was asked of the provider, or that it said.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Line {
    /// µs since the Unix epoch.
    pub(super) at_us: u64,
    /// `asked`: by the deployment; `said`: to it.
    pub(super) kind: &'static str,
    /// `create`, `capture`, `void`, `refund`, `status`; or the word said.
    pub(super) what: &'static str,
    pub(super) order: u64,
    pub(super) attempt: u8,
    /// What this moved, paise; nothing for a repeat.
    pub(super) moved_paise: i64,
    /// Whether it was an authorisation nobody counted on any more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) late: bool,
}

/// A call, as it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) order: u64,
    pub(super) attempt: u8,
    pub(super) amount_paise: i64,
    pub(super) total_paise: i64,
}

/// What the provider answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// A word about the attempt.
    Word(&'static str, Option<Decline>),
    /// All that has gone back.
    Refunded(i64),
    /// Nothing fits: an attempt nobody made, or one whose money is not held.
    Conflict,
}

/// The books of the provider.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    attempts: BTreeMap<(u64, u8), Attempt>,
    lines: Vec<Line>,
}

impl Ledger {
    fn line(
        &mut self,
        at_us: u64,
        kind: &'static str,
        what: &'static str,
        asked: Asked,
        moved: i64,
    ) {
        assert!(self.lines.len() < LINES_LIMIT, "a run asks its provider less often");
        let Asked { order, attempt, .. } = asked;
        self.lines.push(Line {
            at_us,
            kind,
            what,
            order,
            attempt,
            moved_paise: moved,
            late: false,
        });
    }

    /// An attempt begins; whether it is new.
    pub(super) fn create(&mut self, at_us: u64, asked: Asked) -> bool {
        self.line(at_us, "asked", "create", asked, 0);
        let key = (asked.order, asked.attempt);
        let is_new = !self.attempts.contains_key(&key);
        self.attempts.entry(key).or_insert(Attempt {
            stage: Stage::Asked,
            amount_paise: asked.amount_paise,
            refunded_paise: 0,
            told_from_us: 0,
        });
        is_new
    }

    /// How an attempt stands.
    pub(super) fn status(&mut self, at_us: u64, asked: Asked) -> Reply {
        self.line(at_us, "asked", "status", asked, 0);
        if self.silent_us(at_us, asked) > 0 {
            return Reply::Word("authorised", None);
        }
        self.stands(asked)
    }

    fn stands(&self, asked: Asked) -> Reply {
        let Some(attempt) = self.attempts.get(&(asked.order, asked.attempt)) else {
            return Reply::Conflict;
        };
        match attempt.stage {
            Stage::Asked => Reply::Word("pending", None),
            Stage::Authorised => Reply::Word("authorised", None),
            Stage::Declined(decline) => Reply::Word("declined", Some(decline)),
            Stage::Captured => Reply::Word("captured", None),
            Stage::Voided => Reply::Word("voided", None),
        }
    }

    /// How long it says nothing yet about what it captured, µs.
    pub(super) fn silent_us(&self, at_us: u64, asked: Asked) -> u64 {
        let attempt = self.attempts.get(&(asked.order, asked.attempt));
        attempt.map_or(0, |attempt| attempt.told_from_us.saturating_sub(at_us))
    }

    /// Takes the money of an attempt, once, and says nothing of it for so long.
    pub(super) fn capture(&mut self, at_us: u64, asked: Asked, hangs_us: u64) -> Reply {
        let attempt = self.attempts.get_mut(&(asked.order, asked.attempt));
        let (moved, reply) = match attempt {
            Some(attempt) if attempt.stage == Stage::Authorised => {
                attempt.stage = Stage::Captured;
                attempt.amount_paise = asked.amount_paise;
                attempt.told_from_us = at_us + hangs_us;
                (asked.amount_paise, Reply::Word("captured", None))
            }
            Some(attempt) if attempt.stage == Stage::Captured => (0, Reply::Word("captured", None)),
            _ => (0, Reply::Conflict),
        };
        self.line(at_us, "asked", "capture", asked, moved);
        reply
    }

    /// Lets go of an attempt's money before it is taken. Once it was taken, the answer says so: who
    /// asked gives it back then.
    pub(super) fn void(&mut self, at_us: u64, asked: Asked) -> Reply {
        self.line(at_us, "asked", "void", asked, 0);
        match self.attempts.get_mut(&(asked.order, asked.attempt)) {
            Some(attempt) if attempt.stage != Stage::Captured => {
                attempt.stage = Stage::Voided;
                Reply::Word("voided", None)
            }
            _ => self.stands(asked),
        }
    }

    /// Gives money back until so much of an attempt has gone back in all.
    pub(super) fn refund(&mut self, at_us: u64, asked: Asked) -> Reply {
        let attempt = self.attempts.get_mut(&(asked.order, asked.attempt));
        let (moved, reply) = match attempt {
            Some(attempt)
                if attempt.stage == Stage::Captured
                    && asked.total_paise <= attempt.amount_paise =>
            {
                let moved = (asked.total_paise - attempt.refunded_paise).max(0);
                attempt.refunded_paise += moved;
                (moved, Reply::Refunded(attempt.refunded_paise))
            }
            _ => (0, Reply::Conflict),
        };
        self.line(at_us, "asked", "refund", asked, moved);
        reply
    }

    /// The bank or the customer has answered; the word to say, if one is.
    pub(super) fn answered(
        &mut self,
        at_us: u64,
        asked: Asked,
        outcome: &Outcome,
    ) -> Option<Reply> {
        let attempt = self.attempts.get_mut(&(asked.order, asked.attempt))?;
        if attempt.stage != Stage::Asked {
            return None;
        }
        let (stage, what, decline) = match outcome.answer {
            Answer::Declined { decline, .. } => {
                (Stage::Declined(decline), "declined", Some(decline))
            }
            Answer::Authorised { .. } | Answer::Silent { .. } => {
                (Stage::Authorised, "authorised", None)
            }
        };
        attempt.stage = stage;
        self.line(at_us, "said", what, asked, 0);
        if let Some(line) = self.lines.last_mut() {
            line.late = matches!(outcome.answer, Answer::Silent { .. });
        }
        Some(Reply::Word(what, decline))
    }

    /// Writes the list, a line of JSON each.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for line in &self.lines {
            serde_json::to_writer(&mut *out, line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// What was said and asked how often, by name.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for line in &self.lines {
            let late = if line.late { " late" } else { "" };
            *counts.entry(format!("payments {}{late}", line.what)).or_default() += 1;
        }
        counts
    }
}
