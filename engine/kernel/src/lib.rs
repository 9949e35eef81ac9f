//! A discrete-event kernel: event queue, counter-based chance, tables, histograms, statistics.
//!
//! It knows no groceries, reads no wall clock and draws nothing on its own. Time is a `u64` of
//! microseconds; chance is a pure function of what it is drawn for; both give the same answer on
//! every machine, so a run is a function of its seed.

pub mod alias;
pub mod chance;
pub mod histogram;
pub mod philox;
pub mod queue;
pub mod stats;
