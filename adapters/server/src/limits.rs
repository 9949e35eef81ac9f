//! How often somebody may ask: buckets of tokens, one for each caller and one for the city.

use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use domain::gateway::bucket::{self, Rules, State, Taken};
use domain::time::{Millis, Timestamp};
use shell::cache::keys;
use shell::clock::WallClock;
use shell::{Cache, Clock, Subject};

use crate::app::App;
use crate::backend::Backend;
use crate::problem::Problem;

/// A customer: a screen full of requests at once, then 20/s. Assumed, grade E.
const CUSTOMER: Rules = Rules { burst: 60, rate_per_s: 20 };
/// A rider: pings, and words on a trip. Assumed, grade E.
const RIDER: Rules = Rules { burst: 60, rate_per_s: 20 };
/// A store: twenty pickers who share its session. Assumed, grade E.
const STORE: Rules = Rules { burst: 400, rate_per_s: 200 };
/// A city, at one replica: beyond what two cores serve. Assumed, grade E.
const CITY: Rules = Rules { burst: 10_000, rate_per_s: 10_000 };
/// Accounts and passwords asked for in a city, at one replica: ten times the sign-ups of a busy
/// evening. Assumed, grade E.
const DOORSTEP: Rules = Rules { burst: 500, rate_per_s: 50 };
/// Times that a caller's bucket is tried to be changed while others change it.
const TRIES_LIMIT: u32 = 4;

/// The buckets of one replica. Callers' own buckets are in the cache, where all replicas find
/// them.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    city: Mutex<State>,
    doorstep: Mutex<State>,
}

impl Limits {
    /// Lets a request of the city pass.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn city(&self) -> Result<(), Problem> {
        take(&self.city, &CITY, "the city asks too often")
    }

    /// Lets somebody without a session ask for an account or a password.
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn doorstep(&self) -> Result<(), Problem> {
        take(&self.doorstep, &DOORSTEP, "too many ask for passwords")
    }
}

fn take(bucket: &Mutex<State>, rules: &Rules, why: &str) -> Result<(), Problem> {
    let mut state = bucket.lock().unwrap_or_else(PoisonError::into_inner);
    match bucket::take(rules, *state, WallClock.now()) {
        Taken::Yes(next) => {
            *state = next;
            Ok(())
        }
        Taken::NotBefore(_) => Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, why)),
    }
}

/// Lets a caller pass.
///
/// Without an answer of the cache nobody is held up: it is never the authority. One that is far
/// away is guarded, and buckets of this process stand in for it.
///
/// # Errors
/// When the caller asks too often.
pub(crate) async fn let_pass<B: Backend>(app: &App<B>, subject: Subject) -> Result<(), Problem> {
    let (rules, key) = match subject {
        Subject::Customer(customer) => (CUSTOMER, keys::customer_rate(customer)),
        Subject::Rider(rider) => (RIDER, keys::rider_rate(rider)),
        Subject::Store(store) => (STORE, keys::store_rate(store)),
    };
    let cache = app.backend.cache();
    for _ in 0..TRIES_LIMIT {
        let now = WallClock.now();
        let Ok(seen) = cache.get(&key).await else { return Ok(()) };
        let full_at = seen.as_deref().and_then(|bytes| bytes.try_into().ok());
        let state = State { full_at: full_at.map_or(now, |at| Timestamp(u64::from_be_bytes(at))) };
        let Taken::Yes(next) = bucket::take(&rules, state, now) else {
            let why = "you ask too often";
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, why));
        };
        let ttl = next.full_at.since(now) + Millis::from_s(1);
        let bytes = next.full_at.0.to_be_bytes();
        match cache.swap(&key, seen.as_deref(), &bytes, ttl).await {
            Ok(false) => {}
            Ok(true) | Err(_) => return Ok(()),
        }
    }
    Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "you ask too often at once"))
}
