//! Readers of the log: what each does about a fact happens once, however often that comes.
//!
//! A partition has its facts in the order of their numbers, but for those that come again. So a
//! reader remembers one number for each, and takes what is below for what it had.

use std::future::Future;

use domain::facts::Record;
use domain::time::Timestamp;

use super::{Cursors, Found, Log, Note, Page, Progress, Spot, Topic, What};
use crate::ports::{Committed, PortError};
use crate::serving::Fence;

/// Records that are read at once.
const BATCH_LIMIT: usize = 1_024;
/// How often it is tried to understand a record before it is put on the dead letters.
pub const TRIES_LIMIT: u32 = 3;

/// A reader of one partition.
#[derive(Debug)]
pub struct Follower {
    topic: Topic,
    spot: Spot,
    progress: Option<Progress>,
    tries: u32,
}

/// What a turn of a reader came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Facts that it did something about.
    pub facts: usize,
    /// Facts that it had before, or of another world.
    pub repeated: usize,
    /// Records that went to the dead letters.
    pub buried: usize,
    /// When the last fact happened that it did something about.
    pub last_at: Option<Timestamp>,
}

/// What a turn needs.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a, L, D> {
    /// What is read.
    pub log: &'a L,
    /// Where progress is kept.
    pub database: &'a D,
    /// The world whose facts are meant.
    pub world: u64,
    /// The duty under which it is done.
    pub fence: Fence,
}

impl Follower {
    /// A reader under a name.
    #[must_use]
    pub fn new(reader: &'static str, topic: Topic, partition: u32) -> Self {
        let spot = Spot { reader, topic: topic.text(), partition };
        Self { topic, spot, progress: None, tries: 0 }
    }

    /// Reads on: does something about the facts that are new, and notes what customers are told
    /// by that together with how far it came. What `effect` does otherwise may happen twice.
    ///
    /// # Errors
    /// [`PortError`]: then the same is read again.
    pub async fn turn<L: Log, D: Cursors, F>(
        &mut self,
        ground: Ground<'_, L, D>,
        effect: impl FnOnce(Vec<Record>) -> F,
    ) -> Result<Followed, PortError>
    where
        F: Future<Output = Result<Vec<Note>, PortError>>,
    {
        let Ground { log, database, world, .. } = ground;
        let from = match self.progress {
            Some(progress) => progress,
            None => database.progress(self.spot).await?,
        };
        // Until it is known again.
        self.progress = None;
        let page = log.read(self.topic, self.spot.partition, from.next, BATCH_LIMIT).await?;
        let (read, malformed) = split(page, from.next);
        let mut to = Progress { next: read.next, seen: from.seen };
        let (mut fresh, mut followed) = (Vec::new(), Followed::default());
        for found in read.found {
            match found.what {
                What::Fact { world: of, record } if of == world && record.seq >= to.seen => {
                    to.seen = record.seq + 1;
                    followed.last_at = Some(record.at);
                    fresh.push(record);
                }
                What::Fact { .. } | What::Malformed { .. } => followed.repeated += 1,
            }
        }
        followed.facts = fresh.len();
        let notes = if fresh.is_empty() { Vec::new() } else { effect(fresh).await? };
        if let Some(malformed) = malformed.filter(|_| to.next == from.next) {
            self.tries += 1;
            if self.tries >= TRIES_LIMIT {
                log.bury(self.topic, self.spot.partition, &malformed).await?;
                to.next = malformed.offset + 1;
                (self.tries, followed.buried) = (0, 1);
            }
        }
        if to != from {
            let advanced =
                database.advance(Some(ground.fence), self.spot, from, to, &notes).await?;
            if advanced != Committed::Done {
                // Another reads here by now.
                return Ok(Followed::default());
            }
        }
        self.progress = Some(to);
        Ok(followed)
    }
}

/// What comes before the first record that cannot be understood, and that record.
fn split(mut page: Page, from: u64) -> (Page, Option<Found>) {
    let is_malformed = |found: &Found| matches!(found.what, What::Malformed { .. });
    let Some(at) = page.found.iter().position(is_malformed) else { return (page, None) };
    let mut rest = page.found.split_off(at);
    let malformed = rest.swap_remove(0);
    let next = if at == 0 { from } else { malformed.offset };
    (Page { next, ..page }, Some(malformed))
}
