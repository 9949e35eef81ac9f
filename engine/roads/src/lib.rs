//! Roads of a city and the times it takes to ride them.
//!
//! A [`GraphBuilder`] collects junctions and streets; [`Graph`] is the frozen network: the
//! largest part in which every junction reaches every other.

mod builder;
mod class;
mod graph;
mod ids;
pub mod import;
mod speed;
#[cfg(test)]
mod tests;

pub use builder::{Built, GraphBuilder};
pub use class::RoadClass;
pub use graph::{Arc, Graph, GraphError};
pub use ids::{ArcId, NodeId};
pub use speed::SpeedProfile;
