//! Judges of journals: invariants with counterexamples, and every count made again.
//!
//! This crate knows facts and nothing of the rules that made them. It re-derives what it checks
//! from tables of its own, so a rule and its check cannot be wrong in the same way by sharing
//! code. Both worlds are judged by it: it does not know which one wrote a journal.
//!
//! ```text
//! records ─┬─► Judge   ─ finish ─► Verdict: per invariant judged, broken, status, breaks
//!          ├─► Recount ─ finish ─► Counts: orders, times, utilisation, money
//!          ├─► Recorded: what a journal tells, by order, to be held against what others saw
//!          └─► (stored journal) + Break ─ counterexample ─► the few records that show it
//! what clients saw       + Recorded ─ history::judge ─► checks with the operations that show a break
//! the provider's ledger  + Recorded ─ witness::judge ─► checks with the entries that show a break
//! ```
//!
//! What it does not do: it reads no files, draws no chance, calls no rule of the domain, and
//! keeps no journal in memory.

mod arena;
mod counterexample;
mod elsewhere;
pub mod history;
mod invariants;
mod judge;
mod outside;
mod recount;
mod subject;
mod verdict;
pub mod witness;
mod world;

pub use counterexample::{MAX_RECORDS, counterexample, line};
pub use judge::Judge;
pub use outside::{
    Attempt, CLOCKS_APART_US, Check, Deed, LINES_LIMIT, Life, Recorded, Shown, shelf_key,
};
pub use recount::{Counts, Money, Recount};
pub use subject::Subject;
pub use verdict::{Break, Finding, KEPT_BREAKS, Status, Verdict};
