//! Shelves, doors, floors, riders, trips and wallets: one row each.

use domain::delivery::{self, Phase, Stop, StopStatus};
use domain::ids::{CustomerId, OrderId, PickerId, RiderId, SkuId, StoreId, TripId};
use domain::ledger::Wallet;
use domain::money::{Bps, Paise};
use domain::picking::{Floor, FloorParts};
use domain::place::Place;
use domain::rider::{self, Duty};
use domain::stock::Slot;
use domain::store::{Door, Ops};
use domain::time::Timestamp;
use shell::{Rider, Rows, StoreDoor, Table, Trip};

use super::{Cell, Corrupt, Layout, Reader, Stored, flag, int, ints, text};

impl Stored for Slot {
    type Key = (StoreId, SkuId);

    const LAYOUT: Layout = Layout {
        table: "inventory",
        key: &["warehouse_id", "product_id"],
        columns: &[int("available_quantity"), int("reserved_quantity"), int("sold_quantity")],
    };

    fn table(rows: &Rows) -> &Table<Self::Key, Self> {
        &rows.slots
    }

    fn key((store, sku): Self::Key) -> Vec<i64> {
        vec![store.0.into(), sku.0.into()]
    }

    fn key_of(reader: &mut Reader<'_>) -> Result<Self::Key, Corrupt> {
        Ok((StoreId(reader.int()?), SkuId(reader.int()?)))
    }

    fn put(&self, cells: &mut Vec<Cell>) {
        let Self { free_units, reserved_units, sold_units } = *self;
        cells.extend([free_units, reserved_units, sold_units].map(Cell::int));
    }

    fn take(reader: &mut Reader<'_>) -> Result<Self, Corrupt> {
        Ok(Self {
            free_units: reader.int()?,
            reserved_units: reader.int()?,
            sold_units: reader.int()?,
        })
    }
}

impl Stored for StoreDoor {
    type Key = StoreId;

    const LAYOUT: Layout = Layout {
        table: "warehouses",
        key: &["warehouse_id"],
        columns: &[text("door"), int("door_since_us"), int("surge_bps"), int("surge_since_us")],
    };

    fn table(rows: &Rows) -> &Table<Self::Key, Self> {
        &rows.doors
    }

    fn key(key: Self::Key) -> Vec<i64> {
        vec![key.0.into()]
    }

    fn key_of(reader: &mut Reader<'_>) -> Result<Self::Key, Corrupt> {
        Ok(StoreId(reader.int()?))
    }

    fn put(&self, cells: &mut Vec<Cell>) {
        let Self { ops: Ops { door, since }, surge, surge_since } = *self;
        cells.extend([Cell::text(door.text()), Cell::bits(since.0)]);
        cells.extend([Cell::int(surge.0), Cell::bits(surge_since.0)]);
    }

    fn take(reader: &mut Reader<'_>) -> Result<Self, Corrupt> {
        let ops = Ops { door: reader.word(Door::from_text)?, since: Timestamp(reader.bits()?) };
        let (surge, surge_since) = (Bps(reader.int()?), Timestamp(reader.bits()?));
        Ok(Self { ops, surge, surge_since })
    }
}

impl Stored for Floor {
    type Key = StoreId;

    const LAYOUT: Layout = Layout {
        table: "warehouse_floors",
        key: &["warehouse_id"],
        columns: &[
            ints("waiting_order_ids"),
            ints("idle_picker_ids"),
            ints("leaving_picker_ids"),
            ints("on_duty_picker_ids"),
        ],
    };

    fn table(rows: &Rows) -> &Table<Self::Key, Self> {
        &rows.floors
    }

    fn key(key: Self::Key) -> Vec<i64> {
        vec![key.0.into()]
    }

    fn key_of(reader: &mut Reader<'_>) -> Result<Self::Key, Corrupt> {
        Ok(StoreId(reader.int()?))
    }

    fn put(&self, cells: &mut Vec<Cell>) {
        let FloorParts { waiting, idle, leaving, on_duty } = self.parts();
        let pickers = |pickers: Vec<PickerId>| {
            Cell::Ints(pickers.iter().map(|picker| picker.0.into()).collect())
        };
        cells.push(Cell::Ints(waiting.iter().map(|order| order.0.cast_signed()).collect()));
        cells.extend([pickers(idle), pickers(leaving), pickers(on_duty)]);
    }

    fn take(reader: &mut Reader<'_>) -> Result<Self, Corrupt> {
        let orders: Vec<i64> = reader.ints()?;
        let waiting = orders.into_iter().map(|order| OrderId(order.cast_unsigned())).collect();
        let pickers = |numbers: Vec<u32>| numbers.into_iter().map(PickerId).collect();
        let (idle, leaving) = (pickers(reader.ints()?), pickers(reader.ints()?));
        let on_duty = pickers(reader.ints()?);
        Ok(Self::of_parts(FloorParts { waiting, idle, leaving, on_duty }))
    }
}

/// The words for a rider's duty.
const DUTIES: [(Duty, &str); 3] = [(Duty::Off, "off"), (Duty::On, "on"), (Duty::Break, "break")];

impl Stored for Rider {
    type Key = RiderId;

    const LAYOUT: Layout = Layout {
        table: "riders",
        key: &["rider_id"],
        columns: &[
            text("duty"),
            int("trip_id"),
            flag("leaving"),
            int("place_lat_e7"),
            int("place_lon_e7"),
        ],
    };

    fn table(rows: &Rows) -> &Table<Self::Key, Self> {
        &rows.riders
    }

