//! Orders, couriers and stores as they were recorded, with untidy times set right.

use std::collections::BTreeMap;
use std::io::Read;

use domain::ids::StoreId;
use domain::place::Place;
use domain::time::{Millis, Timestamp};

use super::read::{Column, File, Row, Table, TraceError};
use super::report::TraceReport;
use crate::{Recorded, Shift};

const DAY_S: u32 = 86_400;
/// A time that goes back by at least this much was past midnight; by less, it is a slip.
const PAST_MIDNIGHT_S: u32 = DAY_S / 2;

/// One recorded order.
#[derive(Clone, Copy, Debug)]
pub(super) struct OrderRow {
    /// The number at the end of its id, if it has one.
    pub(super) number: Option<u64>,
    pub(super) store: StoreId,
    pub(super) door: Place,
    pub(super) at: Timestamp,
    pub(super) recorded: Recorded,
}

/// One recorded courier.
#[derive(Clone, Copy, Debug)]
pub(super) struct CourierRow {
    pub(super) place: Place,
    pub(super) shift: Shift,
}

/// Stores by number, with how they are found.
pub(super) struct Stores {
    pub(super) places: Vec<Place>,
    by_id: BTreeMap<Box<str>, StoreId>,
}

/// The orders of a day and the stores they are picked up from.
pub(super) struct Orders {
    pub(super) rows: Vec<OrderRow>,
    pub(super) stores: Vec<Place>,
}

/// Ids that were met, with their row.
#[derive(Default)]
struct Ids(BTreeMap<Box<str>, u64>);

impl Ids {
    fn take(&mut self, row: &Row<'_>, column: Column) -> Result<(), TraceError> {
        match self.0.insert(row.id(column)?.into(), row.number()) {
            Some(first) => Err(row.duplicate(column, first)),
            None => Ok(()),
        }
    }
}

/// Reads the table of stores.
pub(super) fn stores(file: &mut dyn Read) -> Result<Stores, TraceError> {
    let mut table = Table::open(File::Stores, file);
    let id = table.column("store_id")?;
    let (lat, lon) = (table.column("pick_up_lat")?, table.column("pick_up_lng")?);
    let mut ids = Ids::default();
    let mut stores = Stores { places: Vec::new(), by_id: BTreeMap::new() };
    while let Some(row) = table.next()? {
        ids.take(&row, id)?;
        stores.by_id.insert(row.id(id)?.into(), StoreId::at(stores.places.len()));
        stores.places.push(row.place(lat, lon)?);
    }
    Ok(stores)
}

/// How an order's row names where it is picked up.
enum PickUp {
    Point { lat: Column, lon: Column, met: BTreeMap<Place, StoreId>, places: Vec<Place> },
    Named { column: Column, stores: Stores },
}

impl PickUp {
    fn find<R: Read>(table: &mut Table<R>, stores: Option<Stores>) -> Result<Self, TraceError> {
        if let (Some(stores), Some(column)) = (stores, table.optional("store_id")?) {
            return Ok(Self::Named { column, stores });
        }
        let (lat, lon) = (table.column("pick_up_lat")?, table.column("pick_up_lng")?);
        Ok(Self::Point { lat, lon, met: BTreeMap::new(), places: Vec::new() })
    }

    fn store(&mut self, row: &Row<'_>) -> Result<StoreId, TraceError> {
        match self {
            Self::Point { lat, lon, met, places } => {
                let place = row.place(*lat, *lon)?;
                Ok(*met.entry(place).or_insert_with(|| {
                    places.push(place);
                    StoreId::at(places.len() - 1)
                }))
            }
            Self::Named { column, stores } => stores
                .by_id
                .get(row.id(*column)?)
                .copied()
                .ok_or_else(|| row.wrong(*column, "the id of a store in the table of stores")),
        }
    }

    fn into_places(self) -> Vec<Place> {
        match self {
            Self::Point { places, .. } => places,
            Self::Named { stores, .. } => stores.places,
        }
    }

    fn place(&self, store: StoreId) -> Place {
        match self {
            Self::Point { places, .. } => places[store.index()],
            Self::Named { stores, .. } => stores.places[store.index()],
        }
    }
}

