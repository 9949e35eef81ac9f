//! A rider: on or off duty, idle, on a trip, coming back, on a break.

mod duty;
#[cfg(test)]
mod tests;

pub use duty::{Command, Duty, Refusal, State, decide};

use crate::ids::RiderId;
use crate::place::Place;
use crate::time::Timestamp;

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
