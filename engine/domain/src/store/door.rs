//! The door's rules: what a review makes of a backlog, and who is let in.

use super::{Door, Event};
use crate::eta::Load;
use crate::ids::StoreId;
use crate::money::{Bps, Paise};
use crate::time::{Millis, Timestamp};

/// The door as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ops {
    /// What it does with new orders.
    pub door: Door,
    /// Since when.
    pub since: Timestamp,
}

impl Default for Ops {
    fn default() -> Self {
        Self { door: Door::Open, since: Timestamp::default() }
    }
}

/// A backlog that is too much: more than so many orders for each rider or picker, beyond a few
/// that any store may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open orders for each rider on shift.
    pub per_rider: Bps,
    /// Open orders that are never too many.
    pub rider_slack: u32,
    /// Pick lists waiting for each picker on duty.
    pub per_picker: Bps,
    /// Waiting pick lists that are never too many.
    pub picker_slack: u32,
}

/// What the door is told. All grade E; chosen so that a calibrated day, with about half an open
/// order for each rider (calibration 2.3 and 2.9), never comes near them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// Beyond these the store takes fewer orders. 1.5 a rider and 4 more; 3 a picker and 4 more.
    pub throttle: Limits,
    /// Beyond these it takes none. 3 a rider and 6 more; 6 a picker and 6 more.
    pub pause: Limits,
    /// It opens a step when the backlog is below this share of the limit. 0.7.
    pub relax: Bps,
    /// And only this long after the last step. 5 min.
    pub hold: Millis,
    /// Time between reviews. 1 min.
    pub review_interval: Millis,
    /// Smallest cart, goods only, that a throttled store takes. ₹199, where delivery becomes free
    /// (calibration C1); higher minimum orders in rain: D6.
    pub throttled_minimum: Paise,
    /// Share of its radius that a throttled store serves. 0.7.
    pub throttled_radius: Bps,
    /// What a throttled store adds to its promise. 5 min.
    pub throttled_extra: Millis,
}

impl Default for Params {
    fn default() -> Self {
        let limits = |per_rider, rider_slack, per_picker, picker_slack| Limits {
            per_rider: Bps(per_rider),
            rider_slack,
            per_picker: Bps(per_picker),
            picker_slack,
        };
        Self {
            throttle: limits(15_000, 4, 30_000, 4),
            pause: limits(30_000, 6, 60_000, 6),
            relax: Bps(7_000),
            hold: Millis::from_min(5),
            review_interval: Millis::from_min(1),
            throttled_minimum: Paise::rupees(199),
            throttled_radius: Bps(7_000),
            throttled_extra: Millis::from_min(5),
        }
    }
}

impl Params {
    /// What a door adds to the promise.
    #[must_use]
    pub fn extra(&self, door: Door) -> Millis {
        if door == Door::Throttled { self.throttled_extra } else { Millis::ZERO }
    }
}

/// An order that would like to come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What its goods cost.
    pub goods: Paise,
    /// How far its door is from the store, straight-line metres.
    pub distance_m: u32,
    /// How far the store serves, straight-line metres.
    pub radius_m: u32,
}

/// What can be asked of a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Set it by hand. A store closed by hand stays closed until it is set again; any other door
    /// is the next review's to change.
    Set(Door),
    /// See whether the backlog asks for another door.
    Review(Load),
    /// May an order come in? A yes changes nothing, and holds whatever the door does later.
    Admit(Ask),
}

/// Why an order may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The store takes none.
    #[error("the store is closed")]
    Closed,
    /// The store takes none for now.
    #[error("the store is paused")]
    Paused,
    /// The address is too far, for now or at all.
    #[error("the door is {distance_m} m away, {radius_m} m are served")]
    TooFar {
        /// How far it is.
        distance_m: u32,
        /// How far is served.
        radius_m: u32,
    },
    /// The cart is too small for now.
    #[error("the goods cost {} paise, the least is {} now", .goods.0, .minimum.0)]
    TooSmall {
        /// What the goods cost.
        goods: Paise,
        /// The least that is taken.
        minimum: Paise,
    },
}

/// Decides a command, appending facts to `events`; nothing if the door stays as it is.
///
/// A review makes the door stricter at once, as strict as the backlog asks for, and opens it one
/// step at a time, each some time after the last and only when the backlog is well below the
/// limit: so a backlog around a limit does not make it flap.
///
/// # Errors
/// A [`Refusal`] of an order that may not come in; the other commands are never refused.
pub fn decide(
    ops: &Ops,
    store: StoreId,
    params: &Params,
    command: Command,
    now: Timestamp,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    let door_state = match command {
        Command::Admit(ask) => return admit(ops.door, params, ask),
        Command::Set(door) => door,
        Command::Review(load) => reviewed(ops, params, load, now),
    };
    if door_state != ops.door {
        events.push(Event::DoorSet { store, door_state });
    }
    Ok(())
}

impl Ops {
    /// Applies a fact.
    pub fn evolve(&mut self, event: &Event, now: Timestamp) {
        let Event::DoorSet { door_state, .. } = *event;
        *self = Self { door: door_state, since: now };
    }
}

/// Whether an order may come in through a door.
///
/// # Errors
/// The first reason why not.
pub(super) fn admit(door: Door, params: &Params, ask: Ask) -> Result<(), Refusal> {
    let (radius_m, minimum) = match door {
        Door::Closed => return Err(Refusal::Closed),
        Door::Paused => return Err(Refusal::Paused),
        Door::Throttled => {
            (scaled(ask.radius_m, params.throttled_radius), params.throttled_minimum)
        }
        Door::Open => (ask.radius_m, Paise(i64::MIN)),
    };
    if ask.distance_m > radius_m {
        return Err(Refusal::TooFar { distance_m: ask.distance_m, radius_m });
    }
    if ask.goods < minimum {
        return Err(Refusal::TooSmall { goods: ask.goods, minimum });
    }
    Ok(())
}

/// The door that a review leaves.
fn reviewed(ops: &Ops, params: &Params, load: Load, now: Timestamp) -> Door {
    if ops.door == Door::Closed {
        return Door::Closed;
    }
    let asked_for = strictness(params, load, Bps::ONE);
    let rested = now >= ops.since + params.hold;
    if asked_for >= ops.door || !rested {
        return asked_for.max(ops.door);
    }
    let kept = strictness(params, load, params.relax);
    let looser = if ops.door == Door::Paused { Door::Throttled } else { Door::Open };
    if kept < ops.door { looser } else { ops.door }
}

/// The door a backlog asks for, at a share of the limits.
fn strictness(params: &Params, load: Load, share: Bps) -> Door {
    if params.pause.passed(load, share) {
        Door::Paused
    } else if params.throttle.passed(load, share) {
        Door::Throttled
    } else {
        Door::Open
    }
}

impl Limits {
    fn passed(&self, load: Load, share: Bps) -> bool {
        let beyond = |orders: u32, people: u32, each: Bps, slack: u32| {
            let one = u128::from(Bps::ONE.0);
            let most = u128::from(people) * u128::from(each.0) + u128::from(slack) * one;
            u128::from(orders) * one * one > most * u128::from(share.0)
        };
        beyond(load.open_orders, load.riders, self.per_rider, self.rider_slack)
            || beyond(load.queued, load.pickers, self.per_picker, self.picker_slack)
    }
}

/// A length times a share, rounded down.
fn scaled(length_m: u32, share: Bps) -> u32 {
    let scaled = u64::from(length_m) * u64::from(share.0) / u64::from(Bps::ONE.0);
    u32::try_from(scaled).unwrap_or(u32::MAX)
}
