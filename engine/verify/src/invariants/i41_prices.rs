//! I41: no unit costs more than its maximum retail price, and tax is right to the paisa.
//!
//! Prices include tax, so the tax within an amount at a rate is amount × rate / (1 + rate),
//! rounded to the paisa with halves away from zero (CGST Rules 2017, rule 35; rounded per line).
//! The rate on fees is not told, so their tax is only held between nothing and the whole fee.

use domain::facts::{Fact, opening};
use domain::pricing::Event;

use super::{Case, Invariant, Ruling, ensure};
use crate::Subject;

#[derive(Default)]
pub(crate) struct Law;

/// The tax within an amount that includes it, at a rate in basis points.
fn tax_within(amount_paise: i64, rate_bps: u32) -> i64 {
    let whole = 10_000 + i128::from(rate_bps);
    let twice = 2 * i128::from(amount_paise.unsigned_abs()) * i128::from(rate_bps);
    let rounded = i64::try_from((twice + whole) / (2 * whole)).unwrap_or(i64::MAX);
    if amount_paise < 0 { -rounded } else { rounded }
}

impl Invariant for Law {
    const ID: &'static str = "I41";
    const LAW: &'static str = "unit price is at most MRP, tax is exact to the paisa";

    fn shows(fact: &Fact) -> bool {
        matches!(
            fact,
            Fact::Opening(opening::Event::Sku { .. })
                | Fact::Pricing(Event::LinePriced { .. } | Event::FeeAdded { .. })
        )
    }

    #[inline]
    fn pricing(&mut self, case: &Case<'_>, event: &Event) -> Ruling {
        if let Event::FeeAdded { order, fee, amount, tax } = *event {
            let (amount, tax) = (amount.0, tax.0);
            ensure!(
                tax.signum() * amount.signum() >= 0 && tax.unsigned_abs() <= amount.unsigned_abs(),
                Subject::Order(order),
                "{fee} of {amount} paise with {tax} of tax in it"
            );
            return Ruling::Kept;
        }
        let Event::LinePriced { order, sku, units, unit_price, tax, .. } = *event else {
            return Ruling::NotMine;
        };
        let Some(row) = case.world.skus.get(sku.index()) else { return Ruling::NotMine };
        let (subject, price, mrp) = (Subject::Line(order, sku), unit_price.0, row.mrp.0);
        ensure!(price <= mrp, subject, "a unit at {price} paise, MRP {mrp}");
        let amount = price.wrapping_mul(i64::from(units));
        let (told, exact, rate) = (tax.0, tax_within(amount, row.gst.0), row.gst.0);
        ensure!(
            told == exact,
            subject,
            "{told} paise of tax in {amount} at {rate} bps, exact is {exact}"
        );
        Ruling::Kept
    }
}

#[cfg(test)]
mod tests {
    use super::tax_within;

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (amount, rate, tax) in [
            (0, 500, 0),
            (105, 500, 5),
            (1, 1_800, 0),
            (3, 10_000, 2),
            (-3, 10_000, -2),
            (11_800, 1_800, 1_800),
            (99_00, 1_200, 10_61),
        ] {
            assert_eq!(tax_within(amount, rate), tax, "{amount} at {rate}");
        }
    }
}
