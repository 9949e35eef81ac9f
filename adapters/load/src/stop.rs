//! The stop button.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const GOING: u8 = 0;
const NO_MORE: u8 = 1;
const GIVEN_UP: u8 = 2;

/// Stops a run from another thread. Copies are the same button.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicU8>);

impl Stop {
    /// Makes a button that is not pressed.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(AtomicU8::new(GOING)))
    }

    /// Lets nobody arrive any more. What is under way goes on, at most as long as the run's drain.
    pub fn press(&self) {
        self.0.fetch_max(NO_MORE, Ordering::Relaxed);
    }

    /// Ends all of it. Lanes notice within 20 ms: nothing more is sent, and what is under way is
    /// given up as unknown.
    pub fn give_up(&self) {
        self.0.fetch_max(GIVEN_UP, Ordering::Relaxed);
    }

    /// Tells whether it was pressed.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= NO_MORE
    }

    /// Tells whether all was given up.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.0.load(Ordering::Relaxed) == GIVEN_UP
    }
}
