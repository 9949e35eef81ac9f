//! What only a run against a live deployment has: latencies as its clients saw them, and what the
//! driver itself took.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// A run against a live deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// The deployment.
    pub target: String,
    /// How many times faster the physical world went.
    pub time_scale: u32,
    /// Orders that customers tried to place, a second.
    pub orders_per_s: f64,
    /// How long it lasted, seconds.
    pub lasted_s: f64,
    /// Customers who came.
    pub customers: u64,
    /// What became of arrivals of all kinds, warm-up not counted.
    pub arrivals: Arrivals,
    /// Share of requests that were answered with certainty.
    pub availability: f64,
    /// From when an order was to be placed until it was answered, 99 of 100, seconds.
    pub place_order_p99_s: Option<f64>,
    /// Steps of journeys, by name; warm-up not counted.
    pub steps: BTreeMap<String, StepFigures>,
    /// What agents and providers did, by name.
    pub counts: BTreeMap<String, u64>,
    /// Facts of the deployment's journal, by kind.
    pub facts: BTreeMap<String, u64>,
    /// What the driver took.
    pub driver: Driver,
}

/// What became of arrivals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrivals {
    /// On the list.
    pub scheduled: u64,
    /// Begun.
    pub begun: u64,
    /// Of those, begun more than a millisecond late.
    pub late: u64,
    /// Turned away, since too many were under way.
    pub dropped: u64,
    /// Given up, since the driver was behind.
    pub never_sent: u64,
    /// Begun, and not over when the run was.
    pub cut_short: u64,
}

/// What is known of one step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepFigures {
    /// Requests sent.
    pub sent: u64,
    /// Answered with success.
    pub ok: u64,
    /// Refused.
    pub failed: u64,
    /// It is not known whether they happened.
    pub unknown: u64,
    /// From intended to begun.
    pub schedule_error: Times,
    /// From sent to done.
    pub service: Times,
    /// From intended to done: what a person waits.
    pub response: Times,
}

/// Quantiles of times, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// Half are shorter.
    pub p50_ms: f64,
    /// 99 of 100 are shorter.
    pub p99_ms: f64,
    /// 999 of 1000 are shorter.
    pub p999_ms: f64,
    /// None is longer.
    pub max_ms: f64,
}

/// What the driver took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Driver {
    /// Processor time a request, µs.
    pub cpu_us_per_request: f64,
    /// Processor time an order placed, µs: all its people's requests, pings too.
    pub cpu_us_per_order: f64,
    /// Connections made.
    pub connections: u64,
    /// Share of the time that it was ready to run and something else had the processor.
    pub waiting_share: f64,
}

impl Live {
    /// The account for a terminal, ending with a line's end.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { target, time_scale, orders_per_s, lasted_s, arrivals, driver, .. } = self;
        let mut text = format!(
            "{target}: {orders_per_s:.1} orders/s, time scale {time_scale}, {lasted_s:.1} s\n\
             arrivals {} of {} begun, {} late, {} dropped, {} never sent, {} cut short\n\
             availability {:.3} %; driver {:.0} µs of CPU a request, {:.0} µs an order\n\n",
            arrivals.begun,
            arrivals.scheduled,
            arrivals.late,
            arrivals.dropped,
            arrivals.never_sent,
            arrivals.cut_short,
            self.availability * 100.0,
            driver.cpu_us_per_request,
            driver.cpu_us_per_order,
        );
        let mut line = |cells: [&str; 9]| {
            let [name, rest @ ..] = cells;
            text += &format!("{name:<10}");
            rest.iter().for_each(|cell| text += &format!("{cell:>10}"));
            text.push('\n');
        };
        line([
            "step", "sent", "refused", "unknown", "late p99", "service", "response", "p99", "p99.9",
        ]);
        for (name, step) in &self.steps {
            let ms = |ms: f64| format!("{ms:.1} ms");
            line([
                name,
                &step.sent.to_string(),
                &step.failed.to_string(),
                &step.unknown.to_string(),
                &ms(step.schedule_error.p99_ms),
                &ms(step.service.p50_ms),
                &ms(step.response.p50_ms),
                &ms(step.response.p99_ms),
                &ms(step.response.p999_ms),
            ]);
        }
        text.push('\n');
        for (what, count) in &self.counts {
            // A string can be written to.
            let _ = writeln!(text, "{what:<32}{count:>10}");
        }
        text
    }
}
