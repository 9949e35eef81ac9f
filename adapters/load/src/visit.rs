//! What a journey is played with: one arrival, its own line of intentions, and the client.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

use tokio::net::TcpStream;

use crate::fate::Fate;
use crate::history::{Digest, Ended, Invoked, Touch};
use crate::http::{Answer, Fault, Request};
use crate::lane::Lane;
use crate::record::Step;
use crate::schedule::Arrival;

/// One operation: a request, and what is kept of it.
#[derive(Clone, Copy)]
pub struct Operation<'a> {
    /// The step it belongs to.
    pub step: Step,
    /// What is sent.
    pub request: Request<'a>,
    /// What it is about, for the history.
    pub keys: &'a [Touch],
    /// Reads the answer, for the history.
    pub look: &'a dyn Fn(&Answer) -> Seen,
}

impl<'a> Operation<'a> {
    /// Makes an operation whose fate is told by the answer's status.
    #[must_use]
    pub fn new(step: Step, request: Request<'a>) -> Self {
        Self { step, request, keys: &[], look: &Seen::status }
    }

    /// Says what it is about.
    #[must_use]
    pub fn about(self, keys: &'a [Touch]) -> Self {
        Self { keys, ..self }
    }

    /// Reads the answer by a function.
    #[must_use]
    pub fn look(self, look: &'a dyn Fn(&Answer) -> Seen) -> Self {
        Self { look, ..self }
    }
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What became of the operation.
    pub fate: Fate,
    /// The id it names.
    pub id: Option<String>,
    /// The version it names.
    pub version: Option<u64>,
    /// The units it names.
    pub units: Option<i64>,
    /// The amount it names, paise.
    pub amount_paise: Option<i64>,
    /// The word for how what it shows stands.
    pub word: Option<String>,
}

impl Seen {
    /// Sees the status and nothing else.
    #[must_use]
    pub fn status(answer: &Answer) -> Self {
        let fate = Fate::of_status(answer.status());
        Self { fate, id: None, version: None, units: None, amount_paise: None, word: None }
    }
}

/// One arrival on its journey.
///
/// It keeps when the next operation is intended: at first when the arrival was; then as soon as
/// the last operation was done; and after a pause, when the pause was to end.
#[derive(Debug)]
pub struct Visit {
    lane: Rc<Lane>,
    arrival: Arrival,
    phase: usize,
    intended_us: u64,
    bearer: Option<Arc<str>>,
}

impl Visit {
    pub(crate) fn new(lane: Rc<Lane>, arrival: Arrival, phase: usize) -> Self {
        Self { lane, arrival, phase, intended_us: arrival.at_us, bearer: None }
    }

    /// Gives the arrival.
    #[must_use]
    pub fn arrival(&self) -> Arrival {
        self.arrival
    }

    /// Gives the time, µs after the run's start.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        self.lane.clock().now_us()
    }

    /// Gives when the next operation is intended, µs after the run's start.
    #[must_use]
    pub fn intended_us(&self) -> u64 {
        self.intended_us
    }

    /// Makes another line of intentions beside this one, for what happens at the same time.
    #[must_use]
    pub fn beside(&self) -> Self {
        let (lane, bearer) = (Rc::clone(&self.lane), self.bearer.clone());
        Self { lane, bearer, ..*self }
    }

    /// Makes another line of intentions that begins now, in the phase there is now: for who acts
    /// because something happened.
    #[must_use]
    pub fn afresh(&self) -> Self {
        let (lane, intended_us) = (Rc::clone(&self.lane), self.now_us());
        let (phase, bearer) = (lane.phases().at(intended_us), self.bearer.clone());
        Self { phase, lane, intended_us, bearer, ..*self }
    }

    /// The same line of intentions in somebody's session: its token goes along with each request.
    #[must_use]
    pub fn bearing(self, token: Option<Arc<str>>) -> Self {
        Self { bearer: token, ..self }
    }

    /// Tells whether no more arrivals come: the last phase is over, or the run was stopped.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.now_us() >= self.lane.closes_us()
    }

    /// Gives the time, µs since the Unix epoch.
    #[must_use]
    pub fn unix_us(&self) -> u64 {
        self.lane.clock().start_unix_us() + self.now_us()
    }

    /// Pauses for a time after the next operation was intended. What is late now is not paid
    /// for by a shorter pause.
    pub async fn pause(&mut self, for_us: u64) {
        self.pause_until(self.intended_us.saturating_add(for_us)).await;
    }

    /// Pauses until an instant of the run.
    pub async fn pause_until(&mut self, at_us: u64) {
        self.intended_us = at_us;
        self.lane.pacer().sleep_until(at_us).await;
    }

    /// Carries an operation out and records it. It is tried once.
    ///
    /// # Errors
    /// [`Fault`] when there is no answer; what became of the operation is then [`Fault::fate`]'s.
    /// Answers of any status are answers.
    pub async fn perform(&mut self, operation: &Operation<'_>) -> Result<Answer, Fault> {
        let begun_us = self.now_us();
        let pending = Pending::begin(self, operation, begun_us);
        let sent = |sent_us| pending.sent(operation, sent_us);
        let bearer = operation.request.bearer.or(self.bearer.as_deref());
        let request = Request { bearer, ..operation.request };
        let result = self.lane.client().exchange(&request, sent).await;
        let done_us = self.now_us();
        match &result {
            Ok(answer) => pending.answered(done_us, answer, &(operation.look)(answer)),
            Err(fault) => pending.end(done_us, Err(*fault)),
        }
        self.intended_us = done_us;
        result
    }
}

