//! Places where a process can be made to end at once, to see that nothing is lost there.
//!
//! Only the feature `mutants` has them. A place is one between two steps, for one kind of word or
//! of what is asked: `after-commit:in_place` lies between the commit of a placed order and its
//! answer. A process ends there the n-th time that it comes by.

/// A place in the course of a unit of work or of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// All is decided, nothing is committed.
    BeforeCommit,
    /// All is committed, and nobody was told or answered.
    AfterCommit,
    /// An outbox row is taken, and the provider is not asked yet.
    BeforeAsking,
    /// The provider has answered, and its answer is not heard yet.
    AfterAsking,
}

/// Words whose commits are steps of an order's life.
#[cfg(feature = "mutants")]
const WORDS: &[&str] = &[
    "in_cart_line",
    "in_place",
    "in_cancel",
    "in_decide",
    "in_provider",
    "in_payment_timer",
    "in_hold_timer",
    "in_sought",
    "in_bag_packed",
    "in_put_back_done",
    "in_offer",
    "in_answer",
    "in_offer_timer",
    "in_reached",
    "in_bag_taken",
    "in_door_done",
];
/// What is asked of the payment provider.
#[cfg(feature = "mutants")]
const ASKED: &[&str] = &["ask_provider", "ask_capture", "ask_void", "ask_refund"];

/// Every place: where, how it is written, and for which words.
#[cfg(feature = "mutants")]
pub const POINTS: &[(At, &str, &[&str])] = &[
    (At::BeforeCommit, "before-commit", WORDS),
    (At::AfterCommit, "after-commit", WORDS),
    (At::BeforeAsking, "before-asking", ASKED),
    (At::AfterAsking, "after-asking", ASKED),
];

/// Where this process ends: the place, the word, and how often it may come by before.
#[cfg(feature = "mutants")]
static CHOSEN: std::sync::OnceLock<(At, &str, std::sync::atomic::AtomicU64)> =
    std::sync::OnceLock::new();

/// Has this process end at a place, such as `after-commit:in_place` or, the third time it comes
/// by, `after-commit:in_place@3`; whether there is such a place.
///
/// # Panics
/// If it shall end somewhere already.
#[cfg(feature = "mutants")]
#[must_use]
pub fn choose(name: &str) -> bool {
    let (place, nth) = name.split_once('@').unwrap_or((name, "1"));
    let Some((at, word)) = place.split_once(':') else { return false };
    let row = POINTS.iter().find(|(_, known, words)| *known == at && words.contains(&word));
    let word = row.and_then(|(.., words)| words.iter().find(|known| **known == word));
    let (Some((at, ..)), Some(word), Ok(nth)) = (row, word, nth.parse::<u64>()) else {
        return false;
    };
    let chosen = (*at, *word, nth.into());
    assert!(CHOSEN.set(chosen).is_ok(), "a process ends once");
    true
}

/// Ends this process if it shall end here.
#[cfg(feature = "mutants")]
pub(crate) fn pass(at: At, word: impl domain::facts::Event) {
    use std::sync::atomic::Ordering;
    fn name<E: domain::facts::Event>(word: &E) -> &'static str {
        E::KINDS[usize::from(word.variant())].name
    }
    if let Some((place, chosen, left)) = CHOSEN.get()
        && *place == at
        && *chosen == name(&word)
        && left.fetch_sub(1, Ordering::SeqCst) == 1
    {
        std::process::abort();
    }
}

/// Ends this process if it shall end here: it never does.
#[cfg(not(feature = "mutants"))]
pub(crate) const fn pass<E: Copy>(_: At, _: E) {}
