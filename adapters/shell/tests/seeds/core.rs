//! One thread, a clock that stands still while anybody works, and chance that is drawn from a seed.
//!
//! Whoever waits, waits for a time; those who wait for the same time go on in an order that is
//! drawn. So a seed is a whole history, and the same seed is the same history.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use domain::time::Timestamp;
use kernel::chance::draw;

/// Microseconds of one millisecond.
const MS: u64 = 1_000;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;
/// When, in which drawn order, who, and with which ticket.
type Waiting = Reverse<(u64, u32, usize, u64)>;

#[derive(Default)]
struct State {
    now: u64,
    draws: u64,
    waiting: BinaryHeap<Waiting>,
    /// For each task, the ticket it waits with; others are stale.
    tickets: Vec<u64>,
    idle: BTreeSet<usize>,
    current: usize,
    spawned: Vec<Task>,
}

/// The clock, the queue of those who wait, and chance.
pub(crate) struct Core {
    seed: u64,
    state: Mutex<State>,
}

impl Core {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { seed, state: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.lock().now)
    }

    /// A number below `n`.
    pub(crate) fn below(&self, n: u32) -> u32 {
        let mut state = self.lock();
        state.draws += 1;
        draw(self.seed, state.draws, 0, 0).below(n)
    }

    /// Whether something happens that does so many times in a thousand.
    pub(crate) fn happens(&self, per_mille: u32) -> bool {
        per_mille > 0 && self.below(1_000) < per_mille
    }

    /// Waits so many milliseconds.
    pub(crate) fn sleep(self: &Arc<Self>, ms: u32) -> Sleep {
        let until = self.lock().now + u64::from(ms) * MS;
        Sleep { core: Arc::clone(self), until: Some(until), can_be_woken: false, ticket: None }
    }

    /// Waits until a time, if one is given, or until somebody has written something.
    pub(crate) fn idle(self: &Arc<Self>, until: Option<Timestamp>) -> Sleep {
        let until = until.map(|until| until.0);
        Sleep { core: Arc::clone(self), until, can_be_woken: true, ticket: None }
    }

    /// Wakes who waits for something to be written.
    pub(crate) fn wake_idle(&self) {
        let after = u64::from(self.below(20_000));
        let mut state = self.lock();
        let idle = std::mem::take(&mut state.idle);
        for task in idle {
            let (at, ticket) = (state.now + after, state.tickets[task]);
            state.waiting.push(Reverse((at, 0, task, ticket)));
        }
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.lock().spawned.push(Box::pin(task));
    }

    /// Runs until nobody waits any more.
    ///
    /// # Errors
    /// When that does not come within so many steps.
    pub(crate) fn run(&self, steps: u32) -> Result<(), String> {
        let mut tasks: Vec<Option<Task>> = Vec::new();
        for _ in 0..steps {
            self.admit(&mut tasks);
            let Some(task) = self.next() else { return Ok(()) };
            let Some(future) = &mut tasks[task] else { continue };
            if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                tasks[task] = None;
            }
        }
        Err(format!("no end after {steps} steps, at {}", self.now()))
    }

    fn admit(&self, tasks: &mut Vec<Option<Task>>) {
        let mut state = self.lock();
        for task in std::mem::take(&mut state.spawned) {
            let (now, index) = (state.now, tasks.len());
            state.tickets.push(0);
            state.waiting.push(Reverse((now, 0, index, 0)));
            tasks.push(Some(task));
        }
    }

    fn next(&self) -> Option<usize> {
        let mut state = self.lock();
        while let Some(Reverse((at, _, task, ticket))) = state.waiting.pop() {
            if state.tickets[task] == ticket {
                state.now = state.now.max(at);
                state.current = task;
                state.tickets[task] += 1;
                return Some(task);
            }
        }
        None
    }
}

/// Waiting for a time.
pub(crate) struct Sleep {
    core: Arc<Core>,
    until: Option<u64>,
    can_be_woken: bool,
    ticket: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.ticket.is_some() {
            return Poll::Ready(());
        }
        let order = self.core.below(u32::MAX);
        let ticket = {
            let mut state = self.core.lock();
            let task = state.current;
            let ticket = state.tickets[task];
            if let Some(until) = self.until {
                state.waiting.push(Reverse((until, order, task, ticket)));
            }
            if self.can_be_woken {
                state.idle.insert(task);
            }
            ticket
        };
        self.ticket = Some(ticket);
        Poll::Pending
    }
}
