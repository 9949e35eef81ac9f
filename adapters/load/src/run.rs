//! A run: arrivals dealt to lanes, live numbers gathered, a verdict at the end.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::clock::{Clock, ThreadTime};
use crate::history::{self, Opening, Pen, SCHEMA_VERSION, Way, Written};
use crate::http::Limits;
use crate::lane::{self, LaneEnd, Orders};
use crate::phase::Phases;
use crate::record::Record;
use crate::schedule::Arrival;
use crate::second::Second;
use crate::stop::Stop;
use crate::target::{Target, TargetError};
use crate::verdict::{Budgets, Verdict, judge};
use crate::visit::Visit;

/// Lanes of a run, at most.
pub const LANES_LIMIT: u64 = 64;
/// From this rate on, a coarser quantum saves wake-ups; below it hardly any arrivals coincide.
const BUSY_PER_S: f64 = 5_000.0;
/// Time for threads to come up before a run starts, µs.
const START_LEAD_US: u64 = 20_000;
/// Streams that journeys hold open beside connections, at most.
pub const STREAMS_LIMIT: u64 = 1_000;
/// Descriptors that the process needs besides connections.
const DESCRIPTORS_BESIDE: u64 = 128 + STREAMS_LIMIT;

/// How a run is carried out.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Whom to drive.
    pub target: Target,
    /// Names of the steps of journeys; [`crate::Step`] counts them from 0.
    pub steps: Vec<String>,
    /// The phases of the run.
    pub phases: Phases,
    /// The highest rate of arrivals, a second: what the target's ceiling is held against.
    pub peak_per_s: f64,
    /// Threads that drive. One sends tens of thousands of requests a second.
    pub lanes: u64,
    /// Journeys under way at a time; who comes beyond that is dropped, and counted.
    pub in_flight_limit: u64,
    /// Connections open at a time; who needs one beyond that waits.
    pub connections: usize,
    /// How long an exchange may take; it is given up within 20 ms of that.
    pub time_out_ms: u32,
    /// Bytes of an answer's body.
    pub body_limit_bytes: usize,
    /// What deadlines are rounded up to, µs: fewer wake-ups for more schedule error.
    pub quantum_us: u64,
    /// Beyond this lateness an arrival counts as late, µs.
    pub late_us: u64,
    /// Beyond this lateness an arrival is given up, µs: a driver that was stopped for a while does
    /// not send all that it missed at once.
    pub give_up_us: u64,
    /// How long journeys may go on after the last phase, µs.
    pub drain_us: u64,
    /// Seconds in a row without a success, and with failures, after which the target is down.
    pub down_after_s: u32,
    /// What the run may fall short by.
    pub budgets: Budgets,
    /// The stop button.
    pub stop: Stop,
}

impl Setup {
    /// Makes a setup with usual limits for a target, steps, phases and highest rate.
    #[must_use]
    pub fn new(target: Target, steps: &[&str], phases: Phases, peak_per_s: f64) -> Self {
        Self {
            target,
            steps: steps.iter().map(|&step| step.to_owned()).collect(),
            phases,
            peak_per_s,
            lanes: 1,
            in_flight_limit: 10_000,
            connections: 4_096,
            time_out_ms: 10_000,
            body_limit_bytes: 1 << 20,
            quantum_us: if peak_per_s < BUSY_PER_S { 100 } else { 200 },
            late_us: 1_000,
            give_up_us: 1_000_000,
            drain_us: 30_000_000,
            down_after_s: 5,
            budgets: Budgets::default(),
            stop: Stop::new(),
        }
    }
}

/// Why a run did not take place.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The target may not be driven, or is down.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A limit that no run can keep to.
    #[error("{what} is {value}, which is not between 1 and {limit}")]
    Setup {
        /// Which one.
        what: &'static str,
        /// What was asked for.
        value: u64,
        /// What can be had.
        limit: u64,
    },
    /// The system refused a thread, a timer or a socket.
    #[error("the driver could not run")]
    System(#[source] io::Error),
}

impl RunError {
    /// Gives the exit code of a command that ends so.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Target(TargetError::Down { .. }) => 20,
            Self::Target(_) | Self::Setup { .. } => 2,
            Self::System(_) => 1,
        }
    }
}

