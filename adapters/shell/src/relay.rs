//! The relay: carries what must be done to the outside, and brings back timers.
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
    Clock, Database, OutboxId, OutboxRow, Pause, PortError, Provider, TimerId, TimerRow,
};
use crate::serving::Fence;
use crate::shell::{Shell, ShellError};
use crate::unit::{Answer, InputKey, Source};

/// Outbox rows or timers that a relay takes at a time.
pub const BATCH_LIMIT: usize = 64;
/// Orders and trips whose rows are carried out at once, and timers that are heard at once. 16: a
/// backend has a quarter as many connections for them, and while one is answered others wait.
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
pub struct Relay<'a, D, C, P> {
    shell: &'a Shell<D, C>,
    provider: P,
    fence: Option<Fence>,
}

/// What becomes of an outbox row.
enum Task {
    /// It is a word to ourselves, which takes the row out of the outbox when it is heard.
    Hear(Input),
    /// The provider is asked.
    Ask(OrderId, u8),
    /// It asks for nothing, and should not be there.
    Nothing,
}

impl<'a, D: Database, C: Clock, P: Provider> Relay<'a, D, C, P> {
    /// A relay that hears answers through a shell.
    pub const fn new(shell: &'a Shell<D, C>, provider: P) -> Self {
        Self { shell, provider, fence: None }
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

    /// Hears the timers that ring by now, at most [`BATCH_LIMIT`]. One that fails rings again. Most
    /// have nothing left to ring for: those are crossed off together.
    ///
    /// # Errors
    /// [`PortError`] when the database fails.
    pub async fn run_timers(&self) -> Result<Relayed, PortError> {
        let rows = self.shell.database().due(self.shell.clock().now(), BATCH_LIMIT).await?;
        if rows.is_empty() {
            return Ok(Relayed::default());
        }
        let words: Vec<Input> = rows.iter().map(|row| row.input).collect();
        let are_moot = self.shell.are_moot(&words).await?;
        let of = |moot| {
            let rows = rows.iter().zip(&are_moot).filter(move |(_, is_moot)| **is_moot == moot);
            rows.map(|(row, _)| row)
        };
        let moot: Vec<TimerId> = of(true).map(|row| row.id).collect();
        if !moot.is_empty() {
            self.shell.database().cross_off(&moot).await?;
        }
        let done = AtomicUsize::new(moot.len());
        let ring = |row| -> Side<'_> { Box::pin(self.ring(row, &done)) };
        together(of(false).map(ring).collect(), CHAINS_LIMIT).await;
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
            Task::Hear(input) => self.hear(row.id, input).await,
            Task::Ask(order, attempt) => {
                pass(At::BeforeAsking, row.effect);
                let answer = self.provider.ask(row.id, order, &row.effect).await?;
                pass(At::AfterAsking, row.effect);
                match answer {
                    Some(word) => self.hear(row.id, Input::Provider { order, attempt, word }).await,
                    None => self.ack(row.id).await,
                }
            }
            Task::Nothing => self.ack(row.id).await,
        }
    }

    /// Hears what came of a row; the commit takes it out of the outbox.
    async fn hear(&self, row: OutboxId, input: Input) -> Result<(), ShellError> {
        let key = InputKey::numbered(Source::Outbox, row.0);
        let heard = self.shell.hear_under(self.fence, key, &[input]).await?;
        // A repeat, or a word that came too early, is heard without a commit.
        if heard.repeated || heard.answer == Answer::NotYet { self.ack(row).await } else { Ok(()) }
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
        | Effect::WakeOffer { .. } => Task::Nothing,
    }
}

const fn wallet_says(order: OrderId, attempt: u8, word: Word) -> Task {
    Task::Hear(Input::Provider { order, attempt, word })
}
