//! The judge of one city's journal.

use domain::facts::{Record, Sink};
use domain::ids::OrderId;

use crate::elsewhere;
use crate::invariants::{Case, Laws};
use crate::subject::order_of;
use crate::verdict::Verdict;
use crate::world::{AHEAD, World};

/// Judges one city's records as they come.
///
/// Memory grows with orders (about 100 bytes each) and shelves (12 bytes for each store and
/// SKU), not with facts.
#[derive(Default)]
pub struct Judge {
    world: World,
    laws: Laws,
}

impl Judge {
    /// A judge who has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next record.
    pub fn record(&mut self, record: &Record) {
        self.judge(record, order_of(&record.fact));
    }

    #[inline]
    fn judge(&mut self, record: &Record, order: Option<OrderId>) {
        if self.world.records == 0 {
            self.world.city = record.city;
        }
        self.laws.judge(&Case::new(&self.world, record, order));
        self.world.fold(record, order);
    }

    /// Rules on what is left when the journal has ended, and tells what was found.
    #[must_use]
    pub fn finish(self) -> Verdict {
        let mut invariants = self.laws.finish(&self.world);
        elsewhere::fill(&mut invariants);
        Verdict { invariants }
    }
}

impl Sink for Judge {
    fn record(&mut self, record: &Record) {
        Self::record(self, record);
    }

    fn records(&mut self, records: &[Record]) {
        for few in records.chunks(AHEAD) {
            let orders = self.world.look_ahead(few);
            few.iter().zip(orders).for_each(|(record, order)| self.judge(record, order));
        }
    }
}
