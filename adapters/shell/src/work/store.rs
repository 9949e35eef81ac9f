//! Stores: their doors, their surge, and what arrives for their shelves.

use domain::eta::Load;
use domain::ids::StoreId;
use domain::outside::Input;
use domain::pricing::surge;
use domain::stock;
use domain::store::{self, Command};

use super::{Step, Work};

impl Work<'_> {
    /// Somebody says something about a store.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other words are about orders")]
    pub(super) fn store_came(&mut self, word: Input) -> Step {
        match word {
            Input::SetDoor { store, door_state } => self.set_door(store, Command::Set(door_state)),
            Input::ReviewDoor {
                store,
                queued,
                picking,
                pickers,
                unassigned,
                open_orders,
                riders,
                idle_riders,
            } => {
                let load =
                    Load { queued, picking, pickers, unassigned, open_orders, riders, idle_riders };
                self.set_door(store, Command::Review(load))
            }
            Input::ReviewSurge { store, open_orders, idle_riders } => {
                self.review_surge(store, surge::Load { open_orders, riders: idle_riders })
            }
            Input::Receive { store, sku, units } => {
                self.stock_up(store, sku, stock::Command::Receive { sku, units })
            }
            Input::Adjust { store, sku, delta_units, adjustment } => {
                self.stock_up(store, sku, stock::Command::Adjust { sku, delta_units, adjustment })
            }
            _ => Ok(()),
        }
    }

    fn set_door(&mut self, store: StoreId, command: Command) -> Step {
        let (setup, now) = (self.setup, self.now());
        let ops = self.door_of(store)?.ops;
        let mut events = Vec::new();
        let set = store::decide(&ops, store, &setup.rules.doors, command, now, &mut events);
        set.expect("only an order is refused at a door");
        for event in events {
            if let Some(door) = self.unit.rows.doors.get_mut(store) {
                door.ops.evolve(&event, now);
            }
            self.tell(event);
        }
        Ok(())
    }

    fn review_surge(&mut self, store: StoreId, load: surge::Load) -> Step {
        let (setup, now) = (self.setup, self.now());
        let mut state = self.door_of(store)?.surge_of(store);
        let mut events = Vec::new();
        surge::decide(&state, load, now, &setup.rules.pricing, &mut events);
        for event in events {
            state.evolve(&event, now);
            if let Some(door) = self.unit.rows.doors.get_mut(store) {
                (door.surge, door.surge_since) = (state.surge, state.since);
            }
            self.tell(event);
        }
        Ok(())
    }
}
