//! Every count of a run, as plain integers that can be compared field by field.

use domain::money::Paise;
use domain::order::{Rejection, Stage};
use domain::pricing::Fee;

/// Money of the orders placed in the window, tax included unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// Goods of delivered orders, short lines taken off.
    pub goods: Paise,
    /// Fees of delivered orders, by kind in the order of [`Fee::ALL`]; discounts are negative.
    pub fees: [Paise; Fee::ALL.len()],
    /// Goods and fees of delivered orders: what their customers owe.
    pub total: Paise,
    /// Tax in what was sold, as the books say.
    pub tax: Paise,
    /// Captured through providers and wallets, for orders of any end.
    pub captured: Paise,
    /// Collected in cash at doors.
    pub collected: Paise,
    /// Refunded, for orders of any end.
    pub refunded: Paise,
    /// Paid to riders for delivered orders.
    pub rider_pay: Paise,
}

/// Every count of a run, or of several.
///
/// Unless it says otherwise, a count is of orders placed in the measured window: at or after its
/// beginning and before its end. What becomes of such an order counts whenever it happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Orders placed.
    pub placed: u64,
    /// Of those, delivered.
    pub delivered: u64,
    /// Of those, rejected.
    pub rejected: u64,
    /// Of those, cancelled.
    pub cancelled: u64,
    /// Of those, undelivered.
    pub undelivered: u64,
    /// Of those, under way when the journal ended.
    pub in_flight: u64,
    /// Delivered orders whose rider was at the door by the promise.
    pub on_time: u64,
    /// For each delivered order the time from placed to at the door, whole milliseconds rounded
    /// down, in ascending order. Counted from the order's own stages; the first arrival counts.
    pub order_to_door_ms: Vec<u32>,
    /// Rejected orders by reason, in the order of [`Rejection::ALL`].
    pub rejections: [u64; Rejection::ALL.len()],
    /// Cancelled orders by the stage reached, in the order of [`Stage::ALL`].
    pub cancellations: [u64; Stage::ALL.len()],
    /// Lines told inside the window to be missing: lines of carts that were not on the shelf, and
    /// the first line of each hold that was refused.
    pub stockout_lines: u64,
    /// Time inside the window that riders spent on trips, from accepting one to its end, and on
    /// the way home from them, microseconds.
    pub rider_busy_us: u64,
    /// Time inside the window that riders were on duty and not on a break, microseconds.
    pub rider_duty_us: u64,
    /// Time inside the window that pickers spent on lists, from beginning one until it is packed,
    /// or stopped and put back, microseconds.
    pub picker_busy_us: u64,
    /// Time inside the window that pickers were rostered for, microseconds; the whole window for a
    /// picker without a listed shift.
    pub picker_duty_us: u64,
    /// Money.
    pub money: Money,
    /// Orders packed.
    pub packed: u64,
    /// For those, the time from a picker's beginning until packed, microseconds.
    pub pick_pack_us: u64,
    /// Orders picked up at their store.
    pub picked_up: u64,
    /// For those, the time that the rider was at the store before the bag was packed, microseconds.
    pub rider_wait_us: u64,
    /// For those, the time that the packed bag was there before the rider, microseconds.
    pub bag_wait_us: u64,
    /// Lines that pickers looked for.
    pub lines_sought: u64,
    /// Of those, lines of which fewer were found than held.
    pub lines_short: u64,
    /// Orders placed in each hour of the window, the first one first.
    pub placed_by_hour: Vec<u64>,
    /// Stores.
    pub stores: u64,
    /// The window's length, microseconds.
    pub window_us: u64,
    /// Time inside the window, summed over shelves with free units, milliseconds.
    pub in_stock_ms: u64,
    /// The same, summed over all shelves: one for each SKU of each store.
    pub shelf_ms: u64,
    /// Units received inside the window.
    pub received_units: u64,
    /// Units thrown away inside the window.
    pub dumped_units: u64,
    /// Units that counting took off the record inside the window.
    pub counted_off_units: u64,
    /// Trips that picked up at least one of them.
    pub trips: u64,
    /// Orders picked up, once for each trip that picked them up.
    pub carried: u64,
    /// Of those, picked up on a trip that picked up more than one.
    pub batched: u64,
    /// Delivered orders of the whole journal, whenever placed.
    pub delivered_ever: u64,
    /// Facts of the whole journal, without those that open it.
    pub facts: u64,
    /// Facts that open the journal.
    pub opening_facts: u64,
}

