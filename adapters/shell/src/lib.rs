//! World 2's heart: the same pure rules, driven by load, step, commit and relay, over ports.
//!
//! A *unit of work* takes words from outside, loads the rows they touch, lets the rules say what
//! follows, all of it, and commits everything at once: changed rows with the versions they were
//! read at, facts, timers, what is asked of the outside, and the name of the input. Whoever loses
//! a race steps again on fresh rows, which costs nothing but time, because a step is pure. What
//! is asked of the outside leaves only after the commit: what must be done at least once, hints to
//! people at most once. Every question and every answer has a name, so a repeat is harmless.
//!
//! ```text
//! word ─► Shell::hear ─► load ─► work::step ─► commit ─┬─► facts (journal, log), hints to people
//!            ▲              ▲        (pure)     │      ├─► outbox ─► Relay ─► provider
//!            │              └── lost a race ◄───┘      └─► timers ─► Relay ─┐
//!            └──────────────────────────────────────────────────────────────┘
//! ```
//!
//! It opens no socket and no file, and holds no state between units of work: the truth is in the
//! [`Database`].

mod accounts;
pub mod cache;
pub mod clock;
#[cfg(feature = "contract")]
pub mod contract;
pub mod failpoint;
mod held;
mod join;
mod known;
pub mod log;
mod memory;
pub mod mutant;
mod ports;
mod relay;
mod rounds;
mod rows;
mod serving;
mod setup;
mod shell;
mod unit;
mod work;

pub use accounts::{
    AccountError, Accounts, Kept, Session, SessionId, Subject, tell_cart, tell_user,
};
pub use cache::{Cache, Copies, Far, Guarded, MemoryCache};
pub use held::Held;
#[cfg(feature = "mutants")]
pub use memory::Bug;
pub use memory::Memory;
pub use ports::{
    Clock, Committed, Database, Free, Numbers, OutboxId, OutboxRow, Pause, People, Pool, PortError,
    Provider, TimerId, TimerRow, Waits,
};
pub use relay::{BATCH_LIMIT, CHAINS_LIMIT, Chain, Relay, Relayed};
pub use rounds::{ORDERS_LIMIT, Round, Rounds};
pub use rows::{
    Key, Missing, Order, OrderLine, Read, Rider, Row, Rows, Stamp, StoreDoor, Table, Trip, Version,
};
pub use serving::{Duty, Fence, Serving};
pub use setup::{Path, Setup};
pub use shell::{Heard, Shell, ShellError, TRIES_LIMIT};
pub use unit::{Answer, InputKey, Refused, Source, Told, Unit};
