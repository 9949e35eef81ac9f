//! What one replication came to, and means over several.

use std::collections::BTreeMap;

use domain::order::{Rejection, Stage};
use domain::pricing::Fee;
use kernel::stats::Moments;
use serde::{Deserialize, Serialize};
use verify::{Counts, Money};

use super::{CONFIDENCE, Estimate, Orders};

/// What one replication came to. Everything is about orders placed in the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Facts in the journal, without those that open it.
    pub facts: u64,
    /// Orders by how they ended.
    pub orders: Orders,
    /// The share of delivered orders whose rider arrived by the promise; none without deliveries.
    pub on_time_share: Option<f64>,
    /// From placed to the rider's arrival.
    pub order_to_door_s: DoorTimes,
    /// The share of their time on duty in the window that riders worked; none without duty.
    pub rider_utilisation: Option<f64>,
    /// The same of pickers.
    pub picker_utilisation: Option<f64>,
    /// Lines that could not be held.
    pub stockout_lines: u64,
    /// Money by what it was for, paise.
    pub money_paise: BTreeMap<String, i64>,
    /// How the business ran: times, rates and shares, by name with the unit last.
    pub operations: BTreeMap<&'static str, Option<f64>>,
    /// Every other count, by name.
    pub counts: BTreeMap<String, u64>,
}

impl From<&Counts> for Figures {
    fn from(counts: &Counts) -> Self {
        let seconds = |ms: Option<f64>| ms.map(|ms| ms / 1e3);
        let percentile =
            |percent| seconds(counts.order_to_door_ms_percentile(percent).map(f64::from));
        Self {
            facts: counts.facts,
            orders: Orders {
                placed: counts.placed,
                delivered: counts.delivered,
                rejected: counts.rejected,
                cancelled: counts.cancelled,
                undelivered: counts.undelivered,
                in_flight: counts.in_flight,
            },
            on_time_share: counts.on_time_share(),
            order_to_door_s: DoorTimes {
                mean: seconds(counts.order_to_door_ms_mean()),
                p50: percentile(50),
                p90: percentile(90),
                p99: percentile(99),
            },
            rider_utilisation: counts.rider_utilisation(),
            picker_utilisation: counts.picker_utilisation(),
            stockout_lines: counts.stockout_lines,
            money_paise: money(&counts.money),
            operations: operations(counts),
            counts: other_counts(counts),
        }
    }
}

/// Every sum by name; single fees are `fee_` and their kind, and add up to `fees`.
fn money(money: &Money) -> BTreeMap<String, i64> {
    let fees = Fee::ALL.iter().zip(money.fees);
    let mut named: BTreeMap<_, _> =
        fees.map(|(fee, amount)| (format!("fee_{fee}"), amount.0)).collect();
    let sums = [
        ("goods", money.goods),
        ("fees", money.fees.into_iter().sum()),
        ("total", money.total),
        ("tax", money.tax),
        ("captured", money.captured),
        ("collected", money.collected),
        ("refunded", money.refunded),
        ("rider_pay", money.rider_pay),
    ];
    named.extend(sums.map(|(name, amount)| (name.to_owned(), amount.0)));
    named
}

fn operations(counts: &Counts) -> BTreeMap<&'static str, Option<f64>> {
    BTreeMap::from([
        ("pick_pack_s", counts.pick_pack_s()),
        ("rider_wait_s", counts.rider_wait_s()),
        ("bag_wait_s", counts.bag_wait_s()),
        ("orders_per_rider_hour", counts.orders_per_rider_hour()),
        ("rider_pay_per_hour_paise", counts.rider_pay_per_hour_paise()),
        ("batched_share", counts.batched_share()),
        ("cancelled_share", counts.cancelled_share()),
        ("short_line_share", counts.short_line_share()),
        ("in_stock_share", counts.in_stock_share()),
        ("busiest_hour_share", counts.busiest_hour_share()),
        ("goods_per_order_paise", counts.goods_per_order_paise()),
        ("fees_per_order_paise", counts.fees_per_order_paise()),
        ("orders_per_store_per_day", counts.orders_per_store_per_day()),
    ])
}

