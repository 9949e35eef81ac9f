//! Every way to end.

use scenarios::Problem;

/// What the program's exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Ok,
    /// Something broke that is nobody's input: a full disk, a bug.
    Internal,
    /// The command line, a scenario or an input file is wrong; nothing was run.
    Usage,
    /// An objective of the scenario was missed.
    ObjectiveMissed,
    /// An invariant is broken.
    InvariantBroken,
    /// The run proves nothing: evidence is missing, changed, or does not come out again.
    Invalid,
    /// The deployment to be driven does not answer.
    TargetDown,
    /// Somebody stopped it. What there was by then is written.
    Interrupted,
}

impl Exit {
    /// The code, which scripts may rely on.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::ObjectiveMissed => 10,
            Self::InvariantBroken => 11,
            Self::Invalid => 14,
            Self::TargetDown => 20,
            Self::Interrupted => 130,
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the program ends.
    pub(crate) exit: Exit,
    /// What is told.
    pub(crate) error: anyhow::Error,
}

impl Failure {
    /// The command line or an input is wrong.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, error: error.into() }
    }

    /// Evidence is missing or changed.
    pub(crate) fn invalid(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Invalid, error: error.into() }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::usage(problem)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { exit: Exit::Internal, error }
    }
}
