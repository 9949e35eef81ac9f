//! Surge: a multiplier that follows a store's load in steps, with hysteresis and a cap.
//!
//! It rises at once and falls late: only when it would fall even under somewhat more load, and
//! not before it has stood for a while. So it never flaps on small changes of load.

use super::{Event, Rules};
use crate::ids::StoreId;
use crate::money::Bps;
use crate::time::Timestamp;

/// How busy a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Orders placed and not yet at the door.
    pub open_orders: u32,
    /// Riders who are idle at the store or on their way back to it.
    pub riders: u32,
}

impl Load {
    /// Open orders per rider; without riders, as if there were one half.
    #[must_use]
    pub fn per_rider(self) -> Bps {
        let (orders, riders) = (u64::from(self.open_orders), u64::from(self.riders));
        let one = u64::from(Bps::ONE.0);
        let ratio = (orders * one).checked_div(riders).unwrap_or(orders * 2 * one);
        Bps(u32::try_from(ratio).unwrap_or(u32::MAX))
    }
}

/// A store's surge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The store.
    pub store: StoreId,
    /// The multiplier.
    pub surge: Bps,
    /// Since when.
    pub since: Timestamp,
}

impl State {
    /// Stores begin at 1.00×.
    #[must_use]
    pub const fn new(store: StoreId) -> Self {
        Self { store, surge: Bps::ONE, since: Timestamp(0) }
    }

    /// Applies a change that was decided at a time.
    ///
    /// # Panics
    /// If the event is about another store.
    pub fn evolve(&mut self, event: &Event, at: Timestamp) {
        if let Event::SurgeSet { store, surge } = *event {
            assert_eq!(store, self.store, "a store hears its own surge");
            (self.surge, self.since) = (surge, at);
        }
    }
}

/// The multiplier that a load asks for: from the floor at [`Rules::surge_from`] straight to the
/// cap at [`Rules::surge_full`], rounded down to whole steps above the floor.
#[must_use]
pub fn multiplier(rules: &Rules, per_rider: Bps) -> Bps {
    let (from, full) = (u64::from(rules.surge_from.0), u64::from(rules.surge_full.0));
    let (floor, cap) = (u64::from(rules.surge_floor.0), u64::from(rules.surge_cap.0));
    let over = u64::from(per_rider.0).clamp(from, full.max(from)) - from;
    let height = cap.saturating_sub(floor);
    let rise = if full > from { height * over / (full - from) } else { height };
    let step = u64::from(rules.surge_step.0.max(1));
    let is_full = rise == height;
    let rise = if is_full { height } else { rise / step * step };
    Bps(u32::try_from(floor + rise).expect("between floor and cap"))
}

/// Decides whether a store's multiplier changes, appending the change.
pub fn decide(state: &State, load: Load, now: Timestamp, rules: &Rules, events: &mut Vec<Event>) {
    let per_rider = load.per_rider();
    let up = multiplier(rules, per_rider);
    let down = multiplier(rules, Bps(per_rider.0.saturating_add(rules.surge_band.0)));
    let may_fall = now >= state.since + rules.surge_hold;
    let surge = if up > state.surge {
        up
    } else if down < state.surge && may_fall {
        down
    } else {
        return;
    };
    events.push(Event::SurgeSet { store: state.store, surge });
}