/// What a run was.
#[derive(Debug)]
pub struct Outcome {
    /// What happened, by step and phase.
    pub record: Record,
    /// What the figures are worth.
    pub verdict: Verdict,
    /// Whether the stop button ended it.
    pub interrupted: bool,
    /// When it started, µs since the Unix epoch.
    pub started_unix_us: u64,
    /// How long it lasted, µs.
    pub lasted_us: u64,
    /// What lanes took and waited for, each.
    pub lanes: Vec<ThreadTime>,
    /// What the history's thread took.
    pub writing: ThreadTime,
    /// Connections made.
    pub connections: u64,
    /// How often a server refused a connection and the next one was asked at once.
    pub passed_over: u64,
    /// What became of the history, if one was kept.
    pub history: Option<Written>,
}

impl Outcome {
    /// Gives processor time a request, all threads of the driver, µs; zero if none was sent.
    #[must_use]
    pub fn cpu_us_per_request(&self) -> f64 {
        let lanes: u64 = self.lanes.iter().map(|lane| lane.cpu_us).sum();
        let sent = self.record.whole().operations.sent;
        (lanes + self.writing.cpu_us) as f64 / sent.max(1) as f64
    }
}

/// Drives a target: every arrival goes on `journey` at its time, whatever became of the others.
///
/// Blocks until all is over. `on_second` is called on this thread with each second of the run,
/// about when it ends. The history, if there is one, goes to `history` as the run goes on.
///
/// # Errors
/// [`RunError`] when nothing was driven: the target is refused or down, limits are impossible, or
/// the system did not give what it takes.
///
/// # Panics
/// If a journey did.
pub fn run<A, J, F>(
    setup: &Setup,
    arrivals: &A,
    journey: J,
    history: Option<Box<dyn Write + Send>>,
    mut on_second: impl FnMut(&Second),
) -> Result<Outcome, RunError>
where
    A: IntoIterator<Item = Arrival, IntoIter: 'static> + Clone + Sync,
    J: Fn(Visit) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + 'static,
{
    check(setup)?;
    setup.target.check()?;
    let stop = Stop::new();
    let orders = orders(setup, &stop);
    thread::scope(|scope| {
        let writer = history.map(|out| Writer::start(scope, out, &orders));
        let (seconds, told) = channel();
        let lanes: Vec<_> = (0..setup.lanes)
            .map(|number| {
                let orders = orders.clone();
                let journey = journey.clone();
                let pen = writer.as_ref().map(Writer::pen);
                let seconds: Sender<Second> = seconds.clone();
                scope.spawn(move || {
                    let mine = arrivals.clone().into_iter();
                    let lanes = orders.lanes;
                    let mine = mine.filter(move |arrival| arrival.index % lanes == number);
                    lane::run(orders, number, pen, &seconds, mine, journey)
                })
            })
            .collect();
        drop(seconds);
        let down = gather(setup, &stop, &told, &mut on_second);
        let ends: Result<Vec<_>, _> = lanes.into_iter().map(joined).collect();
        let lasted_us = orders.clock.now_us();
        let ends = ends.map_err(RunError::System)?;
        Ok(outcome(setup, &orders, ends, writer.map(Writer::end), lasted_us, down))
    })
}

/// Refuses limits that no run can keep to, and makes room for connections.
fn check(setup: &Setup) -> Result<(), RunError> {
    let Setup { lanes, in_flight_limit, .. } = *setup;
    setup.target.allow(setup.peak_per_s, setup.phases.until_us())?;
    let within = |what, value, limit| {
        let fits = (1..=limit).contains(&value);
        if fits { Ok(()) } else { Err(RunError::Setup { what, value, limit }) }
    };
    within("lanes", lanes, LANES_LIMIT)?;
    within("steps", setup.steps.len() as u64, u64::from(u16::MAX))?;
    within("journeys in flight", in_flight_limit, u64::from(u32::MAX))?;
    let allowed = getrlimit(Resource::Nofile);
    let connections = setup.connections as u64;
    let most = allowed.maximum.unwrap_or(u64::MAX).saturating_sub(DESCRIPTORS_BESIDE);
    within("connections", connections, most)?;
    let needed = connections + DESCRIPTORS_BESIDE;
    if allowed.current.is_some_and(|current| current < needed) {
        let raised = Rlimit { current: Some(needed), maximum: allowed.maximum };
        setrlimit(Resource::Nofile, raised).map_err(|error| RunError::System(error.into()))?;
    }
    Ok(())
}

