use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::demand_digest;

const POINTS: &str = "order_id,pick_up_lat,pick_up_lng,drop_off_lat,drop_off_lng,placement_time,preparation_time,ready_time,expected_drop_off_time\n";
const NAMED: &str = "order_id,store_id,drop_off_lat,drop_off_lng,placement_time,preparation_time,ready_time,expected_drop_off_time\n";
const STORES: &str = "store_id,pick_up_lat,pick_up_lng\n";
const COURIERS: &str = "courier_id,vehicle,on_lat,on_lng,on_time,off_time\n";
const COURIER: &str = "1,motorcycle,3.45,-76.54,00:00:00,12:03:03\n";
const BASKETS: &str = "\"Person\",\"item\"\n1,\"milk\"\n1,\"rice\"\n2,\"milk\"\n";
const ORDER: &str = "1,3.36,-76.53,3.37,-76.51,00:02:08,00:03:38,00:30:38,00:43:08\n";

struct Text {
    orders: String,
    couriers: String,
    stores: Option<String>,
    baskets: String,
}

impl Text {
    fn orders(rows: &str) -> Self {
        Self {
            orders: POINTS.to_owned() + rows,
            couriers: COURIERS.to_owned() + COURIER,
            stores: None,
            baskets: BASKETS.to_owned(),
        }
    }

    fn named(rows: &str, stores: &str) -> Self {
        Self {
            orders: NAMED.to_owned() + rows,
            stores: Some(STORES.to_owned() + stores),
            ..Self::orders("")
        }
    }

    fn couriers(rows: &str) -> Self {
        Self { couriers: COURIERS.to_owned() + rows, ..Self::orders(ORDER) }
    }

    fn import(&self) -> Result<TraceDay, TraceError> {
        let mut stores = self.stores.as_ref().map(String::as_bytes);
        let files = TraceFiles {
            orders: &mut self.orders.as_bytes(),
            couriers: &mut self.couriers.as_bytes(),
            stores: stores.as_mut().map(|stores| stores as &mut dyn Read),
            baskets: &mut self.baskets.as_bytes(),
        };
        import(files, &TraceSetup::default())
    }
}

#[test]
fn both_layouts_give_the_same_day() {
    let points = Text::orders(
        "1,3.36,-76.53,3.37,-76.51,00:02:08,00:03:38,00:30:38,00:43:08\n\
         2,3.40,-76.50,3.37,-76.51,00:01:00,00:03:38,00:30:38,00:43:08\n\
         3,3.36,-76.53,3.38,-76.51,00:03:00,00:03:38,00:20:00,00:43:08\n",
    );
    let named = Text::named(
        "o1,b,3.37,-76.51,0:02:08,0:03:38,0:30:38,0:43:08\n\
         o2,a,3.37,-76.51,0:01:00,0:03:38,0:30:38,0:43:08\n\
         o3,b,3.38,-76.51,0:03:00,0:03:38,0:20:00,0:43:08\n",
        "b,3.36,-76.53\na,3.40,-76.50\n",
    );
    let (points, named) = (points.import().unwrap(), named.import().unwrap());
    assert_eq!(points.demand, named.demand);
    assert_eq!(points.report, named.report);
    assert_eq!(points.city.stores, named.city.stores);
    assert_eq!(points.city.pickers, named.city.pickers);

    let arrivals = &points.demand.arrivals;
    let refs: Vec<u64> = arrivals.iter().map(|arrival| arrival.client_ref).collect();
    assert_eq!(refs, [2, 1, 3], "sorted by time, named as recorded");
    assert_eq!(points.report.unsorted_orders, 1);
    assert_eq!(arrivals[0].customer, arrivals[1].customer, "one door, one customer");
    assert_ne!(arrivals[1].customer, arrivals[2].customer);
    let pickers: Vec<u32> = points.city.pickers.iter().map(|picker| picker.store.0).collect();
    assert_eq!(pickers, [0, 0, 1], "two orders are in preparation at the first store at once");
}

