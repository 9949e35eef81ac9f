//! What servers need of a database beside units of work: duties that one of several has, and who
//! works on what.

use std::future::Future;

use domain::ids::{OrderId, StoreId};
use domain::time::Millis;

use crate::ports::{Database, PortError};

/// What one server does for all who serve a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// Hears the timers that ring.
    Timers,
    /// Carries out what waits in the outbox.
    Outbox,
    /// Holds dispatch rounds.
    Rounds,
    /// Publishes the journal to the log.
    Log,
}

impl Duty {
    /// Every duty, and how it is written down.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Timers, "timers"),
        (Self::Outbox, "outbox"),
        (Self::Rounds, "rounds"),
        (Self::Log, "log"),
    ];

    /// How it is written down.
    #[must_use]
    pub fn text(self) -> &'static str {
        let row = Self::ALL.iter().find(|(duty, _)| *duty == self);
        row.map_or("", |(_, text)| text)
    }
}

/// Says who has a duty: each new holder gets a higher version, and what an earlier one still
/// wants to commit under its own is refused. So a server that stood still for a while, and does
/// not know it, does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// Which duty.
    pub duty: Duty,
    /// The holder's version.
    pub version: u64,
}

/// A database that several servers serve a world from.
pub trait Serving: Database {
    /// Takes a duty that nobody has any more, or keeps it, for as long as `lease`; none while
    /// another has it. Time is the database's own, so that servers' clocks do not matter. Whoever
    /// takes [`Duty::Outbox`] over can take the rows at once that the one before had taken.
    ///
    /// # Errors
    /// [`PortError`]: then it is not known who has it.
    fn assume(
        &self,
        duty: Duty,
        holder: u128,
        lease: Millis,
    ) -> impl Future<Output = Result<Option<Fence>, PortError>> + Send;

    /// The orders of a store on whose pick lists somebody works, or that somebody must put back,
    /// at most `limit`, by id. A look.
    ///
    /// # Errors
    /// [`PortError`].
    fn under_way(
        &self,
        store: StoreId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OrderId>, PortError>> + Send;
}
