//! What is counted and how long things took, by step and phase.
//!
//! Three times are kept apart, for they have three causes:
//! - **schedule error**, from intended to begun: the driver's own lateness;
//! - **service time**, from sent to done: one exchange, once it had a connection;
//! - **response time**, from intended to done: what a customer who meant to act then went through.
//!
//! While a target stalls, few requests are sent and few service times are long; the response times
//! of all who meant to act are.

use kernel::histogram::Histogram;

use crate::fate::Fate;
use crate::phase::Phases;

/// Longest time told apart, µs: ten minutes.
const TIME_LIMIT_US: u64 = 600_000_000;
/// Bits of a time's precision: one part in 512.
const TIME_BITS: u32 = 8;

/// A step of a journey: its place in the run's list of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub u16);

/// What became of arrivals. `scheduled = begun + dropped + never_sent`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// Whose time came.
    pub scheduled: u64,
    /// Whose journey began.
    pub begun: u64,
    /// Of those that began, how many began later than the run's bound for lateness.
    pub late: u64,
    /// Turned away by the driver since too many were under way.
    pub dropped: u64,
    /// Given up since the driver was too far behind.
    pub never_sent: u64,
    /// Of those that began, how many were still under way when the run ended.
    pub cut_short: u64,
}

impl Arrivals {
    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        self.scheduled += other.scheduled;
        self.begun += other.begun;
        self.late += other.late;
        self.dropped += other.dropped;
        self.never_sent += other.never_sent;
        self.cut_short += other.cut_short;
    }
}

/// What became of operations. `sent = ok + failed + unknown` once a run is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// Given a connection's place.
    pub sent: u64,
    /// Happened.
    pub ok: u64,
    /// Did not happen.
    pub failed: u64,
    /// May have happened.
    pub unknown: u64,
    /// Of those that happened or did not, how many were answered so: [`Fate::is_answer`].
    pub answered: u64,
    /// Still waiting for a connection's place when they were given up.
    pub unsent: u64,
    /// Of those that failed, how many for want of ports or descriptors on this machine.
    pub exhausted: u64,
}

impl Operations {
    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.ok += other.ok;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.answered += other.answered;
        self.unsent += other.unsent;
        self.exhausted += other.exhausted;
    }

    /// Gives the share of those sent that were answered as the API promises; one if none was sent.
    #[must_use]
    pub fn availability(&self) -> f64 {
        if self.sent == 0 { 1.0 } else { self.answered as f64 / self.sent as f64 }
    }

    /// Counts an end, by its fate and its status if there was an answer.
    pub(crate) fn end(&mut self, fate: Fate, status: Option<u16>) {
        let is_answered = fate != Fate::Unknown && status.is_some_and(Fate::is_answer);
        self.answered += u64::from(is_answered);
        match fate {
            Fate::Ok => self.ok += 1,
            Fate::Failed => self.failed += 1,
            Fate::Unknown => self.unknown += 1,
        }
    }
}

/// What is known of one step in one phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What became of its operations.
    pub operations: Operations,
    /// From intended to begun, µs, of every operation.
    pub schedule_error_us: Histogram,
    /// From sent to done, µs, of operations that were answered or ran out of time.
    pub service_us: Histogram,
    /// From intended to done, µs, of the same operations.
    pub response_us: Histogram,
}

impl Row {
    fn new() -> Self {
        let times = Histogram::with_bits(TIME_LIMIT_US, TIME_BITS);
        Self {
            operations: Operations::default(),
            schedule_error_us: times.clone(),
            service_us: times.clone(),
            response_us: times,
        }
    }

    fn merge(&mut self, other: &Self) {
        self.operations.add(&other.operations);
        self.schedule_error_us.merge(&other.schedule_error_us);
        self.service_us.merge(&other.service_us);
        self.response_us.merge(&other.response_us);
    }
}

/// What is known of a run, or of one lane of it.
#[derive(Clone, Debug)]
pub struct Record {
    steps: Vec<String>,
    phases: Phases,
    arrivals: Vec<Arrivals>,
    /// By step, then phase; made when first needed.
    rows: Vec<Option<Box<Row>>>,
}

impl Record {
    /// Makes an empty record.
    #[must_use]
    pub fn new(steps: &[String], phases: &Phases) -> Self {
        Self {
            steps: steps.to_vec(),
            phases: phases.clone(),
            arrivals: vec![Arrivals::default(); phases.all().len()],
            rows: vec![None; steps.len() * phases.all().len()],
        }
    }

    /// Adds what another lane of the same run recorded.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.arrivals.iter_mut().zip(&other.arrivals) {
            mine.add(theirs);
        }
        for (mine, theirs) in self.rows.iter_mut().zip(&other.rows) {
            if let Some(theirs) = theirs {
                mine.get_or_insert_with(|| Box::new(Row::new())).merge(theirs);
            }
        }
    }

    /// Gives the phases.
    #[must_use]
    pub fn phases(&self) -> &Phases {
        &self.phases
    }

    /// Gives the names of steps.
    #[must_use]
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// Gives what became of the arrivals of a phase.
    #[must_use]
    pub fn arrivals(&self, phase: usize) -> &Arrivals {
        &self.arrivals[phase]
    }

    /// Gives what is known of a step in a phase; nothing if nothing happened.
    #[must_use]
    pub fn row(&self, step: Step, phase: usize) -> Option<&Row> {
        self.rows[self.place(step, phase)].as_deref()
    }

    /// Gives a step over all counted phases.
    #[must_use]
    pub fn counted(&self, step: Step) -> Row {
        self.sum(|at, phase| at == usize::from(step.0) && self.phases.all()[phase].counted)
    }

    /// Gives all steps over all counted phases.
    #[must_use]
    pub fn counted_all(&self) -> Row {
        self.sum(|_, phase| self.phases.all()[phase].counted)
    }

    /// Gives all steps over all phases, warm-up included.
    #[must_use]
    pub fn whole(&self) -> Row {
        self.sum(|_, _| true)
    }

    /// Gives the arrivals of all counted phases.
    #[must_use]
    pub fn arrivals_counted(&self) -> Arrivals {
        let mut sum = Arrivals::default();
        for (arrivals, phase) in self.arrivals.iter().zip(self.phases.all()) {
            if phase.counted {
                sum.add(arrivals);
            }
        }
        sum
    }

    /// Gives the arrivals of all phases, warm-up included.
    #[must_use]
    pub fn arrivals_whole(&self) -> Arrivals {
        let mut sum = Arrivals::default();
        self.arrivals.iter().for_each(|arrivals| sum.add(arrivals));
        sum
    }

    fn sum(&self, wanted: impl Fn(usize, usize) -> bool) -> Row {
        let phases = self.phases.all().len();
        let mut sum = Row::new();
        for (place, row) in self.rows.iter().enumerate() {
            if let Some(row) = row.as_deref().filter(|_| wanted(place / phases, place % phases)) {
                sum.merge(row);
            }
        }
        sum
    }

    pub(crate) fn arrivals_mut(&mut self, phase: usize) -> &mut Arrivals {
        &mut self.arrivals[phase]
    }

    pub(crate) fn row_mut(&mut self, step: Step, phase: usize) -> &mut Row {
        let place = self.place(step, phase);
        self.rows[place].get_or_insert_with(|| Box::new(Row::new()))
    }

    fn place(&self, step: Step, phase: usize) -> usize {
        usize::from(step.0) * self.phases.all().len() + phase
    }
}
