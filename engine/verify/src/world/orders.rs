//! Quotes and the stages of orders.

use domain::ids::OrderId;
use domain::order::{Event, Stage};
use domain::pricing::Event as Pricing;
use domain::store::Door;
use domain::time::{Millis, Timestamp};

use super::{Line, Live, Order, Pick, Quote, World};
use crate::arena::NONE;

/// A quote that was begun and not issued within this time is forgotten.
const DRAFT_LIMIT: Millis = Millis::from_min(1);

impl World {
    /// The row of an order, made if need be; none if it is of another city.
    pub(super) fn order_mut(&mut self, order: OrderId) -> Option<&mut Order> {
        if self.is_ours(order) { self.orders.entry(order.index()) } else { None }
    }

    /// The details of an order; none if it is over or unknown.
    pub(super) fn live_mut(&mut self, order: OrderId) -> Option<&mut Live> {
        let at = self.order(order).live;
        self.live.get_mut(at)
    }

    /// The details of an order, made if it has none and is not over.
    fn live_entry(&mut self, order: OrderId) -> Option<&mut Live> {
        let row = self.order(order);
        if !row.is_live() && !row.is_over() {
            if row.stage == Stage::Draft {
                self.drop_lapsed_drafts();
                self.drafts.push_back(order.0);
            }
            let valid_until = Timestamp(self.now.0.saturating_add(DRAFT_LIMIT.as_micros()));
            let at = self.live.take(Live { valid_until, ..Live::BLANK });
            match self.order_mut(order) {
                Some(row) => row.live = at,
                None => self.live.give_back(at),
            }
        }
        self.live_mut(order)
    }

    /// Forgets the quotes that were never taken and can no longer be.
    fn drop_lapsed_drafts(&mut self) {
        while let Some(&first) = self.drafts.front() {
            let order = OrderId(first);
            let row = self.order(order);
            if row.stage == Stage::Draft && row.is_live() {
                let live = self.live(row);
                if self.now <= live.valid_until {
                    return;
                }
                let has_lapsed = live.quote == Quote::Issued;
                if let Some(row) = self.order_mut(order) {
                    row.has_lapsed = has_lapsed;
                }
                self.forget(order);
            }
            self.drafts.pop_front();
        }
    }

    #[inline(never)]
    pub(super) fn fold_pricing(&mut self, event: &Pricing) {
        match *event {
            Pricing::LinePriced { order, line, sku, units, unit_price, .. } => {
                let Some(live) = self.quote_under_way(order) else { return };
                let amount = unit_price.0.wrapping_mul(i64::from(units));
                live.priced = live.priced.wrapping_add(amount);
                live.priced_lines = live.priced_lines.saturating_add(1);
                let lines = live.lines;
                let row =
                    Line { unit_price: unit_price.0, sku, units, number: line, ..Line::default() };
                let lines = self.lines.push(lines, row);
                if let Some(live) = self.live_mut(order) {
                    live.lines = lines;
                }
            }
            Pricing::FeeAdded { order, amount, .. } => {
                if let Some(live) = self.quote_under_way(order) {
                    live.priced = live.priced.wrapping_add(amount.0);
                }
            }
            Pricing::Issued { order, store, total, promise_by, valid_until, .. } => {
                if let Some(live) = self.quote_under_way(order) {
                    live.quote = Quote::Issued;
                    live.total = total.0;
                    live.store = store;
                    (live.promise_by, live.valid_until) = (promise_by, valid_until);
                }
            }
            Pricing::Locked { order, total } => {
                if let Some(live) = self.live_entry(order) {
                    live.quote = Quote::Locked;
                }
                if let Some(row) = self.order_mut(order) {
                    row.due = total.0;
                }
            }
            Pricing::Expired { order } => self.set_quote(order, Quote::Expired),
            Pricing::Consumed { order } => self.set_quote(order, Quote::Consumed),
            Pricing::Invalidated { order } => self.set_quote(order, Quote::Invalidated),
            Pricing::LineUnavailable { .. } => {}
            Pricing::SurgeSet { store, surge } => {
                if let Some(row) = self.stores.get_mut(store.index()) {
                    row.surge = surge;
                }
            }
        }
    }

    fn set_quote(&mut self, order: OrderId, quote: Quote) {
        if let Some(live) = self.live_mut(order) {
            live.quote = quote;
        }
    }

