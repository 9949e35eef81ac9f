//! The world that a server serves: stores, SKUs, shelves, people and rules, as NDJSON rows.

mod catalogue;
mod index;
mod rows;
mod rules;

pub(crate) use catalogue::{Catalogue, Site, Sku};
pub(crate) use index::Index;
pub(crate) use rows::read;
pub(crate) use rules::Business;

use domain::dispatch::Legs;
use domain::facts::{Fact, Record, opening};
use domain::ids::{PickerId, RiderId, SkuId, StoreId};
use domain::money::{Bps, Paise};
use domain::place::Place;
use domain::stock::Slot;
use domain::time::{Millis, Timestamp};

/// A world as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// How business is done.
    pub(crate) business: Business,
    /// Who and what there is.
    pub(crate) catalogue: Catalogue,
    /// What is on shelves.
    pub(crate) shelves: Vec<((StoreId, SkuId), u32)>,
    /// Where pickers work, by their ids.
    pub(crate) pickers: Vec<StoreId>,
    /// The rows it was sent as, but for what is on shelves, which changes.
    pub(crate) documents: Vec<String>,
}

impl Plan {
    /// The slots of all shelves.
    pub(crate) fn slots(&self) -> Vec<((StoreId, SkuId), Slot)> {
        let slot = |units| Slot { free_units: units, ..Slot::default() };
        self.shelves.iter().map(|&(key, units)| (key, slot(units))).collect()
    }

    /// The facts that open the journal of a world installed now.
    pub(crate) fn opening(&self, now: Timestamp) -> Vec<Record> {
        use opening::Event as E;
        let Business { rules, window, sweep, .. } = &self.business;
        let mut facts = vec![
            E::Window { from: now, to: now + *window },
            E::Limits {
                max_batch: self.business.dispatch_params.max_batch,
                sweep: *sweep,
                order_limit: rules.order_limit,
                surge_floor: rules.pricing.surge_floor,
                surge_cap: rules.pricing.surge_cap,
                geofence_m: rules.delivery.geofence_m,
                speed_cap_m_per_h: rules.delivery.speed_cap_m_per_h,
            },
            E::Pay { per_order: rules.rider.pay_per_order },
        ];
        let Catalogue { skus, sites, riders, .. } = &self.catalogue;
        facts.extend(skus.iter().enumerate().map(|(index, sku)| E::Sku {
            sku: SkuId::at(index),
            mrp: sku.mrp,
            gst: sku.gst,
        }));
        facts.extend(sites.iter().enumerate().map(|(index, site)| E::Store {
            store: StoreId::at(index),
            place: site.place,
            radius_m: site.radius_m,
        }));
        let stock = |&((store, sku), units)| E::Stock { store, sku, units };
        facts.extend(self.shelves.iter().map(stock));
        facts.extend(
            self.pickers
                .iter()
                .enumerate()
                .map(|(index, store)| E::Picker { picker: PickerId::at(index), store: *store }),
        );
        facts.extend(
            riders
                .iter()
                .enumerate()
                .map(|(index, place)| E::Rider { rider: RiderId::at(index), place: *place }),
        );
        let city = self.business.city;
        let record = |(seq, event)| Record { at: now, city, seq, fact: Fact::Opening(event) };
        (0_u64..).zip(facts).map(record).collect()
    }
}

/// Rides where no roads are known: the straight line, made longer and ridden at one speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rides {
    /// Road distance over straight-line distance.
    pub(crate) circuity: Bps,
    /// Riding speed, metres an hour; above zero.
    pub(crate) speed_m_per_h: u32,
}

impl Rides {
    /// A ride from one place to another.
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates at u32::MAX")]
    #[expect(clippy::cast_sign_loss, reason = "distances are not negative")]
    pub(crate) fn ride(&self, from: Place, to: Place) -> Millis {
        let road_m = from.straight_m(to) * self.circuity.as_ratio();
        Millis((road_m / f64::from(self.speed_m_per_h) * 3_600_000.0) as u32)
    }
}

impl Legs for Rides {
    fn leg_ms(&self, from: Place, to: Place, _: Timestamp) -> u32 {
        self.ride(from, to).0
    }
}

/// What goods in a cart may cost together: ₹1 crore, so that sums of paise stay far below 2^31.
pub(crate) const CART_LIMIT: Paise = Paise::rupees(10_000_000);
