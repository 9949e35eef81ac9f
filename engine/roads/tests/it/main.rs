//! The public face of the roads: real files in, times and trips out.

#[cfg(test)]
mod importing;
#[cfg(test)]
mod real_data;
#[cfg(test)]
mod real_roads;
#[cfg(test)]
mod riding;
#[cfg(test)]
mod saving;
#[cfg(test)]
mod straight;
#[cfg(test)]
mod stretches;
#[cfg(test)]
mod towns;
#[cfg(test)]
mod village;
