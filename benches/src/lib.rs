//! What the benches share. The benches are in `benches/benches/`, one question each.

pub mod contest;
