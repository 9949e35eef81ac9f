//! The relay: carries what was asked to the outside, and brings back timers.
//!
//! Any number of relays may run over one database. What one took and could not carry out it gives
//! back, to be taken again after a pause that grows; what one never gave back is taken again when
//! its lease is over. So everything is asked at least once.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::ids::OrderId;
use domain::outside::{Effect, Input, Subject};
use domain::payment::{Method, Word};
use domain::time::{Millis, Timestamp};

use crate::failpoint::{At, pass};
use crate::join::{Side, together};
use crate::ports::{
    Clock, Database, OutboxId, OutboxRow, Pause, People, PortError, Provider, TimerRow,
};
use crate::serving::Fence;
use crate::shell::{Shell, ShellError};
use crate::unit::{InputKey, Source};

/// Outbox rows or timers that a relay takes at a time.
pub const BATCH_LIMIT: usize = 64;
/// Orders and trips whose rows are carried out at once, and timers that are heard at once. 16: a
/// backend has half as many connections, and while one is answered another is on its way.
pub const CHAINS_LIMIT: usize = 16;
/// How long a relay has for the rows it took, before another may take them. 30 s, assumed,
/// grade E: twice the provider's time limit.
const LEASE: Millis = Millis::from_s(30);

/// Before what could not be carried out is taken again: a tenth of a second, then twice as long
/// each time, at most the lease. Assumed, grade E.
const PAUSE: Pause = Pause { first: Millis(100), most: LEASE };

/// Rows of one order or trip, in order, that a relay took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    rows: Vec<OutboxRow>,
    lent_until: Timestamp,
}

/// What a turn of a relay came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relayed {
    /// Rows or timers taken.
    pub taken: usize,
    /// Of those, how many were carried out. The others come again.
    pub done: usize,
}

/// A relay between a database and the outside.
#[derive(Debug)]
pub struct Relay<'a, D, C, P, H> {
    shell: &'a Shell<D, C>,
    provider: P,
    people: H,
    fence: Option<Fence>,
}

/// What becomes of an outbox row.
enum Task {
    /// It is a word to ourselves, which takes the row out of the outbox when it is heard.
    Hear(Input),
    /// The provider is asked.
    Ask(OrderId, u8),
    /// People are told.
    Tell,
}

impl<'a, D: Database, C: Clock, P: Provider, H: People> Relay<'a, D, C, P, H> {
    /// A relay that hears answers through a shell.
    pub const fn new(shell: &'a Shell<D, C>, provider: P, people: H) -> Self {
        Self { shell, provider, people, fence: None }
    }

    /// The same relay, under a duty: what it hears is refused when another has assumed that.
    #[must_use]
    pub fn under(self, fence: Fence) -> Self {
        Self { fence: Some(fence), ..self }
    }

