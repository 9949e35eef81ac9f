//! A lane: one thread that meets its share of the arrivals and plays their journeys.
//!
//! Lanes share nothing while they run: clients, connections, counts and the pacer are each lane's
//! own, and nothing in a lane takes a lock. In the long run nothing in a lane allocates for an
//! arrival or a request either.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::thread;

use serde::Serialize;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

use crate::clock::{Clock, ThreadTime};
use crate::fate::Fate;
use crate::history::Pen;
use crate::http::{Client, Fault, Limits};
use crate::pace::Pacer;
use crate::phase::Phases;
use crate::record::{Record, Step};
use crate::schedule::Arrival;
use crate::seat::Seat;
use crate::second::Second;
use crate::stop::Stop;
use crate::target::Target;
use crate::visit::Visit;

/// Between two looks at the clock, the stop button and whether all is done.
const LOOK_US: u64 = 20_000;
const SECOND_US: u64 = 1_000_000;
/// Tasks that are polled before arrivals and sockets are looked at again.
const TASKS_AT_A_TIME: u32 = 16;

/// What every lane of a run is told.
#[derive(Clone, Debug)]
pub(crate) struct Orders {
    pub(crate) clock: Clock,
    pub(crate) target: Target,
    pub(crate) steps: Vec<String>,
    pub(crate) phases: Phases,
    /// A lane's share of the run's.
    pub(crate) limits: Limits,
    /// A lane's share of the run's.
    pub(crate) in_flight_limit: u64,
    pub(crate) quantum_us: u64,
    pub(crate) late_us: u64,
    pub(crate) give_up_us: u64,
    pub(crate) drain_us: u64,
    pub(crate) lanes: u64,
    pub(crate) stop: Stop,
}

/// What a lane leaves behind.
#[derive(Debug)]
pub(crate) struct LaneEnd {
    pub(crate) record: Record,
    pub(crate) time: ThreadTime,
    pub(crate) connections: u64,
    pub(crate) passed_over: u64,
    pub(crate) panicked: u64,
}

/// One lane at work.
#[derive(Debug)]
pub(crate) struct Lane {
    orders: Orders,
    number: u64,
    pacer: Pacer,
    client: Client,
    record: RefCell<Record>,
    second: RefCell<Second>,
    pen: RefCell<Option<Pen>>,
    in_flight: Cell<u64>,
    /// When nobody arrives any more, µs: after the last phase, or when the run was stopped.
    closes_us: Cell<u64>,
    /// Seats that wait for an arrival.
    seats: RefCell<Vec<Rc<Seat>>>,
    ops: Cell<u64>,
    panicked: Cell<u64>,
}

/// Runs a lane on the calling thread until its arrivals are over, or it is told to stop.
pub(crate) fn run<J, F>(
    orders: Orders,
    number: u64,
    pen: Option<Pen>,
    seconds: &Sender<Second>,
    arrivals: impl Iterator<Item = Arrival> + 'static,
    journey: J,
) -> io::Result<LaneEnd>
where
    J: Fn(Visit) -> F + 'static,
    F: Future<Output = ()> + 'static,
{
    let before = ThreadTime::now();
    let runtime = runtime()?;
    let lane = runtime.block_on(async { Lane::new(orders, number, pen).map(Rc::new) })?;
    // A task of its own: waking the runtime's main future takes a system call, waking a task none.
    let ended = runtime.block_on({
        let (lane, seconds, journey) = (Rc::clone(&lane), seconds.clone(), Rc::new(journey));
        async {
            let pacing = async move { lane.pace(&seconds, arrivals, &journey).await };
            tokio::task::spawn_local(pacing).await
        }
    });
    // Journeys under way are dropped here, and record themselves as cut short.
    drop(runtime);
    lane.tell(seconds, lane.second_now());
    ended.map_err(io::Error::other)??;
    let lane = Rc::into_inner(lane).expect("no journey outlives its runtime");
    Ok(LaneEnd {
        record: lane.record.into_inner(),
        time: ThreadTime::now().since(before),
        connections: lane.client.opened(),
        passed_over: lane.client.passed_over(),
        panicked: lane.panicked.get(),
    })
}

fn runtime() -> io::Result<LocalRuntime> {
    Builder::new_current_thread()
        .enable_all()
        .event_interval(TASKS_AT_A_TIME)
        .build_local(LocalOptions::default())
}

