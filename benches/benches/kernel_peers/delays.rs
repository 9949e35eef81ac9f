//! One table of exponential times for all, so that drawing costs all the same and next to nothing.

use kernel::chance::draw;
use std::sync::LazyLock;

/// Mean of the times, in microseconds: a minute.
pub(crate) const MEAN_US: f64 = 6e7;

/// Entries; a power of two.
const SIZE: u64 = 1 << 14;

static TIMES: LazyLock<Vec<u64>> = LazyLock::new(|| {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "under an hour")]
    let whole = |time: f64| time as u64 + 1;
    (0..SIZE).map(|index| whole(draw(1, index, 0, 0).exponential(MEAN_US))).collect()
});

/// Times, one after the other, round and round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    times: &'static [u64],
    next: u64,
}

/// Makes the table, so that whoever is measured first does not pay for it.
pub(crate) fn prepare() {
    LazyLock::force(&TIMES);
}

impl Default for Delays {
    fn default() -> Self {
        Self { times: &TIMES, next: 0 }
    }
}

impl Delays {
    /// Gives the next time, in microseconds, at least one.
    #[inline]
    pub(crate) fn next_us(&mut self) -> u64 {
        self.next += 1;
        self.at_us(self.next)
    }

    /// Gives the time at an index counted round.
    #[inline]
    pub(crate) fn at_us(&self, index: u64) -> u64 {
        self.times[(index & (SIZE - 1)) as usize]
    }
}
