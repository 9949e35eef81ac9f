//! The shell: load, step, commit, and again if the race was lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::ids::{OrderId, PostingId};
use domain::outside::Input;

use crate::failpoint::{At, pass};
use crate::known::Known;
use crate::mutant::{self, Mutant};
use crate::ports::{Clock, Committed, Database, Numbers, People, PortError};
use crate::rows::{Key, Order, Row, Rows};
use crate::serving::Fence;
use crate::setup::Setup;
use crate::unit::{Answer, InputKey, Source, Unit};
use crate::work;

/// Races that one unit of work may lose before it gives up: beyond that the caller shall come
/// back later, and others get their turn.
pub const TRIES_LIMIT: u32 = 32;
/// Loads that one step may need: an order, what it touches, and who is next because of it. Far
/// beyond what any word asks for; more is a bug.
const LOADS_LIMIT: u32 = 64;
/// Postings' numbers that a shell draws at a time.
const POSTINGS_DRAWN: u32 = 16;

/// What came of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What is answered; the same as the first time if it is a repeat.
    pub answer: Answer,
    /// Whether it was heard before, and so nothing was done now.
    pub repeated: bool,
    /// Races lost on the way.
    pub races_lost: u32,
}

/// Why a word was not heard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShellError {
    /// A port failed. Whether the word was heard is not known: say it again under the same name.
    #[error("a port failed")]
    Port(#[from] PortError),
    /// Others were quicker, again and again.
    #[error("lost {TRIES_LIMIT} races in a row")]
    Contended,
    /// The name was used for other words before.
    #[error("the same key came with other words")]
    KeyReused,
    /// Another has the duty by now under which the word was said.
    #[error("another has this duty by now")]
    Fenced,
}

/// A shell over a database. It holds no state of the business, only copies of orders that it believes
/// when the database says that they stand: any number may run side by side.
#[derive(Debug)]
pub struct Shell<D, C> {
    setup: Setup,
    database: D,
    clock: C,
    people: Option<Arc<dyn People>>,
    known: Arc<Known>,
    /// Numbers drawn and not used: the next, and how many are left.
    postings: Mutex<(u64, u32)>,
}

impl<D: Database, C: Clock> Shell<D, C> {
    /// A shell that takes words for one city.
    pub fn new(setup: Setup, database: D, clock: C) -> Self {
        let (known, postings) = (Arc::default(), Mutex::new((0, 0)));
        Self { setup, database, clock, people: None, known, postings }
    }

    /// The same shell, which tells people what to do.
    #[must_use]
    pub fn telling(self, people: Arc<dyn People>) -> Self {
        Self { people: Some(people), ..self }
    }

    /// The same shell over another way to its database.
    #[must_use]
    pub fn beside(&self, database: D) -> Self
    where
        C: Clone,
    {
        let (people, known) = (self.people.clone(), Arc::clone(&self.known));
        let (setup, clock) = (self.setup.clone(), self.clock.clone());
        Self { setup, database, clock, people, known, postings: Mutex::new((0, 0)) }
    }

    /// What it was told.
    pub const fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Its database.
    pub const fn database(&self) -> &D {
        &self.database
    }

    /// Its clock.
    pub const fn clock(&self) -> &C {
        &self.clock
    }

    /// Hears words from outside: they are carried out in order, in one commit.
    ///
    /// The same key is heard once. A second time, the first answer is given.
    ///
    /// # Errors
    /// [`ShellError`]. After a [`ShellError::Port`] or [`ShellError::Contended`] say it again,
    /// under the same key.
    pub async fn hear(&self, key: InputKey, words: &[Input]) -> Result<Heard, ShellError> {
        self.hear_and_show(key, words, Rows::default(), |_| {}).await
    }

    /// Like [`Self::hear`], said under a duty.
    ///
    /// # Errors
    /// As [`Self::hear`], and [`ShellError::Fenced`].
    pub async fn hear_under(
        &self,
        fence: Option<Fence>,
        key: InputKey,
        words: &[Input],
    ) -> Result<Heard, ShellError> {
        let unit = Unit { fence, ..Unit::new(key, words) };
        self.carry_out(unit, words, |_| {}).await
    }

    /// Like [`Self::hear`]; shows the unit of work when it is committed. Rows that were `seen`
    /// before, at one moment, tell what the words touch: they are read again.
    ///
    /// # Errors
    /// As [`Self::hear`].
    pub async fn hear_and_show(
        &self,
        key: InputKey,
        words: &[Input],
        seen: Rows,
        show: impl FnOnce(&Unit),
    ) -> Result<Heard, ShellError> {
        let unit = Unit { rows: seen, ..Unit::new(key, words) };
        self.carry_out(unit, words, show).await
    }

