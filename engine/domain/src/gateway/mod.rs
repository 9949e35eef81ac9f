//! What stands between callers and services: the circuit breaker, and the bucket that limits rates.

pub mod breaker;
pub mod bucket;
