//! What arrives: orders with everything about them that is drawn before anything happens.

use domain::facts::Digest;
use domain::ids::{CustomerId, StoreId};
use domain::order::Line;
use domain::payment::Method;
use domain::place::Place;
use domain::time::{Millis, Timestamp};
use roads::NodeId;
use xxhash_rust::xxh3::Xxh3Default;

/// The orders of one city, sorted by time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// The arrivals; those of one instant keep the order they were made in.
    pub arrivals: Vec<Arrival>,
    /// The lines of all arrivals; see [`Demand::lines_of`].
    pub lines: Vec<Line>,
}

/// A customer who wants to order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// The arrival's own name: its index, or the number a recorded day gave it.
    pub client_ref: u64,
    /// What chance about this order is keyed by. Unlike the index it stays the same
    /// when demand rises, so an order keeps its luck.
    pub luck: u64,
    /// Who.
    pub customer: CustomerId,
    /// Where to.
    pub door: Place,
    /// The junction the door is at, in a city with roads.
    pub node: Option<NodeId>,
    /// Where the lines are.
    pub lines: LineSpan,
    /// How they pay.
    pub method: Method,
    /// The store, where a recorded day names it.
    pub store: Option<StoreId>,
    /// What a recorded day says about the order's times.
    pub recorded: Option<Recorded>,
}

/// A stretch of [`Demand::lines`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineSpan {
    /// The first line.
    pub start: u32,
    /// How many lines.
    pub len: u16,
}

/// Times of a recorded order, counted from when it was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// It was ready to be picked up.
    pub ready: Millis,
    /// The customer was told to expect it. Recorded days have orders that were
    /// expected before they were ready.
    pub expected: Millis,
}

impl Demand {
    /// The lines of an arrival of this demand.
    ///
    /// # Panics
    /// If the arrival is of another demand and its lines are not here.
    #[must_use]
    pub fn lines_of(&self, arrival: &Arrival) -> &[Line] {
        &self.lines[arrival.lines.start as usize..][..usize::from(arrival.lines.len)]
    }

    /// Appends an arrival's lines and says where they are.
    ///
    /// # Panics
    /// If one order has 2¹⁶ lines or all have 2³².
    pub(crate) fn add_lines(&mut self, lines: impl IntoIterator<Item = Line>) -> LineSpan {
        let start = self.lines.len();
        self.lines.extend(lines);
        LineSpan {
            start: u32::try_from(start).expect("lines of a city fit 32 bits"),
            len: u16::try_from(self.lines.len() - start).expect("lines of an order fit 16 bits"),
        }
    }

    fn hash_into(&self, hash: &mut Xxh3Default, bytes: &mut Vec<u8>) {
        hash.update(&(self.arrivals.len() as u64).to_le_bytes());
        for arrival in &self.arrivals {
            bytes.clear();
            arrival.put(bytes);
            for line in self.lines_of(arrival) {
                bytes.extend_from_slice(&line.sku.0.to_le_bytes());
                bytes.extend_from_slice(&line.units.to_le_bytes());
            }
            hash.update(bytes);
        }
    }
}

impl Arrival {
    /// Appends the canonical bytes: little-endian, what is absent as all ones.
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.at.0.to_le_bytes());
        bytes.extend_from_slice(&self.client_ref.to_le_bytes());
        bytes.extend_from_slice(&self.luck.to_le_bytes());
        bytes.extend_from_slice(&self.customer.0.to_le_bytes());
        bytes.extend_from_slice(&self.door.lat_e7.to_le_bytes());
        bytes.extend_from_slice(&self.door.lon_e7.to_le_bytes());
        let (ready, expected) =
            self.recorded.map_or((u32::MAX, u32::MAX), |times| (times.ready.0, times.expected.0));
        for number in [
            self.node.map_or(u32::MAX, |node| node.0),
            self.store.map_or(u32::MAX, |store| store.0),
            ready,
            expected,
        ] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.push(self.method as u8);
        bytes.extend_from_slice(&self.lines.len.to_le_bytes());
    }
}

/// The digest of all arrivals and their attributes, city by city: equal for two runs that
/// differ only in what they do with the demand.
#[must_use]
pub fn demand_digest(cities: &[Demand]) -> Digest {
    let mut hash = Xxh3Default::new();
    let mut bytes = Vec::with_capacity(1 << 10);
    for demand in cities {
        demand.hash_into(&mut hash, &mut bytes);
    }
    Digest(hash.digest128())
}

/// What chance about an order is keyed by: its city in the top 16 bits, a number of its own below.
pub(crate) fn luck_of(city: domain::ids::CityId, own: u64) -> u64 {
    debug_assert!(own >> 48 == 0, "an order's own number fits 48 bits");
    (u64::from(city.0) << 48) | own
}
