//! What facts about orders, their quotes, money and pick lists do to rows and stores.

use domain::ids::OrderId;
use domain::order::Event as Order;
use domain::payment::Event as Payment;
use domain::picking::Event as Picking;
use domain::pricing::Event as Pricing;
use domain::stock::Event as Stock;
use domain::time::Timestamp;

use super::CityFold;
use super::orders::{OrderRow, Outcome, Pick};

impl CityFold {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest says nothing about an order's row"
    )]
    pub(super) fn pricing(&mut self, at: Timestamp, event: Pricing) {
        match event {
            Pricing::FeeAdded { order, amount, .. } => self.row(at, order).fees_paise += amount.0,
            Pricing::Issued { order, total, surge, .. } => {
                let row = self.row(at, order);
                (row.quoted_paise, row.surge_bps) = (total.0, surge.0);
            }
            Pricing::Locked { order, total } => self.row(at, order).quoted_paise = total.0,
            Pricing::Expired { order } | Pricing::Invalidated { order } => self.forget_quote(order),
            Pricing::SurgeSet { store, surge } => {
                self.series.at(store).standing.surge_bps = surge.0;
            }
            _ => {}
        }
    }

    fn placed(&mut self, at: Timestamp, event: Order) {
        let Order::Placed {
            order,
            client_ref,
            customer,
            store,
            door,
            lines,
            method,
            promise_by,
            ..
        } = event
        else {
            return;
        };
        let in_window = (self.window.0..self.window.1).contains(&at);
        let row = self.row(at, order);
        row.placed = Some(at);
        row.client_ref = client_ref;
        row.customer = customer.0;
        (row.store, row.door, row.lines) = (store, door, lines);
        (row.method, row.promise_by, row.in_window) = (method, promise_by, in_window);
        let shop = self.series.at(store);
        shop.flow.placed += 1;
        shop.standing.open_orders += 1;
        self.totals.placed += 1;
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest says nothing about an order's row"
    )]
    pub(super) fn order(&mut self, at: Timestamp, event: Order) {
        match event {
            Order::Placed { .. } => self.placed(at, event),
            Order::Reserved { order, .. } => self.mark(order, |row| row.reserved = Some(at)),
            Order::PaymentPending { order, .. } => {
                self.mark(order, |row| row.payment_asked = Some(at));
            }
            Order::Confirmed { order, .. } => self.mark(order, |row| row.confirmed = Some(at)),
            Order::Packed { order, payable, .. } => {
                self.mark(order, |row| row.payable_paise = Some(payable.0));
            }
            Order::Arrived { order, .. } => self.arrived(at, order),
            Order::Delivered { order, .. } => self.ended(at, order, Outcome::Delivered),
            Order::Rejected { order, rejection, .. } => {
                self.mark(order, |row| row.rejection = Some(rejection));
                self.ended(at, order, Outcome::Rejected);
            }
            Order::Cancelled { order, canceller, stage, .. } => {
                self.mark(order, |row| {
                    (row.canceller, row.cancelled_at) = (Some(canceller), Some(stage));
                });
                self.ended(at, order, Outcome::Cancelled);
            }
            Order::Undelivered { order, .. } => self.ended(at, order, Outcome::Undelivered),
            _ => {}
        }
    }

    pub(super) fn mark(&mut self, order: OrderId, mark: impl FnOnce(&mut OrderRow)) {
        if let Some(row) = self.orders.get(order.0) {
            mark(row);
        }
    }

    fn arrived(&mut self, at: Timestamp, order: OrderId) {
        let Some(row) = self.orders.get(order.0) else { return };
        row.arrived = Some(at);
        let flow = &mut self.series.at(row.store).flow;
        flow.arrived += 1;
        flow.door_ms += row.placed.map_or(0, |placed| u64::from(at.since(placed).0));
        self.totals.arrived += 1;
        if row.is_on_time() == Some(true) {
            flow.on_time += 1;
            self.totals.on_time += 1;
        }
    }

    fn ended(&mut self, at: Timestamp, order: OrderId, outcome: Outcome) {
        let Some(row) = self.orders.get(order.0).filter(|row| row.is_open()) else { return };
        (row.ended, row.outcome) = (Some(at), outcome);
        let shop = self.series.at(row.store);
        shop.standing.open_orders = shop.standing.open_orders.saturating_sub(1);
        let count = match outcome {
            Outcome::InFlight => return,
            Outcome::Delivered => &mut shop.flow.delivered,
            Outcome::Rejected => &mut shop.flow.rejected,
            Outcome::Cancelled => &mut shop.flow.cancelled,
            Outcome::Undelivered => &mut shop.flow.undelivered,
        };
        *count += 1;
        let totals = &mut self.totals;
        let is_delivered = outcome == Outcome::Delivered;
        let total = if is_delivered { &mut totals.delivered } else { &mut totals.lost };
        *total += 1;
        self.ended.push_back((at, order));
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest says nothing about an order's row"
    )]
    pub(super) fn payment(&mut self, at: Timestamp, event: Payment) {
        match event {
            Payment::Initiated { order, attempt, .. } => {
                self.mark(order, |row| row.payment_attempts = attempt);
            }
            Payment::Captured { order, amount, .. }
            | Payment::CashCollected { order, amount, .. } => {
                self.mark(order, |row| {
                    row.captured_paise += amount.0;
                    row.paid.get_or_insert(at);
                });
            }
            Payment::Refunded { order, amount, .. } => {
                self.mark(order, |row| row.refunded_paise += amount.0);
            }
            _ => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest says nothing about an order's row"
    )]
    pub(super) fn picking(&mut self, at: Timestamp, event: Picking) {
        match event {
            Picking::Queued { order, .. } => {
                self.pick(order, Pick::Waiting, |row| row.pick_queued = Some(at));
            }
            Picking::Started { order, picker } => self.pick(order, Pick::Working, |row| {
                (row.pick_started, row.picker) = (Some(at), Some(picker));
            }),
            Picking::Packed { order, .. } => {
                self.pick(order, Pick::Packed, |row| row.packed = Some(at));
            }
            Picking::HandedOver { order, .. } | Picking::Aborted { order, .. } => {
                self.pick(order, Pick::None, |_| {});
            }
            Picking::LineShort { order, reduction, .. } => {
                let Some(row) = self.orders.get(order.0) else { return };
                row.reduction_paise += reduction.0;
                row.short_lines += 1;
                self.series.at(row.store).flow.short_lines += 1;
            }
            _ => {}
        }
    }

    /// Moves an order's pick list on.
    fn pick(&mut self, order: OrderId, next: Pick, mark: impl FnOnce(&mut OrderRow)) {
        let Some(row) = self.orders.get(order.0) else { return };
        let standing = &mut self.series.at(row.store).standing;
        if let Some(level) = standing.level(row.pick) {
            *level = level.saturating_sub(1);
        }
        if let Some(level) = standing.level(next) {
            *level += 1;
        }
        row.pick = next;
        mark(row);
    }

    pub(super) fn stock(&mut self, event: Stock) {
        if let Stock::Refused { order, store, .. } = event {
            self.mark(order, |row| row.refused_lines += 1);
            self.series.at(store).flow.refused_lines += 1;
        }
    }
}
