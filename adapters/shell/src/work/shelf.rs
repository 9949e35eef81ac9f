//! Stock: holds, sweeps, picked lines, and what goes back on the shelf.

use domain::ids::{OrderId, SkuId, StoreId};
use domain::order::Line;
use domain::outside::Effect;
use domain::stock::{self, Adjustment, Command, Hold, SWEEP, Slot};
use domain::time::Timestamp;

use super::{Step, Work};
use crate::mutant::{self, Mutant};
use crate::rows::{Key, Missing, Order};
use crate::unit::Refused;

/// What a shelf's commands are decided against: the slots that the command may look at.
struct Shelf {
    slots: Vec<(SkuId, Slot)>,
    hold: Hold,
    held: Vec<Line>,
}

impl stock::Reads for Shelf {
    fn slot(&self, _: StoreId, sku: SkuId) -> Slot {
        let slot = self.slots.iter().find(|(known, _)| *known == sku);
        slot.map(|(_, slot)| *slot).expect("a command looks only at slots of its own lines")
    }

    fn hold(&self, _: OrderId) -> Hold {
        self.hold
    }

    fn held_lines(&self, _: OrderId) -> &[Line] {
        &self.held
    }
}

impl Work<'_> {
    /// Free units as far as they are known, for somebody who only looks.
    pub(super) fn free_units(&mut self, store: StoreId, sku: SkuId) -> Result<u32, Missing> {
        match self.unit.rows.slots.peek((store, sku)) {
            Some(slot) => Ok(slot.free_units),
            None => self.miss(Key::Slot((store, sku))),
        }
    }

    /// Holds the order's lines until the time its saga asked for.
    pub(super) fn reserve(&mut self, order: OrderId) -> Step {
        let (setup, now) = (self.setup, self.now());
        let row = self.order(order)?;
        let expires_at = setup.rules.saga.hold_end(row.hold_until, now);
        let lines: Vec<Line> = row.lines.iter().map(|line| line.ordered()).collect();
        if !row.hold.stands() {
            row.lines.iter_mut().for_each(|line| line.held_units = 0);
        }
        self.shelve(order, Command::Reserve { order, lines: &lines, expires_at })?;
        if self.order(order)?.hold.stands() {
            self.ask(Effect::WakeHold { order, wake_at: expires_at + SWEEP });
        }
        Ok(())
    }

    pub(super) fn extend_hold(&mut self, order: OrderId, until: Timestamp) -> Step {
        self.shelve(order, Command::Extend { order, expires_at: until })?;
        self.ask(Effect::WakeHold { order, wake_at: until + SWEEP });
        Ok(())
    }

    pub(super) fn sweep(&mut self, order: OrderId) -> Step {
        let now = self.now();
        self.shelve(order, Command::Expire { order, now })
    }

    pub(super) fn commit_line(&mut self, order: OrderId, sku: SkuId, found_units: u32) -> Step {
        self.shelve(order, Command::Commit { order, sku, found_units })?;
        let mut lines = self.order(order)?.lines.iter_mut();
        if let Some(line) = lines.find(|line| line.sku == sku) {
            line.picked_units = found_units;
        }
        Ok(())
    }

    /// Puts what was picked for an order back on the shelf.
    pub(super) fn put_back(&mut self, order: OrderId) -> Step {
        for at in 0..self.order(order)?.lines.len() {
            let row = self.order(order)?;
            let (store, line) = (row.store, &mut row.lines[at]);
            let sku = line.sku;
            let picked_units = std::mem::take(&mut line.picked_units);
            let delta_units = i32::try_from(picked_units).expect("a line's units fit 31 bits");
            if delta_units > 0 {
                let adjustment = Adjustment::PutBack;
                self.stock_up(store, sku, Command::Adjust { sku, delta_units, adjustment })?;
            }
        }
        Ok(())
    }

    /// Decides a command of an order at its store. A refusal to hold is a fact that the saga hears.
    pub(super) fn shelve(&mut self, order: OrderId, command: Command<'_>) -> Step {
        let Order { store, hold, ref lines, .. } = *self.order(order)?;
        let held: Vec<Line> = lines.iter().map(|line| line.held()).collect();
        let slots = match command {
            Command::Reserve { .. } => {
                let slots = self.slots_of(store, held.iter())?;
                #[cfg(feature = "mutants")]
                let slots = self.believed(store, slots);
                slots
            }
            Command::Release { .. } | Command::Expire { .. } => {
                self.slots_of(store, held.iter().filter(|line| line.units > 0))?
            }
            Command::Commit { sku, .. } => {
                self.slots_of(store, held.iter().filter(|line| line.sku == sku))?
            }
            Command::Extend { .. }
            | Command::Secure { .. }
            | Command::Receive { .. }
            | Command::Adjust { .. } => Vec::new(),
        };
        let mut shelf = Shelf { slots, hold, held };
        let mut events = Vec::new();
        let _refusal = stock::decide(&shelf, store, command, &mut events);
        for event in &events {
            if let stock::Event::Refused { store, sku, .. } = *event {
                self.unit.rows.slots.tell_of((store, sku));
            }
            self.move_units(event)?;
            shelf.hold.evolve(&mut shelf.held, event);
        }
        let row = self.order(order)?;
        row.hold = shelf.hold;
        for (line, held) in row.lines.iter_mut().zip(&shelf.held) {
            line.held_units = held.units;
        }
        events.into_iter().for_each(|event| self.tell(event));
        Ok(())
    }

    /// Slots as a deployment with a bug believes them to be.
    #[cfg(feature = "mutants")]
    fn believed(&mut self, store: StoreId, mut slots: Vec<(SkuId, Slot)>) -> Vec<(SkuId, Slot)> {
        for (sku, slot) in &mut slots {
            slot.free_units = mutant::believed_free((store, *sku), slot.free_units);
            if let Some(row) = self.unit.rows.slots.get_mut((store, *sku)) {
                row.free_units = row.free_units.max(slot.free_units);
            }
        }
        slots
    }

    /// Decides a command that is of no order.
    pub(super) fn stock_up(&mut self, store: StoreId, sku: SkuId, command: Command<'_>) -> Step {
        let slots = self.slots_of(store, std::iter::once(&Line { sku, units: 0 }))?;
        let shelf = Shelf { slots, hold: Hold::Never, held: Vec::new() };
        let mut events = Vec::new();
        if stock::decide(&shelf, store, command, &mut events).is_err() {
            self.refuse(Refused::Shortfall);
        }
        for event in events {
            self.move_units(&event)?;
            self.tell(event);
        }
        Ok(())
    }

    /// The slots of lines, in the order of their keys; all that are missing are asked for at once.
    fn slots_of<'l>(
        &mut self,
        store: StoreId,
        lines: impl Iterator<Item = &'l Line>,
    ) -> Result<Vec<(SkuId, Slot)>, Missing> {
        let mut skus: Vec<SkuId> = lines.map(|line| line.sku).collect();
        skus.sort_unstable();
        let mut slots = Vec::with_capacity(skus.len());
        let mut is_missing = false;
        for sku in skus {
            match self.unit.rows.slots.get((store, sku)) {
                Some(slot) => slots.push((sku, *slot)),
                None => is_missing |= self.miss::<()>(Key::Slot((store, sku))).is_err(),
            }
        }
        if is_missing { Err(Missing) } else { Ok(slots) }
    }

    fn move_units(&mut self, event: &stock::Event) -> Step {
        let Some(slot) = event.moves() else { return Ok(()) };
        match self.unit.rows.slots.get_mut(slot) {
            Some(units) => {
                units.evolve(event);
                if mutant::is(Mutant::ReleasesTwice)
                    && let stock::Event::LineReleased { units: again, .. } = *event
                {
                    units.free_units += again;
                }
            }
            None => return self.miss(Key::Slot(slot)),
        }
        // What one unit of work holds and releases leaves the shelf as it was, and is told of.
        self.unit.rows.slots.tell_of(slot);
        Ok(())
    }
}
