//! The wall clock, as the rules see it.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::time::Timestamp;

use crate::ports::Clock;

/// The machine's clock: microseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallClock;

impl Clock for WallClock {
    /// The time; the epoch itself if the clock stands before it.
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the live world reads it"
        )]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }
}
