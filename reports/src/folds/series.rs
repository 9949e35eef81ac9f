//! One row a store and minute: what happened in it, and how things stood at its end.

use std::sync::LazyLock;

use domain::facts::Field;
use domain::ids::{CityId, StoreId};
use domain::store::Door;
use domain::time::{MICROS_PER_S, Timestamp};

use super::columns::{Column, number, put, schema};
use super::orders::Pick;
use crate::table::{Part, Schema};

/// The table's columns as Parquet has them.
pub(super) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| schema("series", COLUMNS));

const MICROS_PER_MINUTE: u64 = 60 * MICROS_PER_S;

/// Minutes without any fact that are written; a longer silence is skipped.
const SILENCE_LIMIT: u64 = 24 * 60;

/// The minute an instant is in, counted from the epoch.
pub(super) const fn minute_of(at: Timestamp) -> u64 {
    at.0 / MICROS_PER_MINUTE
}

/// What happened at a store in a minute.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flow {
    pub(super) placed: u32,
    pub(super) delivered: u32,
    pub(super) rejected: u32,
    pub(super) cancelled: u32,
    pub(super) undelivered: u32,
    pub(super) refused_lines: u32,
    pub(super) short_lines: u32,
    pub(super) arrived: u32,
    pub(super) on_time: u32,
    pub(super) door_ms: u64,
    pub(super) leg_m: u64,
}

/// How things stand at a store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) open_orders: u32,
    pub(super) picks_waiting: u32,
    pub(super) picks_working: u32,
    pub(super) bags_waiting: u32,
    pub(super) riders_busy: u32,
    pub(super) surge_bps: u32,
    pub(super) door: Door,
}

impl Standing {
    /// The level that counts pick lists which are there; none for those that are nowhere.
    pub(super) const fn level(&mut self, pick: Pick) -> Option<&mut u32> {
        match pick {
            Pick::None => None,
            Pick::Waiting => Some(&mut self.picks_waiting),
            Pick::Working => Some(&mut self.picks_working),
            Pick::Packed => Some(&mut self.bags_waiting),
        }
    }
}

const AT_FIRST: Standing = Standing {
    open_orders: 0,
    picks_waiting: 0,
    picks_working: 0,
    bags_waiting: 0,
    riders_busy: 0,
    surge_bps: 10_000,
    door: Door::Open,
};

/// One store in one minute.
#[derive(Debug)]
pub(super) struct StoreMinute {
    city: CityId,
    store: StoreId,
    minute: u64,
    flow: Flow,
    standing: Standing,
}

/// The stores of a city in the minute that is going on.
#[derive(Debug)]
pub(super) struct Series {
    city: CityId,
    minute: Option<u64>,
    stores: Vec<Shop>,
    /// Takes what happens at stores that are not known; never written.
    elsewhere: Shop,
}

/// What happened at a store in the minute that is going on, and how things stand there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shop {
    pub(super) flow: Flow,
    pub(super) standing: Standing,
}

impl Series {
    pub(super) fn new(city: CityId) -> Self {
        let elsewhere = Shop { flow: Flow::default(), standing: AT_FIRST };
        Self { city, minute: None, stores: Vec::new(), elsewhere }
    }

    /// Makes a store known; what happens at stores that are not known is not told.
    pub(super) fn list(&mut self, store: StoreId) {
        let stores = self.stores.len().max(store.index() + 1);
        self.stores.resize(stores, Shop { flow: Flow::default(), standing: AT_FIRST });
    }

    /// What happened at a store in this minute, and how things stand there.
    pub(super) fn at(&mut self, store: StoreId) -> &mut Shop {
        if store.index() < self.stores.len() {
            &mut self.stores[store.index()]
        } else {
            &mut self.elsewhere
        }
    }

    /// How things stand at all stores.
    pub(super) fn standings(&self) -> impl Iterator<Item = &Standing> {
        self.stores.iter().map(|shop| &shop.standing)
    }

