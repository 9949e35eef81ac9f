//! A made-up city whose journal has the mix of facts a real one has. For tests.
//!
//! Facts are told by the names of the journal's columns; cells that are not told are zero.

use domain::facts::{Fact, Record};
use domain::ids::{CityId, OrderId};
use domain::time::{MICROS_PER_S, Timestamp};

const STORES: u64 = 20;
const RIDERS: u64 = 2000;
const PICKERS: u64 = 200;

/// A fact of a kind, by the names of its cells.
pub(crate) fn fact(kind: &str, told: &[(&str, i64)]) -> Fact {
    let tag = Fact::tag_of(kind).unwrap_or_else(|| panic!("{kind} is a kind of fact"));
    let fields = Fact::AREAS[usize::from(tag.0)][usize::from(tag.1)].fields;
    let columns = fields.iter().flat_map(|(field, columns)| {
        columns.iter().map(move |column| format!("{field}{}", column.suffix))
    });
    let columns: Vec<String> = columns.collect();
    for (name, _) in told {
        assert!(columns.iter().any(|column| column == name), "{kind} has {columns:?}, not {name}");
    }
    let mut columns = columns.iter();
    let mut cell = || {
        let column = columns.next()?;
        Some(told.iter().find(|(name, _)| name == column).map_or(0, |(_, cell)| *cell))
    };
    Fact::from_cells(tag, &mut cell).unwrap_or_else(|| panic!("{kind} can hold {told:?}"))
}

/// The journal of a city in which every order is delivered; one order every 100 ms.
pub(crate) fn city_of_deliveries(city: CityId, orders: usize) -> Vec<Record> {
    let mut facts = opening();
    for index in 0..orders {
        OrderLife::new(city, index).tell(&mut facts);
    }
    in_order(city, facts)
}

/// Facts with their times as records, in the order of their times.
pub(crate) fn in_order(city: CityId, mut facts: Vec<(Timestamp, Fact)>) -> Vec<Record> {
    facts.sort_by_key(|(at, _)| *at);
    (0..).zip(facts).map(|(seq, (at, fact))| Record { at, city, seq, fact }).collect()
}

/// A world of twenty stores with a rider and a picker each, measured for a day.
pub(crate) fn opening() -> Vec<(Timestamp, Fact)> {
    let day_us = 86_400 * i64::try_from(MICROS_PER_S).unwrap();
    let mut facts = vec![fact("window", &[("from_us", 0), ("to_us", day_us)])];
    for store in 0..STORES {
        let ((lat, lon), id) = (door(store), i64::try_from(store).unwrap());
        let place = [("store_id", id), ("place_lat_e7", lat), ("place_lon_e7", lon)];
        facts.push(fact("store_listed", &place));
        facts.push(fact("picker_listed", &[("picker_id", id), ("store_id", id)]));
        facts.push(fact("rider_listed", &[("rider_id", id)]));
        facts.push(fact("rider_came_on", &[("rider_id", id)]));
    }
    facts.into_iter().map(|fact| (Timestamp(0), fact)).collect()
}

