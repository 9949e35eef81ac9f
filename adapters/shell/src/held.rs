//! What a database holds for a unit of work while that is under way.

use std::any::Any;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Holds something of a database's own for one unit of work, such as a connection with locks, from
/// the first loading to the commit. What is still held when the unit is dropped is dropped as
/// well: the database lets go then. A copy of a unit holds nothing.
#[derive(Default)]
pub struct Held(Mutex<Option<Box<dyn Any + Send>>>);

impl Held {
    /// Holds something, in the place of what was held.
    pub fn hold<T: Any + Send>(&self, what: T) {
        *self.lock() = Some(Box::new(what));
    }

    /// Takes what is held, if it is of that kind.
    pub fn take<T: Any + Send>(&self) -> Option<T> {
        let held = self.lock().take()?;
        held.downcast().ok().map(|held| *held)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<dyn Any + Send>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for Held {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Held").field(&self.lock().is_some()).finish()
    }
}
