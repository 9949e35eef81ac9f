//! Everything that can happen, as one union of the areas' events; the journal is made of these.
//!
//! A [`Record`] is a fact with its time, city and number. Its canonical bytes are the one form
//! that digests, tables and text derive from. A [`Sink`] is what takes records as they come.

#[macro_use]
mod macros;
mod batch;
mod digest;
mod field;
pub mod opening;
#[cfg(test)]
mod tests;

pub(crate) use put_fields;

pub use batch::Batch;
pub use digest::{CityDigest, Digest, RunDigest};
pub use field::{Column, Field};

use crate::ids::CityId;
use crate::tape::Entry;
use crate::time::Timestamp;
use crate::{delivery, dispatch, ledger, order, payment, picking, pricing, rider, stock, store};

/// One kind of event: its name and its fields in canonical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The name in journals, such as `order_placed`.
    pub name: &'static str,
    /// Each field's name and columns.
    pub fields: &'static [(&'static str, &'static [Column])],
}

/// The events of one area of the business.
pub trait Event: Copy {
    /// The kinds of event, in the order of their canonical numbers.
    const KINDS: &'static [Kind];

    /// The canonical number of this event's kind.
    fn variant(&self) -> u8;

    /// Appends the canonical bytes of the fields.
    fn put(&self, bytes: &mut Vec<u8>);

    /// Takes an event of a kind off the front of canonical bytes; none if they do not hold one.
    fn take(variant: u8, bytes: &mut &[u8]) -> Option<Self>;

    /// Hands out the cells of the fields.
    fn to_cells(&self, cell: &mut impl FnMut(i64));

    /// Builds an event of a kind from its cells; none if they do not hold one.
    fn from_cells(variant: u8, cell: &mut dyn FnMut() -> Option<i64>) -> Option<Self>;
}

facts! {
    /// Something that happened, in any area.
    pub enum Fact {
        /// What the world was when the journal began.
        Opening(opening::Event),
        /// A store opened, slowed or shut its door to orders.
        Store(store::Event),
        /// Quotes and surge.
        Pricing(pricing::Event),
        /// The stages of an order's life.
        Order(order::Event),
        /// Units on a store's shelf.
        Stock(stock::Event),
        /// Attempts to pay, and refunds.
        Payment(payment::Event),
        /// Entries in the books.
        Ledger(ledger::Event),
        /// Work on the store's floor.
        Picking(picking::Event),
        /// Waiting for a rider.
        Dispatch(dispatch::Event),
        /// Trips and doors.
        Delivery(delivery::Event),
        /// Riders on and off duty.
        Rider(rider::Event),
    }
}

impl Fact {
    /// The fact's kind.
    #[must_use]
    pub fn kind(&self) -> &'static Kind {
        let (area, variant) = self.tag();
        &Self::AREAS[usize::from(area)][usize::from(variant)]
    }

    /// The tag of a kind by its name.
    #[must_use]
    pub fn tag_of(name: &str) -> Option<(u8, u8)> {
        Self::AREAS.iter().enumerate().find_map(|(area, kinds)| {
            let variant = kinds.iter().position(|kind| kind.name == name)?;
            Some((u8::try_from(area).ok()?, u8::try_from(variant).ok()?))
        })
    }
}

/// A fact with its time, its city and its number within the city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// When it happened.
    pub at: Timestamp,
    /// Where it happened.
    pub city: CityId,
    /// Its number in the city's journal, from zero without gaps.
    pub seq: u64,
    /// What happened.
    pub fact: Fact,
}

impl Record {
    /// Appends the canonical bytes: time, city, number, tag, fields; all little-endian.
    pub fn put(&self, bytes: &mut Vec<u8>) {
        let (area, variant) = self.fact.tag();
        let Self { at, city, seq, .. } = *self;
        put_fields!(bytes, at: Timestamp, city: CityId, seq: u64, area: u8, variant: u8);
        self.fact.put_fields(bytes);
    }

    /// Takes a record off the front of canonical bytes; none if they do not hold one.
    #[must_use]
    pub fn take(bytes: &mut &[u8]) -> Option<Self> {
        let (at, city, seq) = (Field::take(bytes)?, Field::take(bytes)?, Field::take(bytes)?);
        let tag = (Field::take(bytes)?, Field::take(bytes)?);
        Some(Self { at, city, seq, fact: Fact::take_fields(tag, bytes)? })
    }
}

/// What takes records as they come, in order.
pub trait Sink {
    /// Takes the next record.
    fn record(&mut self, record: &Record);

    /// Takes the next records: the same as one after the other.
    fn records(&mut self, records: &[Record]) {
        records.iter().for_each(|record| self.record(record));
    }

    /// Takes the next word of the tape. Most sinks keep no tape.
    fn heard(&mut self, _entry: &Entry) {}
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn record(&mut self, record: &Record) {
        (**self).record(record);
    }

    fn records(&mut self, records: &[Record]) {
        (**self).records(records);
    }

    fn heard(&mut self, entry: &Entry) {
        (**self).heard(entry);
    }
}

impl Sink for Vec<Record> {
    fn record(&mut self, record: &Record) {
        self.push(*record);
    }
}

impl<A: Sink, B: Sink> Sink for (A, B) {
    fn record(&mut self, record: &Record) {
        self.0.record(record);
        self.1.record(record);
    }

    fn records(&mut self, records: &[Record]) {
        self.0.records(records);
        self.1.records(records);
    }

    fn heard(&mut self, entry: &Entry) {
        self.0.heard(entry);
        self.1.heard(entry);
    }
}
