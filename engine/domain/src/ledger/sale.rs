//! What a delivered order came to, split into income and tax.

use crate::money::{Bps, Paise};

/// A line as it was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoldLine {
    /// What the customer pays for it, tax included: units × unit price, less what was short.
    pub paid: Paise,
    /// Its rate of goods and services tax.
    pub gst: Bps,
}

/// What a delivered order came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sale {
    /// Goods, net of tax.
    pub goods: Paise,
    /// Fees less discounts, net of tax.
    pub fees: Paise,
    /// Tax in both.
    pub tax: Paise,
}

impl Sale {
    /// Splits lines and fees, all with tax included, into net amounts and tax.
    ///
    /// The tax is taken anew from what each line came to, so a short line owes only the tax
    /// on what was delivered; rounded to paise per line and per fee, as on the invoice.
    #[must_use]
    pub fn new(
        lines: impl IntoIterator<Item = SoldLine>,
        fees: impl IntoIterator<Item = Paise>,
        fee_gst: Bps,
    ) -> Self {
        let mut sale = Self::default();
        for SoldLine { paid, gst } in lines {
            let tax = paid.tax_within(gst);
            sale.goods += paid - tax;
            sale.tax += tax;
        }
        for fee in fees {
            let tax = fee.tax_within(fee_gst);
            sale.fees += fee - tax;
            sale.tax += tax;
        }
        sale
    }

    /// What the customer pays for all of it.
    #[must_use]
    pub fn payable(&self) -> Paise {
        self.goods + self.fees + self.tax
    }
}

impl std::ops::Neg for Sale {
    type Output = Self;
    fn neg(self) -> Self {
        Self { goods: -self.goods, fees: -self.fees, tax: -self.tax }
    }
}
