//! Reports of runs: the folder a run leaves behind, and what is made of it.
//!
//! Writing is streamed: tables are written while a run goes on, in bounded memory, and any thread
//! count gives the same bytes. Reading never trusts a file: whatever is in it gives rows or an
//! error with the place, never a panic. A run is complete when its manifest stands in the folder.
//! [`summary::Summary`] is the one account that everything shown to people is made from.

pub mod audit;
pub mod console;
#[cfg(test)]
mod fixture;
pub mod folder;
mod folds;
pub mod journal;
pub mod latency;
pub mod live;
pub mod manifest;
pub mod progress;
pub mod summary;
mod table;
pub mod tape;
mod words;

pub use folds::{ColumnDoc, SCHEMA_VERSION as TABLES_VERSION, columns};
pub use table::{FinishedPart, ReadCause, ReadError};
