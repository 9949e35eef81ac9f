//! The store's floor: pickers take lists, look for lines, pack, and put back.

use domain::ids::{OrderId, StoreId};
use domain::outside::{self, Input as Came};
use domain::picking::{self, Effect, Input};
use domain::wiring::Call;

use super::{Step, Work};
use crate::rows::Key;

impl Work<'_> {
    pub(super) fn say_task(&mut self, order: OrderId, input: Input) -> Step {
        self.hears(order.0, input);
        let mut effects = Vec::new();
        let row = self.order(order)?;
        let store = row.store;
        row.task = picking::step(order, row.task, input, &mut effects);
        for effect in effects {
            self.do_task(order, store, effect)?;
        }
        Ok(())
    }

    fn do_task(&mut self, order: OrderId, store: StoreId, effect: Effect) -> Step {
        match effect {
            Effect::Publish(event) => {
                if let picking::Event::Packed { .. } = event {
                    let now = self.now();
                    self.order(order)?.ready_at = now;
                }
                self.tell(event);
            }
            Effect::Enqueue => {
                self.floor(store)?.enqueue(order);
                self.start_tasks(store)?;
            }
            Effect::LeaveQueue => self.floor(store)?.leave(order),
            Effect::Collect { line } => self.ask(outside::Effect::Collect { order, store, line }),
            Effect::Pack => self.ask(outside::Effect::Pack { order, store }),
            Effect::PutBack => self.ask(outside::Effect::PutBack { order, store }),
            Effect::Free(picker) => {
                self.floor(store)?.free(picker);
                self.start_tasks(store)?;
            }
        }
        Ok(())
    }

    /// Sends idle pickers to waiting lists.
    fn start_tasks(&mut self, store: StoreId) -> Step {
        while let Some((picker, order)) = self.floor(store)?.next_task() {
            self.call(Call::Task(order, Input::Take { picker }));
        }
        Ok(())
    }

    /// A picker has looked for a line: says what was found.
    pub(super) fn sought(&mut self, order: OrderId, line: u16, units: u32) -> Step {
        let row = self.order(order)?;
        let Some(of) = row.lines.get(usize::from(line)) else { return Ok(()) };
        let (slot, held) = ((row.store, of.sku), *of);
        self.need([Key::Slot(slot)])?;
        let sought = picking::sought(line, held.ordered(), held.unit_price, units);
        self.say_task(order, sought)
    }

    /// A picker's shift begins or ends.
    #[expect(clippy::wildcard_enum_match_arm, reason = "two words are about shifts of pickers")]
    pub(super) fn picker_came(&mut self, word: Came) -> Step {
        match word {
            Came::PickerOn { picker, store } => {
                self.floor(store)?.begin(picker);
                self.start_tasks(store)
            }
            Came::PickerOff { picker, store } => {
                self.floor(store)?.end(picker);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
