//! Fees, validity and surge limits. Amounts in rupees include tax.
//!
//! Grades: O official, P press, E assumed (calibration.md C1 unless another row is named).

use crate::money::{Bps, Paise};
use crate::time::Millis;

/// Tiers for which [`Rules`] have room.
pub const MAX_TIERS: usize = 4;

/// What delivery costs from a value of goods on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryTier {
    /// Goods of at least this value.
    pub from: Paise,
    /// Pay this for delivery.
    pub fee: Paise,
}

/// What surge costs from a multiplier on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SurgeTier {
    /// A multiplier of at least this.
    pub from: Bps,
    /// Adds this fee.
    pub fee: Paise,
}

/// Fees, validity and surge limits. Every one can be set by a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Delivery by value of goods, thresholds rising; the last one reached counts. ₹25 below
    /// ₹199, free from there: P/E.
    pub delivery: [DeliveryTier; MAX_TIERS],
    /// Members have free delivery from this value of goods. ₹99: Zepto Pass, P (C3).
    pub member_free_from: Paise,
    /// Every order. ₹10: P/E.
    pub handling: Paise,
    /// Goods below [`Rules::small_cart_below`] pay this. ₹20: P/E.
    pub small_cart: Paise,
    /// See [`Rules::small_cart`]. ₹99: P/E.
    pub small_cart_below: Paise,
    /// While it rains. ₹20: P/E.
    pub rain: Paise,
    /// The surge fee by multiplier, thresholds rising; the last one reached counts.
    /// ₹0/15/30/50: P/E; the multipliers they begin at: E.
    pub surge: [SurgeTier; MAX_TIERS],
    /// Rate of tax within every fee. 18 %: delivery services, notification 11/2017 (O).
    pub fee_gst: Bps,
    /// A quote can be locked for this long. 10 min: E.
    pub validity: Millis,
    /// The multiplier is never below this. 1.00×: E.
    pub surge_floor: Bps,
    /// The multiplier is never above this. 2.00×: E.
    pub surge_cap: Bps,
    /// Open orders per idle or returning rider at which surge begins. 2.00: E; a normal peak
    /// hour has about 1.3 (22 open orders, 17 such riders).
    pub surge_from: Bps,
    /// Open orders per such rider at which the multiplier reaches its cap. 5.00: E.
    pub surge_full: Bps,
    /// The multiplier moves in steps of this. 0.25: E.
    pub surge_step: Bps,
    /// The multiplier falls only when it would fall even with this much more load, in open
    /// orders per rider. 0.50: E.
    pub surge_band: Bps,
    /// The multiplier stays at least this long before it falls. 3 min: E.
    pub surge_hold: Millis,
}

impl Default for Rules {
    fn default() -> Self {
        let delivery =
            |from, fee| DeliveryTier { from: Paise::rupees(from), fee: Paise::rupees(fee) };
        let surge = |from, fee| SurgeTier { from: Bps(from), fee: Paise::rupees(fee) };
        let free = delivery(199, 0);
        Self {
            delivery: [delivery(0, 25), free, free, free],
            member_free_from: Paise::rupees(99),
            handling: Paise::rupees(10),
            small_cart: Paise::rupees(20),
            small_cart_below: Paise::rupees(99),
            rain: Paise::rupees(20),
            surge: [surge(0, 0), surge(12_500, 15), surge(15_000, 30), surge(20_000, 50)],
            fee_gst: Bps(1_800),
            validity: Millis::from_min(10),
            surge_floor: Bps::ONE,
            surge_cap: Bps(20_000),
            surge_from: Bps(20_000),
            surge_full: Bps(50_000),
            surge_step: Bps(2_500),
            surge_band: Bps(5_000),
            surge_hold: Millis::from_min(3),
        }
    }
}

impl Rules {
    /// What delivery of goods of a value costs.
    #[must_use]
    pub fn delivery_fee(&self, goods: Paise, is_member: bool) -> Paise {
        if is_member && goods >= self.member_free_from {
            return Paise::ZERO;
        }
        let reached = self.delivery.iter().rev().find(|tier| goods >= tier.from);
        reached.map_or(Paise::ZERO, |tier| tier.fee)
    }

    /// What a surge multiplier adds.
    #[must_use]
    pub fn surge_fee(&self, surge: Bps) -> Paise {
        let reached = self.surge.iter().rev().find(|tier| surge >= tier.from);
        reached.map_or(Paise::ZERO, |tier| tier.fee)
    }
}
