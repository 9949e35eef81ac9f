//! Cities: where stores, riders and customers are, what is sold, and who orders what and when.
//!
//! A [`City`] is everything that stands still, a [`Demand`] everything that arrives. Both are
//! either synthetic ([`setup`]) or a recorded day ([`trace`]). What people then do is drawn by
//! [`behaviour`]. Every draw is named by what it is for, so the same seed gives the same city,
//! and higher demand is a superset of lower demand.

#[macro_use]
mod grade;
pub mod behaviour;
mod build;
mod burst;
mod cart;
pub mod catalogue;
mod city;
mod demand;
pub mod describe;
mod generate;
mod given;
mod lattice;
mod methods;
mod nearest;
mod plane;
mod purpose;
mod roster;
pub mod setup;
mod shelf;
mod siting;
pub mod streets;
pub mod supply;
#[cfg(test)]
mod tests;
pub mod trace;
mod travel;
pub mod wards;

pub use behaviour::Behaviour;
pub use city::{City, Picker, Rider, Shift, Sku, Store};
use demand::luck_of;
pub use demand::{Arrival, Demand, LineSpan, Recorded, demand_digest};
pub use grade::{Calibrated, Grade, assumed, calibrated};
pub use methods::MethodMix;
pub use setup::{Setup, SetupError};
pub use siting::Homes;
pub use supply::Supply;
pub use travel::{Leg, OnRoads, Stop, Straight, Travel};
pub use wards::Wards;
