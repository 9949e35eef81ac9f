//! What can be sold, at what price, and which store brings it where.
//!
//! The catalogue is dense by SKU. Its law: a city price is at least one paisa and never above
//! the maximum retail price (Legal Metrology (Packaged Commodities) Rules 2011, rule 18).

mod catalogue;
mod serviceability;
#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, Class, Command, Event, Group, Refusal, Sku};
pub use serviceability::{Address, Area, Pincode, Served, Serviceability, Unserviceable};