/// Tells lanes what to do; the run's clock starts here.
fn orders(setup: &Setup, stop: &Stop) -> Orders {
    let lanes = setup.lanes;
    let connections = setup.connections.div_ceil(usize::try_from(lanes).expect("lanes are few"));
    Orders {
        target: setup.target.clone(),
        steps: setup.steps.clone(),
        phases: setup.phases.clone(),
        limits: Limits {
            connections,
            time_out_us: u64::from(setup.time_out_ms) * 1_000,
            body_bytes: setup.body_limit_bytes,
        },
        in_flight_limit: setup.in_flight_limit.div_ceil(lanes),
        quantum_us: setup.quantum_us,
        late_us: setup.late_us,
        give_up_us: setup.give_up_us,
        drain_us: setup.drain_us,
        lanes,
        stop: stop.clone(),
        clock: Clock::start_in(START_LEAD_US),
    }
}

/// Gathers seconds until the lanes are over; tells whether the target was given up as down.
fn gather(
    setup: &Setup,
    stop: &Stop,
    told: &Receiver<Second>,
    on_second: &mut impl FnMut(&Second),
) -> bool {
    let mut waiting: BTreeMap<u64, (u64, Second)> = BTreeMap::new();
    let mut barren_s = 0;
    let mut down = false;
    loop {
        if setup.stop.is_given_up() {
            stop.give_up();
        } else if setup.stop.is_stopped() {
            stop.press();
        }
        let second = match told.recv_timeout(Duration::from_millis(20)) {
            Ok(second) => second,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let number = second.number;
        let heard = match waiting.get_mut(&number) {
            Some((heard, sum)) => {
                sum.merge(&second);
                *heard += 1;
                *heard
            }
            None => {
                waiting.insert(number, (1, second));
                1
            }
        };
        if heard < setup.lanes {
            continue;
        }
        if let Some((_, second)) = waiting.remove(&number) {
            let ends = second.operations;
            let barren = ends.ok == 0 && ends.failed + ends.unknown > 0;
            let silent = ends.ok == 0 && second.in_flight > 0;
            barren_s = if barren || (silent && barren_s > 0) { barren_s + 1 } else { 0 };
            if barren_s >= setup.down_after_s && !down {
                down = true;
                stop.give_up();
            }
            on_second(&second);
        }
    }
    waiting.values().for_each(|(_, second)| on_second(second));
    down
}

/// Waits for a lane; a panic of it is this thread's.
fn joined(lane: ScopedJoinHandle<'_, io::Result<LaneEnd>>) -> io::Result<LaneEnd> {
    lane.join().unwrap_or_else(|panic| resume_unwind(panic))
}

fn outcome(
    setup: &Setup,
    orders: &Orders,
    ends: Vec<LaneEnd>,
    writer: Option<(Written, ThreadTime)>,
    lasted_us: u64,
    down: bool,
) -> Outcome {
    let panicked: u64 = ends.iter().map(|end| end.panicked).sum();
    assert!(panicked == 0, "{panicked} journeys panicked");
    let mut record = Record::new(&orders.steps, &orders.phases);
    ends.iter().for_each(|end| record.merge(&end.record));
    let lanes: Vec<_> = ends.iter().map(|end| end.time).collect();
    let (history, writing) = match writer {
        Some((written, writing)) => (Some(written), writing),
        None => (None, ThreadTime::default()),
    };
    let verdict = if down {
        Verdict::TargetDown
    } else {
        judge(&record, &lanes, lasted_us, history.as_ref(), &setup.budgets)
    };
    Outcome {
        record,
        verdict,
        interrupted: setup.stop.is_stopped(),
        started_unix_us: orders.clock.start_unix_us(),
        lasted_us,
        connections: ends.iter().map(|end| end.connections).sum(),
        passed_over: ends.iter().map(|end| end.passed_over).sum(),
        lanes,
        writing,
        history,
    }
}

/// The thread that writes the history.
struct Writer<'scope> {
    way: Way,
    thread: ScopedJoinHandle<'scope, (Written, ThreadTime)>,
}

impl<'scope> Writer<'scope> {
    fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        mut out: Box<dyn Write + Send>,
        orders: &Orders,
    ) -> Self {
        let (way, chunks) = history::way();
        let lost = way.lost();
        let started_unix_us = orders.clock.start_unix_us();
        let target = orders.target.authority().to_owned();
        let thread = scope.spawn(move || {
            let before = ThreadTime::now();
            let opening = Opening {
                kind: "opening",
                schema_version: SCHEMA_VERSION,
                started_unix_us,
                target: &target,
            };
            let written = history::write(&mut *out, &opening, &chunks, &lost);
            (written, ThreadTime::now().since(before))
        });
        Self { way, thread }
    }

    fn pen(&self) -> Pen {
        Pen::new(self.way.clone())
    }

    /// Waits until all is written. Every pen is gone by then.
    fn end(self) -> (Written, ThreadTime) {
        drop(self.way);
        self.thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}
