//! The reference deployment: the shell behind HTTP.
//!
//! Routes turn requests into words, the shell hears them in units of work, and what comes of it is
//! read from rows again. Relays ask the payment provider and ring timers; dispatch rounds put
//! trips to riders. A world is installed before the first order ([`world`]).
//!
//! ```text
//! request ─► gate ─► route ─► Shell::hear ─► rows ─► answer
//!                                 ▲  │
//!            timers, provider ────┘  └─► outbox ─► relay ─► provider, pushes
//! ```
//!
//! Any number of servers serve one world over one database. Relays, timers and rounds are duties
//! that one of them has at a time, by a lease with a fence ([`duties`]).
//!
//! Wire structs live here and nowhere else. It holds no rule of the business. What it keeps in
//! memory is a copy of the installed world, which never changes, and what the last look at who
//! waits for a rider found, for promises.

mod api;
mod app;
mod at_hand;
mod auth;
mod backend;
mod dispatch;
mod duties;
mod extract;
mod feed;
mod gate;
mod limits;
mod listen;
mod metrics;
mod mutant;
mod places;
mod problem;
mod provider;
mod push;
mod relay;
mod routes;
mod run;
mod settle;
mod token;
mod trace;
mod watch;
mod wire;
mod world;

pub use backend::{Backend, ConnectError, InMemory, NewWorld, Opened, OverPostgres};
pub use backends::Locking;
pub use mutant::faulty;
pub use run::{Setup, openapi, serve};
#[cfg(feature = "mutants")]
pub use shell::{failpoint::POINTS, mutant::MUTANTS};
pub use token::sign;
pub use wire::record::{Unreadable, line_of, record_of};
