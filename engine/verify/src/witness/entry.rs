//! A line of a provider's ledger.

use domain::payment::WordKind;

use crate::outside::seconds;

/// What a provider was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// To begin an attempt.
    Create,
    /// How an attempt stands.
    Status,
    /// To take the money it holds.
    Capture,
    /// To let go the money it holds.
    Void,
    /// To give money back.
    Refund,
}

impl Verb {
    /// Every verb and its name.
    pub const NAMED: [(Self, &'static str); 5] = [
        (Self::Create, "create"),
        (Self::Status, "status"),
        (Self::Capture, "capture"),
        (Self::Void, "void"),
        (Self::Refund, "refund"),
    ];

    /// The verb of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known)| *known == name).map(|(verb, _)| *verb)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMED[self as usize].1
    }
}

/// What happened at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It was asked for something.
    Asked {
        /// For what.
        verb: Verb,
        /// How much was asked for, taken or given back this time, paise.
        amount_paise: i64,
        /// Whether it changed nothing, because the attempt stood so already.
        is_repeat: bool,
    },
    /// The bank or the customer answered it, and it says so.
    Said {
        /// Whether nobody counted on that any more.
        is_late: bool,
    },
}

/// A line of a provider's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, µs after the run's start.
    pub at_us: u64,
    /// For which order.
    pub order: u64,
    /// Which attempt to pay for it.
    pub attempt: u8,
    /// What happened.
    pub what: What,
    /// How the attempt stands after it, whether or not anybody was told.
    pub word: WordKind,
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { at_us, order, attempt, what, word } = self;
        write!(f, "{} provider order={order} attempt={attempt} ", seconds(*at_us))?;
        match what {
            What::Asked { verb, amount_paise, is_repeat } => {
                write!(f, "asked to {} amount_paise={amount_paise}", verb.name())?;
                f.write_str(if *is_repeat { " (again)" } else { "" })?;
            }
            What::Said { is_late: true } => f.write_str("said late")?,
            What::Said { is_late: false } => f.write_str("said")?,
        }
        write!(f, " -> {word}")
    }
}
