//! What became of an operation, as far as its sender can know.

/// Turned away for load: an answer, but not one to what was asked.
const TOO_MANY: u16 = 429;

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
    /// Gives what a status says about an operation.
    ///
    /// A refusal (4xx) is certain. A server's error (5xx) is not, 503 included: a deadline may
    /// have passed behind it while the work went on. Nor is 408, which answers a request that was
    /// not read to its end by the one who answers.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            // A connection that has become another protocol is a success as well.
            101 | 200..400 => Self::Ok,
            408 => Self::Unknown,
            400..500 => Self::Failed,
            _ => Self::Unknown,
        }
    }

    /// Tells whether a status answers a request as an API promises: it was carried out, or refused
    /// for a reason that lies in what was asked.
    ///
    /// The one definition of availability: not so are a server's errors (5xx), a request that was
    /// not read in time (408), who is turned away for load (429), and whatever has no status: a
    /// connection that was refused or broke off, and time that ran out.
    #[must_use]
    pub fn is_answer(status: u16) -> bool {
        status != TOO_MANY && Self::of_status(status) != Self::Unknown
    }

    /// Gives the name in histories.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "fail",
            Self::Unknown => "unknown",
        }
    }
}