impl Lane {
    fn new(orders: Orders, number: u64, pen: Option<Pen>) -> io::Result<Self> {
        Ok(Self {
            pacer: Pacer::new(orders.clock, orders.quantum_us)?,
            client: Client::new(orders.target.clone(), orders.limits, orders.clock),
            record: RefCell::new(Record::new(&orders.steps, &orders.phases)),
            second: RefCell::new(Second::new(0)),
            pen: RefCell::new(pen),
            in_flight: Cell::new(0),
            closes_us: Cell::new(orders.phases.until_us()),
            seats: RefCell::default(),
            ops: Cell::new(0),
            panicked: Cell::new(0),
            orders,
            number,
        })
    }

    /// Meets the arrivals as their times come, then drains.
    async fn pace<J, F>(
        self: &Rc<Self>,
        seconds: &Sender<Second>,
        arrivals: impl Iterator<Item = Arrival>,
        journey: &Rc<J>,
    ) -> io::Result<()>
    where
        J: Fn(Visit) -> F + 'static,
        F: Future<Output = ()> + 'static,
    {
        let mut arrivals = arrivals.peekable();
        let mut look_us = LOOK_US;
        self.pacer.wait(0).await?;
        loop {
            let now_us = self.clock().now_us();
            let stopped = self.orders.stop.is_stopped();
            if stopped {
                self.closes_us.set(self.closes_us.get().min(now_us));
            }
            let is_due = |arrival: &Arrival| !stopped && arrival.at_us <= now_us;
            while let Some(arrival) = arrivals.next_if(is_due) {
                self.meet(arrival, now_us, journey);
            }
            self.pacer.wake(now_us);
            if now_us >= look_us {
                look_us = (now_us / LOOK_US + 1) * LOOK_US;
                self.client.alarms().look(now_us);
                self.tell(seconds, now_us / SECOND_US);
            }
            if self.orders.stop.is_given_up() {
                return Ok(());
            }
            let Some(next) = arrivals.peek().filter(|_| !stopped) else {
                let drained = self.in_flight.get() == 0;
                let until_us = self.closes_us.get().saturating_add(self.orders.drain_us);
                if drained || now_us >= until_us {
                    return Ok(());
                }
                self.pacer.wait(look_us).await?;
                continue;
            };
            self.pacer.wait(next.at_us.min(look_us)).await?;
        }
    }

    /// Begins an arrival's journey, unless the driver cannot.
    fn meet<J, F>(self: &Rc<Self>, arrival: Arrival, now_us: u64, journey: &Rc<J>)
    where
        J: Fn(Visit) -> F + 'static,
        F: Future<Output = ()> + 'static,
    {
        let phase = self.orders.phases.at(arrival.at_us);
        let late_us = now_us - arrival.at_us;
        let full = self.in_flight.get() >= self.orders.in_flight_limit;
        let given_up = late_us > self.orders.give_up_us;
        let begun = !given_up && !full;
        {
            let mut record = self.record.borrow_mut();
            let mut second = self.second.borrow_mut();
            for arrivals in [record.arrivals_mut(phase), &mut second.arrivals] {
                arrivals.scheduled += 1;
                arrivals.begun += u64::from(begun);
                arrivals.late += u64::from(begun && late_us > self.orders.late_us);
                arrivals.never_sent += u64::from(given_up);
                arrivals.dropped += u64::from(full && !given_up);
            }
        }
        if begun {
            self.in_flight.set(self.in_flight.get() + 1);
            let free = self.seats.borrow_mut().pop();
            let seat = free.unwrap_or_else(|| self.new_seat(journey));
            seat.give(arrival);
        }
    }

    /// Makes a seat, and its task.
    fn new_seat<J, F>(self: &Rc<Self>, journey: &Rc<J>) -> Rc<Seat>
    where
        J: Fn(Visit) -> F + 'static,
        F: Future<Output = ()> + 'static,
    {
        let seat = Rc::new(Seat::default());
        let (lane, journey, waits) = (Rc::clone(self), Rc::clone(journey), Rc::clone(&seat));
        tokio::task::spawn_local(async move {
            loop {
                let arrival = waits.next().await;
                let phase = lane.orders.phases.at(arrival.at_us);
                let mut under_way = UnderWay { lane: &lane, phase, over: false };
                journey(Visit::new(Rc::clone(&lane), arrival, phase)).await;
                under_way.over = true;
                drop(under_way);
                lane.seats.borrow_mut().push(Rc::clone(&waits));
            }
        });
        seat
    }

