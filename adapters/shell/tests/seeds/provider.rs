//! A bank that keeps its own books, does everything once, and says so late, twice or not at all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use dastak_shell::{OutboxId, PortError, Provider, Source};
use domain::ids::OrderId;
use domain::money::Paise;
use domain::outside::{Effect, Input};
use domain::payment::{Decline, Word};

use crate::world::World;

/// How an attempt stands at the bank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    #[default]
    Waiting,
    Declined(Decline),
    Held,
    Captured,
    Voided,
}

/// An attempt in the bank's books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) standing: Standing,
    pub(crate) amount: Paise,
    pub(crate) refunded: Paise,
}

impl Account {
    fn word(&self) -> Word {
        match self.standing {
            Standing::Waiting => Word::Pending,
            Standing::Declined(decline) => Word::Declined(decline),
            Standing::Held => Word::Authorised,
            Standing::Captured if self.refunded > Paise::ZERO => {
                Word::Refunded { total: self.refunded }
            }
            Standing::Captured => Word::Captured,
            Standing::Voided => Word::Voided,
        }
    }
}

#[derive(Default)]
pub(crate) struct Bank {
    books: Mutex<BTreeMap<(OrderId, u8), Account>>,
}

/// The bank as a shell reaches it.
pub(crate) struct BankPort(Arc<World>);

impl Bank {
    pub(crate) fn port(&self, world: &Arc<World>) -> BankPort {
        BankPort(Arc::clone(world))
    }

    pub(crate) fn books(&self) -> BTreeMap<(OrderId, u8), Account> {
        self.books.lock().unwrap().clone()
    }
}

impl Provider for BankPort {
    async fn ask(
        &self,
        _: OutboxId,
        order: OrderId,
        effect: &Effect,
    ) -> Result<Option<Word>, PortError> {
        let (world, core) = (&self.0, &self.0.core);
        let rages = world.storm.rages(core);
        core.sleep(1 + core.below(300)).await;
        if rages && core.happens(world.storm.refused) {
            return Err(PortError::Down("the bank is shut".into()));
        }
        let Some((attempt, word)) = act(world, order, effect) else { return Ok(None) };
        if rages && core.happens(world.storm.lost_answers) {
            // Done, and never said. Whoever asks again finds out.
            return Err(PortError::TimedOut);
        }
        if core.happens(500) {
            let after = core.below(3_000);
            core.spawn(call_back(Arc::clone(world), order, attempt, word, after));
            return Ok(None);
        }
        Ok(Some(word))
    }
}

/// Does what is asked, once; says how the attempt stands.
fn act(world: &Arc<World>, order: OrderId, effect: &Effect) -> Option<(u8, Word)> {
    let mut books = world.bank.books.lock().unwrap();
    let (attempt, word) = match *effect {
        Effect::AskProvider { attempt, amount, .. } => {
            let account = books.entry((order, attempt)).or_insert_with(|| {
                world.core.spawn(decide(Arc::clone(world), order, attempt));
                Account { amount, ..Account::default() }
            });
            (attempt, account.word())
        }
        Effect::AskStatus { attempt, .. } => (attempt, books.get(&(order, attempt))?.word()),
        Effect::Capture { attempt, amount, .. } => {
            let account = books.get_mut(&(order, attempt))?;
            assert_eq!(account.amount, amount, "{order} captures what was authorised");
            if account.standing == Standing::Held && world.core.happens(30) {
                (attempt, Word::CaptureFailed)
            } else {
                if account.standing == Standing::Held {
                    account.standing = Standing::Captured;
                }
                (attempt, account.word())
            }
        }
        Effect::Void { attempt, .. } => {
            let account = books.get_mut(&(order, attempt))?;
            if account.standing == Standing::Held {
                account.standing = Standing::Voided;
            }
            (attempt, account.word())
        }
        Effect::Refund { attempt, total, .. } => {
            let account = books.get_mut(&(order, attempt))?;
            assert_eq!(account.standing, Standing::Captured, "{order} refunds what was captured");
            assert!(total <= account.amount, "{order} refunds more than was captured");
            if world.storm.rages(&world.core) && world.core.happens(100) {
                (attempt, Word::RefundFailed)
            } else {
                account.refunded = account.refunded.max(total);
                (attempt, account.word())
            }
        }
        _ => return None,
    };
    Some((attempt, word))
}

/// The customer and their bank decide about an attempt, sooner or later, or never.
async fn decide(world: Arc<World>, order: OrderId, attempt: u8) {
    let core = &world.core;
    let fate = core.below(100);
    let (after_ms, standing) = match fate {
        0..55 => (500 + core.below(20_000), Standing::Held),
        55..75 => (500 + core.below(20_000), Standing::Declined(Decline::Business)),
        // Long after everybody gave up.
        75..85 => (30_000 + core.below(3_600_000), Standing::Held),
        85..93 => (5_000 + core.below(60_000), Standing::Declined(Decline::TimeOut)),
        _ => return,
    };
    core.sleep(after_ms).await;
    settle(&world, order, attempt, standing).await;
    if standing == Standing::Declined(Decline::TimeOut) && fate < 89 {
        core.sleep(core.below(600_000)).await;
        settle(&world, order, attempt, Standing::Held).await;
    }
}

/// An attempt comes to stand otherwise, and the bank calls, perhaps twice.
async fn settle(world: &Arc<World>, order: OrderId, attempt: u8, standing: Standing) {
    let word = {
        let mut books = world.bank.books.lock().unwrap();
        let account = books.entry((order, attempt)).or_default();
        if matches!(account.standing, Standing::Waiting | Standing::Declined(_)) {
            account.standing = standing;
        }
        account.word()
    };
    let core = &world.core;
    if core.happens(world.storm.repeats * 3) {
        let after = core.below(20_000);
        core.spawn(call_back(Arc::clone(world), order, attempt, word, after));
    }
    call_back(Arc::clone(world), order, attempt, word, 0).await;
}

async fn call_back(world: Arc<World>, order: OrderId, attempt: u8, word: Word, after_ms: u32) {
    world.core.sleep(after_ms).await;
    world.say(Source::Provider, &[Input::Provider { order, attempt, word }]).await;
}
