//! What part of the day is simulated, from what records, and what is asked of it.

use crate::objective::Bound;
use crate::values::{Clock, Duration};

section! {
    /// The stretch of the day that is simulated. Figures are of orders placed inside it.
    pub struct Window {
        /// Time of day at which measuring begins.
        start: Clock = Clock(0), "E: midnight";
        /// How long orders are measured.
        duration: Duration = Duration::min(24 * 60), "E: a whole day";
        /// How long before that the run begins, so that it does not start empty.
        warm_up: Duration = Duration::min(60), "E: four times an order's life";
        /// How long the run goes on afterwards, for what is under way to end.
        drain: Duration = Duration::min(120), "E: longer than the platform waits for a rider";
    }
}

section! {
    /// A recorded day: `orders.csv`, `couriers.csv` and, where orders name their store, `stores.csv`.
    pub struct Trace {
        /// The folder of the tables; without it, a small day of our own that ships with Dastak.
        #[serde(skip_serializing_if = "Option::is_none")]
        dir: Option<String> = None, "";
        /// A table of baskets with the columns `Person` and `item`; without it, baskets of our own.
        #[serde(skip_serializing_if = "Option::is_none")]
        baskets: Option<String> = None, "";
    }
}

section! {
    /// What must be true of the run for it to pass, such as `on_time = ">= 95%"`.
    pub struct Objectives {
        /// Share of delivered orders whose rider was at the door by the promise.
        #[serde(skip_serializing_if = "Option::is_none")]
        on_time: Option<Bound> = None, "";
        /// Share of placed orders that were delivered.
        #[serde(skip_serializing_if = "Option::is_none")]
        delivered: Option<Bound> = None, "";
        /// Share of placed orders that were cancelled.
        #[serde(skip_serializing_if = "Option::is_none")]
        cancelled: Option<Bound> = None, "";
        /// Time from placed to the rider at the door, which half the orders keep within.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_to_door_p50: Option<Bound> = None, "";
        /// Time from placed to the rider at the door, which nine of ten orders keep within.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_to_door_p90: Option<Bound> = None, "";
        /// Time from placed to the rider at the door, which 99 of 100 orders keep within.
        #[serde(skip_serializing_if = "Option::is_none")]
        order_to_door_p99: Option<Bound> = None, "";
        /// Share of riders' shift time spent on trips, inside the window.
        #[serde(skip_serializing_if = "Option::is_none")]
        rider_utilisation: Option<Bound> = None, "";
        /// Share of pickers' time spent picking, inside the window.
        #[serde(skip_serializing_if = "Option::is_none")]
        picker_utilisation: Option<Bound> = None, "";
    }
}

impl Objectives {
    /// The objectives that are set, by name, in the order of the schema.
    #[must_use]
    pub fn given(&self) -> Vec<(&'static str, Bound)> {
        let Self {
            on_time,
            delivered,
            cancelled,
            order_to_door_p50,
            order_to_door_p90,
            order_to_door_p99,
            rider_utilisation,
            picker_utilisation,
        } = self;
        [
            ("on_time", on_time),
            ("delivered", delivered),
            ("cancelled", cancelled),
            ("order_to_door_p50", order_to_door_p50),
            ("order_to_door_p90", order_to_door_p90),
            ("order_to_door_p99", order_to_door_p99),
            ("rider_utilisation", rider_utilisation),
            ("picker_utilisation", picker_utilisation),
        ]
        .into_iter()
        .filter_map(|(name, bound)| bound.map(|bound| (name, bound)))
        .collect()
    }
}