#[test]
fn untidy_rows_are_kept_and_counted() {
    let order = |times: &str| Text::orders(&format!("1,3.36,-76.53,3.37,-76.51,{times}\n"));
    let far = Text::orders("1,4.64,-74.07,7.12,-73.12,10:00:00,10:01:00,10:30:00,10:40:00\n");
    let all_zero = TraceReport {
        orders: 1,
        couriers: 1,
        stores: 1,
        baskets: 2,
        basket_lines: 3,
        ..TraceReport::default()
    };
    let check = |text: &Text, ready_s: u32, expected_s: u32, want: TraceReport| {
        let day = text.import().unwrap();
        let recorded = day.demand.arrivals[0].recorded.unwrap();
        assert_eq!((recorded.ready.0, recorded.expected.0), (ready_s * 1_000, expected_s * 1_000));
        assert_eq!(TraceReport { farthest_m: 0.0, ..day.report }, want);
    };
    check(&order("10:00:00,10:01:00,10:30:00,10:40:00"), 1_800, 2_400, all_zero);
    check(
        &order("23:50:00,23:51:00,00:10:00,00:20:00"),
        1_200,
        1_800,
        TraceReport { ready_past_midnight: 1, expected_past_midnight: 1, ..all_zero },
    );
    check(
        &order("10:00:00,10:01:00,10:30:00,10:20:00"),
        1_800,
        1_200,
        TraceReport { expected_before_ready: 1, ..all_zero },
    );
    check(
        &order("10:00:00,10:01:00,09:30:00,09:40:00"),
        0,
        0,
        TraceReport { ready_before_placed: 1, expected_before_placed: 1, ..all_zero },
    );
    check(&far, 1_800, 2_400, TraceReport { far_orders: 1, ..all_zero });
    assert!((far.import().unwrap().report.farthest_m / 1e3 - 295.0).abs() < 5.0);

    let shifts =
        Text::couriers("1,car,3.4,-76.5,20:00:00,02:00:00\n2,car,3.4,-76.5,8:00:00,8:00:00\n");
    let day = shifts.import().unwrap();
    assert_eq!((day.report.shifts_past_midnight, day.report.zero_shifts), (1, 1));
    assert_eq!(day.city.riders[0].shifts[0].to.0, 26 * 3_600_000_000);
    assert_eq!(day.city.riders[1].shifts[0].from, day.city.riders[1].shifts[0].to);
}

#[test]
fn what_cannot_be_understood_is_refused_by_row() {
    let check = |text: Text, want: &str| {
        assert_eq!(text.import().unwrap_err().to_string(), want);
    };
    let second = |row: &str| Text::orders(&(ORDER.to_owned() + row));
    check(
        second("2,3.36,-76.53,3.37,-76.51,00:60:08,00:03:38,00:30:38,00:43:08\n"),
        "orders, row 3, placement_time: \"00:60:08\" where a time of day from 0:00:00 to 23:59:59 was expected",
    );
    check(
        second("2,3.36,-76.53,3.37,-76.51,00:02:08,nonsense,00:30:38,00:43:08\n"),
        "orders, row 3, preparation_time: \"nonsense\" where a time of day from 0:00:00 to 23:59:59 was expected",
    );
    check(
        second("2,3.36,-76.53,93.37,-76.51,00:02:08,00:03:38,00:30:38,00:43:08\n"),
        "orders, row 3, drop_off_lat: \"93.37\" where a latitude from -90 to 90 degrees was expected",
    );
    check(
        second("2,3.36,NaN,3.37,-76.51,00:02:08,00:03:38,00:30:38,00:43:08\n"),
        "orders, row 3, pick_up_lng: \"NaN\" where a longitude from -180 to 180 degrees was expected",
    );
    check(second(ORDER), "orders, row 3, order_id: \"1\" is already the id of row 2");
    check(second("2,3.36,-76.53,3.3"), "orders, row 3: 4 fields where the header has 9");
    check(
        second("2,3.36,-76.53,3.37,-76.51,00:02:08,00:03:38,00:30:38,00:4"),
        "orders, row 3, expected_drop_off_time: \"00:4\" where a time of day from 0:00:00 to 23:59:59 was expected",
    );
    check(Text::orders(""), "orders: no rows");
    check(
        Text { orders: "order_id,lat\n1,2\n".to_owned(), ..Text::orders("") },
        "orders: no column pick_up_lat; there are order_id, lat",
    );
    check(
        Text::named("1,z,3.37,-76.51,0:02:08,0:03:38,0:30:38,0:43:08\n", "b,3.36,-76.53\n"),
        "orders, row 2, store_id: \"z\" where the id of a store in the table of stores was expected",
    );
    check(
        Text::couriers("1,car,3.4,-190,20:00:00,02:00:00\n"),
        "couriers, row 2, on_lng: \"-190\" where a longitude from -180 to 180 degrees was expected",
    );
    check(second(&format!("{},3.36", "x".repeat(20_000))), "orders, row 3: cannot be read");
}

