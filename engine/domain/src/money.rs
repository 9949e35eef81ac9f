//! Money in whole paise and multipliers in whole basis points. No floats.

/// An amount in paise (1/100 rupee). Negative amounts are refunds and debits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Paise(pub i64);

/// A multiplier or share in basis points: `10_000` is 1.00×, `12_500` is 1.25×.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bps(pub u32);

/// A product of money that does not fit 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{amount_paise} paise times {multiplier_bps} basis points does not fit")]
pub struct MoneyOverflow {
    /// The amount that was scaled.
    pub amount_paise: i64,
    /// The multiplier it was scaled by.
    pub multiplier_bps: u32,
}

impl Bps {
    /// One: leaves an amount as it is.
    pub const ONE: Self = Self(10_000);

    /// The multiplier as a ratio, for statistics only.
    #[must_use]
    pub fn as_ratio(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }
}

impl Paise {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount in whole rupees.
    #[must_use]
    pub const fn rupees(rupees: i64) -> Self {
        Self(rupees * 100)
    }

    /// Scales the amount, rounding halves away from zero.
    ///
    /// The product is taken in 128 bits, so only the result can overflow.
    ///
    /// # Errors
    /// [`MoneyOverflow`] when the rounded result needs more than 64 bits.
    pub fn scaled(self, multiplier: Bps) -> Result<Self, MoneyOverflow> {
        let product = i128::from(self.0) * i128::from(multiplier.0);
        let half = if product < 0 { -5_000 } else { 5_000 };
        i64::try_from((product + half) / 10_000)
            .map(Self)
            .map_err(|_| MoneyOverflow { amount_paise: self.0, multiplier_bps: multiplier.0 })
    }

    /// The price of several units.
    #[must_use]
    pub fn times(self, units: u32) -> Self {
        Self(self.0 * i64::from(units))
    }

    /// The tax contained in a tax-inclusive amount, rounding halves away from zero.
    ///
    /// `amount × rate / (1 + rate)`, the Indian GST rule for prices that include tax
    /// (CGST Rules 2017, rule 35).
    #[must_use]
    pub fn tax_within(self, rate: Bps) -> Self {
        let numerator = i128::from(self.0) * i128::from(rate.0);
        let denominator = 10_000 + i128::from(rate.0);
        let half = if numerator < 0 { -denominator / 2 } else { denominator / 2 };
        let tax = (numerator + half) / denominator;
        Self(i64::try_from(tax).expect("a part of an amount fits where the amount fits"))
    }
}

impl std::ops::Add for Paise {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Paise {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::Neg for Paise {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::ops::AddAssign for Paise {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for Paise {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl std::iter::Sum for Paise {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |total, amount| total + amount)
    }
}

impl std::fmt::Display for Paise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let paise = self.0.unsigned_abs();
        write!(f, "{sign}₹{}.{:02}", paise / 100, paise % 100)
    }
}
