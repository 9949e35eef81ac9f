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
/// When, in which drawn order, and who.
type Waiting = Reverse<(u64, u32, usize)>;

#[derive(Default)]
struct State {
    now: u64,
    draws: u64,
    waiting: BinaryHeap<Waiting>,
    /// Tasks that wait for something to be written, and how often something was.
    idle: BTreeSet<usize>,
    written: u64,
    current: usize,
    spawned: Vec<Task>,
    calls: u64,
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

    /// Counts a call of a port, from one.
    pub(crate) fn next_call(&self) -> u64 {
        let mut state = self.lock();
        state.calls += 1;
        state.calls
    }

    /// Calls of ports so far.
    pub(crate) fn calls(&self) -> u64 {
        self.lock().calls
    }

    /// Waits so many milliseconds.
    pub(crate) fn sleep(self: &Arc<Self>, ms: u32) -> Sleep {
        let until = self.lock().now + u64::from(ms) * MS;
        Sleep { core: Arc::clone(self), until: Some(until), written: None, has_begun: false }
    }

    /// Waits until a time, if one is given, or until somebody has written something.
    pub(crate) fn idle(self: &Arc<Self>, until: Option<Timestamp>) -> Sleep {
        let (until, written) = (until.map(|until| until.0), Some(self.lock().written));
        Sleep { core: Arc::clone(self), until, written, has_begun: false }
    }

    /// Wakes who waits for something to be written.
    pub(crate) fn wake_idle(&self) {
        let after = u64::from(self.below(20_000));
        let mut state = self.lock();
        state.written += 1;
        let at = state.now + after;
        for task in std::mem::take(&mut state.idle) {
            state.waiting.push(Reverse((at, 0, task)));
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
            state.waiting.push(Reverse((now, 0, index)));
            tasks.push(Some(task));
        }
    }

    fn next(&self) -> Option<usize> {
        let mut state = self.lock();
        let Reverse((at, _, task)) = state.waiting.pop()?;
        state.now = state.now.max(at);
        state.current = task;
        Some(task)
    }
}

/// Waiting for a time, or for something to be written.
pub(crate) struct Sleep {
    core: Arc<Core>,
    until: Option<u64>,
    /// How often something was written before, if that ends the wait.
    written: Option<u64>,
    has_begun: bool,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if !self.has_begun {
            self.has_begun = true;
            let order = self.core.below(u32::MAX);
            let mut state = self.core.lock();
            let task = state.current;
            if let Some(until) = self.until {
                state.waiting.push(Reverse((until, order, task)));
            }
            if self.written.is_some() {
                state.idle.insert(task);
            }
            return Poll::Pending;
        }
        let state = self.core.lock();
        let is_time = self.until.is_some_and(|until| state.now >= until);
        let is_written = self.written.is_some_and(|written| state.written > written);
        if is_time || is_written { Poll::Ready(()) } else { Poll::Pending }
    }
}
