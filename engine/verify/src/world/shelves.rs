//! Units on shelves and the holds of orders.

use domain::ids::{OrderId, SkuId, StoreId};
use domain::money::Bps;
use domain::place::Place;
use domain::stock::{Adjustment, Event};
use domain::store::Door;

use super::{Hold, Line, Shelf, Store, World};

impl Store {
    pub(super) fn unlisted() -> Self {
        Self {
            listed: false,
            place: Place::default(),
            radius_m: 0,
            door: Door::Open,
            surge: Bps::ONE,
            shelves: Vec::new(),
        }
    }

    /// The shelves by SKU, as far as any of them had units.
    pub(crate) fn shelves(&self) -> &[Shelf] {
        &self.shelves
    }
}

impl World {
    /// The units of a listed SKU at a store.
    pub(super) fn shelf_mut(&mut self, store: StoreId, sku: SkuId) -> Option<&mut Shelf> {
        let skus = self.skus.len();
        let shelves = &mut self.stores.get_mut(store.index())?.shelves;
        if sku.index() >= shelves.len() && sku.index() < skus {
            shelves.reserve_exact(skus - shelves.len());
            shelves.resize(skus, Shelf::default());
        }
        shelves.get_mut(sku.index())
    }

    /// The first line of an order with a SKU that fits.
    pub(super) fn line_mut(
        &mut self,
        order: OrderId,
        sku: SkuId,
        fits: impl Fn(&Line) -> bool,
    ) -> Option<&mut Line> {
        let lines = self.live(self.order(order)).lines;
        self.lines.get_mut(lines).iter_mut().find(|line| line.sku == sku && fits(line))
    }

    #[inline(never)]
    pub(super) fn fold_stock(&mut self, event: &Event) {
        match *event {
            Event::LineHeld { order, store, sku, units } => {
                if let Some(shelf) = self.shelf_mut(store, sku) {
                    shelf.free = shelf.free.wrapping_sub_unsigned(units);
                    shelf.reserved = shelf.reserved.wrapping_add_unsigned(units);
                }
                let is_open = |line: &Line| line.held == 0 && line.committed == 0;
                if let Some(line) = self.line_mut(order, sku, is_open) {
                    line.held = units;
                }
                self.set_hold(order, Hold::Holding);
            }
            Event::Held { order, expires_at, .. } => {
                self.set_hold(order, Hold::Held);
                if let Some(live) = self.live_mut(order) {
                    live.hold_until = expires_at;
                }
            }
            Event::Refused { .. } => {}
            Event::Extended { order, expires_at, .. } => {
                if let Some(live) = self.live_mut(order) {
                    live.hold_until = expires_at;
                }
            }
            Event::Secured { order, .. } => self.set_hold(order, Hold::Secured),
            Event::Committed { order, store, sku, units } => {
                if let Some(shelf) = self.shelf_mut(store, sku) {
                    shelf.reserved = shelf.reserved.wrapping_sub_unsigned(units);
                }
                if let Some(line) = self.line_mut(order, sku, |line| line.held > 0) {
                    line.held = line.held.saturating_sub(units);
                    line.committed = line.committed.saturating_add(units);
                }
            }
            Event::LineReleased { order, store, sku, units } => {
                if let Some(shelf) = self.shelf_mut(store, sku) {
                    shelf.reserved = shelf.reserved.wrapping_sub_unsigned(units);
                    shelf.free = shelf.free.wrapping_add_unsigned(units);
                }
                if let Some(line) = self.line_mut(order, sku, |line| line.held > 0) {
                    line.held = line.held.saturating_sub(units);
                }
            }
            Event::Released { order, .. } | Event::Expired { order, .. } => {
                self.set_hold(order, Hold::Over);
            }
            Event::Received { store, sku, units } => {
                if let Some(shelf) = self.shelf_mut(store, sku) {
                    shelf.free = shelf.free.wrapping_add_unsigned(units);
                }
            }
            Event::Adjusted { store, sku, delta_units, adjustment } => {
                if let Some(shelf) = self.shelf_mut(store, sku) {
                    shelf.free = shelf.free.wrapping_add(delta_units);
                    if adjustment == Adjustment::PutBack {
                        shelf.returnable = shelf.returnable.wrapping_sub(delta_units);
                    }
                }
            }
        }
    }

    fn set_hold(&mut self, order: OrderId, hold: Hold) {
        if let Some(live) = self.live_mut(order) {
            live.hold = hold;
        }
    }
}
