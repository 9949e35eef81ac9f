//! The tape of a run: what came in from outside, what every process manager heard of it, and what
//! was asked of the outside, in the order it was handled.
//!
//! The journal says what happened; the tape says why. Played back through another driver of the
//! same rules, it must lead to the same states and the same effects.

use crate::facts::{Event, Field, Kind};
use crate::ids::CityId;
use crate::time::Timestamp;
use crate::{delivery, dispatch, outside, payment, picking, saga};

facts! {
    /// A word that came in, was heard, or was asked.
    pub enum Input {
        /// An order's saga.
        Saga(saga::Input),
        /// A pick list.
        Task(picking::Input),
        /// An order's wait for a rider.
        Request(dispatch::request::Input),
        /// A trip.
        Trip(delivery::Input),
        /// An order's payment.
        Payment(payment::Input),
        /// Nobody yet: it came in from outside, and what follows was called forth by it.
        Came(outside::Input),
        /// The outside: this was asked of it.
        Asked(outside::Effect),
    }
}

/// One word on the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was heard.
    pub at: Timestamp,
    /// Where.
    pub city: CityId,
    /// Who heard it: the order's or the trip's number; zero for what passes between the business
    /// and the outside, which names whom it is about.
    pub hearer: u64,
    /// What was heard.
    pub input: Input,
}

impl Entry {
    /// Appends the canonical bytes: time, city, hearer, tag, fields; all little-endian.
    pub fn put(&self, bytes: &mut Vec<u8>) {
        let (area, variant) = self.input.tag();
        let Self { at, city, hearer, .. } = *self;
        put_fields!(bytes, at: Timestamp, city: CityId, hearer: u64, area: u8, variant: u8);
        self.input.put_fields(bytes);
    }

    /// Takes an entry off the front of canonical bytes; none if they do not hold one.
    #[must_use]
    pub fn take(bytes: &mut &[u8]) -> Option<Self> {
        let (at, city, hearer) = (Field::take(bytes)?, Field::take(bytes)?, Field::take(bytes)?);
        let tag = (Field::take(bytes)?, Field::take(bytes)?);
        Some(Self { at, city, hearer, input: Input::take_fields(tag, bytes)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_bytes_give_every_entry_back() {
        let entries = Input::AREAS.iter().enumerate().flat_map(|(area, kinds)| {
            (0..kinds.len()).map(move |variant| {
                let tag = (u8::try_from(area).unwrap(), u8::try_from(variant).unwrap());
                let input = Input::from_cells(tag, &mut || Some(0)).expect("zeros build any input");
                Entry { at: Timestamp(3), city: CityId(1), hearer: 7, input }
            })
        });
        for entry in entries {
            let mut bytes = Vec::new();
            entry.put(&mut bytes);
            assert_eq!(Entry::take(&mut bytes.as_slice()), Some(entry));
            for cut in 0..bytes.len() {
                assert_eq!(Entry::take(&mut &bytes[..cut]), None, "{entry:?} cut at {cut}");
            }
        }
    }
}
