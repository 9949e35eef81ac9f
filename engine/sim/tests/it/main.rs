//! The public face of the simulator.

mod laws;
mod play;
mod real_day;
mod theory;
