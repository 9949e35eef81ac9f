//! The world of one city: its state, the loop over moments, and how facts and calls go round.
//!
//! A moment is taken off the queue, says a word to the process manager it is for, and the
//! manager's effects are carried out: facts are told, moments are scheduled. What a fact calls
//! forth waits in a short list and is carried out before the next moment.

use std::collections::VecDeque;

use city::{City, Demand};
use domain::facts::{Fact, Record, Sink};
use domain::ids::{OrderId, StoreId};
use domain::ledger::Books;
use domain::order::Line;
use domain::picking::Floor;
use domain::stock::Shelves;
use domain::tape;
use domain::time::Timestamp;
use domain::wiring::{self, Call};
use domain::{
    delivery, dispatch, ledger, outside, payment, picking, pricing, rider, saga, stock, store,
};
use kernel::queue::Queue;

use crate::choice::Choice;
use crate::events::{Event, OrderIndex, class};
use crate::limits::Work;
use crate::orders::{Order, OrderLine};
use crate::outcome::{Outcome, Progress, Watch};
use crate::replenish::Replenish;
use crate::riders::RiderAt;
use crate::rounds::Rounds;
use crate::services::{Service, Services};
use crate::setup::Setup;
use crate::stores::{Crew, StoreAt};
use crate::trips::TripAt;

/// Buffers that rules write their words to; reused, so nothing is allocated per moment.
#[derive(Default)]
pub(crate) struct Buffers {
    pub(crate) saga: Vec<saga::Effect>,
    pub(crate) payment: Vec<payment::Effect>,
    pub(crate) task: Vec<picking::Effect>,
    pub(crate) request: Vec<dispatch::request::Effect>,
    pub(crate) trip: Vec<delivery::Effect>,
    pub(crate) stock: Vec<stock::Event>,
    pub(crate) ledger: Vec<ledger::Event>,
    pub(crate) pricing: Vec<pricing::Event>,
    pub(crate) rider: Vec<rider::Event>,
    pub(crate) store: Vec<store::Event>,
}

/// One city while it runs.
pub(crate) struct World<'a, Q, S> {
    pub(crate) setup: &'a Setup,
    pub(crate) city: &'a City,
    pub(crate) demand: &'a Demand,
    pub(crate) queue: Q,
    sink: S,
    seq: u64,
    pub(crate) now: Timestamp,
    calls: VecDeque<Call>,
    pub(crate) buffers: Buffers,
    pub(crate) next_arrival: usize,
    pub(crate) orders: Vec<Order>,
    /// The lines of placed orders as ordered; `held` and `more` stand beside it.
    pub(crate) lines: Vec<Line>,
    pub(crate) held: Vec<Line>,
    pub(crate) more: Vec<OrderLine>,
    /// The cart that is being priced.
    pub(crate) items: Vec<pricing::Item>,
    pub(crate) prices: pricing::Scratch,
    pub(crate) shelves: Shelves,
    pub(crate) replenish: Replenish,
    pub(crate) stores: Vec<StoreAt>,
    /// Riders that belong to no store.
    pub(crate) free_crew: Crew,
    pub(crate) choice: Choice,
    pub(crate) floors: Vec<Floor>,
    pub(crate) riders: Vec<RiderAt>,
    pub(crate) trips: Vec<TripAt>,
    pub(crate) rounds: Rounds,
    pub(crate) services: Services,
    pub(crate) books: Books,
    pub(crate) postings: u64,
    pub(crate) work: Work,
}

/// Plays one city and returns what came of it; facts go to `sink` as they happen.
///
/// `watch` sees the progress once for each simulated minute and can stop the run by returning
/// false; what has happened by then stands.
///
/// # Panics
/// If a rule is broken that the domain asserts: that is a bug, not an outcome.
pub fn run<Q: Queue<Event>>(
    setup: &Setup,
    city: &City,
    demand: &Demand,
    sink: impl Sink,
    watch: impl FnMut(&Progress) -> bool,
) -> Outcome {
    let mut world = World::<Q, _>::new(setup, city, demand, sink);
    world.open();
    let finished = world.play(&mut Watch::new(watch));
    world.outcome(finished)
}

impl<'a, Q: Queue<Event>, S: Sink> World<'a, Q, S> {
    fn new(setup: &'a Setup, city: &'a City, demand: &'a Demand, sink: S) -> Self {
        let lines = demand.lines.len();
        Self {
            setup,
            city,
            demand,
            queue: Q::default(),
            sink,
            seq: 0,
            now: Timestamp(0),
            calls: VecDeque::new(),
            buffers: Buffers::default(),
            next_arrival: 0,
            orders: vec![Order::default(); demand.arrivals.len()],
            lines: Vec::with_capacity(lines),
            held: Vec::with_capacity(lines),
            more: Vec::with_capacity(lines),
            items: Vec::new(),
            prices: pricing::Scratch::default(),
            shelves: Shelves::new(city.skus.len(), city.stock.iter().copied()),
            replenish: Replenish::new(city, setup.seed),
            stores: StoreAt::all(city),
            free_crew: Crew::default(),
            choice: Choice::new(city, setup),
            floors: vec![Floor::default(); city.stores.len()],
            riders: RiderAt::all(city),
            trips: Vec::new(),
            rounds: Rounds::new(city),
            services: Services::new(setup.services),
            books: Books::default(),
            postings: 0,
            work: Work::default(),
        }
    }

