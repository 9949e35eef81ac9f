//! The canonical forms of words and timers, so that inputs can stand on a tape.

use super::{Decline, Timer, Word};
use crate::facts::{Column, Field};
use crate::money::Paise;

choices! {
    /// Which word it is.
    pub enum WordKind {
        /// [`Word::Pending`].
        Pending = "pending",
        /// [`Word::Authorised`].
        Authorised = "authorised",
        /// [`Word::Declined`].
        Declined = "declined",
        /// [`Word::Captured`].
        Captured = "captured",
        /// [`Word::CaptureFailed`].
        CaptureFailed = "capture_failed",
        /// [`Word::Voided`].
        Voided = "voided",
        /// [`Word::Refunded`].
        Refunded = "refunded",
        /// [`Word::RefundFailed`].
        RefundFailed = "refund_failed",
    }
}

choices! {
    /// Which timer it is.
    pub enum TimerKind {
        /// [`Timer::Window`].
        Window = "window",
        /// [`Timer::HardWindow`].
        HardWindow = "hard_window",
        /// [`Timer::Follow`].
        Follow = "follow",
        /// [`Timer::Refund`].
        Refund = "refund",
    }
}

/// Implements [`Field`] for a type that is made of several fields, one column each.
macro_rules! field_of_parts {
    ($Name:ident { $($part:ident: $Part:ty = $suffix:literal),* $(,)? }) => {
        impl Field for $Name {
            const COLUMNS: &'static [Column] =
                &[$(Column { suffix: $suffix, texts: <$Part as Field>::COLUMNS[0].texts }),*];
            const BYTES: usize = 0 $(+ <$Part as Field>::BYTES)*;

            #[inline]
            fn put(self, bytes: &mut [u8]) {
                let ($($part),*) = self.parts();
                let rest = bytes;
                $(
                    let (place, rest) = rest.split_at_mut(<$Part as Field>::BYTES);
                    $part.put(place);
                )*
                debug_assert!(rest.is_empty(), "every byte is a part's");
            }

            fn take(bytes: &mut &[u8]) -> Option<Self> {
                $(let $part = <$Part as Field>::take(bytes)?;)*
                Some(Self::of_parts($($part),*))
            }

            #[inline]
            fn to_cells(self, cell: &mut impl FnMut(i64)) {
                let ($($part),*) = self.parts();
                $($part.to_cells(cell);)*
            }

            fn from_cells(cell: &mut dyn FnMut() -> Option<i64>) -> Option<Self> {
                $(let $part = <$Part as Field>::from_cells(cell)?;)*
                Some(Self::of_parts($($part),*))
            }
        }
    };
}

field_of_parts!(Word {
    kind: WordKind = "",
    decline: Decline = "_decline",
    total: Paise = "_total_paise"
});
field_of_parts!(Timer {
    kind: TimerKind = "",
    attempt: u8 = "_attempt",
    nth: u8 = "_nth",
    total: Paise = "_total_paise",
});

impl Word {
    /// The word taken apart: what is not said is zero.
    #[must_use]
    pub fn parts(self) -> (WordKind, Decline, Paise) {
        let plain = |kind| (kind, Decline::Business, Paise::ZERO);
        match self {
            Self::Pending => plain(WordKind::Pending),
            Self::Authorised => plain(WordKind::Authorised),
            Self::Declined(decline) => (WordKind::Declined, decline, Paise::ZERO),
            Self::Captured => plain(WordKind::Captured),
            Self::CaptureFailed => plain(WordKind::CaptureFailed),
            Self::Voided => plain(WordKind::Voided),
            Self::Refunded { total } => (WordKind::Refunded, Decline::Business, total),
            Self::RefundFailed => plain(WordKind::RefundFailed),
        }
    }

    /// The word made of its parts.
    #[must_use]
    pub fn of_parts(kind: WordKind, decline: Decline, total: Paise) -> Self {
        match kind {
            WordKind::Pending => Self::Pending,
            WordKind::Authorised => Self::Authorised,
            WordKind::Declined => Self::Declined(decline),
            WordKind::Captured => Self::Captured,
            WordKind::CaptureFailed => Self::CaptureFailed,
            WordKind::Voided => Self::Voided,
            WordKind::Refunded => Self::Refunded { total },
            WordKind::RefundFailed => Self::RefundFailed,
        }
    }
}

impl Timer {
    /// The timer taken apart: kind, attempt, which of its kind, total; zero where it has none.
    #[must_use]
    pub fn parts(self) -> (TimerKind, u8, u8, Paise) {
        match self {
            Self::Window => (TimerKind::Window, 0, 0, Paise::ZERO),
            Self::HardWindow => (TimerKind::HardWindow, 0, 0, Paise::ZERO),
            Self::Follow { attempt, nth } => (TimerKind::Follow, attempt, nth, Paise::ZERO),
            Self::Refund { attempt, total, retry } => (TimerKind::Refund, attempt, retry, total),
        }
    }

    /// The timer made of its parts.
    #[must_use]
    pub fn of_parts(kind: TimerKind, attempt: u8, nth: u8, total: Paise) -> Self {
        match kind {
            TimerKind::Window => Self::Window,
            TimerKind::HardWindow => Self::HardWindow,
            TimerKind::Follow => Self::Follow { attempt, nth },
            TimerKind::Refund => Self::Refund { attempt, total, retry: nth },
        }
    }
}
