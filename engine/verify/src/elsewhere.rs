//! The invariants that a journal does not show, and where each is judged instead.

use crate::verdict::{Finding, Status};

/// Name, and what must hold with where it is judged.
const ELSEWHERE: [(&str, &str); 12] = [
    ("I13", "same key, same result: client history and the deployment's audit"),
    ("I14", "a duplicate changes nothing: tests that compare two states"),
    ("I25", "outbox empty, effects once: the deployment's audit"),
    ("I26", "orders in log, store and analytics are as many: the deployment's audit"),
    ("I27", "read models are folds of events: the deployment's audit"),
    ("I28", "points and referrals: no facts tell of them"),
    ("I29", "expired lots are not sold: no facts tell of lots"),
    ("I30", "no stale or second notification: no facts tell of notifications"),
    ("I31", "dead letters keep their key: the deployment's audit"),
    ("I32", "an open breaker passes only probes: client history and metrics"),
    ("I33", "rate limits: client history"),
    ("I36", "same seed, same journal: tests that compare two runs"),
];

/// Adds what is judged elsewhere to what was found, in order of names.
pub(crate) fn fill(findings: &mut Vec<Finding>) {
    findings.extend(ELSEWHERE.iter().map(|row| Finding {
        status: Status::NotObservable,
        ..Finding::new(*row, 0, 0, Vec::new())
    }));
    findings.sort_by_key(|finding| {
        let (family, number) = finding.id.split_at(1);
        (family, number.parse::<u32>().unwrap_or(u32::MAX))
    });
}
