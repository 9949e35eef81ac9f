//! What one replication came to, and means over several.

use std::collections::BTreeMap;

use kernel::stats::Moments;
use serde::{Deserialize, Serialize};

use super::{CONFIDENCE, Estimate, Orders};

/// What one replication came to. Everything is about orders placed in the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Facts in the journal.
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
