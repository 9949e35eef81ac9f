//! What became of an operation, as far as its sender can know.

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
            200..400 => Self::Ok,
            408 => Self::Unknown,
            400..500 => Self::Failed,
            _ => Self::Unknown,
        }
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