    /// Goes on to an instant, writing the minutes that are over; tells whether there were any.
    pub(super) fn go_on(&mut self, now: Timestamp, part: Option<&mut Part>) -> bool {
        let now = minute_of(now);
        let before = *self.minute.get_or_insert(now);
        if now <= before {
            return false;
        }
        let last = if now - before > SILENCE_LIMIT { before } else { now - 1 };
        self.write(before..=last, part);
        self.minute = Some(now);
        true
    }

    /// Writes the minute that is going on.
    pub(super) fn finish(&mut self, part: Option<&mut Part>) {
        if let Some(minute) = self.minute {
            self.write(minute..=minute, part);
        }
    }

    fn write(&mut self, minutes: std::ops::RangeInclusive<u64>, part: Option<&mut Part>) {
        let Some(part) = part else { return };
        for minute in minutes {
            for (index, shop) in self.stores.iter_mut().enumerate() {
                let (city, store) = (self.city, StoreId::at(index));
                let (flow, standing) = (std::mem::take(&mut shop.flow), shop.standing);
                put(COLUMNS, &StoreMinute { city, store, minute, flow, standing }, part);
            }
        }
    }
}

type Col = Column<StoreMinute>;

/// The table's columns.
pub(super) const COLUMNS: &[Col] = &[
    Col::number("city", "id", "The city.", |m| Some(m.city.0.into())),
    Col::number("store_id", "id", "The store.", |m| Some(m.store.0.into())),
    Col::time("minute_us", "When the minute begins.", |m| number(m.minute * MICROS_PER_MINUTE)),
    Col::number("placed", "orders", "Placed in the minute.", |m| Some(m.flow.placed.into())),
    Col::number("delivered", "orders", "Handed over.", |m| Some(m.flow.delivered.into())),
    Col::number("rejected", "orders", "Refused.", |m| Some(m.flow.rejected.into())),
    Col::number("cancelled", "orders", "Ended early.", |m| Some(m.flow.cancelled.into())),
    Col::number("undelivered", "orders", "Brought back.", |m| Some(m.flow.undelivered.into())),
    Col::number("refused_lines", "lines", "Lines that could not be held.", |m| {
        Some(m.flow.refused_lines.into())
    }),
    Col::number("short_lines", "lines", "Lines of which the picker found too few.", |m| {
        Some(m.flow.short_lines.into())
    }),
    Col::number("arrived", "orders", "Whose rider came to the door.", |m| {
        Some(m.flow.arrived.into())
    }),
    Col::number("on_time", "orders", "Of those, by the promise.", |m| Some(m.flow.on_time.into())),
    Col::number("door_ms", "milliseconds", "Of those, from placed to the door, summed.", |m| {
        number(m.flow.door_ms)
    }),
    Col::number("leg_m", "metres", "Ridden on trips from the store, by legs that ended.", |m| {
        number(m.flow.leg_m)
    }),
    Col::number("open_orders", "orders", "Not ended at the end of the minute.", |m| {
        Some(m.standing.open_orders.into())
    }),
    Col::number("picks_waiting", "orders", "Waiting for a picker then.", |m| {
        Some(m.standing.picks_waiting.into())
    }),
    Col::number("picks_working", "orders", "With a picker then.", |m| {
        Some(m.standing.picks_working.into())
    }),
    Col::number("bags_waiting", "orders", "Packed and waiting for a rider then.", |m| {
        Some(m.standing.bags_waiting.into())
    }),
    Col::number("riders_busy", "riders", "On trips from the store then.", |m| {
        Some(m.standing.riders_busy.into())
    }),
    Col::number("surge_bps", "basis points", "The surge multiplier then.", |m| {
        Some(m.standing.surge_bps.into())
    }),
    Col::text("door", <Door as Field>::COLUMNS[0].texts, "The store's door then.", |m| {
        Some(m.standing.door as i64)
    }),
];
