//! The payment provider and the banks behind it.

use domain::payment::{Decline, Method};
use domain::time::Millis;

use super::{Behaviour, millis};
use crate::purpose;

calibrated! {
    /// How attempts to pay turn out. Shares are of attempts.
    pub struct Provider in "provider" {
        /// The bank or the customer says no.
        business_share: f64 = 0.06, Press, "C4: NPCI's remitter banks 7 to 8 % in 2020, before retries";
        /// Something between us and the bank breaks and says so.
        technical_share: f64 = 0.006, Press, "C4: technical declines 1.0 % with those that time out";
        /// Nobody answers.
        silent_share: f64 = 0.004, Assumed, "C4 and C6: below 0.5 % can become authorised late";
        /// Share of unanswered attempts that are authorised later.
        late_share: f64 = 0.5, Assumed, "C6: under 0.5 % of payments are authorised late (Razorpay documentation)";
        /// Median time of a late authorisation, seconds.
        late_s: f64 = 300.0, Assumed, "C6 gives the limit alone: 3 days";
        /// Spread of the time of a late authorisation: σ of the logarithm.
        late_sigma: f64 = 1.2, Assumed, "none published";
        /// Share of wallet attempts declined.
        wallet_decline_share: f64 = 0.01, Assumed, "no bank is asked";
        /// Median time until the provider waits for the customer, seconds.
        pending_s: f64 = 0.4, Assumed, "one call";
        /// Median time until a UPI attempt is answered, seconds.
        upi_s: f64 = 12.0, Assumed, "the customer opens an app and types a PIN";
        /// Median time until a card attempt is answered, seconds.
        card_s: f64 = 20.0, Assumed, "the customer types a one-time password";
        /// Median time until a wallet attempt is answered, seconds.
        wallet_s: f64 = 0.6, Assumed, "no bank is asked";
        /// Spread of the time until an answer: σ of the logarithm.
        answer_sigma: f64 = 0.5, Assumed, "none published";
        /// Share of captures after which the provider says nothing for a while: it has the money.
        capture_hang_share: f64 = 0.0, Assumed, "no fault";
        /// How long it says nothing, seconds.
        capture_hang_s: f64 = 480.0, Assumed, "longer than goods are held for who pays";
        /// Added to every answer, seconds.
        delay_s: f64 = 0.0, Assumed, "no fault";
    }
}

/// How one attempt to pay turns out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The provider waits for the customer, this long after it was asked.
    pub pending_after: Millis,
    /// What it says in the end.
    pub answer: Answer,
}

/// What a provider says of an attempt; times count from when it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It holds the money.
    Authorised {
        /// When.
        after: Millis,
    },
    /// It failed.
    Declined {
        /// When.
        after: Millis,
        /// Why: business or technical.
        decline: Decline,
    },
    /// It says nothing in any reasonable time.
    Silent {
        /// When it is authorised after all; none if never.
        late: Option<Millis>,
    },
}

impl Provider {
    /// A provider in trouble: only `success_share` of attempts go through, the rest fail as often
    /// technically as by silence, and every answer comes `delay_s` later.
    ///
    /// UPI of 26 March 2025 let 50 to 60 % through for an hour (C5).
    #[must_use]
    pub fn browned_out(&self, success_share: f64, delay_s: f64) -> Self {
        let broken = (1.0 - success_share - self.business_share).max(0.0) / 2.0;
        Self { technical_share: broken, silent_share: broken, delay_s, ..self.clone() }
    }

    /// Shares of silence, technical and business declines for a method.
    const fn failures(&self, method: Method) -> (f64, f64, f64) {
        match method {
            Method::Upi | Method::Card => {
                (self.silent_share, self.technical_share, self.business_share)
            }
            Method::Wallet => (0.0, 0.0, self.wallet_decline_share),
            Method::Cash => (0.0, 0.0, 0.0),
        }
    }

    const fn answer_s(&self, method: Method) -> f64 {
        match method {
            Method::Upi => self.upi_s,
            Method::Card => self.card_s,
            Method::Wallet | Method::Cash => self.wallet_s,
        }
    }
}

impl Behaviour {
    /// How an order's attempt, counted from one, turns out with a provider in this state.
    ///
    /// When more attempts fail, those that failed before still do.
    #[must_use]
    pub fn pays(&self, luck: u64, attempt: u8, method: Method, provider: &Provider) -> Outcome {
        let mut draw = self.draw(luck, purpose::PAYMENT, u32::from(attempt));
        let fate = draw.unit();
        let sigma = provider.answer_sigma;
        let after_s = draw.lognormal(provider.answer_s(method), sigma) + provider.delay_s;
        let pending_s = draw.lognormal(provider.pending_s, sigma);
        let (silent, technical, business) = provider.failures(method);
        let after = millis(after_s.max(pending_s));
        let declined = |decline| Answer::Declined { after, decline };
        let answer = if fate < silent {
            let late = draw.chance(provider.late_share);
            let late_s = draw.lognormal(provider.late_s, provider.late_sigma);
            Answer::Silent { late: late.then(|| millis(late_s)) }
        } else if fate < silent + technical {
            declined(Decline::Technical)
        } else if fate < silent + technical + business {
            declined(Decline::Business)
        } else {
            Answer::Authorised { after }
        };
        Outcome { pending_after: millis(pending_s), answer }
    }

    /// How long the provider says nothing once it has captured an attempt, counted from one;
    /// mostly not at all.
    #[must_use]
    pub fn hangs(&self, luck: u64, attempt: u8, method: Method) -> Millis {
        let provider = &self.params.provider;
        let mut draw = self.draw(luck, purpose::CAPTURE, u32::from(attempt));
        let is_outside = matches!(method, Method::Upi | Method::Card);
        if is_outside && draw.chance(provider.capture_hang_share) {
            millis(provider.capture_hang_s)
        } else {
            Millis(0)
        }
    }
}
