//! Made-up prices, tax rates and shelf lives for a list of SKUs.

use domain::money::{Bps, Paise};
use kernel::chance::draw;

use crate::{Sku, purpose};

/// Spread of prices: σ of the logarithm (assumed; with baskets of varying size it gives an order
/// value near lognormal with the σ of 0.7 the twin aims at).
const PRICE_SIGMA: f64 = 0.6;
/// Share of SKUs sold at their MRP (assumed).
const AT_MRP: f64 = 0.4;
/// Smallest and largest discount of the others (assumed).
const DISCOUNT: (f64, f64) = (0.03, 0.25);
/// Rates of goods and services tax and the share of SKUs under each: staples and fresh goods
/// 0 %, most packed food 5 %, the rest 18 % (slabs since September 2025; shares assumed).
const SLABS: [(Bps, f64); 3] = [(Bps(0), 0.25), (Bps(500), 0.50), (Bps(1_800), 0.25)];
/// Share of SKUs that spoil within days (assumed).
const FRESH: f64 = 0.2;

/// Gives SKUs of these weights prices such that an order is worth `order_value` on average.
///
/// `units_per_order` is the mean number of units in one order. Prices are whole rupees, at least
/// one, so the mean is met to within rounding.
///
/// # Panics
/// If the weights sum to nothing, or `units_per_order` is not positive.
#[must_use]
pub fn priced(seed: u64, weights: &[f64], units_per_order: f64, order_value: Paise) -> Vec<Sku> {
    let total: f64 = weights.iter().sum();
    assert!(total > 0.0 && units_per_order > 0.0, "somebody orders something");
    let relative: Vec<f64> = (0..weights.len() as u64)
        .map(|sku| draw(seed, sku, purpose::PRICE, 0).lognormal(1.0, PRICE_SIGMA))
        .collect();
    let mean = weights.iter().zip(&relative).map(|(w, p)| w * p).sum::<f64>() / total;
    #[expect(clippy::cast_precision_loss, reason = "an order's worth is far below 2^53 paise")]
    let scale = order_value.0 as f64 / 100.0 / units_per_order / mean;
    weights
        .iter()
        .zip(&relative)
        .zip(0_u64..)
        .map(|((&weight, &relative), sku)| listed(seed, sku, weight, relative * scale))
        .collect()
}

/// One SKU that sells for about so many rupees.
fn listed(seed: u64, sku: u64, weight: f64, rupees: f64) -> Sku {
    let price = whole_rupees(libm::round(rupees));
    let mut discount = draw(seed, sku, purpose::DISCOUNT, 0);
    let mrp = if discount.chance(AT_MRP) {
        price
    } else {
        let share = DISCOUNT.0 + (DISCOUNT.1 - DISCOUNT.0) * discount.unit();
        whole_rupees(libm::ceil(rupees / (1.0 - share))).max(price)
    };
    Sku {
        mrp,
        price,
        gst: slab(draw(seed, sku, purpose::TAX, 0).unit()),
        fresh: draw(seed, sku, purpose::FRESH, 0).chance(FRESH),
        weight,
    }
}

/// An amount of at least one rupee.
#[expect(clippy::cast_possible_truncation, reason = "a price is far below 2^63 rupees")]
fn whole_rupees(rupees: f64) -> Paise {
    Paise::rupees((rupees as i64).max(1))
}

/// The tax rate at a share of the catalogue.
fn slab(mut at: f64) -> Bps {
    for (rate, share) in SLABS {
        if at < share {
            return rate;
        }
        at -= share;
    }
    SLABS[SLABS.len() - 1].0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_worth_what_was_asked_and_nothing_sells_above_its_mrp() {
        let weights: Vec<f64> = (1..=500).map(|rank| 1.0 / f64::from(rank)).collect();
        let skus = priced(7, &weights, 5.0, Paise::rupees(600));
        let total: f64 = weights.iter().sum();
        let mean_price: f64 =
            skus.iter().map(|sku| sku.weight * sku.price.0 as f64).sum::<f64>() / total;
        assert!((mean_price * 5.0 / 60_000.0 - 1.0).abs() < 0.005, "{mean_price}");
        assert!(skus.iter().all(|sku| sku.price <= sku.mrp && sku.price >= Paise::rupees(1)));
        assert!(skus.iter().any(|sku| sku.price < sku.mrp));
        for (rate, share) in SLABS {
            let found = skus.iter().filter(|sku| sku.gst == rate).count() as f64 / 500.0;
            assert!((found - share).abs() < 0.07, "{rate:?}: {found}");
        }
    }
}
