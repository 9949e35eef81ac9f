//! The reference deployment: the shell behind HTTP.
//!
//! Routes turn requests into words, the shell hears them in units of work, and what comes of it is
//! read from rows again. Relays ask the payment provider and ring timers; dispatch rounds put
//! trips to riders. A world is installed before the first order ([`world`]).
//!
//! ```text
//! request ─► gate ─► route ─► Shell::hear ─► rows ─► answer
//!                                 ▲  │
//!            timers, provider ────┘  └─► outbox ─► relay ─► provider, board of pick lists
//! ```
//!
//! Wire structs live here and nowhere else. It holds no rule of the business. What it keeps in
//! memory is the installed world and a board of the pick lists that are under way; a word that no
//! longer fits the rows is ignored by the rules, so a stale board is harmless.

mod app;
mod backend;
mod board;
mod dispatch;
mod extract;
mod gate;
mod metrics;
mod problem;
mod provider;
mod relay;
mod routes;
mod run;
mod wire;
mod world;

pub use backend::{Backend, InMemory};
pub use run::{Setup, serve};
pub use wire::record::{Unreadable, line_of, record_of};
