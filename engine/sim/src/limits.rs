//! What limits a run: how much work the orders ask of riders and pickers, and who is there for it.
//!
//! The work is what the orders of the window would take if each were brought alone: the ride out
//! and back, the hand-over, the door. They are those that were confirmed, and those that were
//! turned away because no store could take more. It does not depend on how the run goes, so it
//! says how many people are needed even when far too few are there (calibration.md 2.3: busy
//! riders = arrivals × cycle).

use domain::facts::Sink;
use kernel::queue::Queue;

use crate::events::{Event, OrderIndex};
use crate::world::World;

/// People whose time orders need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resource {
    /// Riders.
    #[default]
    Riders,
    /// Pickers.
    Pickers,
}

impl Resource {
    /// How people call it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Riders => "riders",
            Self::Pickers => "pickers",
        }
    }

    /// The share of their time that people can be kept busy before waits grow: the upper end of
    /// the calibrated bands (calibration.md section 5: riders 70–88 %, pickers 45–70 %).
    #[must_use]
    pub const fn busy_limit(self) -> f64 {
        match self {
            Self::Riders => 0.88,
            Self::Pickers => 0.70,
        }
    }
}

/// What the orders of the window asked of one resource.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limit {
    /// Which.
    pub resource: Resource,
    /// People on duty, on average over the window.
    pub on_duty: f64,
    /// People whose whole time the orders ask for, on average over the window.
    pub asked_for: f64,
}

impl Limit {
    /// Work asked for over people there: above one a backlog grows without end.
    #[must_use]
    pub fn load(&self) -> f64 {
        if self.on_duty > 0.0 { self.asked_for / self.on_duty } else { f64::INFINITY }
    }

    /// People needed so that they are busy no more than [`Resource::busy_limit`].
    #[must_use]
    pub fn needed(&self) -> f64 {
        self.asked_for / self.resource.busy_limit()
    }

    /// Joins the same resource of another city.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            resource: self.resource,
            on_duty: self.on_duty + other.on_duty,
            asked_for: self.asked_for + other.asked_for,
        }
    }
}

/// Work asked for so far, microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Work {
    riders_us: u64,
    pickers_us: u64,
}

impl<Q: Queue<Event>, S: Sink> World<'_, Q, S> {
    /// Counts what an order of the window asks for that is confirmed, or that would have been had a
    /// store taken it.
    pub(crate) fn count_work(&mut self, order: OrderIndex) {
        let row = &self.orders[order.index()];
        let window = self.setup.window;
        if !(window.from..window.to).contains(&row.placed_at) {
            return;
        }
        let params = &self.setup.behaviour.params;
        let stops_s = params.picking.handover_s + params.riders.mean_dwell_s();
        let picks_s = match self.arrival(order).recorded {
            Some(_) => 0.0,
            None => params.picking.mean_s(f64::from(row.lines)),
        };
        let rides = 2 * self.in_weather(row.ride).as_micros();
        self.work.riders_us += rides + micros(stops_s);
        self.work.pickers_us += micros(picks_s);
    }

    pub(crate) fn limits(&self) -> [Limit; 2] {
        let window = self.setup.window;
        let length_us = window.to.0.saturating_sub(window.from.0).max(1);
        let within = |shift: &city::Shift| {
            shift.to.0.min(window.to.0).saturating_sub(shift.from.0.max(window.from.0))
        };
        let riders: u64 = self.city.riders.iter().flat_map(|r| &r.shifts).map(within).sum();
        let pickers: u64 = self.city.pickers.iter().flat_map(|p| &p.shifts).map(within).sum();
        let limit = |resource, on_duty_us, asked_for_us| Limit {
            resource,
            on_duty: ratio(on_duty_us, length_us),
            asked_for: ratio(asked_for_us, length_us),
        };
        [
            limit(Resource::Riders, riders, self.work.riders_us),
            limit(Resource::Pickers, pickers, self.work.pickers_us),
        ]
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
fn micros(seconds: f64) -> u64 {
    (seconds * 1e6) as u64
}

#[expect(clippy::cast_precision_loss, reason = "2^53 µs is 285 years")]
fn ratio(part_us: u64, whole_us: u64) -> f64 {
    part_us as f64 / whole_us as f64
}