fn other_counts(counts: &Counts) -> BTreeMap<String, u64> {
    let rejections = Rejection::ALL.iter().zip(counts.rejections);
    let mut named: BTreeMap<_, _> =
        rejections.map(|(why, orders)| (format!("rejected.{why}"), orders)).collect();
    let cancellations = Stage::ALL.iter().zip(counts.cancellations).filter(|(_, n)| *n > 0);
    named.extend(cancellations.map(|(stage, orders)| (format!("cancelled.{stage}"), orders)));
    let others = [
        ("on_time", counts.on_time),
        ("order_to_door_ms", counts.order_to_door_ms.iter().map(|ms| u64::from(*ms)).sum()),
        ("rider_busy_us", counts.rider_busy_us),
        ("rider_duty_us", counts.rider_duty_us),
        ("picker_busy_us", counts.picker_busy_us),
        ("picker_duty_us", counts.picker_duty_us),
        ("packed", counts.packed),
        ("pick_pack_us", counts.pick_pack_us),
        ("picked_up", counts.picked_up),
        ("rider_wait_us", counts.rider_wait_us),
        ("bag_wait_us", counts.bag_wait_us),
        ("lines_sought", counts.lines_sought),
        ("lines_short", counts.lines_short),
        ("placed_in_busiest_hour", counts.busiest_hour()),
        ("stores", counts.stores),
        ("window_us", counts.window_us),
        ("in_stock_ms", counts.in_stock_ms),
        ("shelf_ms", counts.shelf_ms),
        ("received_units", counts.received_units),
        ("dumped_units", counts.dumped_units),
        ("counted_off_units", counts.counted_off_units),
        ("trips", counts.trips),
        ("carried", counts.carried),
        ("batched", counts.batched),
        ("delivered_ever", counts.delivered_ever),
        ("opening_facts", counts.opening_facts),
    ];
    named.extend(others.map(|(name, count)| (name.to_owned(), count)));
    named
}

/// Seconds from order to door, or their half-widths; none without arrivals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DoorTimes {
    /// The mean.
    pub mean: Option<f64>,
    /// Half of the orders were faster.
    pub p50: Option<f64>,
    /// Nine of ten were faster.
    pub p90: Option<f64>,
    /// Ninety-nine of a hundred were faster.
    pub p99: Option<f64>,
}

impl Figures {
    pub(super) fn orders_by_name(&self) -> Vec<(String, f64)> {
        let named = self.orders.named();
        named.into_iter().map(|(name, orders)| (name.to_owned(), count(orders))).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "2^53 paise are ninety thousand crore rupees")]
    pub(super) fn money_by_name(&self) -> Vec<(String, f64)> {
        self.money_paise.iter().map(|(name, paise)| (name.clone(), *paise as f64)).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(super) fn count(count: u64) -> f64 {
    count as f64
}

/// The mean of a figure over the replications that have it.
pub(super) fn estimate(
    replications: &[Figures],
    figure: &dyn Fn(&Figures) -> Option<f64>,
) -> Estimate {
    of(&replications.iter().filter_map(figure).collect())
}

/// The means of named figures; a replication that lacks a name has zero of it.
pub(super) fn estimates(
    replications: &[Figures],
    figures: impl Fn(&Figures) -> Vec<(String, f64)>,
) -> BTreeMap<String, Estimate> {
    let by_replication: Vec<BTreeMap<String, f64>> =
        replications.iter().map(|replication| figures(replication).into_iter().collect()).collect();
    let names = by_replication.iter().flat_map(BTreeMap::keys);
    let of_name = |name: &String| {
        let values = by_replication.iter().map(|named| named.get(name).copied().unwrap_or(0.0));
        (name.clone(), of(&values.collect()))
    };
    names.map(of_name).collect()
}

fn of(values: &Moments) -> Estimate {
    let interval = values.interval(CONFIDENCE);
    Estimate {
        mean: (values.count() > 0).then(|| rounded(interval.mean)),
        half_width: interval.half_width.is_finite().then(|| rounded(interval.half_width)),
    }
}

/// To a millionth: more digits would be noise for a reader.
fn rounded(value: f64) -> f64 {
    libm::round(value * 1e6) / 1e6
}
