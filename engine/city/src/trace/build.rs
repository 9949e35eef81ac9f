//! Makes a city and its demand of the rows of a recorded day.

use std::collections::BTreeMap;

use domain::ids::{CustomerId, SkuId, StoreId};
use domain::order::Line;
use domain::place::Place;
use domain::time::{Millis, Timestamp};
use kernel::chance::draw;

use super::baskets::Baskets;
use super::rows::{CourierRow, OrderRow, Orders};
use super::{TraceDay, TraceReport, TraceSetup};
use crate::setup::Weather;
use crate::{
    Arrival, City, Demand, Homes, Picker, Rider, Shift, Store, Travel, catalogue, luck_of, purpose,
};

/// Pickers stay this long after the day's last time, so that what is late is still picked
/// (assumed).
const OVERTIME: Millis = Millis::from_min(240);

/// What the orders of one store need of it.
#[derive(Clone, Copy, Default)]
struct Needs {
    orders: u32,
    /// The farthest door, metres, rounded up.
    radius_m: u32,
    /// The most orders in preparation at one time.
    pickers: usize,
}

pub(super) fn day(
    setup: &TraceSetup,
    baskets: &Baskets,
    mut orders: Orders,
    couriers: Vec<CourierRow>,
    mut report: TraceReport,
) -> TraceDay {
    let refs = client_refs(&orders.rows);
    let mut order: Vec<usize> = (0..orders.rows.len()).collect();
    order.sort_by_key(|&row| orders.rows[row].at);
    let demand = demand(setup, baskets, &orders.rows, &order, &refs);
    let needs = needs(&mut orders);
    report.stores = u32::try_from(needs.len()).expect("stores are limited");
    let idle = needs.iter().filter(|needs| needs.orders == 0).count();
    report.idle_stores = u32::try_from(idle).expect("stores are limited");
    let closes = closing(&orders.rows, &couriers);
    let city = city(setup, baskets, &orders.stores, &needs, couriers, closes);
    TraceDay { city, demand, report }
}

/// What the orders call themselves: the numbers in their ids, or their rows where those repeat.
fn client_refs(rows: &[OrderRow]) -> Vec<u64> {
    let mut numbers: Vec<u64> = rows.iter().filter_map(|row| row.number).collect();
    let named = numbers.clone();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() == rows.len() { named } else { (0..rows.len() as u64).collect() }
}

fn demand(
    setup: &TraceSetup,
    baskets: &Baskets,
    rows: &[OrderRow],
    order: &[usize],
    refs: &[u64],
) -> Demand {
    let mut customers: BTreeMap<Place, CustomerId> = BTreeMap::new();
    let mut demand = Demand::default();
    for &index in order {
        let row = &rows[index];
        let luck = luck_of(setup.id, index as u64);
        let next = CustomerId::at(customers.len());
        let basket = draw(setup.seed, luck, purpose::BASKET, 0).below(baskets.count());
        let line = |&sku: &SkuId| Line { sku, units: 1 };
        let lines = demand.add_lines(baskets.items(basket).iter().map(line));
        demand.arrivals.push(Arrival {
            at: row.at,
            client_ref: refs[index],
            luck,
            customer: *customers.entry(row.door).or_insert(next),
            door: row.door,
            node: None,
            lines,
            method: setup.methods.method(draw(setup.seed, luck, purpose::METHOD, 0).unit()),
            store: Some(row.store),
            recorded: Some(row.recorded),
        });
    }
    demand
}

/// What each store needs for the orders it had.
fn needs(orders: &mut Orders) -> Vec<Needs> {
    let mut needs = vec![Needs::default(); orders.stores.len()];
    let mut edges: Vec<(StoreId, Timestamp, bool)> = Vec::with_capacity(2 * orders.rows.len());
    for row in &orders.rows {
        let needs = &mut needs[row.store.index()];
        let straight_m = orders.stores[row.store.index()].straight_m(row.door);
        needs.orders += 1;
        needs.radius_m = needs.radius_m.max(whole_m(straight_m));
        edges.push((row.store, row.at, true));
        let in_preparation = row.recorded.ready.max(Millis(1));
        edges.push((row.store, row.at + in_preparation, false));
    }
    // An order that is ready frees its picker for one placed at the same instant.
    edges.sort_unstable();
    let mut busy = vec![0_usize; needs.len()];
    for (store, _, begins) in edges {
        let (busy, needs) = (&mut busy[store.index()], &mut needs[store.index()]);
        *busy = if begins { *busy + 1 } else { *busy - 1 };
        needs.pickers = needs.pickers.max(*busy);
    }
    needs
}

#[expect(clippy::cast_possible_truncation, reason = "the globe is 20 000 km around its half")]
#[expect(clippy::cast_sign_loss, reason = "distances are not negative")]
fn whole_m(straight_m: f64) -> u32 {
    libm::ceil(straight_m) as u32
}

/// When the last picker goes home.
fn closing(orders: &[OrderRow], couriers: &[CourierRow]) -> Timestamp {
    let ready = orders.iter().map(|row| row.at + row.recorded.ready.max(row.recorded.expected));
    let off = couriers.iter().map(|row| row.shift.to);
    ready.chain(off).max().unwrap_or_default() + OVERTIME
}

fn city(
    setup: &TraceSetup,
    baskets: &Baskets,
    places: &[Place],
    needs: &[Needs],
    couriers: Vec<CourierRow>,
    closes: Timestamp,
) -> City {
    let skus =
        catalogue::priced(setup.seed, &baskets.weights, baskets.mean_lines(), setup.order_value);
    let open = Shift { from: Timestamp(0), to: closes };
    let stores = places.iter().zip(needs).map(|(&place, needs)| Store {
        place,
        node: None,
        radius_m: needs.radius_m.max(1),
        weight: f64::from(needs.orders),
    });
    let pickers = needs.iter().enumerate().flat_map(|(store, needs)| {
        let store = StoreId::at(store);
        std::iter::repeat_n(Picker { store, shifts: vec![open] }, needs.pickers)
    });
    // A basket has a SKU once, so as many units as orders are enough of each.
    let stock = needs.iter().flat_map(|needs| std::iter::repeat_n(needs.orders, skus.len()));
    let rider = |row: CourierRow| Rider { home: None, place: row.place, shifts: vec![row.shift] };
    City {
        id: setup.id,
        name: setup.name.clone(),
        stores: stores.collect(),
        stock: stock.collect(),
        supply: None,
        pickers: pickers.collect(),
        riders: couriers.into_iter().map(rider).collect(),
        travel: Travel::Straight(setup.travel),
        homes: Homes::default(),
        weather: Weather::default(),
        skus,
    }
}
