//! Refuses what no city can be made from.

use domain::time::{Millis, Timestamp};

use super::{ClosedRoadError, Event, Network, Profile, Setup};

/// Longest stretch of demand: what an order's luck can number.
const HOURS_LIMIT: u64 = 4_096;
/// Most stores of one city: what an order's luck can number, less those of events.
const STORES_LIMIT: u32 = 60_000;
/// Most SKUs.
const SKUS_LIMIT: u32 = 200_000;
/// Most shelves in a city: 400 MB of them.
const SHELVES_LIMIT: u64 = 100_000_000;
/// Most orders an hour and store: 6 million an hour over a thousand stores is a tenth of it.
const STORE_RATE_LIMIT: f64 = 60_000.0;
/// Most orders in all: 10 GB of them.
const ORDERS_LIMIT: f64 = 1e8;

/// Why no city can be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SetupError {
    /// A value is not possible.
    #[error("{field} is {value}, which is not {expected}")]
    Impossible {
        /// The value's name, group first.
        field: &'static str,
        /// The value.
        value: String,
        /// What it could be.
        expected: &'static str,
    },
    /// No streets can be made.
    #[error("no streets can be made")]
    Streets(#[source] roads::GraphError),
    /// Nobody lives by the streets.
    #[error("nobody lives by these streets: the wards are those of another place")]
    Nobody,
    /// A road cannot be closed.
    #[error("closed road {number}: {problem}")]
    Closed {
        /// The road, counted from one.
        number: usize,
        /// Why.
        problem: ClosedRoadError,
    },
    /// Closing roads parts the city.
    #[error("the closed roads leave {stores} stores without a way to the others, or from them")]
    CutOff {
        /// How many.
        stores: usize,
    },
}

/// Says no to a value.
fn refuse(
    field: &'static str,
    value: impl std::fmt::Display,
    expected: &'static str,
) -> Result<(), SetupError> {
    Err(SetupError::Impossible { field, value: value.to_string(), expected })
}

/// Says no to a value that is not within bounds; a number that is none is not.
fn within<T: PartialOrd + std::fmt::Display>(
    field: &'static str,
    value: T,
    bounds: std::ops::RangeInclusive<T>,
    expected: &'static str,
) -> Result<(), SetupError> {
    if bounds.contains(&value) { Ok(()) } else { refuse(field, value, expected) }
}

impl Setup {
    /// Says whether a city can be made from this.
    ///
    /// # Errors
    /// [`SetupError`] for the first value that is not possible.
    pub fn check(&self) -> Result<(), SetupError> {
        self.check_stores()?;
        self.check_catalogue()?;
        self.check_supply()?;
        self.check_demand()?;
        self.check_fleet()?;
        self.check_streets()?;
        self.events.iter().try_for_each(|event| self.check_event(event))
    }

    fn check_stores(&self) -> Result<(), SetupError> {
        let stores = &self.stores;
        within("stores.count", stores.count, 1..=STORES_LIMIT, "from 1 to 60 000")?;
        within("stores.orders_per_day", stores.orders_per_day, 0.0..=1e6, "from 0 to a million")?;
        within("stores.weight_sigma", stores.weight_sigma, 0.0..=2.0, "from 0 to 2")?;
        within("stores.catchment_m", stores.catchment_m, 100..=20_000, "from 100 m to 20 km")?;
        within(
            "stores.radius_m",
            stores.radius_m,
            stores.catchment_m..=100_000,
            "from the catchment to 100 km",
        )?;
        within("stores.stray", stores.stray, 0.0..=0.3, "from 0 to 0.3")?;
        within(
            "stores.customers",
            stores.customers,
            1..=u32::MAX / stores.count / 2,
            "a number of customers that ids can name",
        )
    }

    fn check_catalogue(&self) -> Result<(), SetupError> {
        let catalogue = &self.catalogue;
        within("catalogue.skus", catalogue.skus, 1..=SKUS_LIMIT, "from 1 to 200 000")?;
        let shelves = u64::from(catalogue.skus) * u64::from(self.stores.count);
        within("catalogue.skus × stores.count", shelves, 1..=SHELVES_LIMIT, "at most 100 million")?;
        within("catalogue.zipf_s", catalogue.zipf_s, 0.0..=5.0, "from 0 to 5")?;
        within("catalogue.zipf_q", catalogue.zipf_q, 0.0..=1e6, "from 0 to a million")?;
        let rupees = catalogue.order_value.0 / 100;
        within("catalogue.order_value", rupees, 1..=1_000_000, "from ₹1 to a million")?;
        within("catalogue.availability", catalogue.availability, 0.0..=1.0, "from 0 to 1")?;
        within(
            "catalogue.head_availability",
            catalogue.head_availability,
            0.0..=1.0,
            "from 0 to 1",
        )?;
        within("catalogue.cover_days", catalogue.cover_days, 0.0..=365.0, "from 0 to a year")?;
        within("catalogue.safety", catalogue.safety, 0.0..=10.0, "from 0 to 10")
    }