proptest! {
    /// Whatever the bytes, reading ends in a day or in a refusal.
    #[test]
    fn any_bytes_are_read_or_refused(
        orders in prop::collection::vec(any::<u8>(), 0..400),
        header in any::<bool>(),
    ) {
        let mut text = if header { POINTS.as_bytes().to_vec() } else { Vec::new() };
        text.extend(orders);
        let couriers = COURIERS.to_owned() + COURIER;
        let files = TraceFiles {
            orders: &mut text.as_slice(),
            couriers: &mut couriers.as_bytes(),
            stores: None,
            baskets: &mut BASKETS.as_bytes(),
        };
        let _ = import(files, &TraceSetup::default());
    }

    /// A row with one character changed is read or refused by its number, and what is read
    /// is an order within a day.
    #[test]
    fn a_slip_of_the_pen_is_survived(at in 0..ORDER.len() - 1, with in "[ -~]") {
        let mut row = ORDER.to_owned();
        row.replace_range(at..=at, &with);
        match Text::orders(&row).import() {
            Ok(day) => {
                let arrival = day.demand.arrivals[0];
                prop_assert!(arrival.at.0 < 86_400_000_000);
                prop_assert!(arrival.recorded.unwrap().ready.0 < 86_400_000);
            }
            Err(error) => prop_assert!(error.to_string().contains("row 2"), "{}", error),
        }
    }
}

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("DASTAK_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not here (set DASTAK_DATA)", path.display());
    None
}

fn recorded_day(day: &str) -> Option<TraceDay> {
    let open = |path: PathBuf| std::fs::File::open(path).unwrap();
    let folder = shared(day)?;
    let mut stores = folder.join("stores.csv").exists().then(|| open(folder.join("stores.csv")));
    let files = TraceFiles {
        orders: &mut open(folder.join("orders.csv")),
        couriers: &mut open(folder.join("couriers.csv")),
        stores: stores.as_mut().map(|stores| stores as &mut dyn Read),
        baskets: &mut open(shared("groceries/groceries_wide.csv")?),
    };
    Some(import(files, &TraceSetup::default()).unwrap())
}

#[test]
fn recorded_days_are_read_with_their_untidiness() {
    let check = |day: &str, want: TraceReport, far_km: f64| {
        let Some(day) = recorded_day(day) else { return };
        let km = day.report.farthest_m / 1e3;
        assert!((km - far_km).abs() < 0.1, "{km}");
        assert_eq!(TraceReport { farthest_m: 0.0, idle_stores: 0, ..day.report }, want);
        assert!(day.demand.arrivals.is_sorted_by_key(|arrival| arrival.at));
        for arrival in &day.demand.arrivals {
            let store = day.city.stores[arrival.store.unwrap().index()];
            assert!(store.place.straight_m(arrival.door) <= f64::from(store.radius_m));
        }
    };
    let baskets = TraceReport { baskets: 9_835, basket_lines: 43_367, ..TraceReport::default() };
    check(
        "rappi/day-1",
        TraceReport {
            orders: 7_367,
            couriers: 2_392,
            stores: 804,
            ready_past_midnight: 4,
            expected_past_midnight: 17,
            expected_before_ready: 2_021,
            zero_shifts: 25,
            ..baskets
        },
        13.8,
    );
    check(
        "rappi/day-12",
        TraceReport {
            orders: 31_199,
            couriers: 13_152,
            stores: 3_677,
            ready_past_midnight: 9,
            expected_past_midnight: 55,
            expected_before_ready: 5_866,
            zero_shifts: 606,
            ..baskets
        },
        13.7,
    );
    check(
        "rappi/day-0-with-stores",
        TraceReport {
            orders: 56_420,
            couriers: 16_710,
            stores: 4_074,
            ready_past_midnight: 9,
            expected_past_midnight: 88,
            expected_before_ready: 14_958,
            far_orders: 1,
            zero_shifts: 209,
            ..baskets
        },
        283.0,
    );
}

#[test]
fn recorded_orders_have_the_sizes_of_real_baskets() {
    let Some(day) = recorded_day("rappi/day-12") else { return };
    let mut sizes: Vec<u16> = day.demand.arrivals.iter().map(|order| order.lines.len).collect();
    sizes.sort_unstable();
    let mean = day.demand.lines.len() as f64 / sizes.len() as f64;
    assert!((mean - 4.41).abs() < 0.06, "{mean}");
    assert_eq!((sizes[sizes.len() / 2], sizes[sizes.len() * 9 / 10]), (3, 9));
    let worth: i64 = day
        .demand
        .lines
        .iter()
        .map(|line| day.city.skus[line.sku.index()].price.times(line.units).0)
        .sum();
    let order_value = worth as f64 / 100.0 / sizes.len() as f64;
    assert!((order_value - 600.0).abs() < 12.0, "{order_value}");
}

#[test]
fn another_seed_gives_another_demand_and_the_same_seed_the_same() {
    let day = |seed| {
        let text = Text::orders(
            &(1..40)
                .fold(String::new(), |rows, id| rows + &ORDER.replacen('1', &id.to_string(), 1)),
        );
        let files = TraceFiles {
            orders: &mut text.orders.as_bytes(),
            couriers: &mut text.couriers.as_bytes(),
            stores: None,
            baskets: &mut text.baskets.as_bytes(),
        };
        demand_digest(&[import(files, &TraceSetup { seed, ..TraceSetup::default() })
            .unwrap()
            .demand])
    };
    assert_eq!(day(1), day(1));
    assert_ne!(day(1), day(2));
}
