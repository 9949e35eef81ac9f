//! What the tables say follows from the facts, column by column.

use std::collections::BTreeMap;
use std::path::Path;

use expect_test::{Expect, expect};

use super::*;
use crate::fixture::{city_of_deliveries, fact, in_order, opening};
use crate::table::{Batch, TableReader, Values, join};

type Row = BTreeMap<String, String>;

/// Every cell of a table, by row and column; what is missing is left out.
fn read(path: &Path, schema: &'static Schema) -> Vec<Row> {
    let mut reader = TableReader::open(schema, SCHEMA_VERSION, path).unwrap();
    let (mut rows, mut batch) = (Vec::new(), Batch::default());
    while reader.read(&mut batch).unwrap() {
        let first = rows.len();
        rows.resize(first + batch.rows, Row::new());
        for (spec, column) in schema.columns.iter().zip(&batch.columns) {
            let mut cells = column.values.iter();
            for (row, into) in rows[first..].iter_mut().enumerate() {
                if !spec.optional || column.levels[row] == 1 {
                    let cell = *cells.next().unwrap();
                    let text = match &spec.values {
                        Values::Number => cell.to_string(),
                        Values::Text(texts) => texts[usize::try_from(cell).unwrap()].to_owned(),
                    };
                    into.insert(spec.name.clone(), text);
                }
            }
        }
    }
    rows
}

struct Folded3 {
    orders: Vec<Row>,
    trips: Vec<Row>,
    series: Vec<Row>,
}

fn fold(records: &[Record]) -> Folded3 {
    let dir = tempfile::tempdir().unwrap();
    let part = |table: Folded| Some(Part::new(table.schema(), tempfile::tempfile().unwrap()));
    let outputs = Outputs {
        orders: part(Folded::Orders),
        trips: part(Folded::Trips),
        series: part(Folded::Series),
        progress: None,
    };
    let mut fold = CityFold::new(CityId(0), outputs);
    records.iter().for_each(|record| fold.record(record));
    let outputs = fold.finish();
    let rows = |part: Option<Part>, table: Folded| {
        let path = dir.path().join("table");
        let mut file = std::fs::File::create(&path).unwrap();
        let parts = vec![part.unwrap().finish().unwrap()];
        join(table.schema(), SCHEMA_VERSION, parts, &mut file).unwrap();
        read(&path, table.schema())
    };
    Folded3 {
        orders: rows(outputs.orders, Folded::Orders),
        trips: rows(outputs.trips, Folded::Trips),
        series: rows(outputs.series, Folded::Series),
    }
}

type Told<'a> = (u64, &'a str, &'a [(&'a str, i64)]);

