//! A rider: on or off duty, idle, on a trip, coming back, on a break.

mod duty;
#[cfg(test)]
mod tests;

pub use duty::{Command, Duty, Refusal, State, decide};

use crate::ids::RiderId;
use crate::money::Paise;
use crate::place::Place;
use crate::time::Timestamp;

/// What riders are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// For each order that they deliver. ₹37, the middle of ₹30 to 45 (calibration B7, ndtvprofit
    /// and entrepreneurloop, January 2026, grade D).
    pub pay_per_order: Paise,
}

impl Default for Rules {
    fn default() -> Self {
        Self { pay_per_order: Paise(3_700) }
    }
}

events! {
    /// What happened to a rider outside their trips.
    pub enum Event {
        /// Duty began.
        CameOn {
            /// Who.
            rider: RiderId,
            /// Where.
            place: Place,
        } = "rider_came_on",
        /// Duty ended.
        WentOff {
            /// Who.
            rider: RiderId,
        } = "rider_went_off",
        /// A break began.
        BreakBegun {
            /// Who.
            rider: RiderId,
        } = "rider_break_begun",
        /// A break ended.
        BreakEnded {
            /// Who.
            rider: RiderId,
        } = "rider_break_ended",
        /// An idle rider rode to a place to wait there; told on arrival or when called away.
        Moved {
            /// Who.
            rider: RiderId,
            /// When they set off.
            from: Timestamp,
            /// Where from.
            origin: Place,
            /// Where they are now.
            place: Place,
            /// How far along the road, metres.
            leg_m: u32,
        } = "rider_moved",
    }
}