    fn key(key: Self::Key) -> Vec<i64> {
        vec![key.0.into()]
    }

    fn key_of(reader: &mut Reader<'_>) -> Result<Self::Key, Corrupt> {
        Ok(RiderId(reader.int()?))
    }

    fn put(&self, cells: &mut Vec<Cell>) {
        let Self { state: rider::State { duty, trip }, leaving, place } = *self;
        cells.push(Cell::text(word(&DUTIES, duty)));
        cells.push(Cell::maybe(trip.map(|trip| trip.0)));
        cells.extend([Cell::Flag(leaving), Cell::int(place.lat_e7), Cell::int(place.lon_e7)]);
    }

    fn take(reader: &mut Reader<'_>) -> Result<Self, Corrupt> {
        let duty = reader.word(|text| of_word(&DUTIES, text))?;
        let state = rider::State { duty, trip: reader.maybe()?.map(TripId) };
        let leaving = reader.flag()?;
        let place = Place { lat_e7: reader.int()?, lon_e7: reader.int()? };
        Ok(Self { state, leaving, place })
    }
}

/// The words for where a trip stands; a door's number stands in a column of its own.
const PHASES: [(Phase, &str); 10] = [
    (Phase::New, "new"),
    (Phase::Offered, "offered"),
    (Phase::ToStore, "to_store"),
    (Phase::AtStore, "at_store"),
    (Phase::ToDoor(0), "to_first_door"),
    (Phase::ToDoor(1), "to_second_door"),
    (Phase::AtDoor(0), "at_first_door"),
    (Phase::AtDoor(1), "at_second_door"),
    (Phase::Back, "back"),
    (Phase::Ended, "ended"),
];

/// The words for where an order of a trip stands.
const STOPS: [(StopStatus, &str); 8] = [
    (StopStatus::Absent, "absent"),
    (StopStatus::Joined, "joined"),
    (StopStatus::Ready, "ready"),
    (StopStatus::Handing, "handing"),
    (StopStatus::PickedUp, "picked_up"),
    (StopStatus::Delivered, "delivered"),
    (StopStatus::Failed, "failed"),
    (StopStatus::Gone, "gone"),
];

impl Stored for Trip {
    type Key = TripId;

    const LAYOUT: Layout = Layout {
        table: "trips",
        key: &["trip_id"],
        columns: &[
            text("status"),
            int("rider_id"),
            int("warehouse_id"),
            int("first_order_id"),
            text("first_order_status"),
            int("second_order_id"),
            text("second_order_status"),
            int("offered_until_us"),
        ],
    };

    fn table(rows: &Rows) -> &Table<Self::Key, Self> {
        &rows.trips
    }

    fn key(key: Self::Key) -> Vec<i64> {
        vec![key.0.into()]
    }

    fn key_of(reader: &mut Reader<'_>) -> Result<Self::Key, Corrupt> {
        Ok(TripId(reader.int()?))
    }

    fn put(&self, cells: &mut Vec<Cell>) {
        let Self { state: delivery::State { phase, rider, store, stops }, offered_until } = *self;
        cells.push(Cell::text(word(&PHASES, phase)));
        cells.extend([Cell::int(rider.0), Cell::int(store.0)]);
        for Stop { order, status } in stops {
            cells.extend([Cell::bits(order.0), Cell::text(word(&STOPS, status))]);
        }
        cells.push(Cell::bits(offered_until.0));
    }

    fn take(reader: &mut Reader<'_>) -> Result<Self, Corrupt> {
        let phase = reader.word(|text| of_word(&PHASES, text))?;
        let (rider, store) = (RiderId(reader.int()?), StoreId(reader.int()?));
        let mut stops = [Stop::default(); delivery::MAX_BATCH];
        for stop in &mut stops {
            stop.order = OrderId(reader.bits()?);
            stop.status = reader.word(|text| of_word(&STOPS, text))?;
        }
        let state = delivery::State { phase, rider, store, stops };
        Ok(Self { state, offered_until: Timestamp(reader.bits()?) })
    }
}

impl Stored for Wallet {
    type Key = CustomerId;

    const LAYOUT: Layout = Layout {
        table: "wallets",
        key: &["user_id"],
        columns: &[int("balance_paise"), int("held_paise")],
    };

    fn table(rows: &Rows) -> &Table<Self::Key, Self> {
        &rows.wallets
    }

    fn key(key: Self::Key) -> Vec<i64> {
        vec![key.0.into()]
    }

    fn key_of(reader: &mut Reader<'_>) -> Result<Self::Key, Corrupt> {
        Ok(CustomerId(reader.int()?))
    }

    fn put(&self, cells: &mut Vec<Cell>) {
        cells.extend([Cell::int(self.balance.0), Cell::int(self.held.0)]);
    }

    fn take(reader: &mut Reader<'_>) -> Result<Self, Corrupt> {
        Ok(Self { balance: Paise(reader.int()?), held: Paise(reader.int()?) })
    }
}

/// The word for a value.
///
/// # Panics
/// If the list does not have the value.
pub(super) fn word<T: PartialEq>(words: &[(T, &'static str)], value: T) -> &'static str {
    let found = words.iter().find(|(other, _)| *other == value);
    found.expect("every value has a word").1
}

/// The value of a word.
pub(super) fn of_word<T: Copy>(words: &[(T, &'static str)], word: &str) -> Option<T> {
    words.iter().find(|(_, other)| *other == word).map(|(value, _)| *value)
}