    /// Orders as they stand now, those that are there. Each by itself: not of one moment.
    ///
    /// # Errors
    /// [`PortError`] when the database fails.
    pub async fn orders(
        &self,
        orders: &[OrderId],
    ) -> Result<BTreeMap<OrderId, Arc<Row<Order>>>, PortError> {
        let stamps = self.database.stamps(orders).await?;
        let is_current = |(order, stamp)| {
            let row = self.known.get(order).filter(|row| row.stamp() == stamp)?;
            Some((order, row))
        };
        let mut now: BTreeMap<_, _> =
            orders.iter().copied().zip(stamps).filter_map(is_current).collect();
        let others = orders.iter().filter(|order| !now.contains_key(order));
        let keys: Vec<Key> = others.map(|order| Key::Order(*order)).collect();
        if keys.is_empty() {
            return Ok(now);
        }
        let mut rows = Rows::default();
        self.database.load(&keys, &mut rows).await?;
        self.known.keep_loaded(&rows);
        let are_there = rows.orders.iter().filter(|read| read.loaded.version.0 > 0);
        now.extend(are_there.map(|read| (read.key, Arc::new(read.loaded.clone()))));
        Ok(now)
    }

    async fn carry_out(
        &self,
        mut unit: Unit,
        words: &[Input],
        show: impl FnOnce(&Unit),
    ) -> Result<Heard, ShellError> {
        work::first_keys(words, &mut unit.keys);
        self.foresee(&mut unit, words);
        for races_lost in 0..TRIES_LIMIT {
            self.step(&mut unit, words).await?;
            let answer = unit.answer;
            if answer == Answer::NotYet {
                return Ok(Heard { answer, repeated: false, races_lost });
            }
            pass(At::BeforeCommit, words[0]);
            match self.database.commit(&unit).await? {
                Committed::Done => {
                    pass(At::AfterCommit, words[0]);
                    self.known.keep_written(&unit);
                    if let Some(people) = &self.people {
                        unit.told.hints().for_each(|hint| people.tell(hint));
                    }
                    show(&unit);
                    return Ok(Heard { answer, repeated: false, races_lost });
                }
                Committed::Repeated { digest, .. }
                    if digest != unit.digest && !mutant::is(Mutant::IgnoresBody) =>
                {
                    return Err(ShellError::KeyReused);
                }
                Committed::Repeated { answer, .. } => {
                    return Ok(Heard { answer, repeated: true, races_lost });
                }
                Committed::Conflict => unit.is_missing = true,
                Committed::Fenced => return Err(ShellError::Fenced),
            }
        }
        Err(ShellError::Contended)
    }

    /// Steps until nothing is missing.
    ///
    /// When a row is missing, all are loaded again: a step must see rows of one moment, or it
    /// would find an order that holds what a shelf has let go already.
    async fn step(&self, unit: &mut Unit, words: &[Input]) -> Result<(), PortError> {
        for _ in 0..LOADS_LIMIT {
            if unit.is_missing {
                self.recall(unit);
                self.database.load_for(unit).await?;
                self.known.keep_loaded(&unit.rows);
            }
            if unit.wants_posting {
                let posting = self.next_posting().await?;
                unit.postings.push(posting);
            }
            let now = self.clock.now().max(unit.rows.touched_at());
            unit.begin(now);
            if work::step(&self.setup, unit, words).is_ok() {
                return Ok(());
            }
        }
        panic!("{:?} loads rows without end", unit.key);
    }

    /// Finds out from what is known which rows words touch, so that all are loaded together.
    fn foresee(&self, unit: &mut Unit, words: &[Input]) {
        if unit.rows == Rows::default() && unit.keys.len() == 1 {
            self.recall(unit);
        }
        if unit.rows != Rows::default() {
            unit.begin(self.clock.now());
            // What comes of it is not believed: only which rows it wanted.
            let _ = work::step(&self.setup, unit, words);
            unit.is_missing = true;
            unit.rows = Rows::default();
        }
    }

    /// Puts in orders that are known: of those only the stamps are loaded, if they stand.
    fn recall(&self, unit: &mut Unit) {
        for key in &unit.keys {
            let Key::Order(order) = *key else { continue };
            if !unit.rows.orders.has(order)
                && let Some(row) = self.known.get(order)
            {
                unit.rows.orders.put(order, Row::clone(&row));
            }
        }
    }

    /// Which of these words, each said alone, would change nothing and lead to nothing as rows
    /// stand now.
    ///
    /// # Errors
    /// [`PortError`] when the database fails.
    pub(crate) async fn are_moot(&self, words: &[Input]) -> Result<Vec<bool>, PortError> {
        let mut unit = Unit::new(InputKey::numbered(Source::Platform, 0), words);
        work::first_keys(words, &mut unit.keys);
        self.database.load(&unit.keys, &mut unit.rows).await?;
        let now = self.clock.now().max(unit.rows.touched_at());
        let is_moot = |word: &Input| {
            unit.begin(now);
            work::step(&self.setup, &mut unit, &[*word]).is_ok() && unit.is_idle()
        };
        Ok(words.iter().map(is_moot).collect())
    }

    async fn next_posting(&self) -> Result<PostingId, PortError> {
        if let Some(posting) = self.drawn_posting() {
            return Ok(posting);
        }
        let first = self.database.draw(Numbers::Postings, POSTINGS_DRAWN).await?;
        let mut postings = self.postings.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *postings = (first + 1, POSTINGS_DRAWN - 1);
        Ok(PostingId(first))
    }

    fn drawn_posting(&self) -> Option<PostingId> {
        let mut postings = self.postings.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (next, left) = *postings;
        let more = left.checked_sub(1)?;
        *postings = (next + 1, more);
        Some(PostingId(next))
    }
}
