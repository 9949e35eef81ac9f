//! What a dispatch round sees, and what it answers.

use crate::ids::{OrderId, RiderId, StoreId};
use crate::place::Place;
use crate::time::Timestamp;

/// An order that waits for a rider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The order.
    pub order: OrderId,
    /// Where it is picked up.
    pub store: StoreId,
    /// Where the bag is: at the store, or where a rider had to leave it.
    pub store_place: Place,
    /// Where it goes.
    pub door: Place,
    /// When it began to wait.
    pub requested_at: Timestamp,
    /// When it is, or is expected to be, packed.
    pub ready_at: Timestamp,
    /// What the customer was promised.
    pub promise_by: Timestamp,
    /// The ride from where the bag is to the door.
    pub ride_ms: u32,
    /// How many riders said no.
    pub refusals: u8,
}

/// A rider who could take a trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The rider.
    pub rider: RiderId,
    /// Where they set off from: where they are, or where their present trip ends.
    pub place: Place,
    /// When they can set off: not after now if idle, later if they still are on a trip.
    pub free_at: Timestamp,
    /// When their shift ends. A trip must be expected to be picked up before it.
    pub off_at: Timestamp,
    /// The store they belong to.
    pub home: StoreId,
}

/// A rider who could fetch an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// Index into [`View::riders`].
    pub candidate: u32,
    /// The ride from the rider's place to the bag.
    pub ms: u32,
}

/// Who could fetch what: for each waiting order a row of edges, sorted by `(ms, rider)`.
///
/// Rows may overlap, so the orders of a store can share one. A rider who refused an order is
/// not in its row: leaving them out is how the caller excludes them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edges<'a> {
    /// For each waiting order, where its row begins and ends in `edges`.
    pub rows: &'a [(u32, u32)],
    /// The edges of all rows.
    pub edges: &'a [Edge],
}

impl<'a> Edges<'a> {
    /// The edges of the waiting order with this index.
    #[must_use]
    pub fn row(&self, waiting: usize) -> &'a [Edge] {
        let (begin, end) = self.rows[waiting];
        &self.edges[begin as usize..end as usize]
    }
}

/// What a dispatch round sees.
///
/// The choice does not depend on the order of `waiting` and `riders`: ties are broken by id.
#[derive(Debug)]
pub struct View<'a, L> {
    /// The time of the round.
    pub now: Timestamp,
    /// The orders that wait, each once.
    pub waiting: &'a [Waiting],
    /// The riders who could go, each once.
    pub riders: &'a [Candidate],
    /// Who could fetch what.
    pub edges: Edges<'a>,
    /// Travel times between doors, for trips with two orders.
    pub legs: &'a L,
}

/// An offer to be made: one rider, one trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Who.
    pub rider: RiderId,
    /// The orders of the trip, the first to be visited first; at least one.
    pub orders: [Option<OrderId>; 2],
    /// When the rider is expected at the store.
    pub expected_at_store: Timestamp,
}