/// A story told as seconds, kinds of fact and their cells, in a world of twenty stores.
fn story(facts: &[Told<'_>]) -> Folded3 {
    let told = facts.iter().map(|(at, kind, cells)| (Timestamp::from_s(*at), fact(kind, cells)));
    fold(&in_order(CityId(0), opening().into_iter().chain(told).collect()))
}

/// The columns of rows that are asked for, one line a row.
#[expect(clippy::needless_pass_by_value, reason = "so that snapshots stand in the call")]
fn check(rows: &[Row], columns: &[&str], expected: Expect) {
    let mut told = String::new();
    for row in rows {
        let cell = |column: &&str| row.get(*column).map_or("-", String::as_str).to_owned();
        told += &(columns.iter().map(cell).collect::<Vec<_>>().join(" ") + "\n");
    }
    expected.assert_eq(&told);
}

#[test]
fn a_delivered_order_is_told_in_full() {
    let records = city_of_deliveries(CityId(0), 1);
    let folded = fold(&records);
    let mut told = String::new();
    for column in &orders::SCHEMA.columns {
        let cell = folded.orders[0].get(&column.name).map_or("-", String::as_str);
        told += &format!("{} {cell}\n", column.name);
    }
    expect![[r#"
        order_id 0
        city 0
        client_ref 0
        customer_id 192284
        store_id 17
        door_lat_e7 129947055
        door_lon_e7 775112574
        lines 2
        method upi
        in_window yes
        placed_us 647055
        promise_by_us 700605597
        reserved_us 647055
        payment_asked_us 647055
        paid_us 9768542
        confirmed_us 9768542
        pick_queued_us 9768542
        pick_started_us 20448601
        packed_us 210296316
        rider_requested_us 9768542
        accepted_us 108122028
        at_store_us 190450291
        picked_up_us 230771390
        arrived_us 525237489
        ended_us 635237857
        picker_id 30
        rider_id 1055
        trip_id 0
        batched no
        offers 1
        leg_m 1142
        surge_bps 10000
        quoted_paise 65661
        fees_paise 2500
        reduction_paise 0
        payable_paise 65661
        captured_paise 65661
        refunded_paise 0
        payment_attempts 1
        short_lines 0
        refused_lines 0
        outcome delivered
        rejection -
        canceller -
        cancelled_at -
        on_time yes
    "#]]
    .assert_eq(&told);
    let legs = ["trip_id", "store_id", "purpose", "bags", "leg_m"];
    check(
        &folded.trips,
        &legs,
        expect![[r#"
        0 17 to_store 0 1155
        0 17 to_door 1 1142
    "#]],
    );
}

const ORDER: (&str, i64) = ("order_id", 7);
const OTHER: (&str, i64) = ("order_id", 9);
const STORE: (&str, i64) = ("store_id", 3);

#[test]
fn orders_that_are_not_delivered_say_why() {
    let placed = |order| [order, STORE, ("lines", 2), ("promise_by_us", 600_000_000)];
    let folded = story(&[
        (10, "quote_issued", &[("order_id", 4), STORE]),
        (11, "quote_expired", &[("order_id", 4)]),
        (20, "order_placed", &placed(ORDER)),
        (21, "stock_refused", &[ORDER, STORE]),
        (21, "order_rejected", &[ORDER, ("rejection", 0)]),
        (30, "order_placed", &placed(OTHER)),
        (31, "order_cancelled", &[OTHER, ("canceller", 1), ("stage", 6)]),
        (9000, "payment_refunded", &[OTHER, ("amount_paise", 55)]),
        (9100, "payment_refunded", &[OTHER, ("amount_paise", 7000)]),
        (40, "order_placed", &placed(("order_id", 8))),
        (90_000, "order_placed", &placed(("order_id", 1))),
        (90_001, "order_undelivered", &[("order_id", 1)]),
        (90_001, "order_placed", &placed(("order_id", 2))),
    ]);
    let columns = [
        "order_id",
        "in_window",
        "outcome",
        "rejection",
        "canceller",
        "cancelled_at",
        "refused_lines",
        "refunded_paise",
        "ended_us",
    ];
    check(
        &folded.orders,
        &columns,
        expect![[r#"
            7 yes rejected out_of_stock - - 1 0 21000000
            9 yes cancelled - store packed 0 55 31000000
            1 no undelivered - - - 0 0 90001000000
            2 no in_flight - - - 0 0 -
            8 yes in_flight - - - 0 0 -
        "#]],
    );
}

#[test]
fn a_trip_carries_its_orders() {
    let (trip, again) = (("trip_id", 5), ("trip_id", 6));
    let (rider, late) = (("rider_id", 1), ("rider_id", 2));
    let leg = |trip, leg_m| [trip, rider, ("leg_m", leg_m)];
    let placed = |order| [order, STORE, ("promise_by_us", 900_000_000)];
    let folded = story(&[
        (1, "order_placed", &placed(ORDER)),
        (1, "order_placed", &placed(OTHER)),
        (2, "trip_offered", &[trip, rider, STORE]),
        (2, "trip_order_joined", &[trip, ORDER]),
        (2, "trip_order_joined", &[trip, OTHER]),
        (3, "trip_accepted", &[trip, rider]),
        (60, "trip_dropped", &[trip, rider]),
        (61, "trip_offered", &[again, late, STORE]),
        (61, "trip_order_joined", &[again, ORDER]),
        (61, "trip_order_joined", &[again, OTHER]),
        (62, "trip_accepted", &[again, late]),
        (100, "leg_ridden", &leg(again, 1)),
        (100, "trip_at_store", &[again, late]),
        (110, "trip_picked_up", &[again, ORDER, late]),
        (111, "trip_picked_up", &[again, OTHER, late]),
        (200, "leg_ridden", &leg(again, 20)),
        (200, "order_arrived", &[ORDER]),
        (210, "trip_delivered", &[again, ORDER, late]),
        (210, "order_delivered", &[ORDER]),
        (300, "leg_ridden", &leg(again, 300)),
        (901, "order_arrived", &[OTHER]),
        (910, "trip_delivered", &[again, OTHER, late]),
        (910, "order_delivered", &[OTHER]),
        (950, "leg_ridden", &leg(again, 4000)),
        (950, "trip_ended", &[again, late]),
        (960, "rider_moved", &[late, ("leg_m", 50_000)]),
    ]);
    let columns =
        ["order_id", "rider_id", "trip_id", "batched", "offers", "leg_m", "accepted_us", "on_time"];
    check(
        &folded.orders,
        &columns,
        expect![[r#"
        7 2 6 yes 2 20 62000000 yes
        9 2 6 yes 2 320 62000000 no
    "#]],
    );
    check(
        &folded.trips,
        &["trip_id", "purpose", "bags", "leg_m"],
        expect![[r#"
        6 to_store 0 1
        6 to_door 2 20
        6 to_door 1 300
        6 back 0 4000
        - repositioning 0 50000
    "#]],
    );
    let of_store: Vec<_> = folded.series.into_iter().filter(|row| row["store_id"] == "3").collect();
    let columns = ["minute_us", "arrived", "on_time", "open_orders", "riders_busy", "leg_m"];
    check(
        &of_store,
        &columns,
        expect![[r#"
        0 0 0 2 1 0
        60000000 0 0 2 1 1
        120000000 0 0 2 1 0
        180000000 1 1 1 1 20
        240000000 0 0 1 1 0
        300000000 0 0 1 1 300
        360000000 0 0 1 1 0
        420000000 0 0 1 1 0
        480000000 0 0 1 1 0
        540000000 0 0 1 1 0
        600000000 0 0 1 1 0
        660000000 0 0 1 1 0
        720000000 0 0 1 1 0
        780000000 0 0 1 1 0
        840000000 0 0 1 1 0
        900000000 1 0 0 0 4000
        960000000 0 0 0 0 0
    "#]],
    );
}

/// Little bookkeeping laws between the tables, over thousands of orders.
#[test]
fn the_tables_agree_with_one_another() {
    let folded = fold(&city_of_deliveries(CityId(0), 3000));
    assert_eq!(folded.orders.len(), 3000);
    let number = |row: &Row, column: &str| row[column].parse::<i64>().unwrap();
    let sum = |rows: &[Row], column: &str| rows.iter().map(|row| number(row, column)).sum::<i64>();
    for flow in ["placed", "delivered", "arrived"] {
        assert_eq!(sum(&folded.series, flow), 3000, "{flow}");
    }
    let door_ms = |row: &Row| (number(row, "arrived_us") - number(row, "placed_us")) / 1000;
    let expected: i64 = folded.orders.iter().map(door_ms).sum();
    assert_eq!(sum(&folded.series, "door_ms"), expected);
    let on_time = folded.orders.iter().filter(|row| row["on_time"] == "yes").count();
    assert_eq!(sum(&folded.series, "on_time"), i64::try_from(on_time).unwrap());
    assert_eq!(sum(&folded.series, "leg_m"), sum(&folded.trips, "leg_m"));
    let last = &folded.series[folded.series.len() - 20..];
    for level in ["open_orders", "picks_waiting", "picks_working", "bags_waiting", "riders_busy"] {
        assert!(sum(&folded.series, level) > 0, "{level} was above zero some time");
        assert_eq!(sum(last, level), 0, "{level} is zero in the end");
    }
}

#[test]
fn every_column_is_documented_as_it_is() {
    let docs = columns();
    let tables = [
        ("orders", Folded::Orders.schema()),
        ("trips", Folded::Trips.schema()),
        ("series", Folded::Series.schema()),
        ("journal", journal::schema()),
    ];
    for (table, schema) in tables {
        let docs: Vec<_> = docs.iter().filter(|doc| doc.table == table).collect();
        assert_eq!(docs.len(), schema.columns.len(), "{table}");
        for (doc, column) in docs.into_iter().zip(&schema.columns) {
            let kind = if column.values == Values::Number { "int64" } else { "text" };
            let found = (&*doc.name, doc.kind, doc.optional);
            assert_eq!(found, (&*column.name, kind, column.optional), "{table}");
            let is_sentence = doc.meaning.ends_with('.') && doc.meaning.len() > 4;
            assert!(is_sentence, "{table}.{} means: {}", doc.name, doc.meaning);
        }
    }
}