    fn play(&mut self, watch: &mut Watch<impl FnMut(&Progress) -> bool>) -> bool {
        let end = self.setup.window.end().0;
        while let Some((at, event)) = self.queue.pop_until(end) {
            self.now = Timestamp(at);
            self.handle(event);
            while let Some(call) = self.calls.pop_front() {
                self.carry_out(call);
            }
            if watch.is_due(at) && !watch.look(self.progress()) {
                return false;
            }
        }
        self.now = Timestamp(end);
        true
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Arrival => self.arrive(),
            Event::CustomerCancels(order) => self.customer_cancels(order),
            Event::CustomerDecides(order, method) => self.customer_decides(order, method),
            Event::Served(order, service) => self.served(order, service),
            Event::SagaTimer(order, timer) => {
                self.came(outside::Input::SagaTimer { order: self.id(order), timer });
                self.say_saga(order, saga::Input::TimedOut { timer });
            }
            Event::Sweep(order) => self.sweep(order),
            Event::Provider(order, attempt, word) => {
                self.came(outside::Input::Provider { order: self.id(order), attempt, word });
                self.say_payment(order, payment::Input::Heard { attempt, word });
            }
            Event::PaymentTimer(order, timer) => {
                self.came(outside::Input::PaymentTimer { order: self.id(order), timer });
                self.say_payment(order, payment::Input::Wake { timer });
            }
            Event::LineSought(order, line) => self.line_sought(order, line),
            Event::BagPacked(order) => {
                self.came(outside::Input::BagPacked { order: self.id(order) });
                self.say_task(order, picking::Input::BagPacked);
            }
            Event::PutBack(order) => {
                self.came(outside::Input::PutBackDone { order: self.id(order) });
                self.say_task(order, picking::Input::PutBackDone);
            }
            Event::Answer(trip, accepts) => {
                self.came(outside::Input::Answer { trip, accepts });
                let answer =
                    if accepts { delivery::Input::Accept } else { delivery::Input::Reject };
                self.say_trip(trip, answer);
            }
            Event::OfferTimeOut(trip) => {
                self.came(outside::Input::OfferTimer { trip });
                self.say_trip(trip, delivery::Input::OfferTimedOut);
            }
            Event::RiderLost(trip) => self.rider_lost(trip),
            Event::Reached(trip) => self.reached(trip),
            Event::BagTaken(trip, order) => {
                let order = self.id(order);
                self.came(outside::Input::BagTaken { trip, order });
                self.say_trip(trip, delivery::Input::BagTaken { order });
            }
            Event::DoorDone(trip, taken) => {
                self.came(outside::Input::DoorDone { trip, taken });
                self.say_trip(trip, delivery::Input::DoorDone { taken });
            }
            Event::Moved(rider) => self.moved(rider),
            Event::ShiftBegins(rider, shift) => self.shift_begins(rider, shift),
            Event::ShiftEnds(rider) => self.shift_ends(rider),
            Event::PickerBegins(picker, shift) => self.picker_begins(picker, shift),
            Event::PickerEnds(picker) => self.picker_ends(picker),
            Event::Round => self.round(),
            Event::Review => self.review(),
            Event::Door(store, door_state) => {
                self.came(outside::Input::SetDoor { store, door_state });
                self.command_door(store, store::Command::Set(door_state));
            }
            Event::Lorry(store, load) => self.lorry(store, load),
            Event::TopUpDue(store) => self.top_up_due(store),
            Event::TopUp(store) => self.top_up(store),
        }
    }

    fn carry_out(&mut self, call: Call) {
        match call {
            Call::Saga(order, input) => self.say_saga(order.into(), input),
            Call::Task(order, input) => self.say_task(order.into(), input),
            Call::Request(order, input) => self.say_request(order.into(), input),
            Call::Payment(order, input) => self.say_payment(order.into(), input),
            Call::Commit { order, sku, found_units } => {
                self.commit_line(order.into(), sku, found_units);
            }
            Call::PutBack(order) => self.put_back(order.into()),
            Call::Account(event) => self.account(event),
            Call::Sell(order) => self.sell(order.into()),
        }
    }

    /// Writes a fact in the journal and lets everybody hear it.
    pub(crate) fn tell(&mut self, fact: impl Into<Fact>) {
        let fact = fact.into();
        let record = Record { at: self.now, city: self.city.id, seq: self.seq, fact };
        self.seq += 1;
        self.sink.record(&record);
        let calls = &mut self.calls;
        wiring::hear(&fact, &mut |call| calls.push_back(call));
    }

    /// Notes on the tape what a process manager hears.
    pub(crate) fn hears(&mut self, hearer: u64, input: impl Into<tape::Input>) {
        let input = input.into();
        self.sink.heard(&tape::Entry { at: self.now, city: self.city.id, hearer, input });
    }

    /// Notes on the tape a word that came in from outside.
    pub(crate) fn came(&mut self, input: outside::Input) {
        self.hears(0, input);
    }

    /// Notes on the tape what is asked of the outside.
    pub(crate) fn asks(&mut self, effect: outside::Effect) {
        self.hears(0, effect);
    }

    /// Facts told so far.
    pub(crate) fn facts(&self) -> u64 {
        self.seq
    }

    /// Lets a process manager hear something after what is already waiting.
    pub(crate) fn call(&mut self, call: Call) {
        self.calls.push_back(call);
    }

    /// Schedules a moment, no earlier than now.
    pub(crate) fn at(&mut self, at: Timestamp, class: u8, event: Event) {
        self.queue.schedule(at.0.max(self.now.0), class, event);
    }

    /// Schedules a moment of the usual class.
    pub(crate) fn later(&mut self, at: Timestamp, event: Event) {
        self.at(at, class::USUAL, event);
    }

    pub(crate) fn id(&self, order: OrderIndex) -> OrderId {
        OrderId::new(self.city.id, order.index())
    }

    pub(crate) fn store_of(&self, order: OrderIndex) -> StoreId {
        self.orders[order.index()].store
    }

    pub(crate) fn say_saga(&mut self, order: OrderIndex, input: saga::Input) {
        let mut effects = std::mem::take(&mut self.buffers.saga);
        let (id, state) = (self.id(order), self.orders[order.index()].saga);
        self.hears(id.0, input);
        let rules = &self.setup.rules.saga;
        self.orders[order.index()].saga =
            saga::step(rules, id, state, input, self.now, &mut effects);
        for effect in effects.drain(..) {
            self.do_saga(order, effect);
        }
        self.buffers.saga = effects;
    }

    fn do_saga(&mut self, order: OrderIndex, effect: saga::Effect) {
        use saga::Effect as E;
        let id = self.id(order);
        if let Some(call) = wiring::asked_by_saga(id, &effect) {
            self.call(call);
            return;
        }
        match effect {
            E::Publish(event) => self.tell_order(order, event),
            E::LockQuote => {
                self.asks(outside::Effect::LockQuote { order: id });
                self.ask_service(order, Service::Pricing);
            }
            E::Reserve { until } => {
                self.asks(outside::Effect::Reserve { order: id });
                self.orders[order.index()].hold_until = until;
                self.ask_service(order, Service::Inventory);
            }
            E::ExtendHold { until } => self.extend_hold(order, until),
            E::SecureHold => {
                self.shelve(order, |id| stock::Command::Secure { order: id });
                self.say_quote(order, pricing::quote::Command::Consume);
            }
            E::ReleaseHold => {
                self.shelve(order, |id| stock::Command::Release { order: id });
            }
            E::QueuePick => {
                let Order { store, lines, .. } = self.orders[order.index()];
                self.call(Call::Task(id, picking::Input::Queue { store, lines }));
            }
            E::RequestRider => self.request_rider(order),
            E::WakeAt(timer, at) => {
                self.asks(outside::Effect::WakeSaga { order: id, timer, wake_at: at });
                self.at(at, class::TIMERS, Event::SagaTimer(order, timer));
            }
            E::Pay { .. }
            | E::ReducePayment { .. }
            | E::ClosePayment
            | E::AbortPick
            | E::WithdrawRider => unreachable!("the wiring calls it forth"),
        }
    }

    /// Tells a stage of an order, noting the times that the run's own counts are made of.
    fn tell_order(&mut self, order: OrderIndex, event: domain::order::Event) {
        use domain::order::Event as E;
        let now = self.now;
        let row = &mut self.orders[order.index()];
        match event {
            E::Placed { .. } => row.placed_at = now,
            E::Arrived { .. } => row.arrived_at = Some(now),
            // Told once an order; the step that ends one may tell more than that.
            E::Delivered { .. }
            | E::Rejected { .. }
            | E::Cancelled { .. }
            | E::Undelivered { .. } => self.stores[row.store.index()].open_orders -= 1,
            E::Reserved { .. }
            | E::PaymentPending { .. }
            | E::Confirmed { .. }
            | E::PickingBegun { .. }
            | E::Packed { .. }
            | E::LeftStore { .. }
            | E::CancelAsked { .. } => {}
        }
        self.tell(event);
    }
}
