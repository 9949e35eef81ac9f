//! A closed ring of M/M/c stations: a customer served at one goes to the next, for ever.
//!
//! Two events a hop, in every contestant: the end of a service, and the arrival it sends to the
//! next station at once.

use super::delays::{Delays, MEAN_US};
use kernel::queue::Queue;
use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::Output;
use nexosim::simulation::{Mailbox, SimInit, Simulation as NexoSimulation};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Servers of a station.
pub(crate) const SERVERS: u32 = 10;

/// Customers at a station when the run starts.
pub(crate) const CROWD: u32 = 100;

/// A customer, and when it joined the line it is in, in microseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Customer {
    name: u32,
    hops: u32,
    joined: u64,
}

/// What all contestants do alike: lines, servers and what is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Station {
    busy: u32,
    #[serde(skip)]
    line: VecDeque<(u32, u32, u64)>,
    /// Services begun.
    pub(crate) started: u64,
    /// Ticks waited by those who began.
    pub(crate) waited: u64,
}

impl Station {
    /// A customer comes; it is given back if a server is free for it.
    fn arrive(&mut self, customer: Customer, now: u64) -> Option<Customer> {
        self.line.push_back((customer.name, customer.hops, now));
        if self.busy < SERVERS { self.start(now) } else { None }
    }

    /// A service ends; the next in line is given to the server.
    fn done(&mut self, now: u64) -> Option<Customer> {
        self.busy -= 1;
        self.start(now)
    }

    fn start(&mut self, now: u64) -> Option<Customer> {
        let (name, hops, joined) = self.line.pop_front()?;
        self.busy += 1;
        self.started += 1;
        self.waited += now - joined;
        Some(Customer { name, hops, joined })
    }
}

/// Service times by customer and hop; a scale above 1 spreads them so that no two events tie.
#[derive(Clone, Copy, Debug)]
struct Services {
    delays: Delays,
    scale: u64,
}

impl Services {
    fn new(scale: u64) -> Self {
        Self { delays: Delays::default(), scale }
    }

    #[inline]
    fn time(&self, customer: Customer) -> u64 {
        let name = u64::from(customer.name) << 32 | u64::from(customer.hops);
        let mixed = name.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.delays.at_us(mixed >> 40) * self.scale + mixed % self.scale
    }
}

/// The customers that start at a station.
fn crowd(station: u32) -> impl Iterator<Item = Customer> {
    (0..CROWD).map(move |n| Customer { name: station * CROWD + n, hops: 0, joined: 0 })
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    Arrive { station: u32, customer: u32, hops: u32 },
    Done { station: u32, customer: u32, hops: u32 },
}

/// The ring on one of the kernel's queues.
pub(crate) struct Kernel<Q> {
    queue: Q,
    services: Services,
    pub(crate) stations: Vec<Station>,
    /// Arrivals are scheduled for now, not put into the zero-delay ring.
    queued_arrivals: bool,
}

impl<Q: Queue<Event>> Kernel<Q> {
    pub(crate) fn new(stations: u32, scale: u64, queued_arrivals: bool) -> Self {
        let mut ring = Self {
            queue: Q::default(),
            services: Services::new(scale),
            stations: vec![Station::default(); stations as usize],
            queued_arrivals,
        };
        for station in 0..stations {
            for customer in crowd(station) {
                ring.arrive(station, customer);
            }
        }
        ring
    }

    /// Handles so many events.
    pub(crate) fn run(&mut self, events: u64) -> u64 {
        for _ in 0..events {
            let Some((_, event)) = self.queue.pop_until(u64::MAX) else { return 0 };
            self.handle(event);
        }
        events
    }

    /// Handles all events up to a time, and counts them.
    pub(crate) fn run_until(&mut self, limit: u64) -> u64 {
        let mut events = 0;
        while let Some((_, event)) = self.queue.pop_until(limit) {
            self.handle(event);
            events += 1;
        }
        events
    }

    #[inline]
    fn handle(&mut self, event: Event) {
        match event {
            Event::Arrive { station, customer, hops } => {
                self.arrive(station, Customer { name: customer, hops, joined: 0 });
            }
            Event::Done { station, customer, hops } => {
                let now = self.queue.now();
                let next = if station + 1 == self.count() { 0 } else { station + 1 };
                let arrival = Event::Arrive { station: next, customer, hops: hops + 1 };
                if self.queued_arrivals {
                    self.queue.schedule(now, 0, arrival);
                } else {
                    self.queue.now_do(arrival);
                }
                if let Some(customer) = self.stations[station as usize].done(now) {
                    self.serve(station, customer);
                }
            }
        }
    }

    fn arrive(&mut self, station: u32, customer: Customer) {
        let now = self.queue.now();
        if let Some(customer) = self.stations[station as usize].arrive(customer, now) {
            self.serve(station, customer);
        }
    }

    fn serve(&mut self, station: u32, customer: Customer) {
        let at = self.queue.now() + self.services.time(customer);
        let Customer { name: customer, hops, .. } = customer;
        self.queue.schedule(at, 0, Event::Done { station, customer, hops });
    }

    #[expect(clippy::cast_possible_truncation, reason = "made from a u32")]
    fn count(&self) -> u32 {
        self.stations.len() as u32
    }
}

#[derive(Clone, Serialize)]
struct Arrive {
    customer: Customer,
}

#[derive(Clone, Serialize)]
struct Done {
    customer: Customer,
}

