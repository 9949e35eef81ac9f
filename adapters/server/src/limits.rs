//! How often somebody may ask: buckets of tokens, one for each caller and one for the city.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use domain::gateway::bucket::{self, Rules, State, Taken};
use domain::time::Timestamp;
use shell::cache::keys;
use shell::clock::WallClock;
use shell::{Cache, Clock, Subject};

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
/// Callers whose buckets are settled together.
const SETTLED_AT_ONCE: usize = 500;

/// The buckets of one replica.
///
/// A caller's bucket is in the cache, where all replicas take from it. Each takes from what it
/// knows of it, and settles afterwards what it took: nobody waits for the cache. Until then a caller
/// who asks several replicas may take a bucket from each. Without an answer of the cache each
/// replica limits by itself.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    city: Mutex<State>,
    doorstep: Mutex<State>,
    callers: Mutex<BTreeMap<Subject, Bucket>>,
}

/// A caller's bucket, as far as this replica knows.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    state: State,
    /// Microseconds by which what was taken puts it off to be full, and that are not settled yet.
    taken_us: u64,
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

    /// Lets a caller pass.
    ///
    /// # Errors
    /// When the caller asks too often.
    pub(crate) fn caller(&self, subject: Subject) -> Result<(), Problem> {
        let rules = match subject {
            Subject::Customer(_) => CUSTOMER,
            Subject::Rider(_) => RIDER,
            Subject::Store(_) => STORE,
        };
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let (bucket, now) = (callers.entry(subject).or_default(), WallClock.now());
        let from = bucket.state.full_at.max(now);
        bucket.state = taken(&rules, bucket.state, now, "you ask too often")?;
        bucket.taken_us += bucket.state.full_at.0 - from.0;
        Ok(())
    }

    /// Settles with the cache what callers took, and learns what they took elsewhere.
    pub(crate) async fn settle(&self, cache: &impl Cache) {
        let now = WallClock.now();
        for some in self.unsettled(now).chunks(SETTLED_AT_ONCE) {
            let times: Vec<_> = some.iter().map(|(subject, us)| (key(*subject), *us)).collect();
            let Ok(stand) = cache.advance(&times, now).await else { continue };
            let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
            for ((subject, _), full_at) in some.iter().zip(stand) {
                let bucket = callers.entry(*subject).or_default();
                bucket.state.full_at = Timestamp(full_at.0 + bucket.taken_us);
            }
        }
    }

    /// Who took what since it was settled last. Forgets whose bucket is full.
    fn unsettled(&self, now: Timestamp) -> Vec<(Subject, u64)> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        callers.retain(|_, bucket| bucket.taken_us > 0 || bucket.state.full_at > now);
        let taken = callers.iter_mut().filter(|(_, bucket)| bucket.taken_us > 0);
        taken.map(|(subject, bucket)| (*subject, std::mem::take(&mut bucket.taken_us))).collect()
    }
}

fn key(subject: Subject) -> String {
    match subject {
        Subject::Customer(customer) => keys::customer_rate(customer),
        Subject::Rider(rider) => keys::rider_rate(rider),
        Subject::Store(store) => keys::store_rate(store),
    }
}

fn take(bucket: &Mutex<State>, rules: &Rules, why: &str) -> Result<(), Problem> {
    let mut state = bucket.lock().unwrap_or_else(PoisonError::into_inner);
    *state = taken(rules, *state, WallClock.now(), why)?;
    Ok(())
}

/// A bucket from which a token was taken.
fn taken(rules: &Rules, state: State, now: Timestamp, why: &str) -> Result<State, Problem> {
    match bucket::take(rules, state, now) {
        Taken::Yes(next) => Ok(next),
        Taken::NotBefore(_) => Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, why)),
    }
}
