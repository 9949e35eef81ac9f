//! The business of a ten-minute grocery: rules as pure functions, nothing else.
//!
//! No clock, no chance, no I/O. Aggregates `decide` and `evolve`; process managers `step`;
//! policies `choose`. Everything that happens is a [`facts::Fact`].

pub mod ids;
pub mod money;
pub mod place;
pub mod time;