struct Process {
    context: simcore::SimulationContext,
    next: simcore::Id,
    services: Services,
    station: Station,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and below 2^53")]
fn ticks(time: f64) -> u64 {
    time as u64
}

impl Process {
    fn serve(&self, customer: Option<Customer>) {
        if let Some(customer) = customer {
            self.context.emit_self(Done { customer }, self.services.time(customer) as f64);
        }
    }
}

impl simcore::EventHandler for Process {
    fn on(&mut self, event: simcore::Event) {
        let now = ticks(self.context.time());
        simcore::cast!(match event.data {
            Arrive { customer } => {
                let started = self.station.arrive(customer, now);
                self.serve(started);
            }
            Done { customer } => {
                let moved = Customer { hops: customer.hops + 1, ..customer };
                self.context.emit_now(Arrive { customer: moved }, self.next);
                let started = self.station.done(now);
                self.serve(started);
            }
        });
    }
}

/// The ring on `simcore`: a component a station.
pub(crate) struct Simcore {
    simulation: simcore::Simulation,
    processes: Vec<Rc<RefCell<Process>>>,
}

impl Simcore {
    pub(crate) fn new(stations: u32, scale: u64) -> Self {
        let mut simulation = simcore::Simulation::new(1);
        let services = Services::new(scale);
        let name = |station: u32| format!("station{station}");
        let contexts: Vec<_> =
            (0..stations).map(|station| simulation.create_context(name(station))).collect();
        let ids: Vec<_> = contexts.iter().map(simcore::SimulationContext::id).collect();
        let mut processes = Vec::new();
        for (station, context) in (0..stations).zip(contexts) {
            let next = ids[((station + 1) % stations) as usize];
            let process = Process { context, next, services, station: Station::default() };
            let process = Rc::new(RefCell::new(process));
            simulation.add_handler(name(station), process.clone());
            for customer in crowd(station) {
                let started = process.borrow_mut().station.arrive(customer, 0);
                process.borrow().serve(started);
            }
            processes.push(process);
        }
        Self { simulation, processes }
    }

    /// Handles so many events.
    pub(crate) fn run(&mut self, events: u64) -> u64 {
        assert!(self.simulation.steps(events));
        events
    }

    /// Handles all events up to a time.
    pub(crate) fn run_until(&mut self, limit: u64) {
        self.simulation.step_until_time(limit as f64);
    }

    /// Gives what was counted at each station.
    pub(crate) fn stations(&self) -> Vec<Station> {
        self.processes.iter().map(|process| process.borrow().station.clone()).collect()
    }
}

/// Events the models of `nexosim` handled; they run on this thread and own nothing shared.
static HANDLED: AtomicU64 = AtomicU64::new(0);

#[derive(Serialize, Deserialize)]
struct Stop {
    number: u32,
    station: Station,
    next: Output<Customer>,
    #[serde(skip, default = "unscaled")]
    services: Services,
}

fn unscaled() -> Services {
    Services::new(1)
}

#[Model]
impl Stop {
    #[nexosim(init)]
    #[expect(clippy::unused_async, reason = "the trait has it so")]
    async fn init(&mut self, context: &Context<Self>) {
        for customer in crowd(self.number) {
            let started = self.station.arrive(customer, 0);
            self.serve(started, context);
        }
    }

    fn arrive(&mut self, customer: Customer, context: &Context<Self>) {
        HANDLED.fetch_add(1, Ordering::Relaxed);
        let started = self.station.arrive(customer, micros(context));
        self.serve(started, context);
    }

    #[nexosim(schedulable)]
    async fn done(&mut self, customer: Customer, context: &Context<Self>) {
        HANDLED.fetch_add(1, Ordering::Relaxed);
        let moved = Customer { hops: customer.hops + 1, ..customer };
        self.next.send(moved).await;
        let started = self.station.done(micros(context));
        self.serve(started, context);
    }

    fn serve(&mut self, customer: Option<Customer>, context: &Context<Self>) {
        if let Some(customer) = customer {
            let time = Duration::from_micros(self.services.time(customer));
            context.schedule_event(time, schedulable!(Self::done), customer).expect("it is later");
        }
    }
}

fn micros<M: Model>(context: &Context<M>) -> u64 {
    let since = context.time().duration_since(MonotonicTime::EPOCH);
    u64::try_from(since.as_micros()).expect("a run is short")
}

/// The ring on `nexosim`, on one thread: a model a station.
pub(crate) struct Nexosim {
    simulation: NexoSimulation,
    stations: u32,
}

impl Nexosim {
    pub(crate) fn new(stations: u32) -> Self {
        let mailboxes: Vec<_> = (0..stations).map(|_| Mailbox::new()).collect();
        let next = |station: u32| &mailboxes[((station + 1) % stations) as usize];
        let stops: Vec<_> = (0..stations)
            .map(|number| {
                let mut stop = Stop {
                    number,
                    station: Station::default(),
                    next: Output::default(),
                    services: unscaled(),
                };
                stop.next.connect(Stop::arrive, next(number));
                stop
            })
            .collect();
        let mut bench = SimInit::with_num_threads(1);
        for (stop, mailbox) in stops.into_iter().zip(mailboxes) {
            let name = format!("station{}", stop.number);
            bench = bench.add_model(stop, mailbox, &name);
        }
        let simulation = bench.init(MonotonicTime::EPOCH).expect("every output has one input");
        Self { simulation, stations }
    }

    /// Handles about so many events, and tells how many.
    pub(crate) fn run(&mut self, events: u64) -> u64 {
        let before = HANDLED.load(Ordering::Relaxed);
        let per_us = 2.0 * f64::from(SERVERS) * f64::from(self.stations) / MEAN_US;
        let span = Duration::from_secs_f64(events as f64 / per_us / 1e6);
        self.simulation.step_until(span).expect("nothing can fail");
        HANDLED.load(Ordering::Relaxed) - before
    }
}
