//! Queueing theory through the kernel: calibration's statistical checks 1 to 4 and 9.
//!
//! Short runs are always on. The full checks, long enough for the stated half-widths, are the tests
//! named `slow_`: `RUN_SLOW=1 cargo test --release -p dastak-kernel --test it slow_ -- --nocapture`.

mod coverage;
mod jackson;
mod judge;
mod loss;
mod mg1;
mod mmc;
mod network;
mod oracles;
