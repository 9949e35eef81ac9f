//! World 1: the business under kernel time.
//!
//! One call of [`run`] plays one city from its opening to the end of its drain. The rules are
//! `domain`'s; this crate only decides *when* their words arrive: how long a picker looks, how a
//! rider rides, when a bank answers, how long a service takes. Every fact goes to the sink in the
//! order it happened. Cities share nothing, so they run side by side and give the same journals.

mod choice;
mod customers;
mod events;
mod floors;
mod limits;
mod money;
mod orders;
mod outcome;
mod people;
mod replenish;
mod resting;
mod riders;
mod rounds;
pub mod services;
mod setup;
mod shelves;
mod stores;
mod trips;
mod world;

pub use events::Event;
pub use limits::{Limit, Resource};
pub use outcome::{Outcome, Progress};
pub use setup::{Closure, Policies, Setup, Window};
pub use world::run;
