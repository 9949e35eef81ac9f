//! What is on the shelves when a run begins.

use domain::ids::{CityId, SkuId};
use kernel::chance::draw;

use crate::setup::Setup;
use crate::{Sku, Store, luck_of, purpose};

/// Popularity by rank: (rank + q)^-s, ranks from one (Zipf and Mandelbrot).
pub(crate) fn popularity(setup: &Setup) -> Vec<f64> {
    let catalogue = &setup.catalogue;
    (1..=catalogue.skus)
        .map(|rank| libm::pow(f64::from(rank) + catalogue.zipf_q, -catalogue.zipf_s))
        .collect()
}

/// Free units of every SKU in every store, store by store.
///
/// A SKU that is there at all has its mean demand of the days to be covered, as many standard
/// deviations of a Poisson demand as are set, and one unit.
pub(crate) fn stock(
    seed: u64,
    city: CityId,
    setup: &Setup,
    skus: &[Sku],
    stores: &[Store],
) -> Vec<u32> {
    let total_weight: f64 = skus.iter().map(|sku| sku.weight).sum();
    let mean_weight = mean(stores.iter().map(|store| store.weight));
    let demand = &setup.demand;
    let daily_units = setup.stores.orders_per_day * demand.lines_mean * demand.units_mean;
    let tail = tail_availability(setup);
    let mut stock = Vec::with_capacity(skus.len() * stores.len());
    for (number, store) in (0_u64..).zip(stores) {
        let store_units = daily_units * store.weight / mean_weight * setup.catalogue.cover_days;
        for (rank, sku) in (0_u32..).zip(skus) {
            let head = rank < setup.catalogue.head_skus;
            let there = if head { setup.catalogue.head_availability } else { tail };
            let filled = draw(seed, luck_of(city, number), purpose::ON_SHELF, rank).chance(there);
            let mean = store_units * sku.weight / total_weight;
            stock.push(if filled { base_stock(mean, setup.catalogue.safety) } else { 0 });
        }
    }
    for event in &setup.events {
        if let Some(flash) = event.flash {
            let SkuId(sku) = flash.sku;
            stock
                .iter_mut()
                .skip(sku as usize)
                .step_by(skus.len())
                .for_each(|units| *units = flash.units);
        }
    }
    stock
}

/// The availability of what is not among the most popular, such that the whole is as set.
fn tail_availability(setup: &Setup) -> f64 {
    let catalogue = &setup.catalogue;
    let head = f64::from(catalogue.head_skus.min(catalogue.skus));
    let all = f64::from(catalogue.skus);
    if head >= all {
        return catalogue.head_availability;
    }
    ((all * catalogue.availability - head * catalogue.head_availability) / (all - head))
        .clamp(0.0, 1.0)
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
#[expect(clippy::cast_sign_loss, reason = "demand is not negative")]
fn base_stock(mean: f64, safety: f64) -> u32 {
    libm::ceil(mean + safety * libm::sqrt(mean)) as u32 + 1
}

/// The mean of what there is at least one of.
pub(crate) fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let count = values.len() as f64;
    values.sum::<f64>() / count
}
