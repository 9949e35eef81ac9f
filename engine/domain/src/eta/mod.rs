//! When an order will be at the door: the expected time, and the promise made from it.
//!
//! The bag is ready after a wait for a picker, picking and packing; meanwhile a rider comes to
//! the store, if one is to be had. The later of the two, then the handover and the ride.
//!
//! ```text
//! wait for a picker > pick and pack >┐
//!                                    ├> handover > ride to the door
//! wait for a rider > ride to store  >┘
//! ```

mod normal;
mod policies;
#[cfg(test)]
mod tests;

pub use policies::{Policy, promise};

use crate::money::Bps;
use crate::time::Millis;

/// How busy a store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Pick lists that wait for a picker.
    pub queued: u32,
    /// Pick lists that are being picked.
    pub picking: u32,
    /// Pickers on duty.
    pub pickers: u32,
    /// Orders that wait for a rider, and orders that will when they are packed.
    pub unassigned: u32,
    /// Orders placed and not over.
    pub open_orders: u32,
    /// Riders on shift.
    pub riders: u32,
    /// Of those, how many are idle.
    pub idle_riders: u32,
}

/// What a promise is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// How busy the store is.
    pub load: Load,
    /// How long this order takes to pick and pack.
    pub pick: Millis,
    /// The ride from the store to the door, under today's traffic and weather.
    pub ride: Millis,
    /// Added to the promise by a store that takes fewer orders.
    pub extra: Millis,
}

/// What expected times and promises are told. Grades are those of the calibration tables: E is
/// assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// The fixed promise. 15 min (calibration section 5: on time 80 to 97 %).
    pub fixed: Millis,
    /// The share of orders that a quantile promise is to keep. 90 %, grade E.
    pub quantile: Bps,
    /// How long a picker has one order. 130 s (calibration B1: 4.5 lines).
    pub pick_mean: Millis,
    /// How long a rider is away with one order: 60 s at the store, the door, and there and
    /// back. 19 min (calibration 2.3, D: 2 km at 15 km/h).
    pub cycle_mean: Millis,
    /// How long an idle rider takes to the store. 60 s, grade E: most rest at it.
    pub approach: Millis,
    /// From bag and rider both there until leaving. 60 s (calibration B3, P).
    pub handover: Millis,
    /// Coefficient of variation of picking. 0.25 (calibration B1, E).
    pub pick_cv: Bps,
    /// Coefficient of variation of the handover. 0.3, grade E.
    pub handover_cv: Bps,
    /// Coefficient of variation of a ride that is known. 0.2, grade E.
    pub ride_cv: Bps,
    /// Promises are rounded up to whole steps of this. 1 min, grade E.
    pub step: Millis,
    /// No promise is shorter. 8 min, grade E (claims of the market: calibration B6).
    pub shortest: Millis,
    /// No promise is longer. 90 min, the time after which an order is given up.
    pub longest: Millis,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            fixed: Millis::from_min(15),
            quantile: Bps(9_000),
            pick_mean: Millis::from_s(130),
            cycle_mean: Millis::from_min(19),
            approach: Millis::from_s(60),
            handover: Millis::from_s(60),
            pick_cv: Bps(2_500),
            handover_cv: Bps(3_000),
            ride_cv: Bps(2_000),
            step: Millis::from_min(1),
            shortest: Millis::from_min(8),
            longest: Millis::from_min(90),
        }
    }
}

/// The time from placing an order until its rider is expected at the door, at most
/// [`Params::longest`].
#[must_use]
pub fn expected(view: &View, params: &Params) -> Millis {
    let parts = Parts::new(view, params);
    millis(parts.mean_ms()).min(params.longest)
}

/// How long until a list that joins a floor's queue now is expected to be packed: its own time, and
/// the lists that wait before it, shared among those on duty.
#[must_use]
pub fn expected_pick(own: Millis, waiting: usize, pickers: u32) -> Millis {
    let queue_ms = u64::from(own.0) * waiting as u64 / u64::from(pickers.max(1));
    own + Millis(u32::try_from(queue_ms).unwrap_or(u32::MAX))
}

/// A random length: its mean and its variance.
#[derive(Clone, Copy, Debug)]
struct Length {
    mean_ms: f64,
    variance: f64,
}

impl Length {
    fn with_cv(mean: Millis, cv: Bps) -> Self {
        let sd_ms = f64::from(mean.0) * cv.as_ratio();
        Self { mean_ms: f64::from(mean.0), variance: sd_ms * sd_ms }
    }

    /// The wait for one of `servers` while all are busy and `ahead` wait already: the sum of
    /// `ahead + 1` exponential gaps between services (the conditional wait of M/M/c).
    fn wait(ahead: u32, servers: u32, service: Millis) -> Self {
        let gaps = f64::from(ahead) + 1.0;
        let gap_ms = f64::from(service.0) / f64::from(servers.max(1));
        Self { mean_ms: gaps * gap_ms, variance: gaps * gap_ms * gap_ms }
    }

    const NONE: Self = Self { mean_ms: 0.0, variance: 0.0 };

    fn then(self, next: Self) -> Self {
        Self { mean_ms: self.mean_ms + next.mean_ms, variance: self.variance + next.variance }
    }
}

/// The way of an order, in three parts.
#[derive(Clone, Copy, Debug)]
struct Parts {
    bag: Length,
    rider: Length,
    road: Length,
}

impl Parts {
    fn new(view: &View, params: &Params) -> Self {
        let load = view.load;
        let picker_wait = if load.picking < load.pickers && load.queued == 0 {
            Length::NONE
        } else {
            Length::wait(load.queued, load.pickers, params.pick_mean)
        };
        let rider_wait = if load.unassigned < load.idle_riders {
            Length::NONE
        } else {
            Length::wait(load.unassigned - load.idle_riders, load.riders, params.cycle_mean)
        };
        let handover = Length::with_cv(params.handover, params.handover_cv);
        let approach = Length { mean_ms: f64::from(params.approach.0), variance: 0.0 };
        Self {
            bag: picker_wait.then(Length::with_cv(view.pick, params.pick_cv)),
            rider: rider_wait.then(approach),
            road: handover.then(Length::with_cv(view.ride, params.ride_cv)),
        }
    }

    /// Whichever of bag and rider is later decides, and its spread with it.
    fn whole(&self) -> Length {
        let later = if self.rider.mean_ms > self.bag.mean_ms { self.rider } else { self.bag };
        later.then(self.road)
    }

    fn mean_ms(&self) -> f64 {
        self.whole().mean_ms
    }
}

/// Whole milliseconds, rounded up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn millis(ms: f64) -> Millis {
    Millis(libm::ceil(ms).clamp(0.0, f64::from(u32::MAX)) as u32)
}
