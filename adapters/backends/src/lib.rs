//! Implementations of the shell's ports over what a deployment runs on.
//!
//! It decides nothing: states go out as they came in, races are found, and what failed is said.

pub mod log;
pub mod postgres;
#[cfg(feature = "private-server")]
pub mod private;
pub mod redis;

pub use self::log::Kafka;
pub use self::redis::Redis;
pub use postgres::{Locking, Options, Postgres, World};
