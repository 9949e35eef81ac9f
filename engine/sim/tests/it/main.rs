//! The public face of the simulator.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for a few facts of many")]
#![expect(clippy::print_stdout, reason = "tests say what they measured and what they skip")]

mod choice;
mod laws;
mod play;
mod real_day;
mod replenish;
mod theory;
