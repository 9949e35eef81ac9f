//! `evening-peak` is a calibrated normal weekday in a metro: each figure lies within its band.

#![expect(clippy::print_stdout, reason = "a test says what it measured")]

use serde_json::Value;

use super::{dastak, folder, said};

/// Bands of a calibrated normal weekday (calibration section 5): where in the summary, and
/// between what.
const BANDS: &[(&str, f64, f64)] = &[
    ("/order_to_door_s/mean", 9.0 * 60.0, 14.0 * 60.0),
    ("/order_to_door_s/p90", 13.0 * 60.0, 19.0 * 60.0),
    ("/order_to_door_s/p99", 0.0, 30.0 * 60.0),
    ("/on_time_share/mean", 0.80, 0.97),
    ("/operations/pick_pack_s/mean", 90.0, 180.0),
    ("/operations/rider_wait_s/mean", 0.0, 120.0),
    ("/operations/bag_wait_s/mean", 0.0, 60.0),
    ("/operations/orders_per_rider_hour/mean", 2.2, 3.5),
    ("/operations/rider_pay_per_hour_paise/mean", 9_000.0, 13_000.0),
    ("/utilisation/rider", 0.70, 0.88),
    ("/utilisation/picker", 0.45, 0.70),
    ("/operations/batched_share/mean", 0.0, 0.20),
    ("/operations/cancelled_share/mean", 0.005, 0.025),
    ("/operations/short_line_share/mean", 0.005, 0.025),
    ("/operations/in_stock_share/mean", 0.90, 0.97),
    ("/operations/busiest_hour_share/mean", 0.08, 0.10),
    ("/operations/goods_per_order_paise/mean", 50_000.0, 70_000.0),
    ("/operations/fees_per_order_paise/mean", 1_000.0, 3_500.0),
    ("/operations/orders_per_store_per_day/mean", 850.0, 2_200.0),
];

/// One day of one city for each seed.
fn days(seeds: u32, sets: &[&str]) -> Vec<Value> {
    let day = |seed: u32| {
        let dir = folder();
        let mut command = dastak(dir.path());
        command.args(["run", "evening-peak", "--replications", "1", "--journal", "off"]);
        command.args(["--format", "json", "--quiet", "--seed", &seed.to_string()]);
        sets.iter().for_each(|set| {
            command.args(["--set", set]);
        });
        let said = said(&mut command);
        assert_ne!(said.code, Some(11), "an invariant is broken: {}", said.out);
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}", said.err))
    };
    (1..=seeds).map(day).collect()
}

fn check(seeds: u32, sets: &[&str]) {
    let days = days(seeds, sets);
    for (path, low, high) in BANDS {
        let value = |day: &Value| day.pointer(path).and_then(Value::as_f64);
        let values: Vec<f64> = days.iter().map(|day| value(day).expect(path)).collect();
        let mean = values.iter().sum::<f64>() / f64::from(seeds);
        let (least, most) = values.iter().fold((f64::MAX, f64::MIN), |(least, most), &value| {
            (least.min(value), most.max(value))
        });
        println!("{path}: {mean:.4} ({least:.4} to {most:.4}) in {low} to {high}");
        let band = *low..=*high;
        let stray: Vec<_> = values.iter().filter(|value| !band.contains(value)).collect();
        assert!(stray.is_empty(), "{path} is {stray:?} on single days, not from {low} to {high}");
    }
}

#[test]
fn a_few_days_of_a_small_city_are_calibrated() {
    check(3, &["cities.bengaluru=12"]);
}

/// `RUN_SLOW=1 cargo test --release -p dastak-cli --test it slow_twenty -- --nocapture`
#[test]
fn slow_twenty_days_of_the_whole_city_are_calibrated() {
    if std::env::var_os("RUN_SLOW").is_none() {
        eprintln!("SKIPPED: a slow test (set RUN_SLOW=1)");
        return;
    }
    check(20, &[]);
}