    /// The details of an order whose quote is being made; a new quote replaces one that is not
    /// locked, and none is made for an order that has locked one or is over.
    fn quote_under_way(&mut self, order: OrderId) -> Option<&mut Live> {
        let live = self.live_entry(order)?;
        if matches!(live.quote, Quote::Locked | Quote::Consumed) {
            return None;
        }
        if live.quote != Quote::Pricing {
            live.quote = Quote::Pricing;
            (live.priced, live.priced_lines) = (0, 0);
            let old = std::mem::take(&mut live.lines);
            self.lines.give_back(old);
        }
        self.live_mut(order)
    }

    #[inline(never)]
    pub(super) fn fold_order(&mut self, event: &Event) {
        match *event {
            Event::Placed { order, version, store, door, method, .. } => {
                let served = self.stores.get(store.index()).is_some_and(|row| {
                    matches!(row.door, Door::Open | Door::Throttled)
                        && row.place.straight_m(door) <= f64::from(row.radius_m)
                });
                let now = self.now;
                if let Some(live) = self.live_entry(order) {
                    (live.placed_at, live.entered_at) = (now, now);
                    (live.store, live.door, live.method) = (store, door, method);
                    live.served = served;
                }
                self.enter(order, version, Stage::Placed);
            }
            Event::Reserved { order, version } => self.enter(order, version, Stage::Reserved),
            Event::PaymentPending { order, version } => {
                self.enter(order, version, Stage::PaymentPending);
            }
            Event::Confirmed { order, version } => self.enter(order, version, Stage::Confirmed),
            Event::PickingBegun { order, version } => self.enter(order, version, Stage::Picking),
            Event::Packed { order, version, payable } => {
                self.enter(order, version, Stage::Packed);
                if let Some(row) = self.order_mut(order) {
                    row.due = payable.0;
                }
            }
            Event::LeftStore { order, version } => {
                self.enter(order, version, Stage::OutForDelivery);
            }
            Event::Arrived { order, version } => self.enter(order, version, Stage::Arrived),
            Event::Delivered { order, version } => self.enter(order, version, Stage::Delivered),
            Event::Rejected { order, version, .. } => self.enter(order, version, Stage::Rejected),
            Event::CancelAsked { order, version, canceller } => {
                if let Some(live) = self.live_mut(order) {
                    live.cancel_asked = Some(canceller);
                }
                if let Some(row) = self.order_mut(order) {
                    row.version = version;
                }
            }
            Event::Cancelled { order, version, .. } => {
                self.leave_units(order);
                self.enter(order, version, Stage::Cancelled);
            }
            Event::Undelivered { order, version } => {
                self.leave_units(order);
                self.enter(order, version, Stage::Undelivered);
            }
        }
    }

    fn enter(&mut self, order: OrderId, version: u16, stage: Stage) {
        let now = self.now;
        if let Some(row) = self.order_mut(order) {
            (row.version, row.stage) = (version, stage);
        }
        if let Some(live) = self.live_mut(order) {
            live.entered_at = now;
        }
    }

    /// Notes that what was sold to an order did not reach its customer.
    fn leave_units(&mut self, order: OrderId) {
        let live = self.live(self.order(order));
        let (store, lines) = (live.store, live.lines);
        for at in 0..self.lines.get(lines).len() {
            let Line { sku, committed, .. } = self.lines.get(lines)[at];
            if let Some(shelf) = self.shelf_mut(store, sku).filter(|_| committed > 0) {
                shelf.returnable = shelf.returnable.wrapping_add_unsigned(committed);
            }
        }
    }

    /// Gives back the details of an order that is over and has nothing left to settle.
    #[inline]
    pub(super) fn let_go(&mut self, order: OrderId) {
        let row = self.order(order);
        if row.is_over() && row.is_live() {
            self.let_go_if_settled(order);
        }
    }

    fn let_go_if_settled(&mut self, order: OrderId) {
        let row = self.order(order);
        let live = self.live(row);
        let is_picked_up = matches!(live.pick, Pick::Queued | Pick::Started | Pick::PuttingBack);
        let holds = self.lines(live).any(|line| line.held > 0);
        if !is_picked_up && !holds && !self.is_on_a_trip(live) {
            self.forget(order);
        }
    }

    /// Gives back the details of an order.
    fn forget(&mut self, order: OrderId) {
        let Some(row) = self.order_mut(order) else { return };
        let at = std::mem::replace(&mut row.live, NONE);
        if let Some(live) = self.live.get(at) {
            let lines = live.lines;
            self.lines.give_back(lines);
            self.live.give_back(at);
        }
    }
}
