//! The shelf's rules: commands are decided against what is there, events change it.

use super::{Adjustment, Event};
use crate::ids::{OrderId, SkuId, StoreId};
use crate::order::Line;
use crate::time::Timestamp;

/// Where the units of one SKU at one store are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// On the shelf, for anybody.
    pub free_units: u32,
    /// On the shelf, for an order.
    pub reserved_units: u32,
    /// Picked for an order.
    pub sold_units: u32,
}

impl Slot {
    /// Applies a fact about this shelf.
    ///
    /// # Panics
    /// If the fact contradicts the shelf (a bug in the caller): units must be where they are
    /// moved from.
    pub fn evolve(&mut self, event: &Event) {
        match *event {
            Event::LineHeld { units, .. } => {
                take(&mut self.free_units, units);
                self.reserved_units += units;
            }
            Event::Committed { units, .. } => {
                take(&mut self.reserved_units, units);
                self.sold_units += units;
            }
            Event::LineReleased { units, .. } => {
                take(&mut self.reserved_units, units);
                self.free_units += units;
            }
            Event::Received { units, .. } => self.free_units += units,
            Event::Adjusted { delta_units, .. } => {
                self.free_units = self
                    .free_units
                    .checked_add_signed(delta_units)
                    .expect("an adjustment leaves free units at zero or more");
            }
            Event::Held { .. }
            | Event::Refused { .. }
            | Event::Extended { .. }
            | Event::Secured { .. }
            | Event::Released { .. }
            | Event::Expired { .. } => {}
        }
    }
}

/// What an order holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// Nothing yet.
    #[default]
    Never,
    /// Its lines, until a time.
    Until(Timestamp),
    /// Its lines, until they are picked or released.
    Secured,
    /// Nothing any more.
    Over,
}

impl Hold {
    /// Whether lines are held now.
    #[must_use]
    pub const fn stands(self) -> bool {
        matches!(self, Self::Until(_) | Self::Secured)
    }
}

/// What a command is decided against.
pub trait Reads {
    /// The units of a SKU at a store.
    fn slot(&self, store: StoreId, sku: SkuId) -> Slot;

    /// Whether an order holds anything.
    fn hold(&self, order: OrderId) -> Hold;

    /// What is left of each of an order's lines: held and not yet picked or released.
    fn held_lines(&self, order: OrderId) -> &[Line];
}

/// What can be asked of a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Hold all lines for an order, or none.
    Reserve {
        /// For whom.
        order: OrderId,
        /// The lines; every SKU at most once.
        lines: &'a [Line],
        /// The hold ends then.
        expires_at: Timestamp,
    },
    /// Let a hold stand longer.
    Extend {
        /// Whose.
        order: OrderId,
        /// The new end; ignored if it is not later.
        expires_at: Timestamp,
    },
    /// Let a hold stand until it is picked or released.
    Secure {
        /// Whose.
        order: OrderId,
    },
    /// Sell the units of a held line that were found; the rest of the line was not there.
    Commit {
        /// For whom.
        order: OrderId,
        /// The SKU.
        sku: SkuId,
        /// How many were found.
        found_units: u32,
    },
    /// Let go of everything an order still holds.
    Release {
        /// Whose.
        order: OrderId,
    },
    /// End a hold whose time has come.
    Expire {
        /// Whose.
        order: OrderId,
        /// The time it is.
        now: Timestamp,
    },
    /// Put arrived units on the shelf.
    Receive {
        /// What.
        sku: SkuId,
        /// How many.
        units: u32,
    },
    /// Correct the recorded free units.
    Adjust {
        /// What.
        sku: SkuId,
        /// Units to add, or to take away when negative.
        delta_units: i32,
        /// Why.
        adjustment: Adjustment,
    },
}

/// Why a shelf said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A line asked for more than was free. It is also a fact, [`Event::Refused`].
    #[error("{sku}: wanted {wanted_units} units, {free_units} free")]
    Stockout {
        /// The first such line's SKU.
        sku: SkuId,
        /// What it asked for.
        wanted_units: u32,
        /// What was free.
        free_units: u32,
    },
    /// An adjustment would take away more than is free.
    #[error("{sku}: cannot take away {taken_units} units, {free_units} free")]
    Shortfall {
        /// The SKU.
        sku: SkuId,
        /// What would be taken away.
        taken_units: u32,
        /// What is free.
        free_units: u32,
    },
}

/// Decides a command against the shelf of a store as it stands, appending facts to `events`.
///
/// A command that does not fit, such as a second release, appends nothing and is not refused,
/// so repeating a command is harmless. Pure: on a version conflict call it again.
///
/// # Errors
/// [`Refusal::Stockout`] for the first line that cannot be held in full; the only fact appended
/// is that refusal. [`Refusal::Shortfall`] when an adjustment would make free units negative.
pub fn decide(
    shelf: &impl Reads,
    store: StoreId,
    command: Command<'_>,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    match command {
        Command::Reserve { order, lines, expires_at } => {
            reserve(shelf, store, order, lines, expires_at, events)?;
        }
        Command::Extend { order, expires_at } => {
            if matches!(shelf.hold(order), Hold::Until(end) if end < expires_at) {
                events.push(Event::Extended { order, store, expires_at });
            }
        }
        Command::Secure { order } => {
            if matches!(shelf.hold(order), Hold::Until(_)) {
                events.push(Event::Secured { order, store });
            }
        }
        Command::Commit { order, sku, found_units } => {
            commit(shelf, store, order, sku, found_units, events);
        }
        Command::Release { order } => {
            if shelf.hold(order).stands() {
                release_lines(shelf, store, order, events);
                events.push(Event::Released { order, store });
            }
        }
        Command::Expire { order, now } => {
            if matches!(shelf.hold(order), Hold::Until(end) if end <= now) {
                release_lines(shelf, store, order, events);
                events.push(Event::Expired { order, store });
            }
        }
        Command::Receive { sku, units } => events.push(Event::Received { store, sku, units }),
        Command::Adjust { sku, delta_units, adjustment } => {
            let free_units = shelf.slot(store, sku).free_units;
            let taken_units = delta_units.min(0).unsigned_abs();
            if taken_units > free_units {
                return Err(Refusal::Shortfall { sku, taken_units, free_units });
            }
            events.push(Event::Adjusted { store, sku, delta_units, adjustment });
        }
    }
    Ok(())
}