/// Columns of an order's times.
struct OrderTimes {
    placed: Column,
    preparing: Column,
    ready: Column,
    expected: Column,
}

/// Reads the table of orders.
pub(super) fn orders(
    file: &mut dyn Read,
    stores: Option<Stores>,
    report: &mut TraceReport,
) -> Result<Orders, TraceError> {
    let mut table = Table::open(File::Orders, file);
    let id = table.column("order_id")?;
    let mut pick_up = PickUp::find(&mut table, stores)?;
    let (lat, lon) = (table.column("drop_off_lat")?, table.column("drop_off_lng")?);
    let times = OrderTimes {
        placed: table.column("placement_time")?,
        preparing: table.column("preparation_time")?,
        ready: table.column("ready_time")?,
        expected: table.column("expected_drop_off_time")?,
    };
    let mut ids = Ids::default();
    let mut rows: Vec<OrderRow> = Vec::new();
    while let Some(row) = table.next()? {
        ids.take(&row, id)?;
        let store = pick_up.store(&row)?;
        let door = row.place(lat, lon)?;
        let (at, recorded) = times.of(&row, report)?;
        report.unsorted_orders += u32::from(rows.last().is_some_and(|last| at < last.at));
        let straight_m = pick_up.place(store).straight_m(door);
        report.far_orders += u32::from(straight_m > super::FAR_ORDER_M);
        report.farthest_m = report.farthest_m.max(straight_m);
        report.orders += 1;
        rows.push(OrderRow { number: trailing_number(row.text(id)), store, door, at, recorded });
    }
    Ok(Orders { rows, stores: pick_up.into_places() })
}

impl OrderTimes {
    /// When an order was placed, and its other times counted from then.
    fn of(
        &self,
        row: &Row<'_>,
        report: &mut TraceReport,
    ) -> Result<(Timestamp, Recorded), TraceError> {
        let placed_s = row.time_of_day_s(self.placed)?;
        // When preparation began is not used, but a row in which it is broken is not believed.
        row.time_of_day_s(self.preparing)?;
        let after = |column, past_midnight: &mut u32, before: &mut u32| {
            let then_s = row.time_of_day_s(column)?;
            if then_s >= placed_s {
                return Ok(Millis::from_s(then_s - placed_s));
            }
            if placed_s - then_s >= PAST_MIDNIGHT_S {
                *past_midnight += 1;
                return Ok(Millis::from_s(then_s + DAY_S - placed_s));
            }
            *before += 1;
            Ok::<_, TraceError>(Millis::ZERO)
        };
        let ready =
            after(self.ready, &mut report.ready_past_midnight, &mut report.ready_before_placed)?;
        let expected = after(
            self.expected,
            &mut report.expected_past_midnight,
            &mut report.expected_before_placed,
        )?;
        report.expected_before_ready += u32::from(expected < ready);
        Ok((Timestamp::from_s(u64::from(placed_s)), Recorded { ready, expected }))
    }
}

/// The number that an id ends with.
fn trailing_number(id: &str) -> Option<u64> {
    id.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

/// Reads the table of couriers.
pub(super) fn couriers(
    file: &mut dyn Read,
    report: &mut TraceReport,
) -> Result<Vec<CourierRow>, TraceError> {
    let mut table = Table::open(File::Couriers, file);
    let id = table.column("courier_id")?;
    let (lat, lon) = (table.column("on_lat")?, table.column("on_lng")?);
    let (on, off) = (table.column("on_time")?, table.column("off_time")?);
    let mut ids = Ids::default();
    let mut couriers = Vec::new();
    while let Some(row) = table.next()? {
        ids.take(&row, id)?;
        let place = row.place(lat, lon)?;
        let (on_s, mut off_s) = (row.time_of_day_s(on)?, row.time_of_day_s(off)?);
        report.zero_shifts += u32::from(off_s == on_s);
        if off_s < on_s {
            report.shifts_past_midnight += 1;
            off_s += DAY_S;
        }
        let [from, to] = [on_s, off_s].map(|s| Timestamp::from_s(u64::from(s)));
        report.couriers += 1;
        couriers.push(CourierRow { place, shift: Shift { from, to } });
    }
    Ok(couriers)
}
