//! Customers after they have ordered: second thoughts, payment, patience.

use domain::payment::Method;
use domain::time::Millis;

use super::{Behaviour, millis};
use crate::purpose;

calibrated! {
    /// How customers behave once they have ordered.
    pub struct Customers in "customers" {
        /// Share of orders their customer cancels.
        cancel_share: f64 = 0.012, Assumed, "B14: not published";
        /// Share of cancellations made at once, before picking begins.
        cancel_early_share: f64 = 0.8, Assumed, "B14";
        /// Mean time of an early cancellation after the order, seconds.
        cancel_early_s: f64 = 12.0, Assumed, "before a picker takes the list";
        /// The latest time of a late cancellation after the order, seconds.
        cancel_late_s: f64 = 600.0, Assumed, "within a normal delivery";
        /// Mean time beyond the promise after which a customer has had enough, seconds.
        patience_s: f64 = 480.0, Assumed, "calibration 2.8: 8 min beyond the promise";
        /// Share of failed payments that are tried again.
        retry_share: f64 = 0.75, Derived, "C4: 93 % at the first attempt, 98 % in the end";
        /// Median time before another attempt, seconds.
        retry_s: f64 = 15.0, Assumed, "none published";
        /// Spread of the time before another attempt: σ of the logarithm.
        retry_sigma: f64 = 0.6, Assumed, "none published";
        /// Share of further attempts made with another method.
        switch_share: f64 = 0.3, Assumed, "C4 names the switch, not its share";
        /// Share of delivered orders that are complained about.
        complaint_share: f64 = 0.025, Assumed, "B14: not published";
    }
}

impl Behaviour {
    /// When the customer cancels, counted from placing the order; none if they do not.
    #[must_use]
    pub fn cancels(&self, luck: u64) -> Option<Millis> {
        let customers = &self.params.customers;
        let mut draw = self.draw(luck, purpose::CANCEL, 0);
        if !draw.chance(customers.cancel_share) {
            return None;
        }
        let early = draw.chance(customers.cancel_early_share);
        let Customers { cancel_early_s: early_s, cancel_late_s: late_s, .. } = *customers;
        Some(millis(if early { draw.exponential(early_s) } else { late_s * draw.unit() }))
    }

    /// How long beyond the promise the customer still waits.
    #[must_use]
    pub fn patience(&self, luck: u64) -> Millis {
        millis(self.draw(luck, purpose::PATIENCE, 0).exponential(self.params.customers.patience_s))
    }

    /// After a failed attempt, counted from one: how long until the next, and with what method.
    /// None if the customer gives up.
    #[must_use]
    pub fn retries(&self, luck: u64, attempt: u8, method: Method) -> Option<(Millis, Method)> {
        let customers = &self.params.customers;
        let mut draw = self.draw(luck, purpose::RETRY, u32::from(attempt));
        if !draw.chance(customers.retry_share) {
            return None;
        }
        let next = if draw.chance(customers.switch_share) { switched(method) } else { method };
        Some((millis(draw.lognormal(customers.retry_s, customers.retry_sigma)), next))
    }

    /// Whether the customer complains about a delivered order.
    #[must_use]
    pub fn complains(&self, luck: u64) -> bool {
        self.draw(luck, purpose::COMPLAINT, 0).chance(self.params.customers.complaint_share)
    }
}

/// What a customer turns to when a method does not work.
const fn switched(method: Method) -> Method {
    match method {
        Method::Upi => Method::Card,
        Method::Card | Method::Wallet | Method::Cash => Method::Upi,
    }
}
