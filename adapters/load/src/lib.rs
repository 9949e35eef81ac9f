//! The live driver: sends load to a server at times that do not depend on its answers.
//!
//! Arrivals come from a list: a [`schedule::Shape`] and a seed, or a city's demand. Each goes on a
//! journey, an async function that performs operations through a [`Visit`]. What is intended, sent
//! and done is kept apart ([`record`]), every operation is written down as its sender saw it
//! ([`history`]), and a driver that could not keep up says so ([`verdict`]).
//!
//! ```text
//! arrivals ─► pacer ─► journey ─► Visit::perform ─► client ─► target
//!  (when)     (timerfd)  (what)        │
//!                                      ├─► record: schedule error, service time, response time
//!                                      ├─► second: live numbers
//!                                      └─► history: invoke, then ok, fail or unknown
//! ```
//!
//! The core above knows no groceries. [`agents`] do: customers, pickers and riders of a city;
//! [`providers`] are whom a deployment calls; [`world`] is what it is told before; a [`profile`] is
//! how one that is not ours is spoken to. It sends to loopback, or to hosts whose owner's consent is
//! on record ([`target`]).

pub mod agents;
mod alarm;
pub mod clock;
pub mod echo;
pub mod fate;
pub mod history;
pub mod http;
mod lane;
pub mod office;
mod pace;
pub mod phase;
mod precedence;
pub mod profile;
pub mod providers;
pub mod record;
pub mod run;
pub mod schedule;
mod seat;
pub mod second;
pub mod stop;
pub mod target;
pub mod verdict;
pub mod visit;
pub mod world;

pub use fate::Fate;
pub use http::{Answer, Fault, Request};
pub use precedence::go_first;
pub use record::Step;
pub use run::{Outcome, RunError, Setup, run};
pub use schedule::{Arrival, Schedule, Shape};
pub use stop::Stop;
pub use target::Target;
pub use verdict::Verdict;
pub use visit::{Operation, Seen, Visit};
