//! Reports of runs: the folder a run leaves behind, and what is made of it.
//!
//! Writing is streamed: tables are written while a run goes on, in bounded memory, and any thread
//! count gives the same bytes. Reading never trusts a file: whatever is in it gives rows or an
//! error with the place, never a panic.

#[cfg(test)]
mod fixture;
pub mod journal;
mod table;

pub use table::{FinishedPart, ReadCause, ReadError};
