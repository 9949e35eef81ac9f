//! A network of stations with servers and queues, on the kernel's queue, chance and statistics.
//!
//! Every draw is named by what it is for, so the run is the same on either event queue. Rates are
//! per second, means are seconds; the clock is microseconds.

use dastak_kernel::chance::{Draw, draw};
use dastak_kernel::histogram::Histogram;
use dastak_kernel::queue::{Queue, RadixQueue, Token};
use dastak_kernel::stats::Level;
use std::collections::VecDeque;

/// Ticks in a second.
pub(crate) const SECOND: f64 = 1e6;

/// As many servers as customers, or as much room.
pub(crate) const UNLIMITED: u32 = u32::MAX;

/// What a draw is for.
#[derive(Clone, Copy)]
enum Purpose {
    Gap,
    Service,
    Patience,
    Route,
}

/// How service times vary around their mean.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Constant,
    Exponential,
    Erlang2,
    /// Lognormal with this coefficient of variation.
    Lognormal(f64),
    /// Two exponentials with balanced means and this squared coefficient of variation.
    Hyperexponential(f64),
}

impl Shape {
    fn sample(self, mean: f64, draw: &mut Draw) -> f64 {
        match self {
            Self::Constant => mean,
            Self::Exponential => draw.exponential(mean),
            Self::Erlang2 => draw.erlang(2, mean),
            Self::Lognormal(cv) => {
                let variance = (1.0 + cv * cv).ln();
                draw.lognormal(mean * (-variance / 2.0).exp(), variance.sqrt())
            }
            Self::Hyperexponential(squared_cv) => {
                let p = (1.0 + ((squared_cv - 1.0) / (squared_cv + 1.0)).sqrt()) / 2.0;
                let branch = if draw.chance(p) { p } else { 1.0 - p };
                draw.exponential(mean / (2.0 * branch))
            }
        }
    }

    /// Squared coefficient of variation.
    pub(crate) fn squared_cv(self) -> f64 {
        match self {
            Self::Constant => 0.0,
            Self::Exponential => 1.0,
            Self::Erlang2 => 0.5,
            Self::Lognormal(cv) => cv * cv,
            Self::Hyperexponential(squared_cv) => squared_cv,
        }
    }
}

/// A place where customers are served, and where they go from there.
#[derive(Clone, Debug)]
pub(crate) struct Station {
    pub(crate) servers: u32,
    /// Customers it holds, in service or waiting; more are lost.
    pub(crate) room: u32,
    pub(crate) service: Shape,
    pub(crate) service_s: f64,
    /// Mean of the exponential time a customer will wait before leaving.
    pub(crate) patience_s: Option<f64>,
    /// A server with no one in line serves an extra customer, so that none is ever idle.
    pub(crate) never_idle: bool,
    /// Probability and station; what is left of 1 leaves the network.
    pub(crate) next: Vec<(f64, usize)>,
}

impl Station {
    /// A station with an unlimited queue whose customers leave when served.
    pub(crate) fn new(servers: u32, service: Shape, service_s: f64) -> Self {
        Self {
            servers,
            room: UNLIMITED,
            service,
            service_s,
            patience_s: None,
            never_idle: false,
            next: Vec::new(),
        }
    }
}

/// Poisson arrivals of one class at one station. Lower classes are served first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub(crate) station: usize,
    pub(crate) class: usize,
    pub(crate) rate: f64,
}

/// Stations, arrivals, and for a closed network the customers it starts with at station 0.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) stations: Vec<Station>,
    pub(crate) sources: Vec<Source>,
    pub(crate) closed: u32,
}

/// What was seen of one class at one station after the warm-up.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) arrivals: u64,
    /// Arrivals that found no room.
    pub(crate) lost: u64,
    /// Customers who gave up waiting.
    pub(crate) quit: u64,
    pub(crate) started: u64,
    /// Those of `started` that had to wait.
    pub(crate) waited: u64,
    /// Those of `started` that were put in to keep a server busy.
    pub(crate) extra: u64,
    pub(crate) waits: Histogram,
    queue: Span,
    there: Span,
}