    fn check_supply(&self) -> Result<(), SetupError> {
        let supply = &self.supply;
        let of_day = |field, time: Millis| {
            within(field, time.0 / 60_000, 0..=1_440, "a time of day (in minutes)")
        };
        of_day("supply.dry_from", supply.dry_from)?;
        of_day("supply.dry_to", supply.dry_to)?;
        of_day("supply.fresh_first", supply.fresh_first)?;
        of_day("supply.fresh_second", supply.fresh_second)?;
        within("supply.spell", supply.spell.0, 1..=u32::MAX, "a length of time above zero")?;
        within("supply.count_days", supply.count_days, 1..=3_650, "from 1 to 3 650")?;
        for (field, share) in [
            ("supply.top_up_below", supply.top_up_below),
            ("supply.hub_fill", supply.hub_fill),
            ("supply.expired_per_day", supply.expired_per_day),
            ("supply.lost_per_month", supply.lost_per_month),
            ("supply.phantom", supply.phantom),
        ] {
            within(field, share, 0.0..=1.0, "from 0 to 1")?;
        }
        Ok(())
    }

    fn check_demand(&self) -> Result<(), SetupError> {
        let demand = &self.demand;
        let hours = HOURS_LIMIT;
        within(
            "demand.to",
            demand.to,
            demand.from..=Timestamp::from_s(hours * 3_600),
            "from demand.from to 170 days",
        )?;
        if let Profile::Hours(shares) = demand.profile {
            let sum: f64 = shares.iter().sum();
            if !(sum > 0.0 && sum.is_finite() && shares.iter().all(|&share| share >= 0.0)) {
                return refuse("demand.profile", format!("{shares:?}"), "24 shares, none negative");
            }
        }
        let stores = f64::from(self.stores.count);
        if let Some(rate) = demand.orders_per_hour {
            within(
                "demand.orders_per_hour",
                rate,
                0.0..=STORE_RATE_LIMIT * stores,
                "from 0 to 60 000 for each store",
            )?;
        }
        within("demand.lines_mean", demand.lines_mean, 1.0..=30.0, "from 1 to 30")?;
        within("demand.units_mean", demand.units_mean, 1.0..=5.0, "from 1 to 5")?;
        within("demand.burst_cv", demand.burst_cv, 0.0..=2.0, "from 0 to 2")?;
        within("demand.burst_memory", demand.burst_memory, 0.0..=0.99, "from 0 to 0.99")?;
        within("demand.sees_shelf", demand.sees_shelf, 0.0..=1.0, "from 0 to 1")?;
        if !demand.methods.is_possible() {
            return refuse(
                "demand.methods",
                format!("{:?}", demand.methods),
                "shares, none negative",
            );
        }
        within("orders in all", self.expected_orders(), 0.0..=ORDERS_LIMIT, "at most 100 million")
    }

    fn check_fleet(&self) -> Result<(), SetupError> {
        let fleet = &self.fleet;
        for (field, people) in [
            ("fleet.riders_per_store", fleet.riders_per_store),
            ("fleet.pickers_per_store", fleet.pickers_per_store),
        ] {
            within(field, people.unwrap_or(1.0), 0.0..=10_000.0, "from 0 to 10 000")?;
        }
        within("fleet.rider_slack", fleet.rider_slack, -5.0..=20.0, "from -5 to 20")?;
        within("fleet.picker_slack", fleet.picker_slack, -5.0..=20.0, "from -5 to 20")?;
        let minutes = fleet.shift_limit.0 / 60_000;
        within("fleet.shift_limit", minutes, 120..=1_440, "from 2 h to 24 h (in minutes)")?;
        let travel = &self.travel;
        if travel.network == Network::Straight && !travel.closed.is_empty() {
            let closed = format!("{} roads", travel.closed.len());
            return refuse("travel.closed", closed, "empty, as it is where there are no streets");
        }
        within("travel.circuity", travel.circuity, 1.0..=10.0, "from 1 to 10")?;
        within("travel.speed_m_per_h", travel.speed_m_per_h, 1_000..=120_000, "from 1 to 120 km/h")
    }

