//! How shelves are filled again: when lorries come, what the hub has, and what gets lost.
//!
//! A lorry fills a shelf up to its base stock. What the hub is out of it is out of for a while:
//! time is divided into spells, of which each SKU of each store has its own, and in a spell the
//! hub has the SKU or not. So a share of the shelves that stays about the same is empty, and it
//! begins as the shelves begin: those that are empty at the start are in a spell without.

use domain::ids::{CityId, SkuId, StoreId};
use domain::time::{Millis, Timestamp};
use kernel::chance::draw;

use crate::setup::{Setup, SupplySetup};
use crate::{luck_of, purpose, shelf};

/// A day in microseconds.
const DAY_US: u64 = 86_400_000_000;
/// Days of a month.
const MONTH_DAYS: f64 = 30.0;
/// Bits of a draw's entity that name the store; spells, days and lorries stand above.
const STORE_BITS: u32 = 16;

/// How the shelves of a synthetic city are filled again.
#[derive(Clone, Debug, PartialEq)]
pub struct Supply {
    setup: SupplySetup,
    seed: u64,
    city: CityId,
    skus: usize,
    /// Units of each SKU on a full shelf, store by store.
    base: Vec<u32>,
    /// The share of the time that the hub has a SKU, by SKU from the most popular down.
    has: Vec<f64>,
    popular: u32,
}

/// What a lorry brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// What does not spoil; once a day at night.
    Dry,
    /// What spoils; twice a day.
    Fresh,
}

impl Supply {
    pub(crate) fn new(seed: u64, city: CityId, setup: &Setup, base: Vec<u32>) -> Self {
        let skus = setup.catalogue.skus;
        Self {
            setup: setup.supply.clone(),
            seed,
            city,
            skus: skus as usize,
            base,
            has: (0..skus).map(|rank| shelf::availability(setup, rank)).collect(),
            popular: setup.catalogue.head_skus.min(skus),
        }
    }

    /// The numbers it is made with.
    #[must_use]
    pub const fn setup(&self) -> &SupplySetup {
        &self.setup
    }

    /// The SKUs that are popular enough for a top-up.
    pub fn popular(&self) -> impl Iterator<Item = SkuId> {
        (0..self.popular).map(SkuId)
    }

    /// Units of a SKU on a full shelf of a store.
    ///
    /// # Panics
    /// If the store or the SKU is not of this city.
    #[must_use]
    pub fn base_units(&self, store: StoreId, sku: SkuId) -> u32 {
        self.base[store.index() * self.skus + sku.index()]
    }

    /// When the next lorry with a load is at a store, after an instant.
    #[must_use]
    pub fn next(&self, load: Load, store: StoreId, after: Timestamp) -> Timestamp {
        let day = after.0 / DAY_US;
        let times = (day..=day + 1).flat_map(|day| {
            self.times_of_day(load, store).map(move |at| Timestamp(day * DAY_US + at.as_micros()))
        });
        times.filter(|at| *at > after).min().expect("a lorry comes every day")
    }

    /// Each store has its own place in the tour of the night's lorries.
    fn times_of_day(&self, load: Load, store: StoreId) -> [Millis; 2] {
        let SupplySetup { dry_from, dry_to, fresh_first, fresh_second, .. } = self.setup;
        if load == Load::Fresh {
            return [fresh_first, fresh_second];
        }
        let tour = dry_to.0.saturating_sub(dry_from.0).max(1);
        let entity = self.entity(store, 0);
        let place = draw(self.seed, entity, purpose::LORRY_TOUR, 0).below(tour);
        [Millis(dry_from.0 + place); 2]
    }

    /// Whether the hub has a SKU for a store at an instant.
    #[must_use]
    pub fn hub_has(&self, store: StoreId, sku: SkuId, at: Timestamp) -> bool {
        let spell_us = u64::from(self.setup.spell.0.max(1)) * 1_000;
        let phase = draw(self.seed, self.entity(store, 0), purpose::SPELL, sku.0).unit();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
        #[expect(clippy::cast_precision_loss, reason = "a spell is below 2^53 µs")]
        let spell = (at.0 + (phase * spell_us as f64) as u64) / spell_us;
        is_there(self.seed, self.entity(store, spell), sku, self.has[sku.index()])
    }

    /// Whether what was asked for is on the lorry, of what the hub has.
    #[must_use]
    pub fn is_loaded(&self, seed: u64, store: StoreId, sku: SkuId, at: Timestamp) -> bool {
        let entity = self.entity(store, at.0 / (DAY_US / 24));
        draw(seed, entity, purpose::LOADED, sku.0).chance(self.setup.hub_fill)
    }

    /// Fresh units that are past their date by the morning, of those on the shelf.
    #[must_use]
    pub fn expired(&self, seed: u64, store: StoreId, sku: SkuId, at: Timestamp, units: u32) -> u32 {
        let entity = self.entity(store, at.0 / DAY_US);
        let mean = f64::from(units) * self.setup.expired_per_day;
        whole(mean, draw(seed, entity, purpose::EXPIRED, sku.0).unit()).min(units)
    }

    /// Units that got lost since yesterday without anybody noticing, of those on the shelf.
    #[must_use]
    pub fn lost(&self, seed: u64, store: StoreId, sku: SkuId, at: Timestamp, units: u32) -> u32 {
        let entity = self.entity(store, at.0 / DAY_US);
        let mean = f64::from(units) * self.setup.lost_per_month / MONTH_DAYS;
        whole(mean, draw(seed, entity, purpose::LOST, sku.0).unit()).min(units)
    }

    /// Units that are recorded at the start and not there, of those recorded.
    #[must_use]
    pub fn phantom(&self, seed: u64, store: StoreId, sku: SkuId, units: u32) -> u32 {
        let mut draw = draw(seed, self.entity(store, 0), purpose::PHANTOM, sku.0);
        if units > 0 && draw.chance(self.setup.phantom) { 1 + draw.below(units) } else { 0 }
    }

    /// Whether a SKU's turn to be counted comes on the day of an instant.
    #[must_use]
    pub fn is_counted(&self, store: StoreId, sku: SkuId, at: Timestamp) -> bool {
        let day = at.0 / DAY_US;
        let every = u64::from(self.setup.count_days.max(1));
        (day + u64::from(store.0) + u64::from(sku.0)).is_multiple_of(every)
    }

    fn entity(&self, store: StoreId, number: u64) -> u64 {
        entity(self.city, store, number)
    }
}

/// Whether a SKU is there in a spell; the first spell's draw is that of the opening shelves.
pub(crate) fn is_there(seed: u64, entity: u64, sku: SkuId, share: f64) -> bool {
    draw(seed, entity, purpose::ON_SHELF, sku.0).chance(share)
}

/// What draws about a store and a number, such as a day, are keyed by.
pub(crate) fn entity(city: CityId, store: StoreId, number: u64) -> u64 {
    let number = number % (1 << (48 - STORE_BITS));
    luck_of(city, (number << STORE_BITS) | u64::from(store.0))
}

/// A mean as whole units, whose fraction is a chance.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "units fit 32 bits")]
fn whole(mean: f64, unit: f64) -> u32 {
    (mean + unit) as u32
}
