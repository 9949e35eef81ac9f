//! I13: the same key and request are answered as the first time; another request is refused.

use std::collections::BTreeMap;

use super::{Evidence, Fate, Law, Operation, lines};
use crate::outside::Tally;

pub(super) const LAW: Law = (
    "I13",
    "the same key and request are answered as the first time, another request is refused",
    rule,
);

/// Refusals that say nothing about the request: the sender is turned away for the time being.
const TURNED_AWAY: u16 = 429;
/// How another request under a used key is refused.
const REFUSED_AS_OTHER: [u16; 3] = [409, 422, TURNED_AWAY];

fn rule(evidence: &Evidence<'_>, tally: &mut Tally) {
    for ((_, key), attempts) in evidence.attempts() {
        let answered = attempts.iter().copied().filter(|one| one.end.fate == Fate::Ok);
        let Some(first) = answered.min_by_key(|one| one.end.done_us) else { continue };
        if key.is_empty() {
            continue;
        }
        for again in attempts.iter().copied().filter(|one| one.op != first.op) {
            let Some(wrong) = wrong(first, again) else { continue };
            tally.rule(wrong.is_none(), || {
                let sentence = format!("key {key:?}: {}", wrong.unwrap_or_default());
                (sentence, lines(&[first, again]))
            });
        }
    }
}

/// What is wrong with a repeat; none if nothing can be said of it.
fn wrong(first: &Operation, again: &Operation) -> Option<Option<&'static str>> {
    let came_after = first.is_before(again);
    let status = again.end.status.unwrap_or_default();
    let is_same = first.request == again.request;
    let named = |one: &Operation| (one.end.id, one.end.answer, one.end.status);
    match (again.end.fate, is_same) {
        (Fate::Unknown, _) => None,
        (Fate::Ok, true) => {
            let is_as_before = named(first) == named(again);
            Some((!is_as_before).then_some("the same request was answered otherwise"))
        }
        (Fate::Ok, false) => Some(Some("another request was carried out under the same key")),
        (Fate::Failed, _) if !came_after || status == TURNED_AWAY => None,
        (Fate::Failed, true) => Some(Some("it was done, and its repeat was refused")),
        (Fate::Failed, false) => {
            let is_refused = REFUSED_AS_OTHER.contains(&status);
            Some((!is_refused).then_some("another request was not refused as one, by 409 or 422"))
        }
    }
}

/// How many orders the requests under each key may have placed: one, if any may have been heard.
pub(super) fn may_have_placed<'a>(
    attempts: &super::Attempts<'a>,
) -> BTreeMap<u64, Vec<&'a Operation>> {
    let mut open: BTreeMap<u64, Vec<&Operation>> = BTreeMap::new();
    for ((arrival, key), attempts) in attempts {
        let is_answered = attempts.iter().any(|one| one.end.fate == Fate::Ok);
        let mut unknown = attempts.iter().copied().filter(|one| one.end.fate == Fate::Unknown);
        if is_answered {
            continue;
        }
        let of_arrival = open.entry(*arrival).or_default();
        // Without a key, each request may place an order of its own.
        if key.is_empty() { of_arrival.extend(unknown) } else { of_arrival.extend(unknown.next()) }
    }
    open
}