    fn check_streets(&self) -> Result<(), SetupError> {
        let streets = &self.metro.streets;
        within("streets.nodes_per_km2", streets.nodes_per_km2, 5.0..=1_000.0, "from 5 to 1 000")?;
        within("streets.density_sigma", streets.density_sigma, 0.0..=3.0, "from 0 to 3")?;
        within("streets.aligned", streets.aligned, 0.0..=1.0, "from 0 to 1")?;
        within("streets.stray", streets.stray, 0.01..=0.45, "from 0.01 to 0.45")?;
        within("streets.block_ratio", streets.block_ratio, 1.0..=4.0, "from 1 to 4")?;
        within("streets.dead_ends", streets.dead_ends, 0.0..=0.4, "from 0 to 0.4")?;
        within("streets.four_way", streets.four_way, 0.0..=0.5, "from 0 to 0.5")?;
        within("streets.edge_circuity", streets.edge_circuity, 1.0..=2.0, "from 1 to 2")?;
        within("streets.oneway", streets.oneway, 0.0..=1.0, "from 0 to 1")?;
        let Some(water) = streets.water else { return Ok(()) };
        within("streets.water.bridge_m", water.bridge_m, 100.0..=1e5, "from 100 m to 100 km")?;
        within("streets.water.bend_m", water.bend_m, 100.0..=1e6, "from 100 m to 1 000 km")?;
        within("streets.water.width_m", water.width_m, 0.0..=1e4, "from 0 to 10 km")?;
        within("streets.water.bearing_deg", water.bearing_deg, -360.0..=360.0, "from -360 to 360")?;
        within("streets.water.offset_m", water.offset_m, -1e6..=1e6, "within 1 000 km")?;
        within("streets.water.swing_m", water.swing_m, 0.0..=1e4, "from 0 to 10 km")
    }

    fn check_event(&self, event: &Event) -> Result<(), SetupError> {
        within(
            "events.to",
            event.to,
            event.from..=Timestamp(u64::MAX),
            "an instant after its beginning",
        )?;
        let least = if event.area.is_some() { 1.0 } else { 0.0 };
        within("events.factor", event.factor, least..=100.0, "from 0 (1 within an area) to 100")?;
        if let Some(hot) = event.hot {
            within(
                "events.hot.skus",
                hot.skus,
                1..=self.catalogue.skus,
                "a number of SKUs there are",
            )?;
            within("events.hot.share", hot.share, 0.0..=1.0, "from 0 to 1")?;
        }
        if let Some(flash) = event.flash {
            within("events.flash.sku", flash.sku.0, 0..=self.catalogue.skus - 1, "a SKU there is")?;
            within("events.flash.buyers", flash.buyers, 0..=1 << 20, "at most 2^20")?;
        }
        Ok(())
    }

    /// Orders on average, without rain and events.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a stretch of demand is far below 2^53 µs")]
    pub fn expected_orders(&self) -> f64 {
        let demand = &self.demand;
        let span_h = demand.to.0.saturating_sub(demand.from.0) as f64 / 3.6e9;
        demand.orders_per_hour.map_or_else(|| self.planned_orders(), |rate| rate * span_h)
    }

    /// Orders that the stores' orders per day and the profile give, without rain and events.
    pub(crate) fn planned_orders(&self) -> f64 {
        let demand = &self.demand;
        let daily = self.stores.orders_per_day * f64::from(self.stores.count);
        let hours = demand.from.0 / HOUR_US..demand.to.0.div_ceil(HOUR_US);
        hours
            .map(|hour| daily * demand.profile.share(hour) * overlap(hour, demand.from, demand.to))
            .sum()
    }
}

const HOUR_US: u64 = 3_600_000_000;

/// The share of an hour that lies between two instants.
#[expect(clippy::cast_precision_loss, reason = "an hour is below 2^53 µs")]
fn overlap(hour: u64, from: Timestamp, to: Timestamp) -> f64 {
    let begins = (hour * HOUR_US).max(from.0);
    let ends = ((hour + 1) * HOUR_US).min(to.0);
    ends.saturating_sub(begins) as f64 / HOUR_US as f64
}