impl Visit {
    /// Carries an operation out by other means than one exchange, such as opening a stream, and
    /// records it. What is done gives what it is for, what it shows, and its status.
    ///
    /// # Errors
    /// [`Fault`] when it could not be done.
    pub async fn record<T>(
        &mut self,
        operation: &Operation<'_>,
        does: impl Future<Output = Result<(T, Seen, u16), Fault>>,
    ) -> Result<T, Fault> {
        let begun_us = self.now_us();
        let pending = Pending::begin(self, operation, begun_us);
        pending.sent(operation, begun_us);
        let result = does.await;
        let done_us = self.now_us();
        self.intended_us = done_us;
        match result {
            Ok((done, seen, status)) => {
                pending.seen(done_us, (status, None), &seen);
                Ok(done)
            }
            Err(fault) => {
                pending.end(done_us, Err(fault));
                Err(fault)
            }
        }
    }

    /// Opens a connection of its own to the server whose turn it is, or to the next that takes one.
    ///
    /// # Errors
    /// [`Fault`] when none does.
    pub async fn connect(&self) -> Result<TcpStream, Fault> {
        self.lane.client().connect().await
    }

    /// Gives the authority that all servers go by.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.lane.client().authority()
    }

    /// Gives the path that all requests' paths stand under, without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        self.lane.client().base()
    }

    /// Gives the token of the session, if there is one.
    #[must_use]
    pub fn bearer(&self) -> Option<Arc<str>> {
        self.bearer.clone()
    }
}

/// An operation under way. Dropped before its end, it is cut short.
struct Pending {
    lane: Rc<Lane>,
    arrival: Arrival,
    phase: usize,
    step: Step,
    intended_us: u64,
    op: u64,
    sent_us: Cell<Option<u64>>,
    open: Cell<bool>,
}

impl Pending {
    fn begin(visit: &Visit, operation: &Operation<'_>, begun_us: u64) -> Self {
        let error_us = begun_us.saturating_sub(visit.intended_us);
        visit.lane.begun(operation.step, visit.phase, error_us);
        Self {
            lane: Rc::clone(&visit.lane),
            arrival: visit.arrival,
            phase: visit.phase,
            step: operation.step,
            intended_us: visit.intended_us,
            op: visit.lane.next_op(),
            sent_us: Cell::new(None),
            open: Cell::new(true),
        }
    }

    fn sent(&self, operation: &Operation<'_>, sent_us: u64) {
        self.sent_us.set(Some(sent_us));
        self.lane.sent(self.step, self.phase);
        self.lane.write(|orders| Invoked {
            kind: "invoke",
            op: self.op,
            arrival: self.arrival.index,
            step: &orders.steps[usize::from(self.step.0)],
            phase: &orders.phases.all()[self.phase].name,
            keys: operation.keys,
            idempotency_key: operation.request.idempotency_key,
            request: Digest(operation.request.digest()),
            intended_us: self.intended_us,
            sent_us,
        });
    }

    fn answered(&self, done_us: u64, answer: &Answer, seen: &Seen) {
        self.seen(done_us, (answer.status(), Some(Digest(answer.digest()))), seen);
    }

    fn seen(&self, done_us: u64, (status, answer): (u16, Option<Digest>), seen: &Seen) {
        self.lane.write(|_| Ended {
            kind: seen.fate.name(),
            op: self.op,
            done_us,
            status: Some(status),
            fault: None,
            answer,
            id: seen.id.as_deref(),
            version: seen.version,
            units: seen.units,
            amount_paise: seen.amount_paise,
            word: seen.word.as_deref(),
        });
        self.end(done_us, Ok((seen.fate, status)));
    }

    fn end(&self, done_us: u64, end: Result<(Fate, u16), Fault>) {
        self.open.set(false);
        let Some(sent_us) = self.sent_us.get() else {
            return self.lane.unsent(self.step, self.phase);
        };
        if let Err(fault) = end {
            self.lane.write(|_| Ended {
                kind: fault.fate().name(),
                op: self.op,
                done_us,
                status: None,
                fault: Some(fault.name()),
                answer: None,
                id: None,
                version: None,
                units: None,
                amount_paise: None,
                word: None,
            });
        }
        self.lane.ended(self.step, self.phase, end, [self.intended_us, sent_us, done_us]);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.open.get() {
            self.end(self.lane.clock().now_us(), Err(Fault::CutShort));
        }
    }
}
