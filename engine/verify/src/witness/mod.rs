//! What the payment provider wrote down, judged against a deployment's journal.
//!
//! The provider's ledger is an independent witness: it tells what was done with customers' money,
//! whatever the deployment believes.

mod authorised;
mod captures;
mod entry;
mod one_capture;
mod refunds;
mod taken_once;
mod voids;

use std::collections::BTreeMap;

use domain::facts::Fact;
use domain::payment::WordKind;

pub use entry::{Entry, Verb, What};

use crate::outside::{Attempt, Check, Recorded, Tally, check};

/// A check: its name, what must hold, and what rules on it.
type Law = (&'static str, &'static str, fn(&Evidence<'_>, &mut Tally));

/// The checks, in the order they are reported.
const LAWS: [Law; 6] =
    [captures::LAW, taken_once::LAW, one_capture::LAW, refunds::LAW, voids::LAW, authorised::LAW];

/// What the checks rule on.
struct Evidence<'a> {
    accounts: BTreeMap<(u64, u8), Account<'a>>,
    recorded: &'a Recorded,
}

/// An attempt by order and number, as the journal tells it and as it stands in the ledger.
type Both<'e, 'a> = ((u64, u8), Option<Attempt>, Option<&'e Account<'a>>);

/// One attempt in the provider's ledger.
#[derive(Default)]
struct Account<'a> {
    entries: Vec<&'a Entry>,
    captures: u32,
    captured_paise: i64,
    refunded_paise: i64,
    is_voided: bool,
    /// Whether the provider holds money that was neither taken nor let go.
    is_held: bool,
}

/// Judges a provider's ledger, in the order it was written, against what a journal tells.
#[must_use]
pub fn judge(ledger: &[Entry], recorded: &Recorded) -> Vec<Check> {
    let mut accounts: BTreeMap<(u64, u8), Account<'_>> = BTreeMap::new();
    for entry in ledger {
        accounts.entry((entry.order, entry.attempt)).or_default().enter(entry);
    }
    let evidence = Evidence { accounts, recorded };
    LAWS.iter().map(|(id, law, rule)| check(id, law, |tally| rule(&evidence, tally))).collect()
}

impl<'a> Account<'a> {
    fn enter(&mut self, entry: &'a Entry) {
        self.entries.push(entry);
        match entry.word {
            WordKind::Authorised => self.is_held = true,
            WordKind::Captured | WordKind::Voided | WordKind::Refunded => self.is_held = false,
            WordKind::Pending
            | WordKind::Declined
            | WordKind::CaptureFailed
            | WordKind::RefundFailed => {}
        }
        let What::Asked { verb, amount_paise, is_repeat: false, .. } = &entry.what else { return };
        match (verb, entry.word) {
            (Verb::Capture, WordKind::Captured) => {
                self.captures += 1;
                self.captured_paise += amount_paise;
            }
            (Verb::Refund, WordKind::Refunded) => self.refunded_paise += amount_paise,
            (Verb::Void, WordKind::Voided) => self.is_voided = true,
            (Verb::Create | Verb::Status | Verb::Capture | Verb::Void | Verb::Refund, _) => {}
        }
    }

    fn kept_paise(&self) -> i64 {
        self.captured_paise - self.refunded_paise
    }

    fn lines(&self) -> Vec<(u64, String)> {
        self.entries.iter().map(|entry| (entry.at_us, entry.to_string())).collect()
    }
}

impl<'a> Evidence<'a> {
    /// The attempts that the provider has a hand in, as the journal tells them.
    fn told(&self) -> impl Iterator<Item = ((u64, u8), Attempt)> + 'a {
        self.recorded.orders().flat_map(|(order, life)| {
            let providers = life.attempts.iter().filter(|(_, attempt)| attempt.is_providers());
            providers.map(move |(number, attempt)| ((order, *number), *attempt))
        })
    }

    /// Every attempt that the journal or the ledger knows, with what each says of it.
    fn both(&self) -> Vec<Both<'_, 'a>> {
        let mut both: BTreeMap<(u64, u8), Option<Attempt>> =
            self.told().map(|(key, attempt)| (key, Some(attempt))).collect();
        for key in self.accounts.keys() {
            both.entry(*key).or_default();
        }
        both.into_iter().map(|(key, told)| (key, told, self.accounts.get(&key))).collect()
    }

    /// What ledger and journal say of some attempts of one order, in order.
    fn shown(&self, order: u64, attempt: Option<u8>) -> Vec<(u64, String)> {
        let bears = |fact: &Fact| matches!(fact, Fact::Payment(_));
        let life = self.recorded.order(order);
        let mut shown = life.map(|life| life.shown(bears)).unwrap_or_default();
        let attempts = attempt.map_or(0..=u8::MAX, |attempt| attempt..=attempt);
        let range = (order, *attempts.start())..=(order, *attempts.end());
        shown.extend(self.accounts.range(range).flat_map(|(_, account)| account.lines()));
        shown
    }
}
