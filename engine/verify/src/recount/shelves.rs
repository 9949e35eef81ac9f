//! How many shelves have something free, and for how long.

use domain::ids::{SkuId, StoreId};
use domain::stock::Event;
use domain::time::Timestamp;

use super::Counts;

/// Shelves of one city at most: ids beyond are taken for damage.
const MAX_SHELVES: usize = 1 << 27;

/// Free units of every listed SKU at every listed store, and the time that shelves had some.
#[derive(Default)]
pub(super) struct Shelves {
    stores: Vec<Vec<i64>>,
    skus: usize,
    /// Shelves with free units.
    in_stock: u64,
    /// Until when `in_stock_us` is counted.
    counted_to: Timestamp,
    /// Time within the window, summed over the shelves that had free units, microseconds.
    in_stock_us: u128,
}

impl Shelves {
    pub(super) fn list_sku(&mut self, sku: SkuId) {
        if sku.index() == self.skus {
            self.skus += 1;
        }
    }

    pub(super) fn list_store(&mut self, store: StoreId) {
        let shelves = (self.stores.len() + 1).saturating_mul(self.skus);
        if store.index() == self.stores.len() && shelves <= MAX_SHELVES {
            self.stores.push(vec![0; self.skus]);
        }
    }

    /// Units moved to what is free, or away from it.
    pub(super) fn change(&mut self, store: StoreId, sku: SkuId, units: i64) {
        let shelves = self.stores.get_mut(store.index());
        let Some(free) = shelves.and_then(|shelves| shelves.get_mut(sku.index())) else { return };
        let before = *free > 0;
        *free = free.wrapping_add(units);
        match (before, *free > 0) {
            (false, true) => self.in_stock += 1,
            (true, false) => self.in_stock -= 1,
            _ => {}
        }
    }

    /// Hears of a shelf.
    #[inline]
    pub(super) fn hear(&mut self, event: &Event, now: Timestamp, window: (Timestamp, Timestamp)) {
        let (store, sku, units) = match *event {
            Event::LineHeld { store, sku, units, .. } => (store, sku, -i64::from(units)),
            Event::LineReleased { store, sku, units, .. }
            | Event::Received { store, sku, units } => (store, sku, i64::from(units)),
            Event::Adjusted { store, sku, delta_units, .. } => (store, sku, delta_units.into()),
            Event::Held { .. }
            | Event::Refused { .. }
            | Event::Extended { .. }
            | Event::Secured { .. }
            | Event::Committed { .. }
            | Event::Released { .. }
            | Event::Expired { .. } => return,
        };
        self.count_to(now, window);
        self.change(store, sku, units);
    }

    fn count_to(&mut self, now: Timestamp, window: (Timestamp, Timestamp)) {
        let from = self.counted_to.max(window.0);
        let length_us = now.min(window.1).0.saturating_sub(from.0);
        self.in_stock_us += u128::from(length_us) * u128::from(self.in_stock);
        self.counted_to = self.counted_to.max(now);
    }

    /// Counts until the window's end.
    pub(super) fn finish(&mut self, window: (Timestamp, Timestamp), counts: &mut Counts) {
        self.count_to(window.1, window);
        let shelves = self.stores.iter().map(|shelves| shelves.len() as u64).sum::<u64>();
        let length_ms = window.1.0.saturating_sub(window.0.0) / 1_000;
        counts.stores = self.stores.len() as u64;
        counts.in_stock_ms = u64::try_from(self.in_stock_us / 1_000).unwrap_or(u64::MAX);
        counts.shelf_ms = shelves.saturating_mul(length_ms);
    }
}
