//! Bugs on purpose, to see that the checks of live runs find them: one row a bug.
//!
//! Only the feature `mutants` has them, and a process has at most one. Without the feature [`is`]
//! is a constant, and what hangs on it is not compiled into the program.

/// Makes [`Mutant`] and its table of the rows.
macro_rules! mutants {
    ($($Mutant:ident = $name:literal $does:literal [$($check:literal)*],)*) => {
        /// A bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Mutant { $(#[doc = $does] $Mutant,)* }

        /// Every bug: its name, what it breaks, and the checks of `dastak audit` of which at least
        /// one must name it.
        #[cfg(feature = "mutants")]
        pub const MUTANTS: &[(Mutant, &str, &str, &[&str])] =
            &[$((Mutant::$Mutant, $name, $does, &[$($check),*]),)*];
    };
}

mutants! {
    DropsGuard = "drops-guard"
        "Rows are written whatever their versions are by then." ["I15" "I17" "I18" "I40"],
    PublishesEarly = "publishes-early"
        "Facts go out although the commit that they belong to is refused." ["I15"],
    AcksEarly = "acks-early"
        "An order is acknowledged before it is committed." ["H1" "H4"],
    LosesKey = "loses-key"
        "A repeat under the same key is taken for another order." ["H1" "I15"],
    IgnoresBody = "ignores-body"
        "Another request under a used key is answered as if it were the first." ["I13"],
    ShowsOthers = "shows-others"
        "Whoever asks is shown the order of another customer." ["H9"],
    ShowsOld = "shows-old"
        "Every third look at an order shows what was there two looks ago." ["H3"],
    QuotesLess = "quotes-less"
        "Customers are quoted another price than the one that is locked." ["H6"],
    ChargesMore = "charges-more"
        "The provider is told to take a rupee more than the order costs." ["W1" "W2"],
    CapturesTwice = "captures-twice"
        "When a customer paid again, the money of the attempt before is taken, too." ["W1" "W3" "W5"],
    ForgetsVoid = "forgets-void"
        "Money on hold that nobody wants is never let go." ["W5" "W6"],
    ForgetsRefund = "forgets-refund"
        "Money that goes back is booked, and the provider never hears of it." ["W4"],
    KeepsShortMoney = "keeps-short-money"
        "The price of what was not found is not given back." ["I9" "H7"],
    BooksTwice = "books-twice"
        "A sale is written in the books twice." ["J7"],
    CachesShelves = "caches-shelves"
        "Units are held by what a cache says is free." ["I1" "I40"],
    RefusesLast = "refuses-last"
        "Half of what is free is refused." ["I40"],
    ReleasesTwice = "releases-twice"
        "What an order held goes back on the shelf twice." ["I1" "I40"],
    ForgetsTimers = "forgets-timers"
        "Nothing ends by itself: timers are not written." ["I6" "J5" "H8"],
    AcceptsLate = "accepts-late"
        "An offer that nobody answered in time counts as accepted." ["J4"],
    OffersBusy = "offers-busy"
        "A rider who was put an offer is put others." ["I17"],
}

/// How long after it was acknowledged an order is committed by [`Mutant::AcksEarly`].
pub const LATER: std::time::Duration = std::time::Duration::from_millis(300);

#[cfg(feature = "mutants")]
static CHOSEN: std::sync::OnceLock<Mutant> = std::sync::OnceLock::new();

/// Gives this process a bug for as long as it lives; whether there is one of that name.
///
/// # Panics
/// If it has one already.
#[cfg(feature = "mutants")]
#[must_use]
pub fn choose(name: &str) -> bool {
    let row = MUTANTS.iter().find(|(_, known, ..)| *known == name);
    row.is_some_and(|(mutant, ..)| {
        CHOSEN.set(*mutant).expect("a process has one bug");
        true
    })
}

/// Whether this process has a bug.
#[cfg(feature = "mutants")]
#[must_use]
pub fn is(mutant: Mutant) -> bool {
    CHOSEN.get() == Some(&mutant)
}

/// Whether this process has a bug: it has none.
#[cfg(not(feature = "mutants"))]
#[must_use]
pub const fn is(_: Mutant) -> bool {
    false
}

/// The free units of a shelf that a hold is decided by, of those there are.
#[cfg(feature = "mutants")]
pub(crate) fn believed_free(
    shelf: (domain::ids::StoreId, domain::ids::SkuId),
    free_units: u32,
) -> u32 {
    use std::collections::BTreeMap;
    use std::sync::{Mutex, PoisonError};
    static SEEN: Mutex<BTreeMap<(domain::ids::StoreId, domain::ids::SkuId), u32>> =
        Mutex::new(BTreeMap::new());
    if is(Mutant::CachesShelves) {
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        return *seen.entry(shelf).or_insert(free_units);
    }
    if is(Mutant::RefusesLast) { free_units / 2 } else { free_units }
}
