//! What is on the shelves when a run begins.

use domain::ids::{CityId, SkuId, StoreId};

use crate::setup::Setup;
use crate::{Sku, Store, supply};

/// Popularity by rank: (rank + q)^-s, ranks from one (Zipf and Mandelbrot).
pub(crate) fn popularity(setup: &Setup) -> Vec<f64> {
    let catalogue = &setup.catalogue;
    (1..=catalogue.skus)
        .map(|rank| libm::pow(f64::from(rank) + catalogue.zipf_q, -catalogue.zipf_s))
        .collect()
}

/// Units of every SKU on a full shelf of every store, store by store.
///
/// The mean demand of the days to be covered, as many standard deviations of a Poisson demand as
/// are set, and one unit.
pub(crate) fn base(setup: &Setup, skus: &[Sku], stores: &[Store]) -> Vec<u32> {
    let total_weight: f64 = skus.iter().map(|sku| sku.weight).sum();
    let mean_weight = mean(stores.iter().map(|store| store.weight));
    let demand = &setup.demand;
    let daily_units = setup.stores.orders_per_day * demand.lines_mean * demand.units_mean;
    let mut base = Vec::with_capacity(skus.len() * stores.len());
    for store in stores {
        let store_units = daily_units * store.weight / mean_weight * setup.catalogue.cover_days;
        let mean = |sku: &Sku| store_units * sku.weight / total_weight;
        base.extend(skus.iter().map(|sku| base_stock(mean(sku), setup.catalogue.safety)));
    }
    for event in &setup.events {
        if let Some(flash) = event.flash {
            let SkuId(sku) = flash.sku;
            let of_sku = base.iter_mut().skip(sku as usize).step_by(skus.len());
            of_sku.for_each(|units| *units = flash.units);
        }
    }
    base
}

/// Free units of every SKU in every store at the start, store by store: full shelves, but for
/// those that are empty.
pub(crate) fn stock(seed: u64, city: CityId, setup: &Setup, base: &[u32]) -> Vec<u32> {
    let flash: Vec<SkuId> =
        setup.events.iter().filter_map(|event| Some(event.flash?.sku)).collect();
    let skus = setup.catalogue.skus as usize;
    let there: Vec<f64> = (0..setup.catalogue.skus).map(|rank| availability(setup, rank)).collect();
    let units = |(shelf, units): (usize, &u32)| {
        let (store, sku) = (StoreId::at(shelf / skus), SkuId::at(shelf % skus));
        let filled =
            supply::is_there(seed, supply::entity(city, store, 0), sku, there[sku.index()]);
        if filled || flash.contains(&sku) { *units } else { 0 }
    };
    base.iter().enumerate().map(units).collect()
}

/// The share of shelves of a SKU that are not empty, by its rank from the most popular down.
pub(crate) fn availability(setup: &Setup, rank: u32) -> f64 {
    let head = rank < setup.catalogue.head_skus;
    if head { setup.catalogue.head_availability } else { tail_availability(setup) }
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
