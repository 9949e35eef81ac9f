//! One order's pick list: a process manager from the queue to the bag, and back if it must.

use super::Event;
use crate::ids::{OrderId, PickerId, RiderId, SkuId, StoreId};
use crate::money::Paise;
use crate::order::Line;

/// Where a pick list stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// There is none.
    #[default]
    None,
    /// Waiting for a picker.
    Queued,
    /// A picker collects it.
    Collecting(PickerId),
    /// All lines are done; the picker packs.
    Packing(PickerId),
    /// In its bag.
    Packed,
    /// With a rider.
    HandedOver,
    /// Being put back on the shelf, by a picker if one was on it.
    PuttingBack(Option<PickerId>),
    /// Over.
    Closed,
}

/// A pick list's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Where it stands.
    pub status: Status,
    /// Lines on it.
    pub lines: u16,
    /// Lines done, found or not.
    pub done: u16,
    /// Whether any unit is in the basket.
    pub anything: bool,
}

events! {
    /// What a pick list hears.
    pub enum Input {
        /// Make one.
        Queue {
            /// The store.
            store: StoreId,
            /// Number of lines.
            lines: u16,
        } = "task_queue",
        /// A picker takes it.
        Take {
            /// Who.
            picker: PickerId,
        } = "task_take",
        /// The picker looked for the next line.
        Scan {
            /// Which line, from zero; any but the next is ignored.
            line: u16,
            /// The SKU.
            sku: SkuId,
            /// Units held.
            wanted_units: u32,
            /// Units found.
            units: u32,
            /// What the customer pays less for those not found.
            reduction: Paise,
        } = "task_scan",
        /// The bag is packed.
        BagPacked = "task_bag_packed",
        /// A rider took the bag.
        HandOver {
            /// Who.
            rider: RiderId,
        } = "task_hand_over",
        /// Stop, and put everything back.
        Abort = "task_abort",
        /// Everything is back on the shelf.
        PutBackDone = "task_put_back_done",
    }
}

/// What a pick list asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell what happened.
    Publish(Event),
    /// Wait in the store's queue for a picker.
    Enqueue,
    /// Leave the queue.
    LeaveQueue,
    /// The picker looks for a line.
    Collect {
        /// Which, from zero.
        line: u16,
    },
    /// The picker packs.
    Pack,
    /// Everything goes back on the shelf.
    PutBack,
    /// The picker is free.
    Free(PickerId),
}

/// What a pick list hears when a picker has looked for a line: the customer pays less for what was
/// not found, at the price of the quote.
#[must_use]
pub fn sought(line: u16, held: Line, unit_price: Paise, found_units: u32) -> Input {
    let Line { sku, units: wanted_units } = held;
    let units = found_units.min(wanted_units);
    let reduction = unit_price.times(wanted_units - units);
    Input::Scan { line, sku, wanted_units, units, reduction }
}

/// Takes the next step of a pick list. Total: what does not fit is ignored.
#[must_use]
pub fn step(order: OrderId, state: State, input: Input, effects: &mut Vec<Effect>) -> State {
    match (state.status, input) {
        (Status::None, Input::Queue { store, lines }) => {
            effects.extend([Effect::Publish(Event::Queued { order, store }), Effect::Enqueue]);
            State { status: Status::Queued, lines, ..state }
        }
        (Status::Queued, Input::Take { picker }) => {
            effects.push(Effect::Publish(Event::Started { order, picker }));
            collect_next(State { status: Status::Collecting(picker), ..state }, picker, effects)
        }
        (Status::Collecting(picker), Input::Scan { line, .. }) if line == state.done => {
            scan(order, state, picker, input, effects)
        }
        (Status::Packing(picker), Input::BagPacked) => {
            let anything = state.anything;
            effects.push(Effect::Publish(Event::Packed { order, picker, anything }));
            effects.push(Effect::Free(picker));
            State { status: Status::Packed, ..state }
        }
        (Status::Packed, Input::HandOver { rider }) => {
            effects.push(Effect::Publish(Event::HandedOver { order, rider }));
            State { status: Status::HandedOver, ..state }
        }
        (status, Input::Abort) => abort(order, State { status, ..state }, effects),
        (Status::PuttingBack(picker), Input::PutBackDone) => {
            effects.extend(picker.map(Effect::Free));
            effects.push(Effect::Publish(Event::Closed { order }));
            State { status: Status::Closed, ..state }
        }
        // A picker sent to a list that is no longer waiting goes on to the next.
        (_, Input::Take { picker }) => {
            effects.push(Effect::Free(picker));
            state
        }
        _ => state,
    }
}

fn collect_next(state: State, picker: PickerId, effects: &mut Vec<Effect>) -> State {
    if state.done < state.lines {
        effects.push(Effect::Collect { line: state.done });
        return state;
    }
    effects.push(Effect::Pack);
    State { status: Status::Packing(picker), ..state }
}

fn scan(
    order: OrderId,
    mut state: State,
    picker: PickerId,
    input: Input,
    effects: &mut Vec<Effect>,
) -> State {
    let Input::Scan { line, sku, wanted_units, units, reduction } = input else { return state };
    effects.push(Effect::Publish(if units >= wanted_units {
        Event::LinePicked { order, line, sku, units: wanted_units }
    } else {
        Event::LineShort { order, line, sku, wanted_units, units, reduction }
    }));
    state.done += 1;
    state.anything |= units > 0;
    collect_next(state, picker, effects)
}

fn abort(order: OrderId, state: State, effects: &mut Vec<Effect>) -> State {
    let picker = match state.status {
        Status::PuttingBack(_) | Status::Closed => return state,
        Status::Collecting(picker) | Status::Packing(picker) => Some(picker),
        Status::None | Status::Queued | Status::Packed | Status::HandedOver => None,
    };
    if state.status == Status::Queued {
        effects.push(Effect::LeaveQueue);
    }
    let put_back = state.anything;
    effects.push(Effect::Publish(Event::Aborted { order, put_back }));
    if put_back {
        effects.push(Effect::PutBack);
        return State { status: Status::PuttingBack(picker), ..state };
    }
    effects.extend(picker.map(Effect::Free));
    effects.push(Effect::Publish(Event::Closed { order }));
    State { status: Status::Closed, ..state }
}
