//! What is asked at the same time is done together.
//!
//! A transaction costs the server more than the rows it reads or writes. So while some of what was
//! asked is under way, what else is asked waits, and is then done in one transaction. Nobody waits
//! for company: who comes when a lane is free goes at once, and alone.
//!
//! Who changes a row claims it, and what claims the same does not go together: it goes in the order
//! it came in. Whoever decided by a row that another has changed meanwhile is told so without
//! asking the server.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shell::{InputKey, Key, PortError};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Shared;

/// How many are served together at most. 64, assumed, grade E: the cost of a transaction is shared
/// by so many that a smaller share would not be noticed.
const TOGETHER_LIMIT: usize = 64;

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    /// An input's name.
    Name(InputKey),
    /// A row.
    Row(Key),
}

/// Who has something claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// One, who changes it.
    Alone,
    /// So many, who only hang on it.
    Among(u32),
}

/// What is asked of the database, and may be asked together with others of its kind.
pub(super) trait Asked: Send + Sync + Sized + 'static {
    /// What is answered.
    type Answer: Send + 'static;

    /// Where it waits.
    fn line(shared: &Shared) -> &Line<Self>;

    /// What it claims.
    fn claims(&self) -> Vec<(Claim, Share)>;

    /// What those are answered who claim a row that one who was answered so has changed.
    fn overtaken_by(answer: &Self::Answer) -> Option<Self::Answer>;

    /// Asks together: an answer to each, in order.
    fn serve(
        shared: &Shared,
        asked: &[Self],
    ) -> impl Future<Output = Vec<Result<Self::Answer, PortError>>> + Send;
}

/// Those who wait.
pub(super) struct Line<Q: Asked>(Mutex<State<Q>>);

struct State<Q: Asked> {
    waiting: VecDeque<Waiting<Q>>,
    claimed: Claimed,
    free_lanes: usize,
    next_number: u64,
}

struct Waiting<Q: Asked> {
    number: u64,
    asked: Q,
    claims: Vec<(Claim, Share)>,
    answer: oneshot::Sender<Result<Q::Answer, PortError>>,
}

#[derive(Default)]
struct Claimed(BTreeMap<Claim, Share>);

impl Claimed {
    fn allow(&self, claims: &[(Claim, Share)]) -> bool {
        let is_free = |(claim, share): &(Claim, Share)| match (self.0.get(claim), share) {
            (None, _) | (Some(Share::Among(_)), Share::Among(_)) => true,
            (Some(Share::Alone), _) | (Some(Share::Among(_)), Share::Alone) => false,
        };
        claims.iter().all(is_free)
    }

    fn take(&mut self, claims: &[(Claim, Share)]) {
        for (claim, share) in claims {
            let held = self.0.entry(*claim).or_insert(Share::Among(0));
            *held = match (*held, *share) {
                (Share::Among(some), Share::Among(more)) => Share::Among(some + more),
                (Share::Alone, _) | (_, Share::Alone) => Share::Alone,
            };
        }
    }

    fn give_back(&mut self, claims: &[(Claim, Share)]) {
        for (claim, share) in claims {
            let left = match (self.0.get(claim), share) {
                (Some(Share::Among(some)), Share::Among(fewer)) => some.saturating_sub(*fewer),
                (Some(_), Share::Alone) | (Some(Share::Alone), _) | (None, _) => 0,
            };
            if left == 0 {
                self.0.remove(claim);
            } else {
                self.0.insert(*claim, Share::Among(left));
            }
        }
    }
}

impl<Q: Asked> Line<Q> {
    pub(super) fn new(lanes: usize) -> Self {
        let (waiting, claimed) = (VecDeque::new(), Claimed::default());
        Self(Mutex::new(State { waiting, claimed, free_lanes: lanes, next_number: 0 }))
    }

    fn lock(&self) -> MutexGuard<'_, State<Q>> {
        // Whoever panicked here left at worst somebody waiting, who gives up in time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q: Asked> State<Q> {
    /// Takes those whose turn it is, if a lane is free.
    fn pick(&mut self) -> Vec<Waiting<Q>> {
        let (mut picked, mut ahead, mut at) = (Vec::new(), Claimed::default(), 0);
        while self.free_lanes > 0 && picked.len() < TOGETHER_LIMIT {
            let Some(Waiting { claims, answer, .. }) = self.waiting.get(at) else { break };
            if answer.is_closed() {
                self.waiting.remove(at);
            } else if self.claimed.allow(claims) && ahead.allow(claims) {
                self.claimed.take(claims);
                picked.extend(self.waiting.remove(at));
            } else {
                ahead.take(claims);
                at += 1;
            }
        }
        self.free_lanes -= usize::from(!picked.is_empty());
        picked
    }

