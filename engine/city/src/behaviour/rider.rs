//! Riders: whether they take an offer, keep to it, and how their rides and stops turn out.

use domain::payment::Method;
use domain::time::Millis;

use super::{Behaviour, millis};
use crate::purpose;

calibrated! {
    /// How riders answer, ride and stand.
    ///
    /// Parking and the walk to the door are within the official speed of 15 km/h door to door.
    pub struct Riders in "riders" {
        /// Share of offers that are rejected.
        reject_share: f64 = 0.03, Assumed, "B13: not published for Indian quick commerce";
        /// Share of offers that are not answered.
        silent_share: f64 = 0.02, Assumed, "B13: not published";
        /// Share of accepted trips given up before the first pick-up.
        drop_share: f64 = 0.007, Assumed, "B13: not published";
        /// How many times as often all three happen in rain.
        rain_factor: f64 = 3.0, Assumed, "B13";
        /// Median time to answer an offer, seconds.
        answer_s: f64 = 5.0, Assumed, "well within the 30 s of an offer";
        /// Spread of the time to answer: σ of the logarithm.
        answer_sigma: f64 = 0.5, Assumed, "none published";
        /// Spread of a ride around its expected time: σ of the logarithm; the mean is kept.
        ride_sigma: f64 = 0.15, Assumed, "right-skewed noise around the engine's time";
        /// Median time at the door, seconds.
        dwell_s: f64 = 110.0, Assumed, "B5: riders say delays are part of more than half the orders (Hindustan Times 101768760270849)";
        /// Spread of the time at the door: σ of the logarithm.
        dwell_sigma: f64 = 0.5, Assumed, "B5";
        /// Share of cash orders with a long wait at the door.
        cash_wait_share: f64 = 0.02, Assumed, "B5: one observed cash delivery waited 21 min";
        /// The shortest long wait, seconds.
        cash_wait_from_s: f64 = 300.0, Assumed, "B5";
        /// The longest long wait, seconds.
        cash_wait_to_s: f64 = 1_200.0, Assumed, "B5";
        /// Share of orders that cannot be handed over at the door.
        undelivered_share: f64 = 0.004, Assumed, "B14: not published";
    }
}

/// What a rider makes of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Takes it.
    Accepts {
        /// After this long.
        after: Millis,
    },
    /// Says no.
    Rejects {
        /// After this long.
        after: Millis,
    },
    /// Says nothing.
    Silent,
}

impl Riders {
    /// Mean time at the door of an order that is not paid there, seconds.
    #[must_use]
    pub fn mean_dwell_s(&self) -> f64 {
        self.dwell_s * libm::exp(self.dwell_sigma * self.dwell_sigma / 2.0)
    }

    fn weathered(&self, share: f64, raining: bool) -> f64 {
        if raining { share * self.rain_factor } else { share }
    }
}

impl Behaviour {
    /// The reply to an order's `offer`-th offer, counted from zero.
    ///
    /// More rejecting takes from those who would be silent before it takes from those who accept.
    #[must_use]
    pub fn reply(&self, luck: u64, offer: u32, raining: bool) -> Reply {
        let riders = &self.params.riders;
        let mut draw = self.draw(luck, purpose::OFFER, offer);
        let mind = draw.unit();
        let after = millis(draw.lognormal(riders.answer_s, riders.answer_sigma));
        let reject = riders.weathered(riders.reject_share, raining);
        let silent = riders.weathered(riders.silent_share, raining);
        if mind < reject {
            Reply::Rejects { after }
        } else if mind < reject + silent {
            Reply::Silent
        } else {
            Reply::Accepts { after }
        }
    }

    /// Whether the rider who accepted the `offer`-th offer gives the trip up before the first
    /// pick-up, and at which share of the way to the store.
    #[must_use]
    pub fn drops(&self, luck: u64, offer: u32, raining: bool) -> Option<f64> {
        let riders = &self.params.riders;
        let mut draw = self.draw(luck, purpose::DROP, offer);
        draw.chance(riders.weathered(riders.drop_share, raining)).then(|| draw.unit())
    }

    /// How long a ride takes that is expected to take so long; `leg` counts an order's rides.
    #[must_use]
    pub fn ride(&self, luck: u64, leg: u32, expected: Millis) -> Millis {
        self.spread(luck, purpose::RIDE, leg, expected.as_s(), self.params.riders.ride_sigma)
    }

    /// Time at the door.
    #[must_use]
    pub fn dwell(&self, luck: u64, method: Method) -> Millis {
        let riders = &self.params.riders;
        let mut draw = self.draw(luck, purpose::DWELL, 0);
        let usual_s = draw.lognormal(riders.dwell_s, riders.dwell_sigma);
        if method == Method::Cash && draw.chance(riders.cash_wait_share) {
            let Riders { cash_wait_from_s: from_s, cash_wait_to_s: to_s, .. } = *riders;
            return millis(from_s + (to_s - from_s) * draw.unit());
        }
        millis(usual_s)
    }

    /// Whether nobody takes the order at the door.
    #[must_use]
    pub fn undelivered(&self, luck: u64) -> bool {
        self.draw(luck, purpose::UNDELIVERED, 0).chance(self.params.riders.undelivered_share)
    }
}
