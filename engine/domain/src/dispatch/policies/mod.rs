//! Who is sent for what: one strategy a file, one row each.

mod batched;
mod groups;
mod nearest;
mod pairs;
#[cfg(test)]
mod tests;

use super::{Assignment, Legs, Params, View};

choices! {
    /// How a dispatch round chooses.
    pub enum Policy {
        /// Each order in turn takes the nearest free rider.
        Nearest = "nearest",
        /// Trips and riders are matched at least total cost, with two orders on a trip where
        /// that saves.
        Batched = "batched",
    }
}

/// Buffers of dispatch rounds. Keep one and pass it to every round: once it has grown to the
/// largest round, nothing more is allocated.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    nearest: nearest::Scratch,
    batched: batched::Scratch,
}

/// Chooses the offers of one round, appending them to `chosen`.
///
/// Every rider and every order is chosen at most once, a rider only for an order whose row has
/// them, and only if they are expected to pick it up before their shift ends. What is not
/// chosen waits: because no rider is left, or because it is too early.
pub fn choose<L: Legs>(
    policy: Policy,
    view: &View<'_, L>,
    params: &Params,
    scratch: &mut Scratch,
    chosen: &mut Vec<Assignment>,
) {
    match policy {
        Policy::Nearest => nearest::choose(view, params, &mut scratch.nearest, chosen),
        Policy::Batched => batched::choose(view, params, &mut scratch.batched, chosen),
    }
}
