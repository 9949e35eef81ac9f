//! Reads ahead: calls the rows that the next records need into the caches, all at once.
//!
//! A city's rows are larger than the caches near a core. One record after the other would wait
//! for memory each time; reads that do not depend on each other wait together.

use std::hint::black_box;

use domain::facts::{Fact, Record};
use domain::ids::OrderId;
use domain::stock::Event;

use super::World;
use crate::subject::order_of;

/// Records that are looked at together.
pub(crate) const AHEAD: usize = 32;

impl World {
    /// Tells the order of each record, and reads of each order its row, its details and its
    /// lines, and of each record the shelf that it moves.
    pub(crate) fn look_ahead(&self, records: &[Record]) -> [Option<OrderId>; AHEAD] {
        let mut orders = [None; AHEAD];
        let (mut lives, mut count) = ([0; AHEAD], 0);
        let mut last = None;
        let mut seen = 0;
        for (record, order) in records.iter().zip(&mut orders) {
            *order = order_of(&record.fact);
            if let Some(id) = order.filter(|_| *order != last) {
                last = *order;
                lives[count] = self.order(id).live;
                count += 1;
            }
            seen ^= self.shelf_of(&record.fact);
        }
        let lives = lives[..count].iter().filter_map(|&live| self.live.get(live));
        let lines = lives.clone().fold(0, |seen, live| seen ^ live.picker ^ live.lines.at());
        black_box(lines);
        for live in lives {
            seen ^= self.lines.get(live.lines).first().map_or(0, |line| line.units);
        }
        black_box(seen);
        orders
    }

    #[inline]
    fn shelf_of(&self, fact: &Fact) -> u32 {
        if let Fact::Stock(
            Event::LineHeld { store, sku, .. }
            | Event::Committed { store, sku, .. }
            | Event::LineReleased { store, sku, .. },
        ) = *fact
        {
            self.shelf(store, sku).free.unsigned_abs()
        } else {
            0
        }
    }
}
