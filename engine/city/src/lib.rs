//! Cities: where stores, riders and customers are, what is sold, and who orders what and when.
//!
//! A [`City`] is everything that stands still, a [`Demand`] everything that arrives. Both are
//! either synthetic or a recorded day ([`trace`]). Every draw is named by what it is for, so the
//! same seed gives the same city, and higher demand is a superset of lower demand.

pub mod catalogue;
mod city;
mod demand;
mod methods;
mod purpose;
pub mod trace;
mod travel;

pub use city::{City, Picker, Rider, Shift, Sku, Store};
use demand::luck_of;
pub use demand::{Arrival, Demand, LineSpan, Recorded, demand_digest};
pub use methods::MethodMix;
pub use travel::{Leg, Stop, Straight, Travel};