impl Counts {
    /// Adds another city's counts.
    pub fn merge(&mut self, other: &Self) {
        let add = |to: &mut u64, from: u64| *to += from;
        add(&mut self.placed, other.placed);
        add(&mut self.delivered, other.delivered);
        add(&mut self.rejected, other.rejected);
        add(&mut self.cancelled, other.cancelled);
        add(&mut self.undelivered, other.undelivered);
        add(&mut self.in_flight, other.in_flight);
        add(&mut self.on_time, other.on_time);
        add(&mut self.stockout_lines, other.stockout_lines);
        add(&mut self.rider_busy_us, other.rider_busy_us);
        add(&mut self.rider_duty_us, other.rider_duty_us);
        add(&mut self.picker_busy_us, other.picker_busy_us);
        add(&mut self.picker_duty_us, other.picker_duty_us);
        add(&mut self.packed, other.packed);
        add(&mut self.pick_pack_us, other.pick_pack_us);
        add(&mut self.picked_up, other.picked_up);
        add(&mut self.rider_wait_us, other.rider_wait_us);
        add(&mut self.bag_wait_us, other.bag_wait_us);
        add(&mut self.lines_sought, other.lines_sought);
        add(&mut self.lines_short, other.lines_short);
        add(&mut self.stores, other.stores);
        add(&mut self.in_stock_ms, other.in_stock_ms);
        add(&mut self.shelf_ms, other.shelf_ms);
        add(&mut self.received_units, other.received_units);
        add(&mut self.dumped_units, other.dumped_units);
        add(&mut self.counted_off_units, other.counted_off_units);
        self.window_us = self.window_us.max(other.window_us);
        let hours = self.placed_by_hour.len().max(other.placed_by_hour.len());
        self.placed_by_hour.resize(hours, 0);
        self.placed_by_hour
            .iter_mut()
            .zip(&other.placed_by_hour)
            .for_each(|(to, from)| *to += from);
        add(&mut self.trips, other.trips);
        add(&mut self.carried, other.carried);
        add(&mut self.batched, other.batched);
        add(&mut self.delivered_ever, other.delivered_ever);
        add(&mut self.facts, other.facts);
        add(&mut self.opening_facts, other.opening_facts);
        self.rejections.iter_mut().zip(other.rejections).for_each(|(to, from)| *to += from);
        self.cancellations.iter_mut().zip(other.cancellations).for_each(|(to, from)| *to += from);
        self.money.merge(&other.money);
        self.order_to_door_ms.extend_from_slice(&other.order_to_door_ms);
        // Two sorted runs, which a stable sort merges in one pass.
        self.order_to_door_ms.sort();
    }

    /// The share of delivered orders that were on time; none without any.
    #[must_use]
    pub fn on_time_share(&self) -> Option<f64> {
        ratio(self.on_time, self.delivered)
    }

    /// The mean time from placed to at the door, milliseconds; none without deliveries.
    #[must_use]
    pub fn order_to_door_ms_mean(&self) -> Option<f64> {
        let sum = self.order_to_door_ms.iter().map(|ms| u64::from(*ms)).sum();
        ratio(sum, self.order_to_door_ms.len() as u64)
    }

    /// A percentile of the time from placed to at the door, milliseconds; none without deliveries.
    ///
    /// By nearest rank: the smallest time that at least `percent` in a hundred do not exceed.
    ///
    /// # Panics
    /// If `percent` is not between 1 and 100.
    #[must_use]
    pub fn order_to_door_ms_percentile(&self, percent: u32) -> Option<u32> {
        assert!((1..=100).contains(&percent), "a percentile is between 1 and 100");
        let rank = (self.order_to_door_ms.len() * percent as usize).div_ceil(100);
        self.order_to_door_ms.get(rank.checked_sub(1)?).copied()
    }

    /// The share of on-duty time that riders were busy; none without duty.
    #[must_use]
    pub fn rider_utilisation(&self) -> Option<f64> {
        ratio(self.rider_busy_us, self.rider_duty_us)
    }

    /// The share of on-duty time that pickers were busy; none without duty.
    #[must_use]
    pub fn picker_utilisation(&self) -> Option<f64> {
        ratio(self.picker_busy_us, self.picker_duty_us)
    }