    /// Carries out what waits in the outbox, at most [`BATCH_LIMIT`] rows. A row that fails is
    /// left for later, and with it what is asked of the same order or trip after it. What is asked
    /// of different ones is carried out side by side, at most [`CHAINS_LIMIT`] at once.
    ///
    /// # Errors
    /// [`PortError`] when the database fails.
    pub async fn run_outbox(&self) -> Result<Relayed, PortError> {
        let chains = self.take(BATCH_LIMIT).await?;
        let done = AtomicUsize::new(0);
        let follow = |chain| -> Side<'_> {
            let done = &done;
            Box::pin(async move {
                done.fetch_add(self.follow(chain).await, Ordering::Relaxed);
            })
        };
        together(chains.iter().map(follow).collect(), CHAINS_LIMIT).await;
        let taken = chains.iter().map(|chain| chain.rows.len()).sum();
        Ok(Relayed { taken, done: done.into_inner() })
    }

    /// Takes what waits in the outbox, at most so many rows, by what they are about. Each chain is
    /// then to be followed.
    ///
    /// # Errors
    /// [`PortError`] when the database fails.
    pub async fn take(&self, limit: usize) -> Result<Vec<Chain>, PortError> {
        let now = self.shell.clock().now();
        let rows = self.shell.database().take(now, LEASE, limit).await?;
        let mut chains: BTreeMap<Subject, Vec<OutboxRow>> = BTreeMap::new();
        for row in rows {
            chains.entry(row.effect.subject()).or_default().push(row);
        }
        let lent_until = now + LEASE;
        Ok(chains.into_values().map(|rows| Chain { rows, lent_until }).collect())
    }

    /// Carries out what is asked of one order or trip, one after the other, until one fails: that
    /// and those behind it are given back. How many were done.
    pub async fn follow(&self, chain: &Chain) -> usize {
        for (at, row) in chain.rows.iter().enumerate() {
            if self.carry_out(row).await.is_err() {
                let rest: Vec<OutboxId> = chain.rows[at..].iter().map(|row| row.id).collect();
                let now = self.shell.clock().now();
                // Otherwise their lease ends.
                let database = self.shell.database();
                let _ = database.give_back(&rest, chain.lent_until, now, PAUSE).await;
                return at;
            }
        }
        chain.rows.len()
    }

    /// Hears the timers that ring by now, at most [`BATCH_LIMIT`]. One that fails rings again.
    ///
    /// # Errors
    /// [`PortError`] when the database fails.
    pub async fn run_timers(&self) -> Result<Relayed, PortError> {
        let rows = self.shell.database().due(self.shell.clock().now(), BATCH_LIMIT).await?;
        let done = AtomicUsize::new(0);
        let ring = |row| -> Side<'_> { Box::pin(self.ring(row, &done)) };
        together(rows.iter().map(ring).collect(), CHAINS_LIMIT).await;
        Ok(Relayed { taken: rows.len(), done: done.into_inner() })
    }

    async fn ring(&self, row: &TimerRow, done: &AtomicUsize) {
        let key = InputKey::numbered(Source::Timer, row.id.0);
        if self.shell.hear_under(self.fence, key, &[row.input]).await.is_ok() {
            done.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn carry_out(&self, row: &OutboxRow) -> Result<(), ShellError> {
        match task(&row.effect) {
            Task::Hear(input) => {
                let key = InputKey::numbered(Source::Outbox, row.id.0);
                self.shell.hear_under(self.fence, key, &[input]).await?;
                // A repeat is heard without a commit, so the row may still be there.
                self.ack(row.id).await
            }
            Task::Ask(order, attempt) => {
                pass(At::BeforeAsking, row.effect);
                let answer = self.provider.ask(row.id, order, &row.effect).await?;
                pass(At::AfterAsking, row.effect);
                if let Some(word) = answer {
                    let key = InputKey::numbered(Source::Outbox, row.id.0);
                    let input = Input::Provider { order, attempt, word };
                    self.shell.hear_under(self.fence, key, &[input]).await?;
                    pass(At::BeforeAck, row.effect);
                }
                self.ack(row.id).await
            }
            Task::Tell => {
                self.people.tell(row.id, &row.effect).await?;
                pass(At::AfterTelling, row.effect);
                self.ack(row.id).await
            }
        }
    }

    async fn ack(&self, id: OutboxId) -> Result<(), ShellError> {
        Ok(self.shell.database().ack(&[id]).await?)
    }
}

fn task(effect: &Effect) -> Task {
    match *effect {
        Effect::LockQuote { order } => Task::Hear(Input::Lock { order }),
        Effect::Reserve { order } => Task::Hear(Input::Reserve { order }),
        // The wallet is a provider of our own. What it holds was held in the commit that asked.
        Effect::AskProvider { order, attempt, method: Method::Wallet, .. } => {
            wallet_says(order, attempt, Word::Authorised)
        }
        Effect::AskStatus { order, attempt, method: Method::Wallet } => {
            wallet_says(order, attempt, Word::Authorised)
        }
        Effect::Capture { order, attempt, method: Method::Wallet, .. } => {
            wallet_says(order, attempt, Word::Captured)
        }
        Effect::Void { order, attempt, method: Method::Wallet } => {
            wallet_says(order, attempt, Word::Voided)
        }
        // Cash goes back into the wallet.
        Effect::Refund { order, attempt, method: Method::Wallet | Method::Cash, total, .. } => {
            wallet_says(order, attempt, Word::Refunded { total })
        }
        Effect::AskProvider { order, attempt, .. }
        | Effect::AskStatus { order, attempt, .. }
        | Effect::Capture { order, attempt, .. }
        | Effect::Void { order, attempt, .. }
        | Effect::Refund { order, attempt, .. } => Task::Ask(order, attempt),
        Effect::AskCustomer { .. }
        | Effect::Review { .. }
        | Effect::Collect { .. }
        | Effect::Pack { .. }
        | Effect::PutBack { .. }
        | Effect::JoinPool { .. }
        | Effect::LeavePool { .. }
        | Effect::AskRider { .. }
        | Effect::RideToStore { .. }
        | Effect::HandOver { .. }
        | Effect::RideToDoor { .. }
        | Effect::Knock { .. }
        | Effect::RideBack { .. }
        | Effect::WakeSaga { .. }
        | Effect::WakePayment { .. }
        | Effect::WakeHold { .. }
        | Effect::WakeOffer { .. } => Task::Tell,
    }
}

const fn wallet_says(order: OrderId, attempt: u8, word: Word) -> Task {
    Task::Hear(Input::Provider { order, attempt, word })
}
