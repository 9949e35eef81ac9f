//! Time limits of paying.

use crate::time::Millis;

/// Time limits of paying. Every one can be set by a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The customer may pay until then, counted from the first attempt. Nothing new is tried
    /// afterwards; a capture already asked for is awaited until [`Rules::hard_window`].
    /// 5 min: assumed.
    pub window: Millis,
    /// Not even a capture is awaited beyond this, counted from the first attempt.
    /// 10 min: when a gateway without the bank's answer calls a payment failed (Razorpay,
    /// "Payment states and late authorisation").
    pub hard_window: Millis,
    /// Attempts an order may make, at most [`super::MAX_ATTEMPTS`]. 3: assumed.
    pub attempts: u8,
    /// A caller waits this long for the provider to take an attempt, capture, void or refund.
    /// Kept by whoever makes the call: a call that times out is told to nobody, and the next
    /// follow-up finds out. 15 s: NPCI response limit for payments, April 2025.
    pub call_limit: Millis,
    /// A caller waits this long for a status. 10 s: NPCI response limit for status checks,
    /// April 2025.
    pub status_limit: Millis,
    /// An attempt's status is asked for no sooner than this; each of the following
    /// [`Rules::checks`] comes after twice the time of the one before.
    /// 90 s: NPCI, April 2025.
    pub first_check: Millis,
    /// Status checks of one attempt, before only one a day remains.
    /// 3 within two hours: NPCI, April 2025, after check-status calls had caused an outage.
    pub checks: u8,
    /// Days on which an attempt nobody answered for is still asked after.
    /// 3: a late authorisation can come that long (Razorpay, "Payment states and late
    /// authorisation"; under 0.5 % of payments).
    pub late_days: u8,
    /// After the first few, an unanswered capture or void is sent again at this pace.
    /// 15 min: when a gateway advises to reconcile (Razorpay, webhook best practices).
    pub resend_gap: Millis,
    /// An unanswered refund is sent again after this long, then after four times as long, and
    /// so on. 1 min: assumed.
    pub refund_gap: Millis,
    /// A refund unanswered for this long is a person's work.
    /// 24 h: how long webhooks are retried (Razorpay, webhook best practices).
    pub refund_limit: Millis,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            window: Millis::from_min(5),
            hard_window: Millis::from_min(10),
            attempts: 3,
            call_limit: Millis::from_s(15),
            status_limit: Millis::from_s(10),
            first_check: Millis::from_s(90),
            checks: 3,
            late_days: 3,
            resend_gap: Millis::from_min(15),
            refund_gap: Millis::from_min(1),
            refund_limit: Millis::from_min(24 * 60),
        }
    }
}

/// A refund's waits grow by this factor. Assumed: seven requests fill a day.
const REFUND_GROWTH: u64 = 4;

impl Rules {
    /// How long after its `sent`-th request (from zero) a refund is looked at again; none when
    /// [`Rules::refund_limit`] is used up.
    pub(super) fn refund_wait(&self, sent: u8) -> Option<Millis> {
        let limit_ms = u64::from(self.refund_limit.0);
        let mut elapsed_ms = 0;
        let mut gap_ms = u64::from(self.refund_gap.0.max(1));
        for _ in 0..sent {
            elapsed_ms += gap_ms;
            gap_ms *= REFUND_GROWTH;
            if elapsed_ms >= limit_ms {
                return None;
            }
        }
        u32::try_from(gap_ms.min(limit_ms - elapsed_ms)).ok().filter(|&ms| ms > 0).map(Millis)
    }
}