    fn second_now(&self) -> u64 {
        self.clock().now_us() / SECOND_US + 1
    }

    /// Tells the seconds that are over before second `now`.
    fn tell(&self, seconds: &Sender<Second>, now: u64) {
        let mut second = self.second.borrow_mut();
        while second.number < now {
            let over = std::mem::replace(&mut *second, Second::new(0));
            second.number = over.number + 1;
            let until_us = second.number * SECOND_US;
            let phase = self.orders.phases.at(until_us - 1);
            let told = Second { phase, in_flight: self.in_flight.get(), ..over };
            // Nobody listens any more only when the run is over.
            let _ = seconds.send(told);
            if let Some(pen) = self.pen.borrow_mut().as_mut() {
                pen.hand_over();
            }
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        self.orders.clock
    }

    pub(crate) fn phases(&self) -> &Phases {
        &self.orders.phases
    }

    /// Gives when nobody arrives any more, µs after the run's start.
    pub(crate) fn closes_us(&self) -> u64 {
        self.closes_us.get()
    }

    pub(crate) fn pacer(&self) -> &Pacer {
        &self.pacer
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Gives the next operation's number; no two of a run are equal.
    pub(crate) fn next_op(&self) -> u64 {
        let op = self.ops.get();
        self.ops.set(op + 1);
        op * self.orders.lanes + self.number
    }

    /// Writes a line of history, if one is kept.
    pub(crate) fn write<'a, L: Serialize>(&'a self, line: impl FnOnce(&'a Orders) -> L) {
        if let Some(pen) = self.pen.borrow_mut().as_mut() {
            pen.line(&line(&self.orders));
        }
    }

    /// An operation begins.
    pub(crate) fn begun(&self, step: Step, phase: usize, error_us: u64) {
        self.record.borrow_mut().row_mut(step, phase).schedule_error_us.record(error_us);
        self.second.borrow_mut().schedule_error_us.record(error_us);
    }

    /// It is sent.
    pub(crate) fn sent(&self, step: Step, phase: usize) {
        self.record.borrow_mut().row_mut(step, phase).operations.sent += 1;
        self.second.borrow_mut().operations.sent += 1;
    }

    /// It was given up before it was sent.
    pub(crate) fn unsent(&self, step: Step, phase: usize) {
        self.record.borrow_mut().row_mut(step, phase).operations.unsent += 1;
        self.second.borrow_mut().operations.unsent += 1;
    }

    /// It ended, with a fate and a status or for want of an answer; times are intended, sent, done,
    /// in µs.
    pub(crate) fn ended(
        &self,
        step: Step,
        phase: usize,
        end: Result<(Fate, u16), Fault>,
        us: [u64; 3],
    ) {
        let [intended_us, sent_us, done_us] = us;
        let mut record = self.record.borrow_mut();
        let mut second = self.second.borrow_mut();
        let row = record.row_mut(step, phase);
        let (fate, status) = match end {
            Ok((fate, status)) => (fate, Some(status)),
            Err(fault) => (fault.fate(), None),
        };
        row.operations.end(fate, status);
        second.operations.end(fate, status);
        if end == Err(Fault::Exhausted) {
            row.operations.exhausted += 1;
            second.operations.exhausted += 1;
        }
        // A refusal or a reset is over at once: counted among the times it would flatter them.
        if matches!(end, Ok(_) | Err(Fault::TimedOut | Fault::CutShort)) {
            let response_us = done_us.saturating_sub(intended_us);
            row.service_us.record(done_us.saturating_sub(sent_us));
            row.response_us.record(response_us);
            second.response_us.record(response_us);
        }
    }
}

/// A journey under way.
struct UnderWay<'a> {
    lane: &'a Lane,
    phase: usize,
    over: bool,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let lane = self.lane;
        lane.in_flight.set(lane.in_flight.get() - 1);
        if thread::panicking() {
            lane.panicked.set(lane.panicked.get() + 1);
        } else if !self.over {
            lane.record.borrow_mut().arrivals_mut(self.phase).cut_short += 1;
            lane.second.borrow_mut().arrivals.cut_short += 1;
        }
    }
}