/// Scatters a number over 64 bits (the finaliser of SplitMix64).
fn scatter(number: u64) -> u64 {
    let mut x = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn below(number: u64, limit: u64) -> i64 {
    i64::try_from(scatter(number) % limit).unwrap()
}

fn door(number: u64) -> (i64, i64) {
    (129_000_000 + below(number, 1_000_000), 775_000_000 + below(number ^ 0xabc, 1_000_000))
}

/// Takes seconds into an order's life, a kind of fact, and its cells but for the order.
type Tell<'a> = dyn FnMut(i64, &str, &[(&str, i64)]) + 'a;

struct OrderLife {
    chance: u64,
    order: i64,
    index: i64,
    rider: i64,
    picker: i64,
    store: i64,
    lines: i64,
    total: i64,
}

impl OrderLife {
    fn new(city: CityId, index: usize) -> Self {
        let chance = scatter(index as u64);
        Self {
            chance,
            order: i64::try_from(OrderId::new(city, index).0).unwrap(),
            index: i64::try_from(index).unwrap(),
            rider: below(chance, RIDERS),
            picker: below(chance ^ 1, PICKERS),
            store: below(chance ^ 2, STORES),
            lines: 1 + below(chance ^ 3, 8),
            total: 10_000 + below(chance ^ 4, 90_000),
        }
    }

    /// Some time within a second after so many seconds of the order's life, in microseconds.
    fn at_us(&self, after_s: i64) -> i64 {
        let jitter_us = below(self.chance ^ u64::try_from(after_s).unwrap(), 900_000);
        self.index * 100_000 + after_s * 1_000_000 + jitter_us
    }

    fn tell(&self, facts: &mut Vec<(Timestamp, Fact)>) {
        let mut tell = |after_s: i64, kind: &str, cells: &[(&str, i64)]| {
            let at = Timestamp(u64::try_from(self.at_us(after_s)).unwrap());
            let (area, variant) = Fact::tag_of(kind).unwrap();
            let fields = Fact::AREAS[usize::from(area)][usize::from(variant)].fields;
            let of_order = fields.iter().any(|(field, _)| *field == "order");
            let of_order = of_order.then_some(("order_id", self.order));
            let cells: Vec<_> = cells.iter().copied().chain(of_order).collect();
            facts.push((at, fact(kind, &cells)));
        };
        self.tell_placing(&mut tell);
        self.tell_picking(&mut tell);
        self.tell_delivery(&mut tell);
    }

    fn sku_and_units(&self, line: i64) -> [(&'static str, i64); 2] {
        let chance = self.chance ^ u64::try_from(line << 20).unwrap();
        [("sku_id", below(chance, 7000)), ("units", 1 + below(chance ^ 6, 3))]
    }

    fn tell_placing(&self, tell: &mut Tell<'_>) {
        let (store, total) = (("store_id", self.store), self.total);
        let promise = ("promise_by_us", self.at_us(700));
        for line in 0..self.lines {
            let [sku, units] = self.sku_and_units(line);
            let price =
                [("line", line), sku, units, ("unit_price_paise", 4900), ("tax_paise", 233)];
            tell(0, "quote_line_priced", &price);
        }
        tell(0, "quote_fee_added", &[("amount_paise", 2500), ("tax_paise", 381)]);
        let valid_until = ("valid_until_us", self.at_us(300));
        let surge = ("surge_bps", 10_000);
        tell(0, "quote_issued", &[store, ("total_paise", total), surge, promise, valid_until]);
        let (lat, lon) = door(self.chance);
        let placed = [
            ("version", 1),
            ("client_ref", self.index),
            ("customer_id", below(self.chance ^ 5, 900_000)),
            store,
            ("door_lat_e7", lat),
            ("door_lon_e7", lon),
            ("lines", self.lines),
            promise,
        ];
        tell(0, "order_placed", &placed);
        tell(0, "quote_locked", &[("total_paise", total)]);
        for line in 0..self.lines {
            let [sku, units] = self.sku_and_units(line);
            tell(0, "stock_line_held", &[store, sku, units]);
        }
        tell(0, "stock_held", &[store, ("expires_at_us", self.at_us(360))]);
        tell(0, "order_reserved", &[("version", 2)]);
        let (attempt, amount) = (("attempt", 1), ("amount_paise", total));
        tell(0, "payment_initiated", &[attempt, amount]);
        tell(0, "order_payment_pending", &[("version", 3)]);
        tell(9, "payment_authorised", &[attempt, amount]);
        tell(9, "payment_captured", &[attempt, amount]);
        self.tell_posting(9, &[total, 0, 0, -total], tell);
        tell(9, "stock_hold_secured", &[store]);
        tell(9, "order_confirmed", &[("version", 4)]);
        tell(9, "pick_queued", &[store]);
        tell(9, "rider_requested", &[store, ("ready_at_us", self.at_us(150))]);
    }

    /// A posting with these amounts in the accounts, in their order, where they are not zero.
    fn tell_posting(&self, after_s: i64, amounts: &[i64], tell: &mut Tell<'_>) {
        let posting = ("posting_id", self.index * 2 + after_s / 300);
        for (account, &amount) in (0..).zip(amounts).filter(|(_, amount)| **amount != 0) {
            tell(
                after_s,
                "ledger_entry",
                &[posting, ("account", account), ("amount_paise", amount)],
            );
        }
    }

    fn tell_picking(&self, tell: &mut Tell<'_>) {
        let picker = ("picker_id", self.picker);
        tell(20, "pick_started", &[picker]);
        tell(20, "order_picking", &[("version", 5)]);
        for line in 0..self.lines {
            let [sku, units] = self.sku_and_units(line);
            let after_s = 55 + 17 * line;
            tell(after_s, "pick_line_picked", &[("line", line), sku, units]);
            tell(after_s, "stock_committed", &[("store_id", self.store), sku, units]);
        }
        tell(210, "pick_packed", &[picker]);
        tell(210, "order_packed", &[("version", 6), ("payable_paise", self.total)]);
    }

    fn tell_delivery(&self, tell: &mut Tell<'_>) {
        let (trip, rider) = (("trip_id", self.index), ("rider_id", self.rider));
        let store = ("store_id", self.store);
        let (shop, home) = (door(u64::try_from(self.store).unwrap()), door(self.chance));
        let place = |(lat, lon)| [("place_lat_e7", lat), ("place_lon_e7", lon)];
        let leg = |from_s, (lat, lon), to, leg_m| {
            let [to_lat, to_lon] = place(to);
            let origin = [("origin_lat_e7", lat), ("origin_lon_e7", lon)];
            let from = ("from_us", self.at_us(from_s));
            [trip, rider, from, origin[0], origin[1], to_lat, to_lon, ("leg_m", leg_m)]
        };
        tell(100, "trip_offered", &[trip, rider, store, ("expires_at_us", self.at_us(130))]);
        tell(100, "trip_order_joined", &[trip]);
        tell(108, "trip_accepted", &[trip, rider]);
        tell(190, "leg_ridden", &leg(108, home, shop, 300 + below(self.chance, 900)));
        let [lat, lon] = place(shop);
        tell(190, "trip_at_store", &[trip, rider, lat, lon]);
        tell(230, "pick_handed_over", &[rider]);
        tell(230, "trip_picked_up", &[trip, rider]);
        tell(230, "order_out_for_delivery", &[("version", 7)]);
        let leg_m = 600 + below(self.chance ^ 9, 2400);
        let there_s = 240 + leg_m / 4;
        tell(there_s, "leg_ridden", &leg(230, shop, home, leg_m));
        let [lat, lon] = place(home);
        tell(there_s, "trip_arrived", &[trip, rider, lat, lon]);
        tell(there_s, "order_arrived", &[("version", 8)]);
        let gone_s = there_s + 110;
        tell(gone_s, "trip_delivered", &[trip, rider]);
        tell(gone_s, "order_delivered", &[("version", 9)]);
        let (fees, tax) = (2500, 381);
        let sales = self.total - fees - tax;
        self.tell_posting(gone_s, &[0, 0, 0, self.total, 0, -sales, -fees, -tax], tell);
        tell(gone_s, "trip_ended", &[trip, rider]);
    }
}
