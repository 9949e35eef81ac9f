//! How orders are paid.

use domain::payment::Method;

/// Shares of the ways to pay. They need not sum to one; what counts is their proportion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MethodMix {
    /// Unified Payments Interface.
    pub upi: f64,
    /// Cards.
    pub card: f64,
    /// Money kept with us.
    pub wallet: f64,
    /// Cash at the door.
    pub cash: f64,
}

impl Default for MethodMix {
    /// UPI 72, card 10, wallet 8, cash 10 (C7, assumed).
    fn default() -> Self {
        Self { upi: 72.0, card: 10.0, wallet: 8.0, cash: 10.0 }
    }
}

impl MethodMix {
    /// Tier-2 cities pay a quarter of their orders in cash (C7, assumed).
    #[must_use]
    pub fn tier_2() -> Self {
        Self { upi: 60.0, card: 8.0, wallet: 7.0, cash: 25.0 }
    }

    /// The method at a point of [0, 1), in the order of the fields.
    #[must_use]
    pub fn method(&self, at: f64) -> Method {
        let Self { upi, card, wallet, cash } = *self;
        let mut left = at * (upi + card + wallet + cash);
        for (share, method) in [(upi, Method::Upi), (card, Method::Card), (wallet, Method::Wallet)]
        {
            if left < share {
                return method;
            }
            left -= share;
        }
        Method::Cash
    }

    /// Whether every share is a number, none is negative, and they are not all zero.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let shares = [self.upi, self.card, self.wallet, self.cash];
        shares.iter().all(|share| share.is_finite() && *share >= 0.0)
            && shares.iter().any(|&share| share > 0.0)
    }
}
