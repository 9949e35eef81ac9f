//! Pick lists and pickers, and orders' waits for a rider.

use domain::dispatch::Event as Dispatch;
use domain::ids::{OrderId, PickerId};
use domain::picking::Event;

use super::{Pick, World};
use crate::arena::NONE;

impl World {
    #[inline(never)]
    pub(super) fn fold_picking(&mut self, event: &Event) {
        match *event {
            Event::Queued { order, .. } => self.set_pick(order, Pick::Queued),
            Event::Started { order, picker } => {
                self.set_pick(order, Pick::Started);
                if let Some(live) = self.live_mut(order) {
                    live.picker = picker.0;
                }
                if let Some(row) = self.pickers.get_mut(picker.index()) {
                    row.order = Some(order);
                }
            }
            Event::LinePicked { order, line, sku, .. } => {
                let is_it = |row: &super::Line| row.number == line;
                if let Some(row) = self.line_mut(order, sku, is_it) {
                    row.sought = true;
                }
            }
            Event::LineShort { order, line, sku, reduction, .. } => {
                let is_it = |row: &super::Line| row.number == line;
                if let Some(row) = self.line_mut(order, sku, is_it) {
                    row.sought = true;
                }
                if let Some(row) = self.order_mut(order) {
                    row.due = row.due.wrapping_sub(reduction.0);
                }
            }
            Event::Packed { order, picker, .. } => {
                self.set_pick(order, Pick::Packed);
                self.free_picker(order, picker.0);
            }
            Event::HandedOver { order, .. } => self.set_pick(order, Pick::HandedOver),
            Event::Aborted { order, put_back: true } => self.set_pick(order, Pick::PuttingBack),
            Event::Aborted { order, put_back: false } => {
                self.set_pick(order, Pick::Aborted);
                self.free_picker_of(order);
            }
            Event::Closed { order } => {
                self.set_pick(order, Pick::Closed);
                self.free_picker_of(order);
            }
        }
    }

    fn set_pick(&mut self, order: OrderId, pick: Pick) {
        if let Some(live) = self.live_mut(order) {
            live.pick = pick;
        }
    }

    fn free_picker_of(&mut self, order: OrderId) {
        let picker = self.live(self.order(order)).picker;
        self.free_picker(order, picker);
    }

    fn free_picker(&mut self, order: OrderId, picker: u32) {
        if picker == NONE {
            return;
        }
        let row = self.pickers.get_mut(PickerId(picker).index());
        if let Some(row) = row.filter(|row| row.order == Some(order)) {
            row.order = None;
        }
    }

    #[inline(never)]
    pub(super) fn fold_dispatch(&mut self, event: &Dispatch) {
        let (order, wanted) = match *event {
            Dispatch::Requested { order, .. } => (order, true),
            Dispatch::Withdrawn { order } => (order, false),
        };
        if let Some(live) = self.live_mut(order) {
            live.rider_wanted = wanted;
        }
    }
}
