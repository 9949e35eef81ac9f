//! Every limit of the business in one value, so that a scenario can set any of them.

use crate::time::Millis;
use crate::{delivery, eta, payment, pricing, rider, saga, store};

/// The rules of one city.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// An order's life.
    pub saga: saga::Rules,
    /// Paying.
    pub payment: payment::Rules,
    /// Offers and doors.
    pub delivery: delivery::Rules,
    /// Riders' pay.
    pub rider: rider::Rules,
    /// Quotes and surge.
    pub pricing: pricing::Rules,
    /// Stores' doors.
    pub doors: store::Params,
    /// Expected times and promises.
    pub eta: eta::Params,
    /// An order that is not over this long after it was placed is a zombie. 4 h (domain.md, I24).
    pub order_limit: Millis,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            saga: saga::Rules::default(),
            payment: payment::Rules::default(),
            delivery: delivery::Rules::default(),
            rider: rider::Rules::default(),
            pricing: pricing::Rules::default(),
            doors: store::Params::default(),
            eta: eta::Params::default(),
            order_limit: Millis::from_min(240),
        }
    }
}