    /// Tells those who claim rows that were changed: by whose claims, and what they were answered.
    fn overtake(&mut self, changed: &BTreeMap<Claim, &Q::Answer>) {
        let mut at = 0;
        while let Some(waits) = self.waiting.get(at) {
            let by = waits.claims.iter().find_map(|(claim, _)| changed.get(claim));
            let Some(answer) = by.and_then(|by| Q::overtaken_by(by)) else {
                at += 1;
                continue;
            };
            if let Some(waits) = self.waiting.remove(at) {
                // Who does not listen any more is not told.
                let _ = waits.answer.send(Ok(answer));
            }
        }
    }
}

/// Those who are served together, in one lane. When it is dropped the lane is free.
struct Lane<Q: Asked> {
    shared: Arc<Shared>,
    asked: Vec<Q>,
    claims: Vec<Vec<(Claim, Share)>>,
    told: Vec<oneshot::Sender<Result<Q::Answer, PortError>>>,
}

impl<Q: Asked> Lane<Q> {
    /// Serves those whose turn it is, in a task of its own: nobody who goes away takes others along.
    fn open(shared: &Arc<Shared>) {
        loop {
            let picked = Q::line(shared).lock().pick();
            if picked.is_empty() {
                return;
            }
            let shared = Arc::clone(shared);
            let mut lane = Self { shared, asked: vec![], claims: vec![], told: vec![] };
            for Waiting { asked, claims, answer, .. } in picked {
                lane.asked.push(asked);
                lane.claims.push(claims);
                lane.told.push(answer);
            }
            tokio::spawn(lane.serve());
        }
    }

    async fn serve(mut self) {
        let answers = Q::serve(&self.shared, &self.asked).await;
        let mut changed = BTreeMap::new();
        for (claims, answer) in self.claims.iter().zip(&answers) {
            let Ok(answer) = answer else { continue };
            if Q::overtaken_by(answer).is_some() {
                changed.extend(claims.iter().filter_map(|claim| Some((row_of(claim)?, answer))));
            }
        }
        if !changed.is_empty() {
            Q::line(&self.shared).lock().overtake(&changed);
        }
        for (told, answer) in self.told.drain(..).zip(answers) {
            // Who does not listen any more is not told.
            let _ = told.send(answer);
        }
        let shared = Arc::clone(&self.shared);
        drop(self);
        Self::open(&shared);
    }
}

/// A row that is claimed to be changed.
const fn row_of((claim, share): &(Claim, Share)) -> Option<Claim> {
    match (claim, share) {
        (Claim::Row(_), Share::Alone) => Some(*claim),
        (Claim::Row(_), Share::Among(_)) | (Claim::Name(_), _) => None,
    }
}

impl<Q: Asked> Drop for Lane<Q> {
    fn drop(&mut self) {
        let mut state = Q::line(&self.shared).lock();
        self.claims.iter().for_each(|claims| state.claimed.give_back(claims));
        state.free_lanes += 1;
    }
}

impl Shared {
    /// Asks, together with what others ask.
    pub(super) async fn together<Q: Asked>(
        self: &Arc<Self>,
        asked: Q,
    ) -> Result<Q::Answer, PortError> {
        let (answer, mut told) = oneshot::channel();
        let number = {
            let state = &mut *Q::line(self).lock();
            let (number, claims) = (state.next_number, asked.claims());
            state.next_number += 1;
            state.waiting.push_back(Waiting { number, asked, claims, answer });
            number
        };
        Lane::<Q>::open(self);
        let told = match timeout(self.options.wait, &mut told).await {
            Ok(told) => told,
            Err(_) if self.withdraw::<Q>(number) => {
                return Err(PortError::Down("no free connection".to_owned()));
            }
            // Its turn has come, which ends in time.
            Err(_) => told.await,
        };
        // Who was not answered by one who panicked does not know what was done.
        told.unwrap_or(Err(PortError::TimedOut))
    }

    /// Takes one out of the line; whether it was still there.
    fn withdraw<Q: Asked>(&self, number: u64) -> bool {
        let waiting = &mut Q::line(self).lock().waiting;
        let before = waiting.len();
        waiting.retain(|waits| waits.number != number);
        waiting.len() < before
    }
}
