//! Finding a rider: who waits, who could come, and the policies that choose.

pub mod assign;
mod params;
mod policies;
pub mod request;
mod timing;
mod trip;
mod view;

pub use params::Params;
pub use policies::{Policy, Scratch, choose};
pub use timing::may_be_due;
pub use view::{Assignment, Candidate, Edge, Edges, View, Waiting};

use crate::ids::{OrderId, StoreId};
use crate::place::Place;
use crate::time::Timestamp;

/// Travel times, as dispatch needs them.
pub trait Legs {
    /// Milliseconds from one place to another for a rider who sets off now.
    fn leg_ms(&self, from: Place, to: Place, now: Timestamp) -> u32;
}

events! {
    /// What happened to an order's wait for a rider.
    pub enum Event {
        /// An order waits for a rider.
        Requested {
            /// The order.
            order: OrderId,
            /// Where it is picked up.
            store: StoreId,
            /// When it is expected to be packed.
            ready_at: Timestamp,
        } = "rider_requested",
        /// It no longer waits: cancelled before a rider had it.
        Withdrawn {
            /// The order.
            order: OrderId,
        } = "rider_request_withdrawn",
    }
}