/// Holds all lines or none.
fn reserve(
    shelf: &impl Reads,
    store: StoreId,
    order: OrderId,
    lines: &[Line],
    expires_at: Timestamp,
    events: &mut Vec<Event>,
) -> Result<(), Refusal> {
    if shelf.hold(order).stands() {
        return Ok(());
    }
    for &Line { sku, units: wanted_units } in lines {
        let free_units = shelf.slot(store, sku).free_units;
        if wanted_units > free_units {
            events.push(Event::Refused { order, store, sku, wanted_units, free_units });
            return Err(Refusal::Stockout { sku, wanted_units, free_units });
        }
    }
    let line_held =
        |line: &Line| Event::LineHeld { order, store, sku: line.sku, units: line.units };
    events.extend(lines.iter().map(line_held));
    events.push(Event::Held { order, store, expires_at });
    Ok(())
}

/// Sells what was found of a held line; what was not there leaves the books as a short pick.
fn commit(
    shelf: &impl Reads,
    store: StoreId,
    order: OrderId,
    sku: SkuId,
    found_units: u32,
    events: &mut Vec<Event>,
) {
    let Some(line) = shelf.held_lines(order).iter().find(|line| line.sku == sku) else { return };
    if line.units == 0 || !shelf.hold(order).stands() {
        return;
    }
    let units = found_units.min(line.units);
    let missing = line.units - units;
    if units > 0 {
        events.push(Event::Committed { order, store, sku, units });
    }
    if missing > 0 {
        events.push(Event::LineReleased { order, store, sku, units: missing });
        events.push(Event::Adjusted {
            store,
            sku,
            delta_units: -i32::try_from(missing).expect("a line's units fit 31 bits"),
            adjustment: Adjustment::ShortPick,
        });
    }
}

fn release_lines(shelf: &impl Reads, store: StoreId, order: OrderId, events: &mut Vec<Event>) {
    let left = shelf.held_lines(order).iter().filter(|line| line.units > 0);
    events.extend(left.map(|line| Event::LineReleased {
        order,
        store,
        sku: line.sku,
        units: line.units,
    }));
}

/// The shelves of all stores of a city: one slot for each store and SKU.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelves {
    skus: usize,
    slots: Vec<Slot>,
}

impl Shelves {
    /// Shelves with given free units, store by store, `skus` of them for each store.
    ///
    /// # Panics
    /// If the units do not divide into whole stores.
    #[must_use]
    pub fn new(skus: usize, free_units: impl Iterator<Item = u32>) -> Self {
        let slots: Vec<_> =
            free_units.map(|free_units| Slot { free_units, ..Slot::default() }).collect();
        assert!(slots.len().is_multiple_of(skus.max(1)), "every store has a slot for every SKU");
        Self { skus, slots }
    }

    /// The units of a SKU at a store.
    #[must_use]
    pub fn slot(&self, store: StoreId, sku: SkuId) -> Slot {
        self.slots[store.index() * self.skus + sku.index()]
    }

    /// Applies a fact.
    ///
    /// # Panics
    /// If the fact contradicts the shelf (a bug in the caller): units must be where they are
    /// moved from.
    pub fn evolve(&mut self, event: &Event) {
        if let Some((store, sku)) = event.moves() {
            self.slot_mut(store, sku).evolve(event);
        }
    }

    fn slot_mut(&mut self, store: StoreId, sku: SkuId) -> &mut Slot {
        &mut self.slots[store.index() * self.skus + sku.index()]
    }
}

impl Hold {
    /// Applies a fact about the order that holds, keeping what is left of its lines.
    ///
    /// # Panics
    /// If the fact moves more units than the line holds (a bug in the caller).
    pub fn evolve(&mut self, lines: &mut [Line], event: &Event) {
        match *event {
            Event::LineHeld { sku, units, .. } => {
                if let Some(line) = lines.iter_mut().find(|line| line.sku == sku) {
                    line.units = units;
                }
            }
            Event::Held { expires_at, .. } | Event::Extended { expires_at, .. } => {
                *self = Self::Until(expires_at);
            }
            Event::Secured { .. } => *self = Self::Secured,
            Event::Committed { sku, units, .. } | Event::LineReleased { sku, units, .. } => {
                if let Some(line) = lines.iter_mut().find(|line| line.sku == sku) {
                    take(&mut line.units, units);
                }
            }
            Event::Released { .. } | Event::Expired { .. } => *self = Self::Over,
            Event::Refused { .. } | Event::Received { .. } | Event::Adjusted { .. } => {}
        }
    }
}

fn take(from: &mut u32, units: u32) {
    *from = from.checked_sub(units).expect("units are taken from where they are");
}
