//! HOLD: with n events pending, take the next one and schedule another, over and over.

use super::delays::{Delays, MEAN_US};
use kernel::queue::Queue;
use nexosim::model::{Context, Model, schedulable};
use nexosim::simulation::{Mailbox, SimInit, Simulation as NexoSimulation};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What an event carries in every contestant: four bytes, enough to name something.
pub(crate) type Payload = u32;

/// HOLD on one of the kernel's queues.
pub(crate) struct Kernel<Q, E> {
    queue: Q,
    delays: Delays,
    event: std::marker::PhantomData<E>,
}

impl<E: Copy, Q: Queue<E>> Kernel<Q, E> {
    /// Fills a queue with `pending` copies of an event.
    pub(crate) fn new(pending: u32, event: E) -> Self {
        let (mut queue, mut delays) = (Q::default(), Delays::default());
        for _ in 0..pending {
            queue.schedule(delays.next_us(), 0, event);
        }
        Self { queue, delays, event: std::marker::PhantomData }
    }

    /// Handles so many events.
    pub(crate) fn run(&mut self, events: u64) -> u64 {
        let pending = self.queue.len();
        for _ in 0..events {
            let Some((now, event)) = self.queue.pop_until(u64::MAX) else { return 0 };
            self.queue.schedule(now + self.delays.next_us(), 0, event);
        }
        assert_eq!(self.queue.len(), pending);
        events
    }
}

#[derive(Clone, Serialize)]
struct Tick {
    payload: Payload,
}

struct Process {
    context: simcore::SimulationContext,
    delays: Delays,
}

impl simcore::EventHandler for Process {
    fn on(&mut self, event: simcore::Event) {
        simcore::cast!(match event.data {
            Tick { payload } => {
                self.context.emit_self(Tick { payload }, self.delays.next_us() as f64);
            }
        });
    }
}

/// HOLD on `simcore`: one component that sends itself events.
pub(crate) struct Simcore(simcore::Simulation);

impl Simcore {
    /// Emits `pending` events.
    pub(crate) fn new(pending: u32) -> Self {
        let mut simulation = simcore::Simulation::new(1);
        let context = simulation.create_context("process");
        let mut delays = Delays::default();
        for _ in 0..pending {
            context.emit_self(Tick { payload: 0 }, delays.next_us() as f64);
        }
        simulation.add_handler("process", Rc::new(RefCell::new(Process { context, delays })));
        Self(simulation)
    }

    /// Handles so many events.
    pub(crate) fn run(&mut self, events: u64) -> u64 {
        assert!(self.0.steps(events));
        events
    }
}

/// Events the models of `nexosim` handled; they run on this thread and own nothing shared.
static HANDLED: AtomicU64 = AtomicU64::new(0);

#[derive(Serialize, Deserialize)]
struct Holder {
    pending: u32,
    #[serde(skip)]
    delays: Delays,
}

#[Model]
impl Holder {
    #[nexosim(init)]
    #[expect(clippy::unused_async, reason = "the trait has it so")]
    async fn init(&mut self, context: &Context<Self>) {
        for _ in 0..self.pending {
            self.schedule(0, context);
        }
    }

    #[nexosim(schedulable)]
    fn tick(&mut self, payload: Payload, context: &Context<Self>) {
        HANDLED.fetch_add(1, Ordering::Relaxed);
        self.schedule(payload, context);
    }

    fn schedule(&mut self, payload: Payload, context: &Context<Self>) {
        let delay = Duration::from_micros(self.delays.next_us());
        context.schedule_event(delay, schedulable!(Self::tick), payload).expect("it is later");
    }
}

/// HOLD on `nexosim`, on one thread: one model that schedules itself.
pub(crate) struct Nexosim {
    simulation: NexoSimulation,
    pending: u32,
}

impl Nexosim {
    /// Schedules `pending` events.
    pub(crate) fn new(pending: u32) -> Self {
        let mailbox = Mailbox::new();
        let holder = Holder { pending, delays: Delays::default() };
        let simulation = SimInit::with_num_threads(1)
            .add_model(holder, mailbox, "holder")
            .init(MonotonicTime::EPOCH)
            .expect("one model and no connections");
        Self { simulation, pending }
    }

    /// Handles about so many events, and tells how many.
    pub(crate) fn run(&mut self, events: u64) -> u64 {
        let before = HANDLED.load(Ordering::Relaxed);
        let span_us = MEAN_US * events as f64 / f64::from(self.pending);
        let span = Duration::from_secs_f64(span_us / 1e6);
        self.simulation.step_until(span).expect("nothing can fail");
        HANDLED.load(Ordering::Relaxed) - before
    }
}
