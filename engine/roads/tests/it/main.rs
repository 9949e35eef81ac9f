//! The public face of the roads: real files in, times and trips out.

mod real_data;
mod real_roads;
