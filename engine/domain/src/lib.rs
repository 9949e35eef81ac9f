//! The business of a ten-minute grocery: rules as pure functions, nothing else.
//!
//! No clock, no chance, no I/O. Aggregates `decide` and `evolve`; process managers `step`;
//! policies `choose`. Everything that happens is a [`facts::Fact`].

#[macro_use]
pub mod facts;
pub mod cart;
pub mod catalog;
pub mod delivery;
pub mod dispatch;
pub mod eta;
pub mod gateway;
pub mod ids;
pub mod ledger;
pub mod money;
pub mod order;
pub mod outside;
pub mod payment;
pub mod picking;
pub mod place;
pub mod pricing;
pub mod rider;
pub mod rules;
pub mod saga;
pub mod stock;
pub mod store;
pub mod tape;
pub mod time;
pub mod user;
pub mod wiring;
