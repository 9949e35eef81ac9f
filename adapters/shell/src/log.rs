//! The log: facts as records on topics, for services that follow what happened.
//!
//! The journal is the truth. A log has every fact of it on the topic that [`Topic::of`] says, and
//! those that customers are told of on [`Topic::Notifications`] too. Facts about one order have one
//! key, hence one partition, where they come in the order they were told. A record may come again:
//! [`publish`] sends a batch whose answer was lost once more. [`follow`] absorbs that.
//!
//! Without a broker the journal itself is the log, behind the same port ([`JournalLog`]).

mod cursors;
pub mod follow;
mod publish;

use std::future::Future;

use domain::facts::{Fact, Record};
use domain::{order, payment};
use xxhash_rust::xxh3::xxh3_64;

pub use cursors::{Cursors, Note, Progress, Spot};
pub use publish::{Published, publish};

use crate::ports::{Database, PortError};

/// A topic of the source design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Quotes, the stages of orders, and work on the store's floor.
    Orders,
    /// What is on shelves, doors of stores, and what the world was when it began.
    Inventory,
    /// Attempts to pay, refunds, and the books.
    Payments,
    /// Riders, requests for them, trips and doors.
    Deliveries,
    /// What customers are told. Each of these facts is on its own topic as well.
    Notifications,
}

impl Topic {
    /// Every topic, and its name.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Orders, "order-events"),
        (Self::Inventory, "inventory-events"),
        (Self::Payments, "payment-events"),
        (Self::Deliveries, "delivery-events"),
        (Self::Notifications, "notifications"),
    ];

    /// Its name.
    #[must_use]
    pub fn text(self) -> &'static str {
        let row = Self::ALL.iter().find(|(topic, _)| *topic == self);
        row.map_or("", |(_, text)| text)
    }

    /// The topic that every fact of an area is on.
    #[must_use]
    pub const fn of(fact: &Fact) -> Self {
        match fact {
            Fact::Pricing(_) | Fact::Order(_) | Fact::Picking(_) => Self::Orders,
            Fact::Opening(_) | Fact::Store(_) | Fact::Stock(_) => Self::Inventory,
            Fact::Payment(_) | Fact::Ledger(_) => Self::Payments,
            Fact::Dispatch(_) | Fact::Delivery(_) | Fact::Rider(_) => Self::Deliveries,
        }
    }

    /// Whether it has a fact.
    #[must_use]
    pub fn has(self, fact: &Fact) -> bool {
        if self == Self::Notifications { is_told(fact) } else { Self::of(fact) == self }
    }
}

/// Whether a customer is told of a fact.
const fn is_told(fact: &Fact) -> bool {
    use order::Event as O;
    use payment::Event as P;
    matches!(
        fact,
        Fact::Order(
            O::Confirmed { .. }
                | O::LeftStore { .. }
                | O::Arrived { .. }
                | O::Delivered { .. }
                | O::Rejected { .. }
                | O::Cancelled { .. }
                | O::Undelivered { .. }
        ) | Fact::Payment(P::Declined { .. } | P::Refunded { .. })
    )
}

/// What facts are about one after the other: the first of these that a fact names is its key.
const KEYS: [&str; 6] = ["order", "trip", "rider", "picker", "store", "customer"];

/// What a fact is about: its order, else its trip, rider, picker, store or customer; the city if
/// it names none.
#[must_use]
pub fn key_of(fact: &Fact) -> String {
    let mut cells = Vec::with_capacity(16);
    fact.to_cells(&mut |cell| cells.push(cell));
    let (mut at, mut best) = (0, None);
    for (field, columns) in fact.kind().fields {
        let rank = KEYS.iter().position(|key| key == field);
        if let (Some(rank), Some(cell)) = (rank, cells.get(at))
            && best.is_none_or(|(other, _)| rank < other)
        {
            best = Some((rank, cell.cast_unsigned()));
        }
        at += columns.len();
    }
    match best {
        Some((0, order)) => order.to_string(),
        Some((rank, number)) => format!("{}:{number}", KEYS[rank]),
        None => "city".to_owned(),
    }
}

/// The partition of a key, of so many.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the remainder is below the few partitions")]
pub fn partition_of(key: &str, partitions: u32) -> u32 {
    (xxh3_64(key.as_bytes()) % u64::from(partitions.max(1))) as u32
}

/// A record as it was found on a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its place on the topic's partition.
    pub offset: u64,
    /// What it says.
    pub what: What,
}

/// What a record on a topic says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A fact of a world.
    Fact {
        /// The world's number.
        world: u64,
        /// The fact.
        record: Record,
    },
    /// Nothing that can be understood.
    Malformed {
        /// Its key, as it was.
        key: Vec<u8>,
        /// Its value, as it was.
        value: Vec<u8>,
    },
}

/// Part of a topic's partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Records, in order.
    pub found: Vec<Found>,
    /// Where to read on.
    pub next: u64,
}

/// Topics that are appended to and read from.
pub trait Log: Send + Sync {
    /// Partitions of each topic.
    fn partitions(&self) -> u32;

    /// Appends facts of one world to a partition of a topic, in order, all of them or none. No
    /// two append to one partition at once.
    ///
    /// # Errors
    /// [`PortError`]: then they may have been appended, or may be later.
    fn append(
        &self,
        topic: Topic,
        partition: u32,
        world: u64,
        records: &[Record],
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Records of a partition from an offset on, at most `limit`; none if there are none yet.
    ///
    /// # Errors
    /// [`PortError`].
    fn read(
        &self,
        topic: Topic,
        partition: u32,
        from: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Page, PortError>> + Send;

    /// Puts a record that cannot be understood on the topic's dead letters, with its key.
    ///
    /// # Errors
    /// [`PortError`].
    fn bury(
        &self,
        topic: Topic,
        partition: u32,
        found: &Found,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// The journal as a log: facts are there as soon as they are committed, so appending does nothing.
/// Offsets are the facts' numbers.
#[derive(Debug)]
pub struct JournalLog<'a, D> {
    /// Where the journal is.
    pub database: &'a D,
    /// The world's number.
    pub world: u64,
}

impl<D: Database> Log for JournalLog<'_, D> {
    fn partitions(&self) -> u32 {
        1
    }

    fn append(
        &self,
        _: Topic,
        _: u32,
        _: u64,
        _: &[Record],
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        std::future::ready(Ok(()))
    }

    async fn read(&self, topic: Topic, _: u32, from: u64, limit: usize) -> Result<Page, PortError> {
        let records = self.database.journal(from, limit).await?;
        let next = from + records.len() as u64;
        let world = self.world;
        let ours = records.into_iter().filter(|record| topic.has(&record.fact));
        let found = ours
            .map(|record| Found { offset: record.seq, what: What::Fact { world, record } })
            .collect();
        Ok(Page { found, next })
    }

    fn bury(
        &self,
        _: Topic,
        _: u32,
        _: &Found,
    ) -> impl Future<Output = Result<(), PortError>> + Send {
        let why = "every fact of a journal can be understood";
        std::future::ready(Err(PortError::Down(why.to_owned())))
    }
}