/// A level and its integral at the end of the warm-up.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    level: Level,
    before: u128,
}

impl Tally {
    fn new() -> Self {
        Self {
            arrivals: 0,
            lost: 0,
            quit: 0,
            started: 0,
            waited: 0,
            extra: 0,
            waits: Histogram::new(1 << 40),
            queue: Span::default(),
            there: Span::default(),
        }
    }

    /// Mean wait of those who started, in seconds.
    pub(crate) fn wait_s(&self) -> f64 {
        self.waits.mean() / SECOND
    }
}

/// What was seen of a whole run.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    from: u64,
    to: u64,
    /// By station, then class.
    pub(crate) tallies: Vec<Vec<Tally>>,
    /// Ticks with k customers at station 0, the last entry for all larger k.
    pub(crate) occupancy: Vec<u64>,
    pub(crate) left: u64,
    /// Ticks spent in the network by those who left.
    pub(crate) sojourn: u128,
}

impl Outcome {
    pub(crate) fn span_s(&self) -> f64 {
        (self.to - self.from) as f64 / SECOND
    }

    /// Mean number waiting of a class at a station.
    pub(crate) fn queue(&self, station: usize, class: usize) -> f64 {
        self.mean(self.tallies[station][class].queue)
    }

    /// Mean number at a station, all classes.
    pub(crate) fn there(&self, station: usize) -> f64 {
        self.tallies[station].iter().map(|tally| self.mean(tally.there)).sum()
    }

    fn mean(&self, span: Span) -> f64 {
        span.level.mean(span.before, self.from, self.to)
    }

    /// Mean time in the network, in seconds.
    pub(crate) fn sojourn_s(&self) -> f64 {
        self.sojourn as f64 / self.left as f64 / SECOND
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Arrive { source: u32 },
    Done { station: u32, customer: u32 },
    Quit { station: u32, customer: u32 },
}

#[derive(Clone, Copy, Debug)]
struct Customer {
    serial: u64,
    steps: u32,
    class: u32,
    entered: u64,
    joined: u64,
    patience: Option<Token>,
    gone: bool,
}

/// A run in progress.
struct Run<'a, Q> {
    network: &'a Network,
    seed: u64,
    events: Q,
    arrived: Vec<u32>,
    serials: u64,
    customers: Vec<Customer>,
    free: Vec<u32>,
    busy: Vec<u32>,
    held: Vec<u32>,
    lines: Vec<Vec<VecDeque<u32>>>,
    occupied_since: u64,
    outcome: Outcome,
}

/// Runs a network for so many seconds after a warm-up, and tells what was seen after it.
pub(crate) fn run<Q: EventQueue>(
    network: &Network,
    seed: u64,
    warm_up_s: f64,
    span_s: f64,
) -> Outcome {
    let from = ticks(warm_up_s);
    let to = from + ticks(span_s);
    let mut run = Run::<Q>::new(network, seed, from, to);
    run.start();
    run.until(from);
    run.forget(from);
    run.until(to);
    run.note_occupancy(to);
    run.outcome
}

/// Runs a network and gives the mean number at station 0 in each of some spans of equal length.
pub(crate) fn levels(
    network: &Network,
    seed: u64,
    warm_up_s: f64,
    span_s: f64,
    spans: u64,
) -> Vec<f64> {
    let from = ticks(warm_up_s);
    let mut run = Run::<RadixQueue<Hidden>>::new(network, seed, from, from);
    run.start();
    run.until(from);
    let integral = |run: &Run<'_, _>, now| -> u128 {
        run.outcome.tallies[0].iter().map(|tally| tally.there.level.integral(now)).sum()
    };
    let mut before = integral(&run, from);
    let mut mean = |span| {
        let to = from + ticks(span_s) * (span + 1);
        run.until(to);
        let now = integral(&run, to);
        let mean = (now - before) as f64 / ticks(span_s) as f64;
        before = now;
        mean
    };
    (0..spans).map(&mut mean).collect()
}

/// The events of a network can be scheduled on it. Both of the kernel's queues can.
pub(crate) trait EventQueue: Queue<Hidden> {}
impl<Q: Queue<Hidden>> EventQueue for Q {}

