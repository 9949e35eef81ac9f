//! Roads of a city and the times it takes to ride them.
//!
//! A [`GraphBuilder`] collects junctions and streets; [`Graph`] is the frozen network: the
//! largest part in which every junction reaches every other. [`import`](mod@import) reads it from real
//! extracts. [`Roads`] are the network with closures and the speed of the hour; [`StoreTables`]
//! answer how long it takes from a store to a door and back, in a few nanoseconds.
//! [`StraightLine`] stands in where no roads are known.

mod buckets;
mod builder;
mod class;
mod dissection;
mod graph;
mod grid;
mod hierarchy;
mod ids;
pub mod import;
mod metric;
mod network;
mod query;
mod saved;
mod speed;
mod straight;
mod stretch;
mod sweep;
mod tables;
#[cfg(test)]
mod tests;
mod weight;

pub use builder::{Built, GraphBuilder};
pub use class::RoadClass;
pub use graph::{Arc, Graph, GraphError};
pub use ids::{ArcId, NodeId};
pub use network::{Path, Roads};
pub use saved::LoadError;
pub use speed::SpeedProfile;
pub use straight::StraightLine;
pub use stretch::Stretch;
pub use tables::StoreTables;
