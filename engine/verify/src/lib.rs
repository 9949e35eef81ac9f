//! Judges of journals: invariants with counterexamples, and every count made again.
//!
//! This crate knows facts and nothing of the rules that made them. It re-derives what it checks
//! from tables of its own, so a rule and its check cannot be wrong in the same way by sharing
//! code. Both worlds are judged by it: it does not know which one wrote a journal.
//!
//! ```text
//! records ─┬─► Judge   ─ finish ─► Verdict: per invariant judged, broken, status, breaks
//!          ├─► Recount ─ finish ─► Counts: orders, times, utilisation, money
//!          └─► (stored journal) + Break ─ counterexample ─► the few records that show it
//! ```
//!
//! What it does not do: it reads no files, draws no chance, calls no rule of the domain, and
//! keeps no journal in memory.

mod arena;
mod counterexample;
mod elsewhere;
mod invariants;
mod judge;
mod recount;
mod subject;
mod verdict;
mod world;

pub use counterexample::{MAX_RECORDS, counterexample, line};
pub use judge::Judge;
pub use recount::{Counts, Money, Recount};
pub use subject::Subject;
pub use verdict::{Break, Finding, KEPT_BREAKS, Status, Verdict};