/// Keeps the event type out of the public face.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hidden(Event);

fn ticks(seconds: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time in a run")]
    let ticks = (seconds * SECOND + 0.5) as u64;
    ticks
}

fn small(index: usize) -> u32 {
    u32::try_from(index).expect("positions are far below 2^32")
}

impl<'a, Q: EventQueue> Run<'a, Q> {
    fn new(network: &'a Network, seed: u64, from: u64, to: u64) -> Self {
        let stations = network.stations.len();
        let classes = 1 + network.sources.iter().map(|source| source.class).max().unwrap_or(0);
        Self {
            network,
            seed,
            events: Q::default(),
            arrived: vec![0; network.sources.len()],
            serials: 0,
            customers: Vec::new(),
            free: Vec::new(),
            busy: vec![0; stations],
            held: vec![0; stations],
            lines: vec![vec![VecDeque::new(); classes]; stations],
            occupied_since: 0,
            outcome: Outcome {
                from,
                to,
                tallies: vec![vec![Tally::new(); classes]; stations],
                occupancy: vec![0; 64],
                left: 0,
                sojourn: 0,
            },
        }
    }

    fn start(&mut self) {
        for source in 0..self.network.sources.len() {
            self.schedule_arrival(source);
        }
        for _ in 0..self.network.closed {
            let customer = self.admit(0);
            self.join(0, customer);
        }
    }

    /// Handles all events up to and at a time.
    fn until(&mut self, limit: u64) {
        while let Some((_, Hidden(event))) = self.events.pop_until(limit) {
            match event {
                Event::Arrive { source } => self.arrive(source as usize),
                Event::Done { station, customer } => self.done(station as usize, customer),
                Event::Quit { station, customer } => self.quit(station as usize, customer),
            }
        }
    }

    /// Ends the warm-up: counts start again, levels go on.
    fn forget(&mut self, now: u64) {
        self.note_occupancy(now);
        self.outcome.occupancy.fill(0);
        (self.outcome.left, self.outcome.sojourn) = (0, 0);
        for tally in self.outcome.tallies.iter_mut().flatten() {
            let again = |span: Span| Span { level: span.level, before: span.level.integral(now) };
            let (queue, there) = (again(tally.queue), again(tally.there));
            tally.waits.clear();
            *tally = Tally { queue, there, waits: tally.waits.clone(), ..Tally::new() };
        }
    }

    fn draw(&self, entity: u64, purpose: Purpose, index: u32) -> Draw {
        draw(self.seed, entity, purpose as u32, index)
    }

    fn schedule_arrival(&mut self, source: usize) {
        let index = self.arrived[source];
        self.arrived[source] += 1;
        let mean_s = 1.0 / self.network.sources[source].rate;
        let gap = self.draw(source as u64, Purpose::Gap, index).exponential(mean_s);
        let at = self.events.now() + ticks(gap);
        self.events.schedule(at, 0, Hidden(Event::Arrive { source: small(source) }));
    }

    fn arrive(&mut self, index: usize) {
        self.schedule_arrival(index);
        let source = self.network.sources[index];
        let tally = &mut self.outcome.tallies[source.station][source.class];
        tally.arrivals += 1;
        if self.held[source.station] >= self.network.stations[source.station].room {
            tally.lost += 1;
            return;
        }
        let customer = self.admit(source.class);
        self.join(source.station, customer);
    }

    /// Makes a customer.
    fn admit(&mut self, class: usize) -> u32 {
        let now = self.events.now();
        let customer = Customer {
            serial: self.serials,
            steps: 0,
            class: small(class),
            entered: now,
            joined: now,
            patience: None,
            gone: false,
        };
        self.serials += 1;
        if let Some(place) = self.free.pop() {
            self.customers[place as usize] = customer;
            return place;
        }
        self.customers.push(customer);
        small(self.customers.len() - 1)
    }

