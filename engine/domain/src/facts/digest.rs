//! Digests of journals: xxh3-128 over the canonical records of each simulated minute, over the
//! minutes of a city, and over the cities of a run. Every byte is hashed once.

use xxhash_rust::xxh3::Xxh3Default;

use super::{Record, Sink};
use crate::ids::CityId;
use crate::time::MICROS_PER_S;

const MICROS_PER_MINUTE: u64 = 60 * MICROS_PER_S;
const BUFFER_BYTES: usize = 32 << 10;

/// A digest; prints as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub u128);

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl std::str::FromStr for Digest {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(Self)
    }
}

/// What one city's journal came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityDigest {
    /// The city.
    pub city: CityId,
    /// How many records there were.
    pub records: u64,
    /// The digest of all records: over the number and digest of each minute.
    pub whole: Digest,
    /// The digest of each simulated minute that has records: minute since the epoch, digest.
    pub minutes: Vec<(u64, Digest)>,
}

/// Takes one city's records and digests them.
pub struct RunDigest {
    city: CityId,
    records: u64,
    minute: u64,
    bytes: Vec<u8>,
    part: Box<Xxh3Default>,
    part_is_empty: bool,
    minutes: Vec<(u64, Digest)>,
}

impl RunDigest {
    /// An empty digest of a city's journal.
    #[must_use]
    pub fn new(city: CityId) -> Self {
        Self {
            city,
            records: 0,
            minute: 0,
            bytes: Vec::with_capacity(BUFFER_BYTES + 256),
            part: Box::new(Xxh3Default::new()),
            part_is_empty: true,
            minutes: Vec::new(),
        }
    }

    /// The digest of everything taken.
    #[must_use]
    pub fn finish(mut self) -> CityDigest {
        self.close_minute();
        let mut whole = Xxh3Default::new();
        for (minute, digest) in &self.minutes {
            whole.update(&minute.to_le_bytes());
            whole.update(&digest.0.to_le_bytes());
        }
        CityDigest {
            city: self.city,
            records: self.records,
            whole: Digest(whole.digest128()),
            minutes: self.minutes,
        }
    }

    /// The digest of a run: over its cities' digests, in the order of the cities.
    #[must_use]
    pub fn of_run(cities: &[CityDigest]) -> Digest {
        let mut run = Xxh3Default::new();
        for city in cities {
            run.update(&city.whole.0.to_le_bytes());
        }
        Digest(run.digest128())
    }

    fn flush(&mut self) {
        self.part.update(&self.bytes);
        self.bytes.clear();
    }

    fn close_minute(&mut self) {
        self.flush();
        if !self.part_is_empty {
            self.minutes.push((self.minute, Digest(self.part.digest128())));
            self.part.reset();
            self.part_is_empty = true;
        }
    }
}

impl Sink for RunDigest {
    fn record(&mut self, record: &Record) {
        let minute = record.at.0 / MICROS_PER_MINUTE;
        if minute != self.minute {
            self.close_minute();
            self.minute = minute;
        }
        record.put(&mut self.bytes);
        self.records += 1;
        self.part_is_empty = false;
        if self.bytes.len() >= BUFFER_BYTES {
            self.flush();
        }
    }
}
