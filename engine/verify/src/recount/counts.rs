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
        self.fees.iter_mut().zip(other.fees).for_each(|(to, from)| *to += from);
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and microseconds stay below 2^53")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
