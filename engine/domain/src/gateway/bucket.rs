//! A token bucket: a caller may do so much at once, and then only so often.
//!
//! Its law (I33): in any stretch of time `t`, no more than `burst + rate × t` is let through.
//!
//! The state is one number, the time at which the bucket would be full again. A token more in the
//! bucket is one interval less until then, so nothing has to be filled while nobody looks.

#[cfg(test)]
mod tests;

use crate::time::Timestamp;

/// How much a bucket holds and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Tokens in a full bucket; at least one.
    pub burst: u32,
    /// Tokens that flow in each second; at least one.
    pub rate_per_s: u32,
}

/// A bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// When it is full again; a time that is over means that it is full.
    pub full_at: Timestamp,
}

/// What came of asking for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// There was one, and this is what the bucket is now.
    Yes(State),
    /// There was none; nothing changes. One is there at the time that is given.
    NotBefore(Timestamp),
}

/// Takes a token, if there is one.
///
/// Times between tokens are whole microseconds, rounded up, so the rate is never above what the
/// rules say. A clock that goes back finds the bucket emptier than it is, never fuller.
///
/// # Panics
/// If the bucket holds nothing or never fills.
#[must_use]
pub fn take(rules: &Rules, state: State, now: Timestamp) -> Taken {
    assert!(rules.burst > 0 && rules.rate_per_s > 0, "a bucket holds and gets something");
    let interval_us = 1_000_000_u64.div_ceil(u64::from(rules.rate_per_s));
    let full_at = state.full_at.0.max(now.0).saturating_add(interval_us);
    let room_us = interval_us.saturating_mul(u64::from(rules.burst));
    let earliest = full_at.saturating_sub(room_us);
    if earliest > now.0 {
        return Taken::NotBefore(Timestamp(earliest));
    }
    Taken::Yes(State { full_at: Timestamp(full_at) })
}
