//! What only a run against a live deployment has: latencies as its clients saw them, and what the
//! driver itself took.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// From this share on a funnel is whole: a session in a thousand is cut off by the run's end.
const WHOLE: f64 = 0.999;
/// The step that people wait for.
const PLACING: &str = "order";

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
    /// Share of requests that were answered as the API promises: carried out, or refused for a
    /// reason that lies in what was asked. Not so are 5xx, 408 and 429, a connection that was
    /// refused or broke off, and time that ran out.
    pub availability: f64,
    /// Connections that a server refused, and that the next server was asked for at once: nothing
    /// had been sent.
    #[serde(default)]
    pub passed_over: u64,
    /// From when an order was to be placed until it was answered, 99 of 100, seconds.
    pub place_order_p99_s: Option<f64>,
    /// Steps of journeys, by name; warm-up not counted.
    pub steps: BTreeMap<String, StepFigures>,
    /// The same by phase, in order, warm-up too.
    #[serde(default)]
    pub phases: Vec<PhaseFigures>,
    /// What agents and providers did, by name.
    pub counts: BTreeMap<String, u64>,
    /// Facts of the deployment's journal, by kind.
    pub facts: BTreeMap<String, u64>,
    /// What the driver took.
    pub driver: Driver,
    /// Sessions beside the orders, if they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funnel: Option<Funnel>,
}

/// Sessions of those who looked around and left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Funnel {
    /// Sessions wanted, a second.
    pub wanted_per_s: f64,
    /// Of those, the share that was played to its end.
    pub reached_share: f64,
    /// What kept the others back.
    pub limited_by: String,
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

/// What is known of one phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseFigures {
    /// What it is called, such as `hold`.
    pub name: String,
    /// When it ended, seconds after the run's start.
    pub until_s: f64,
    /// Whether it is judged; warm-up is not.
    pub counted: bool,
    /// Its steps, by name.
    pub steps: BTreeMap<String, StepFigures>,
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
    /// Of those answered with success or refused, the ones that count as available.
    #[serde(default)]
    pub answered: u64,
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
    /// Share of the time that its busiest thread ran.
    #[serde(default)]
    pub busy_share: f64,
    /// Share of their time that all processors of its machine were busy, whoever had them.
    #[serde(default)]
    pub machine_busy_share: Option<f64>,
}

impl Live {
    /// The account for a terminal, ending with a line's end.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { target, time_scale, orders_per_s, lasted_s, arrivals, driver, .. } = self;
        let sum = |of: fn(&StepFigures) -> u64| self.steps.values().map(of).sum::<u64>();
        let (sent, answered) = (sum(|step| step.sent), sum(|step| step.answered));
        let mut text = format!(
            "{target}: {orders_per_s:.1} orders/s, time scale {time_scale}, {lasted_s:.1} s\n\
             arrivals {} of {} begun, {} late, {} dropped, {} never sent, {} cut short\n\
             availability {:.3} %, {} of {} requests not answered; {} connections refused and \
             asked of the next server\n\
             driver {:.0} µs of CPU a request, {:.0} µs an order\n\n",
            arrivals.begun,
            arrivals.scheduled,
            arrivals.late,
            arrivals.dropped,
            arrivals.never_sent,
            arrivals.cut_short,
            self.availability * 100.0,
            sent - answered,
            sent,
            self.passed_over,
            driver.cpu_us_per_request,
            driver.cpu_us_per_order,
        );
        if let Some(Funnel { wanted_per_s, reached_share, limited_by }) = &self.funnel {
            text += &format!(
                "funnel: {:.1} of {wanted_per_s:.1} sessions/s beside the orders, {:.1} %{}\n\n",
                wanted_per_s * reached_share,
                reached_share * 100.0,
                if *reached_share < WHOLE {
                    format!("; limited by {limited_by}")
                } else {
                    String::new()
                },
            );
        }
        let head = [
            "step", "sent", "refused", "unknown", "late p99", "service", "response", "p99", "p99.9",
        ];
        text += &row(head.map(str::to_owned));
        for (name, step) in &self.steps {
            text += &row(step.cells(name));
        }
        if self.phases.iter().filter(|phase| phase.counted).count() > 1 {
            text += &format!("\n{PLACING}, by phase\n");
            let placing = self.phases.iter().filter_map(|phase| {
                let step = phase.steps.get(PLACING)?;
                Some(row(step.cells(&phase.name)))
            });
            text.extend(placing);
        }
        text.push('\n');
        for (what, count) in &self.counts {
            // A string can be written to.
            let _ = writeln!(text, "{what:<32}{count:>10}");
        }
        text
    }
}

impl StepFigures {
    fn cells(&self, name: &str) -> [String; 9] {
        let ms = |ms: f64| format!("{ms:.1} ms");
        [
            name.to_owned(),
            self.sent.to_string(),
            self.failed.to_string(),
            self.unknown.to_string(),
            ms(self.schedule_error.p99_ms),
            ms(self.service.p50_ms),
            ms(self.response.p50_ms),
            ms(self.response.p99_ms),
            ms(self.response.p999_ms),
        ]
    }
}

/// A row of a table: a name, then numbers.
fn row([name, numbers @ ..]: [String; 9]) -> String {
    let mut row = format!("{name:<10}");
    numbers.iter().for_each(|number| row += &format!("{number:>10}"));
    row + "\n"
}
