//! An HTTP/1.1 client of one lane: kept connections, one request at a time on each.
//!
//! It is made for measuring. Nothing is retried and nothing is followed: what the caller asked for
//! is sent once, or not at all, and [`Fault::fate`] says which of the two cannot be known.
//! A connection at rest holds no buffers; those belong to requests in flight and are used again.

mod answer;
mod client;
mod framing;
mod pool;
mod request;

pub use answer::Answer;
pub(crate) use client::Client;
pub use client::{Fault, Limits};
pub use request::{Body, Method, Request};
