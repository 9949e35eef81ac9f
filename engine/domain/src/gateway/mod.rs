//! What stands between callers and services: for now the circuit breaker.

pub mod breaker;
