//! Work on a store's floor.

use domain::time::Millis;

use super::{Behaviour, millis};
use crate::purpose;

calibrated! {
    /// How long a picker takes, and what is not found.
    ///
    /// The mean of an order of 3.2 lines is 112 s and of 4.5 lines 135 s; Blinkit reports 2.5 min
    /// (January 2026), BigBasket 3 to 4 min, and press visits found 76 to 110 s.
    pub struct Picking in "picking" {
        /// Reading the list and walking to the first shelf, seconds.
        start_s: f64 = 35.0, Assumed, "B1, fitted to pick and pack times of the press";
        /// For each line, seconds.
        line_s: f64 = 17.0, Assumed, "B1, fitted to pick and pack times of the press";
        /// Spread of an order's picking time between orders: σ of the logarithm.
        sigma: f64 = 0.25, Assumed, "B1";
        /// Packing, seconds.
        pack_s: f64 = 20.0, Press, "B1: Times of India 92310033, 2022";
        /// Handing the bag to the rider, on average, seconds.
        handover_s: f64 = 60.0, Press, "B3: scan and verify within about a minute (maybeeureka.substack)";
        /// Spread of the handover: σ of the logarithm.
        handover_sigma: f64 = 0.3, Assumed, "B3 gives no spread";
        /// Share of lines of which fewer are found than held.
        short_share: f64 = 0.015, Assumed, "B14: not published";
    }
}

impl Picking {
    /// Mean time to pick and pack an order of so many lines on average, seconds.
    #[must_use]
    pub fn mean_s(&self, lines: f64) -> f64 {
        let mean_pace = libm::exp(self.sigma * self.sigma / 2.0);
        (self.start_s + self.line_s * lines) * mean_pace + self.pack_s
    }
}

impl Behaviour {
    /// From taking the list to the first shelf.
    #[must_use]
    pub fn pick_start(&self, luck: u64) -> Millis {
        millis(self.params.picking.start_s * self.pace(luck))
    }

    /// For one line.
    #[must_use]
    pub fn pick_line(&self, luck: u64) -> Millis {
        millis(self.params.picking.line_s * self.pace(luck))
    }

    /// For the whole list, from taking it to the last line.
    #[must_use]
    pub fn pick(&self, luck: u64, lines: u16) -> Millis {
        let Millis(start) = self.pick_start(luck);
        Millis(start + self.pick_line(luck).0 * u32::from(lines))
    }

    /// For packing the bag.
    #[must_use]
    pub fn pack(&self) -> Millis {
        millis(self.params.picking.pack_s)
    }

    /// For handing the bag to the rider.
    #[must_use]
    pub fn handover(&self, luck: u64) -> Millis {
        let Picking { handover_s, handover_sigma, .. } = self.params.picking;
        self.spread(luck, purpose::HANDOVER, 0, handover_s, handover_sigma)
    }

    /// How many of a line's units are found; none when all are.
    ///
    /// A short line finds any smaller number with equal chance.
    ///
    /// # Panics
    /// If no unit is wanted.
    #[must_use]
    pub fn short_pick(&self, luck: u64, line: u16, wanted_units: u32) -> Option<u32> {
        let mut draw = self.draw(luck, purpose::SHORT, u32::from(line));
        let short = draw.chance(self.params.picking.short_share);
        short.then(|| draw.below(wanted_units))
    }

    /// The order's picking time over the usual one.
    fn pace(&self, luck: u64) -> f64 {
        self.draw(luck, purpose::PICK, 0).lognormal(1.0, self.params.picking.sigma)
    }
}
