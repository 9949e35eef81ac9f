//! The stop button.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stops a run from another thread. Copies are the same button.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Makes a button that is not pressed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Presses it. Lanes notice within 20 ms: nothing more is sent, and what is under way is given
    /// up as unknown.
    pub fn press(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Tells whether it was pressed.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
