//! The public face of the simulator.

mod evening;
mod play;
mod real_day;
