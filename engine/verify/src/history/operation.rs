//! An operation as its sender saw it.

use domain::order::Stage;

use crate::outside::seconds;

/// The requests whose answers are judged. Others only count for availability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A cart is priced.
    Quote,
    /// An order is placed.
    Order,
    /// A customer looks at their order.
    Look,
    /// A customer cancels.
    Cancel,
    /// A customer answers after a failed payment.
    Pay,
    /// A customer asks for the order of another, and must not get it.
    Stranger,
    /// Somebody asks how many units are free.
    Availability,
    /// Units are held directly.
    Reserve,
    /// Units are let go directly.
    Release,
}

impl Step {
    /// Every step and its name in histories.
    pub const NAMED: [(Self, &'static str); 9] = [
        (Self::Quote, "quote"),
        (Self::Order, "order"),
        (Self::Look, "look"),
        (Self::Cancel, "cancel"),
        (Self::Pay, "pay"),
        (Self::Stranger, "stranger"),
        (Self::Availability, "availability"),
        (Self::Reserve, "reserve"),
        (Self::Release, "release"),
    ];

    /// The name of an order that is placed again on purpose.
    const REPEAT: &'static str = "repeat";

    /// The step of a name; none if it is not judged.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        if name == Self::REPEAT {
            return Some(Self::Order);
        }
        Self::NAMED.iter().find(|(_, known)| *known == name).map(|(step, _)| *step)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMED[self as usize].1
    }

    /// Whether its answer shows a customer their order.
    #[must_use]
    pub const fn shows_an_order(self) -> bool {
        matches!(self, Self::Look | Self::Cancel | Self::Pay)
    }
}

/// Something an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// A shelf by [`crate::shelf_key`], or an order.
    pub key: u64,
    /// How many units of it are asked for.
    pub units: i64,
}

/// The three ends of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It happened.
    Ok,
    /// It did not happen, and never will.
    Failed,
    /// It may have happened, may yet, or may never.
    Unknown,
}

impl Fate {
    /// Its name in histories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// How an operation ended, and what its answer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// What became of it.
    pub fate: Fate,
    /// When its answer was whole or it was given up, µs after the run's start; none if nobody
    /// knows.
    pub done_us: Option<u64>,
    /// The answer's status.
    pub status: Option<u16>,
    /// Digest of the answer's body.
    pub answer: Option<u64>,
    /// The id that the answer names.
    pub id: Option<u64>,
    /// The version that the answer names.
    pub version: Option<u64>,
    /// The units that the answer names.
    pub units: Option<i64>,
    /// The amount that the answer names, paise.
    pub amount_paise: Option<i64>,
    /// The status of an order that the answer names.
    pub word: Option<Stage>,
}

impl End {
    /// An operation whose end nobody knows.
    pub const UNKNOWN: Self = Self {
        fate: Fate::Unknown,
        done_us: None,
        status: None,
        answer: None,
        id: None,
        version: None,
        units: None,
        amount_paise: None,
        word: None,
    };
}

/// An operation as its sender saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its number in the run.
    pub op: u64,
    /// The arrival it belongs to.
    pub arrival: u64,
    /// What was asked.
    pub step: Step,
    /// What it is about.
    pub keys: Vec<Touch>,
    /// What makes a repetition the same request.
    pub idempotency_key: Option<Box<str>>,
    /// Digest of method, path and body.
    pub request: u64,
    /// When it was sent, µs after the run's start.
    pub sent_us: u64,
    /// How it ended.
    pub end: End,
}

impl Operation {
    /// Whether it had ended before another was sent.
    #[must_use]
    pub fn is_before(&self, other: &Self) -> bool {
        self.end.done_us.is_some_and(|done_us| done_us < other.sent_us)
    }

    /// The order it is about: the one its answer names, or the one asked for.
    #[must_use]
    pub fn order(&self) -> Option<u64> {
        self.end.id.or_else(|| self.keys.first().map(|touch| touch.key))
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { op, arrival, end, .. } = self;
        write!(f, "{} op {op} of arrival {arrival}: {}", seconds(self.sent_us), self.step.name())?;
        for Touch { key, units } in &self.keys {
            match units {
                0 => write!(f, " {key}")?,
                _ => write!(f, " {units} of store{}.sku{}", key >> 32, key & 0xffff_ffff)?,
            }
        }
        if let Some(key) = &self.idempotency_key {
            write!(f, " key {key:?} request {:016x}", self.request)?;
        }
        write!(f, " -> {}", end.fate.name())?;
        if let Some(done_us) = end.done_us {
            write!(f, " after {} µs", done_us.saturating_sub(self.sent_us))?;
        }
        let named = [
            ("status", end.status.map(i64::from)),
            ("version", end.version.and_then(|version| i64::try_from(version).ok())),
            ("units", end.units),
            ("amount_paise", end.amount_paise),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                write!(f, " {name}={value}")?;
            }
        }
        if let Some(id) = end.id {
            write!(f, " id={id}")?;
        }
        if let Some(word) = end.word {
            write!(f, " {word}")?;
        }
        Ok(())
    }
}
