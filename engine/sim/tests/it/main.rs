//! The public face of the simulator.

mod real_day;
