//! One step: what a word calls forth, carried out on loaded rows until nothing is left to do.
//!
//! Pure: the same rows, words and time give the same unit of work. A row that is not loaded ends
//! the step; it is taken again from the start when the row is there.

mod floor;
mod money;
mod order;
mod rides;
mod shelf;
mod store;

use std::collections::VecDeque;

use domain::facts::Fact;
use domain::ids::{OrderId, RiderId, StoreId, TripId};
use domain::outside::{Effect, Input};
use domain::time::Timestamp;
use domain::wiring::{self, Call};
use domain::{delivery, dispatch, payment, picking, saga, tape};

use crate::rows::{Key, Missing, Order, Rider, Trip};
use crate::setup::Setup;
use crate::unit::{Answer, Refused, Unit};

/// Something that is carried out before the step ends.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// What a fact or an effect called forth.
    Call(Call),
    /// The order's quote is locked.
    Lock(OrderId),
    /// The order's lines are held.
    Reserve(OrderId),
}

/// A step under way.
struct Work<'a> {
    setup: &'a Setup,
    unit: &'a mut Unit,
    acts: VecDeque<Act>,
}

type Step = Result<(), Missing>;

/// The rows that words surely touch.
pub(crate) fn first_keys(words: &[Input], keys: &mut Vec<Key>) {
    for word in words {
        for key in keys_of(word).into_iter().flatten() {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
}

fn keys_of(word: &Input) -> [Option<Key>; 4] {
    let one = |key| [Some(key), None, None, None];
    let two = |first, second| [Some(first), Some(second), None, None];
    match *word {
        Input::CartLine { order, store, sku, .. } => {
            two(Key::Order(order), Key::Slot((store, sku)))
        }
        Input::Quote { order, .. }
        | Input::Place { order, .. }
        | Input::Lock { order }
        | Input::Reserve { order }
        | Input::Cancel { order, .. }
        | Input::Decide { order, .. }
        | Input::Provider { order, .. }
        | Input::SagaTimer { order, .. }
        | Input::PaymentTimer { order, .. }
        | Input::HoldTimer { order }
        | Input::Sought { order, .. }
        | Input::BagPacked { order }
        | Input::PutBackDone { order } => one(Key::Order(order)),
        Input::Offer { trip, rider, first, second } => {
            let orders = [first, second].map(|order| Some(Key::Order(order)));
            [Some(Key::Trip(trip)), Some(Key::Rider(rider)), orders[0], orders[1]]
        }
        Input::BagTaken { trip, order } => two(Key::Trip(trip), Key::Order(order)),
        Input::Answer { trip, .. }
        | Input::OfferTimer { trip }
        | Input::RiderLost { trip, .. }
        | Input::Reached { trip, .. }
        | Input::DoorDone { trip, .. } => one(Key::Trip(trip)),
        Input::RiderOn { rider, .. } | Input::RiderOff { rider } | Input::Moved { rider, .. } => {
            one(Key::Rider(rider))
        }
        Input::PickerOn { store, .. } | Input::PickerOff { store, .. } => one(Key::Floor(store)),
        Input::SetDoor { store, .. }
        | Input::ReviewDoor { store, .. }
        | Input::ReviewSurge { store, .. } => one(Key::Door(store)),
        Input::Receive { store, sku, .. } | Input::Adjust { store, sku, .. } => {
            one(Key::Slot((store, sku)))
        }
    }
}

/// Takes a step, from the words to the last thing they call forth.
///
/// # Errors
/// [`Missing`] when a row is not loaded: it is on the unit's list then.
pub(crate) fn step(setup: &Setup, unit: &mut Unit, words: &[Input]) -> Step {
    let mut work = Work { setup, unit, acts: VecDeque::new() };
    for word in words {
        work.came(*word)?;
        while let Some(act) = work.acts.pop_front() {
            work.carry_out(act)?;
        }
    }
    Ok(())
}

impl Work<'_> {
    fn came(&mut self, word: Input) -> Step {
        match word {
            Input::CartLine { .. } => self.cart_line(word),
            Input::Quote { order, raining, promise_by } => self.quote(order, raining, promise_by),
            Input::Place { .. } => self.place(word),
            Input::Lock { order } => self.lock(order),
            Input::Reserve { order } => self.reserve(order),
            Input::Cancel { order, canceller } => {
                self.say_saga(order, saga::Input::CancelAsked { canceller })
            }
            Input::Decide { order, again, method } => {
                let retry = payment::Input::Retry { method };
                self.say_payment(order, if again { retry } else { payment::Input::GiveUp })
            }
            Input::Provider { order, attempt, word } => self.provider_spoke(order, attempt, word),
            Input::SagaTimer { order, timer } => {
                self.say_saga(order, saga::Input::TimedOut { timer })
            }
            Input::PaymentTimer { order, timer } => {
                self.say_payment(order, payment::Input::Wake { timer })
            }
            Input::HoldTimer { order } => self.sweep(order),
            Input::Sought { order, line, units } => self.sought(order, line, units),
            Input::BagPacked { order } => self.say_task(order, picking::Input::BagPacked),
            Input::PutBackDone { order } => self.say_task(order, picking::Input::PutBackDone),
            Input::PickerOn { .. } | Input::PickerOff { .. } => self.picker_came(word),
            Input::SetDoor { .. }
            | Input::ReviewDoor { .. }
            | Input::ReviewSurge { .. }
            | Input::Receive { .. }
            | Input::Adjust { .. } => self.store_came(word),
            Input::Offer { .. }
            | Input::Answer { .. }
            | Input::OfferTimer { .. }
            | Input::RiderLost { .. }
            | Input::Reached { .. }
            | Input::BagTaken { .. }
            | Input::DoorDone { .. }
            | Input::RiderOn { .. }
            | Input::RiderOff { .. }
            | Input::Moved { .. } => self.rider_came(word),
        }
    }

    fn carry_out(&mut self, act: Act) -> Step {
        match act {
            Act::Lock(order) => self.lock(order),
            Act::Reserve(order) => self.reserve(order),
            Act::Call(call) => match call {
                Call::Saga(order, input) => self.say_saga(order, input),
                Call::Task(order, input) => self.say_task(order, input),
                Call::Request(order, input) => self.say_request(order, input),
                Call::Payment(order, input) => self.say_payment(order, input),
                Call::Commit { order, sku, found_units } => {
                    self.commit_line(order, sku, found_units)
                }
                Call::PutBack(order) => self.put_back(order),
                Call::Account(event) => self.account(event),
                Call::Sell(order) => self.sell(order),
            },
        }
    }

    /// Notes a fact, and what it calls forth.
    fn tell(&mut self, fact: impl Into<Fact>) {
        let fact = fact.into();
        self.unit.told.facts.push(fact);
        let acts = &mut self.acts;
        wiring::hear(&fact, &mut |call| acts.push_back(Act::Call(call)));
    }

    /// Notes what is asked of the outside.
    fn ask(&mut self, effect: Effect) {
        self.unit.told.effects.push(effect);
    }

    /// Carries something out after what already waits.
    fn call(&mut self, call: Call) {
        self.acts.push_back(Act::Call(call));
    }

    fn refuse(&mut self, why: Refused) {
        self.unit.answer = Answer::Refused(why);
    }

    /// Notes on the tape what a process manager hears.
    fn hears(&mut self, hearer: u64, input: impl Into<tape::Input>) {
        if self.setup.keeps_tape {
            let (at, city) = (self.unit.now, self.setup.city);
            let input = input.into();
            self.unit.told.heard.push(tape::Entry { at, city, hearer, input });
        }
    }

    fn now(&self) -> Timestamp {
        self.unit.now
    }

    /// Asks for rows that will surely be wanted, all in one load.
    fn need(&mut self, keys: impl IntoIterator<Item = Key>) -> Step {
        let mut step = Ok(());
        for key in keys {
            if !self.unit.rows.has(key) {
                step = self.miss(key);
            }
        }
        step
    }

    /// Gives up this step until a row is loaded.
    fn miss<T>(&mut self, key: Key) -> Result<T, Missing> {
        if !self.unit.keys.contains(&key) {
            self.unit.keys.push(key);
        }
        self.unit.is_missing = true;
        Err(Missing)
    }

    fn order(&mut self, order: OrderId) -> Result<&mut Order, Missing> {
        if !self.unit.rows.orders.has(order) {
            return self.miss(Key::Order(order));
        }
        self.unit.rows.orders.get_mut(order).ok_or(Missing)
    }

    fn floor(&mut self, store: StoreId) -> Result<&mut picking::Floor, Missing> {
        if !self.unit.rows.floors.has(store) {
            return self.miss(Key::Floor(store));
        }
        self.unit.rows.floors.get_mut(store).ok_or(Missing)
    }

    fn rider(&mut self, rider: RiderId) -> Result<&mut Rider, Missing> {
        if !self.unit.rows.riders.has(rider) {
            return self.miss(Key::Rider(rider));
        }
        self.unit.rows.riders.get_mut(rider).ok_or(Missing)
    }

    fn trip(&mut self, trip: TripId) -> Result<&mut Trip, Missing> {
        if !self.unit.rows.trips.has(trip) {
            return self.miss(Key::Trip(trip));
        }
        self.unit.rows.trips.get_mut(trip).ok_or(Missing)
    }

    fn say_request(&mut self, order: OrderId, input: dispatch::request::Input) -> Step {
        use dispatch::request::Effect as E;
        self.hears(order.0, input);
        let mut effects = Vec::new();
        let row = self.order(order)?;
        let store = row.store;
        row.request = dispatch::request::step(order, row.request, input, &mut effects);
        for effect in effects {
            match effect {
                E::Publish(event) => self.tell(event),
                E::JoinPool => self.ask(Effect::JoinPool { order, store }),
                E::LeavePool => self.ask(Effect::LeavePool { order, store }),
                E::TellPacked(trip) => {
                    self.say_trip(trip, delivery::Input::BagPacked { order })?;
                }
                E::LeaveTrip(trip) => self.say_trip(trip, delivery::Input::Leave { order })?,
                E::Closed => self.call(Call::Saga(order, saga::Input::RiderClosed)),
            }
        }
        Ok(())
    }
}
