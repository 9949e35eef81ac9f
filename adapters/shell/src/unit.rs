//! One unit of work: what came in, the rows it reads, and what it leads to.

use domain::facts::Fact;
use domain::ids::{CityId, PostingId, SkuId, StoreId};
use domain::outside::{Effect, Input};
use domain::tape::Entry;
use domain::time::Timestamp;
use xxhash_rust::xxh3::xxh3_128;

use crate::held::Held;
use crate::rows::{Key, Rows};
use crate::serving::Fence;

/// Who gave an input its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A client: its idempotency key, together with who it is.
    Client,
    /// The payment provider: the number of its word.
    Provider,
    /// A timer of ours: its number. The commit takes the timer off the list.
    Timer,
    /// A row of our outbox: its number. The commit takes the row out.
    Outbox,
    /// Whoever runs the platform, dispatch included: a name of their own.
    Platform,
}

/// An input's name. The same name is heard once; the second time the first answer is given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputKey {
    /// Who named it.
    pub source: Source,
    /// The name.
    pub id: u128,
}

impl InputKey {
    /// A key of any bytes, such as a client's name and its idempotency key, by their digest.
    #[must_use]
    pub fn of_bytes(source: Source, bytes: &[u8]) -> Self {
        Self { source, id: xxh3_128(bytes) }
    }

    /// A key that is a number already.
    #[must_use]
    pub const fn numbered(source: Source, number: u64) -> Self {
        Self { source, id: number as u128 }
    }
}

/// Why a word was refused: it changed nothing, and saying it again will not either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is nothing in the cart that the store has.
    #[error("the cart is empty")]
    EmptyCart,
    /// The cart is an order already.
    #[error("the quote is locked by its order")]
    Ordered,
    /// There is no quote that could be accepted.
    #[error("there is no quote to accept")]
    NotQuoted,
    /// The rider is off duty, rests, or has a trip.
    #[error("the rider cannot be asked")]
    RiderNotFree,
    /// An order that was offered does not wait for a rider, or waits at another store.
    #[error("the order does not wait for a rider there")]
    NotWaiting,
    /// An adjustment would take away more than is free.
    #[error("fewer units are free")]
    Shortfall,
}

/// What a unit of work answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The words were heard. What did not fit was ignored.
    Heard,
    /// The last word that was refused, and why; what was said before it stands.
    Refused(Refused),
    /// The provider speaks of an attempt that is not made yet: nothing was committed, and it must
    /// say so again.
    NotYet,
}

impl Answer {
    /// Every answer that can be kept with an input's name, and how it is written down.
    pub const KEPT: [(Self, &'static str); 7] = [
        (Self::Heard, "heard"),
        (Self::Refused(Refused::EmptyCart), "empty_cart"),
        (Self::Refused(Refused::Ordered), "ordered"),
        (Self::Refused(Refused::NotQuoted), "not_quoted"),
        (Self::Refused(Refused::RiderNotFree), "rider_not_free"),
        (Self::Refused(Refused::NotWaiting), "not_waiting"),
        (Self::Refused(Refused::Shortfall), "shortfall"),
    ];
}

/// What a unit of work leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The facts, in order.
    pub facts: Vec<Fact>,
    /// What is asked of the outside, timers included, in order.
    pub effects: Vec<Effect>,
    /// What every process manager heard, if the shell keeps its tape.
    pub heard: Vec<Entry>,
}

impl Told {
    fn clear(&mut self) {
        self.facts.clear();
        self.effects.clear();
        self.heard.clear();
    }

    /// What others must do: the effects that are no timers and no hints.
    pub fn asked(&self) -> impl Iterator<Item = &Effect> {
        self.effects.iter().filter(|effect| effect.timer().is_none() && !effect.is_hint())
    }

    /// What people are told as soon as it is committed.
    pub fn hints(&self) -> impl Iterator<Item = &Effect> {
        self.effects.iter().filter(|effect| effect.is_hint())
    }

    /// The timers: which word comes back, and when.
    pub fn timers(&self) -> impl Iterator<Item = (Input, Timestamp)> {
        self.effects.iter().filter_map(Effect::timer)
    }
}

/// One unit of work.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The input's name.
    pub key: InputKey,
    /// The words, digested: the same name with another digest is another input.
    pub digest: u128,
    /// Under which duty it is said, if it is.
    pub fence: Option<Fence>,
    /// When it was heard.
    pub now: Timestamp,
    /// The rows it read, and what it made of them.
    pub rows: Rows,
    /// What it leads to.
    pub told: Told,
    /// What it answers.
    pub answer: Answer,
    /// Rows that the step needs, as far as that is known.
    pub keys: Vec<Key>,
    /// What the database holds for it.
    pub held: Held,
    /// Whether it only quotes, and so changes no shelf.
    pub(crate) only_quotes: bool,
    /// Whether the last step missed some of them.
    pub(crate) is_missing: bool,
    /// Numbers for postings; those a step used up stand again when it is taken again.
    pub(crate) postings: Vec<PostingId>,
    pub(crate) postings_used: usize,
    pub(crate) wants_posting: bool,
}

impl Unit {
    pub(crate) fn new(key: InputKey, words: &[Input]) -> Self {
        let mut bytes = Vec::with_capacity(64);
        for word in words {
            let (at, city) = (Timestamp(0), CityId(0));
            Entry { at, city, hearer: 0, input: (*word).into() }.put(&mut bytes);
        }
        Self {
            key,
            digest: xxh3_128(&bytes),
            fence: None,
            now: Timestamp(0),
            rows: Rows::default(),
            told: Told::default(),
            answer: Answer::Heard,
            keys: Vec::new(),
            held: Held::default(),
            only_quotes: !words.is_empty() && words.iter().all(is_of_cart),
            is_missing: true,
            postings: Vec::new(),
            postings_used: 0,
            wants_posting: false,
        }
    }

    /// The shelves that it may change, as far as that is known.
    pub fn shelves(&self) -> impl Iterator<Item = (StoreId, SkuId)> {
        let keys = if self.only_quotes { &[] } else { self.keys.as_slice() };
        keys.iter().filter_map(|key| if let Key::Slot(shelf) = key { Some(*shelf) } else { None })
    }

    /// Forgets what an earlier step did.
    pub(crate) fn begin(&mut self, now: Timestamp) {
        self.rows.reset();
        self.told.clear();
        self.now = now;
        self.answer = Answer::Heard;
        self.is_missing = false;
        self.postings_used = 0;
        self.wants_posting = false;
    }

    /// Whether it changes nothing and leads to nothing.
    pub(crate) fn is_idle(&self) -> bool {
        self.told == Told::default() && !self.rows.are_changed()
    }

    /// The next number for a posting; none before another is drawn.
    pub(crate) fn posting(&mut self) -> Option<PostingId> {
        let posting = self.postings.get(self.postings_used).copied();
        self.wants_posting = posting.is_none();
        posting
    }
}

/// Whether a word is of a cart, and only looks at shelves.
const fn is_of_cart(word: &Input) -> bool {
    matches!(word, Input::CartLine { .. } | Input::Quote { .. })
}