    /// A customer comes to a station: to a free server, or to the end of its class's line.
    fn join(&mut self, station: usize, place: u32) {
        let now = self.events.now();
        if station == 0 {
            self.note_occupancy(now);
        }
        let plan = &self.network.stations[station];
        self.held[station] += 1;
        let customer = &mut self.customers[place as usize];
        customer.joined = now;
        customer.steps += 1;
        let Customer { class, serial, steps, .. } = *customer;
        let tally = &mut self.outcome.tallies[station][class as usize];
        tally.there.level.add(now, 1);
        if self.busy[station] < plan.servers {
            self.serve(station, place);
            return;
        }
        tally.queue.level.add(now, 1);
        self.lines[station][class as usize].push_back(place);
        if let Some(mean_s) = plan.patience_s {
            let patience = self.draw(serial, Purpose::Patience, steps).exponential(mean_s);
            let event = Event::Quit { station: small(station), customer: place };
            let token = self.events.schedule_cancellable(now + ticks(patience), 0, Hidden(event));
            self.customers[place as usize].patience = Some(token);
        }
    }

    fn serve(&mut self, station: usize, place: u32) {
        let now = self.events.now();
        let plan = &self.network.stations[station];
        let Customer { class, serial, steps, joined, .. } = self.customers[place as usize];
        self.busy[station] += 1;
        let tally = &mut self.outcome.tallies[station][class as usize];
        tally.started += 1;
        tally.waited += u64::from(now > joined);
        tally.waits.record(now - joined);
        let mut draw = self.draw(serial, Purpose::Service, steps);
        let service = plan.service.sample(plan.service_s, &mut draw);
        let event = Event::Done { station: small(station), customer: place };
        self.events.schedule(now + ticks(service), 0, Hidden(event));
    }

    /// A service ends: the customer moves on, the server takes the next in line.
    fn done(&mut self, station: usize, place: u32) {
        let now = self.events.now();
        self.busy[station] -= 1;
        self.depart(station, place);
        self.take_next(station);
        let Customer { serial, steps, entered, .. } = self.customers[place as usize];
        let routes = &self.network.stations[station].next;
        let mut left =
            if routes.is_empty() { 1.0 } else { self.draw(serial, Purpose::Route, steps).unit() };
        for &(share, next) in routes {
            if left < share {
                self.join(next, place);
                return;
            }
            left -= share;
        }
        self.outcome.left += 1;
        self.outcome.sojourn += u128::from(now - entered);
        self.free.push(place);
    }

    /// Starts the first in line that is still there.
    fn take_next(&mut self, station: usize) {
        let now = self.events.now();
        for class in 0..self.lines[station].len() {
            while let Some(place) = self.lines[station][class].pop_front() {
                if self.customers[place as usize].gone {
                    self.free.push(place);
                    continue;
                }
                self.outcome.tallies[station][class].queue.level.add(now, -1);
                if let Some(token) = self.customers[place as usize].patience.take() {
                    assert!(self.events.cancel(token), "patience ended and it is still in line");
                }
                self.serve(station, place);
                return;
            }
        }
        if self.network.stations[station].never_idle {
            self.outcome.tallies[station][0].extra += 1;
            let customer = self.admit(0);
            self.join(station, customer);
        }
    }

    /// Patience ends. The place in line is kept until it comes up.
    fn quit(&mut self, station: usize, place: u32) {
        let now = self.events.now();
        let customer = &mut self.customers[place as usize];
        customer.gone = true;
        let tally = &mut self.outcome.tallies[station][customer.class as usize];
        tally.quit += 1;
        tally.queue.level.add(now, -1);
        self.depart(station, place);
    }

    fn depart(&mut self, station: usize, place: u32) {
        let now = self.events.now();
        if station == 0 {
            self.note_occupancy(now);
        }
        self.held[station] -= 1;
        let class = self.customers[place as usize].class as usize;
        self.outcome.tallies[station][class].there.level.add(now, -1);
    }

    /// Adds the time since the last change to the present number at station 0.
    fn note_occupancy(&mut self, now: u64) {
        let last = self.outcome.occupancy.len() - 1;
        let level = (self.held[0] as usize).min(last);
        self.outcome.occupancy[level] += now - self.occupied_since;
        self.occupied_since = now;
    }
}