    /// The share of carried orders that shared their trip; none without any.
    #[must_use]
    pub fn batched_share(&self) -> Option<f64> {
        ratio(self.batched, self.carried)
    }

    /// The mean time from a picker's beginning until packed, seconds; none without any.
    #[must_use]
    pub fn pick_pack_s(&self) -> Option<f64> {
        mean_s(self.pick_pack_us, self.packed)
    }

    /// The mean time that a rider waits at the store for a bag, seconds; none without any.
    #[must_use]
    pub fn rider_wait_s(&self) -> Option<f64> {
        mean_s(self.rider_wait_us, self.picked_up)
    }

    /// The mean time that a bag waits at the store for a rider, seconds; none without any.
    #[must_use]
    pub fn bag_wait_s(&self) -> Option<f64> {
        mean_s(self.bag_wait_us, self.picked_up)
    }

    /// Delivered orders for each hour that a rider was on duty; none without duty.
    #[must_use]
    pub fn orders_per_rider_hour(&self) -> Option<f64> {
        ratio(self.delivered, self.rider_duty_us).map(|per_us| per_us * 3.6e9)
    }

    /// What a rider is paid for an hour on duty, paise; none without duty.
    #[must_use]
    pub fn rider_pay_per_hour_paise(&self) -> Option<f64> {
        let per_order = paise_each(self.money.rider_pay, self.delivered)?;
        self.orders_per_rider_hour().map(|orders| orders * per_order)
    }

    /// The share of placed orders that were cancelled; none without any.
    #[must_use]
    pub fn cancelled_share(&self) -> Option<f64> {
        ratio(self.cancelled, self.placed)
    }

    /// The share of lines looked for of which fewer were found than held; none without any.
    #[must_use]
    pub fn short_line_share(&self) -> Option<f64> {
        ratio(self.lines_short, self.lines_sought)
    }

    /// The share of shelves with free units, on average over the window; none without shelves.
    #[must_use]
    pub fn in_stock_share(&self) -> Option<f64> {
        ratio(self.in_stock_ms, self.shelf_ms)
    }

    /// Orders placed in the busiest hour of the window; zero without any.
    #[must_use]
    pub fn busiest_hour(&self) -> u64 {
        self.placed_by_hour.iter().copied().max().unwrap_or(0)
    }

    /// The share of the day's orders that are placed in the busiest hour; none unless the window
    /// is a day.
    #[must_use]
    pub fn busiest_hour_share(&self) -> Option<f64> {
        ratio(self.busiest_hour(), self.placed).filter(|_| self.window_us == DAY_US)
    }

    /// Goods of a delivered order, paise; none without deliveries.
    #[must_use]
    pub fn goods_per_order_paise(&self) -> Option<f64> {
        paise_each(self.money.goods, self.delivered)
    }

    /// Fees of a delivered order, paise; none without deliveries.
    #[must_use]
    pub fn fees_per_order_paise(&self) -> Option<f64> {
        paise_each(self.money.fees.into_iter().sum(), self.delivered)
    }

    /// Orders placed at a store in a day; none unless the window is a day.
    #[must_use]
    pub fn orders_per_store_per_day(&self) -> Option<f64> {
        ratio(self.placed, self.stores).filter(|_| self.window_us == DAY_US)
    }

    /// Facts for each delivered order of the whole journal; none without any.
    #[must_use]
    pub fn facts_per_delivered(&self) -> Option<f64> {
        ratio(self.facts, self.delivered_ever)
    }
}

impl Money {
    fn merge(&mut self, other: &Self) {
        self.goods += other.goods;
        self.total += other.total;
        self.tax += other.tax;
        self.captured += other.captured;
        self.collected += other.collected;
        self.refunded += other.refunded;
        self.rider_pay += other.rider_pay;
        self.fees.iter_mut().zip(other.fees).for_each(|(to, from)| *to += from);
    }
}

/// A day in microseconds.
const DAY_US: u64 = 86_400_000_000;

fn mean_s(sum_us: u64, count: u64) -> Option<f64> {
    ratio(sum_us, count).map(|us| us / 1e6)
}

#[expect(clippy::cast_precision_loss, reason = "2^53 paise are ninety thousand crore rupees")]
fn paise_each(sum: Paise, count: u64) -> Option<f64> {
    (count > 0).then(|| sum.0 as f64 / count as f64)
}

#[expect(clippy::cast_precision_loss, reason = "counts and microseconds stay below 2^53")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
