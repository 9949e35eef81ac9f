//! How far readers of the log have come, kept with what they did about it.

use std::future::Future;

use domain::ids::{CustomerId, OrderId};
use domain::time::Timestamp;

use crate::ports::{Committed, Database, PortError};
use crate::serving::Fence;

/// What a reader reads: a partition of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Who reads.
    pub reader: &'static str,
    /// The topic's name.
    pub topic: &'static str,
    /// The partition.
    pub partition: u32,
}

/// How far a reader has come there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The offset to read next.
    pub next: u64,
    /// Facts below this number were had: what comes again is known by it.
    pub seen: u64,
}

/// Something that a customer was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// About which order.
    pub order: OrderId,
    /// The number of the fact that it tells.
    pub seq: u64,
    /// The kind of that fact.
    pub kind: &'static str,
    /// When it happened.
    pub at: Timestamp,
}

/// Where readers' progress is, in the same database as what they do.
pub trait Cursors: Database {
    /// How far a reader has come.
    ///
    /// # Errors
    /// [`PortError`].
    fn progress(&self, spot: Spot) -> impl Future<Output = Result<Progress, PortError>> + Send;

    /// Notes that a reader has come from one place to another, and what customers are told by
    /// what it read, both or neither. [`Committed::Conflict`] if it stands elsewhere by now,
    /// [`Committed::Fenced`] if another has the duty.
    ///
    /// # Errors
    /// [`PortError`].
    fn advance(
        &self,
        fence: Option<Fence>,
        spot: Spot,
        from: Progress,
        to: Progress,
        notes: &[Note],
    ) -> impl Future<Output = Result<Committed, PortError>> + Send;

    /// What a customer was told, the newest first, at most `limit`.
    ///
    /// # Errors
    /// [`PortError`].
    fn notes(
        &self,
        customer: CustomerId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Note>, PortError>> + Send;
}
