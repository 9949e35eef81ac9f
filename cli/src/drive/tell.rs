//! What a drive came to: the summary, the manifest, and what is told.

use std::collections::BTreeMap;
use std::path::Path;

use city::demand_digest;
use domain::facts::RunDigest;
use load::Verdict;
use load::agents::ORDER;
use load::record::Row;
use reports::folder::Writer;
use reports::manifest::{CityJournal, Manifest, SCHEMA_VERSION, Timing};
use reports::summary::{
    About, Arrivals, Driver, Figures, Judgements, Live, Objective, RunKind, StepFigures, Summary,
    Times, Unit,
};
use scenarios::Resolved;

use super::evidence::Heard;
use super::{Driven, Plan};
use crate::args::Global;
use crate::clock::Stopwatch;
use crate::commands::run::{exit_of, show, told};
use crate::exit::{Exit, Failure};
use crate::{evidence, host};

/// Share of requests that are answered with certainty, at least (live.md, G0).
const AVAILABILITY: f64 = 0.999;
/// How long placing an order may take at p99, seconds (live.md, G0: gated at 1 s).
const ORDER_P99_S: f64 = 1.0;

/// Everything there is to tell.
pub(super) struct Story<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) resolved: &'a Resolved,
    pub(super) driven: &'a Driven,
    /// What the payment provider was asked and said how often.
    pub(super) paid: BTreeMap<String, u64>,
    pub(super) started_unix_s: u64,
    pub(super) clock: Stopwatch,
}

impl Story<'_> {
    /// Writes the summary and the manifest, and tells the verdict first.
    pub(super) fn tell(
        mut self,
        heard: Heard,
        mut writer: Writer,
        folder: &Path,
        global: &Global,
    ) -> Result<Exit, Failure> {
        let scenario = &self.resolved.scenario;
        let mut verdict = heard.verdict;
        let outcome = &self.driven.outcome;
        if outcome.interrupted {
            evidence::forgive_stopping(&mut verdict);
        }
        let figures = Figures::from(&heard.counts);
        let live = self.live(heard.facts);
        let invalid = match &outcome.verdict {
            Verdict::Invalid(_) => Some(outcome.verdict.to_string().replacen("INVALID: ", "", 1)),
            Verdict::Valid | Verdict::TargetDown => {
                (figures.orders.placed == 0).then(|| "no order was placed".to_owned())
            }
        };
        let about = About {
            kind: RunKind::Drive,
            scenario: scenario.name.clone(),
            seed: u64::from(scenario.seed.get()),
            journal_digest: RunDigest::of_run(std::slice::from_ref(&heard.digest)).to_string(),
            demand_digest: demand_digest(std::slice::from_ref(self.driven.town.demand()))
                .to_string(),
            invalid: invalid.filter(|_| !outcome.interrupted),
            partial: outcome.interrupted,
        };
        let judgements = Judgements {
            objectives: objectives(&live),
            invariants: evidence::invariants(&verdict),
            limits: Vec::new(),
        };
        let mut summary = Summary::new(about, &[figures], judgements);
        summary.live = Some(live);
        let timing = Timing {
            started_unix_s: self.started_unix_s,
            wall_s: self.clock.wall().as_secs_f64(),
            cpu_s: self.clock.cpu_s(),
            // Nothing was simulated.
            judged_cpu_s: 0.0,
            threads: 2,
            orders: heard.counts.placed,
        };
        writer.summary(&summary).map_err(told)?;
        writer.finish(self.manifest(&heard.digest, &timing)).map_err(told)?;
        show(&summary, &timing, folder, global)?;
        Ok(exit_of(&summary))
    }

    fn manifest(&self, digest: &domain::facts::CityDigest, timing: &Timing) -> Manifest {
        let scenario = &self.resolved.scenario;
        Manifest {
            schema_version: SCHEMA_VERSION,
            program: host::program(),
            argv: std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect(),
            host: host::host(),
            timing: timing.clone(),
            scenario: scenario.name.clone(),
            seed: u64::from(scenario.seed.get()),
            replications: 1,
            journal: vec![CityJournal::from(digest)],
            ..Manifest::default()
        }
    }

    /// What only a live run has.
    fn live(&mut self, facts: BTreeMap<String, u64>) -> Live {
        let Driven { town, outcome, customers } = self.driven;
        let record = &outcome.record;
        let steps = (0_u16..).zip(record.steps()).filter_map(|(step, name)| {
            let row = record.counted(load::Step(step));
            (row.operations.sent > 0).then(|| (name.clone(), step_figures(&row)))
        });
        let mut counts = town.counts();
        counts.append(&mut self.paid);
        let all = record.counted_all().operations;
        let arrivals = record.arrivals_counted();
        let placed = counts.get("orders placed").copied().unwrap_or(0);
        let cpu_us: u64 = outcome.lanes.iter().map(|lane| lane.cpu_us).sum();
        let cpu_us = (cpu_us + outcome.writing.cpu_us) as f64;
        Live {
            target: self.plan.targets.join(" "),
            time_scale: self.plan.time_scale.get(),
            orders_per_s: self.plan.rate.per_s(),
            lasted_s: outcome.lasted_us as f64 / 1e6,
            customers: *customers,
            arrivals: Arrivals {
                scheduled: arrivals.scheduled,
                begun: arrivals.begun,
                late: arrivals.late,
                dropped: arrivals.dropped,
                never_sent: arrivals.never_sent,
                cut_short: arrivals.cut_short,
            },
            availability: 1.0 - all.unknown as f64 / all.sent.max(1) as f64,
            place_order_p99_s: times(&record.counted(ORDER)).map(|times| times.p99_ms / 1e3),
            steps: steps.collect(),
            counts,
            facts,
            driver: Driver {
                cpu_us_per_request: outcome.cpu_us_per_request(),
                cpu_us_per_order: cpu_us / placed.max(1) as f64,
                connections: outcome.connections,
                waiting_share: outcome.lanes.iter().map(|lane| lane.waited_us).max().unwrap_or(0)
                    as f64
                    / outcome.lasted_us.max(1) as f64,
            },
        }
    }
}

fn step_figures(row: &Row) -> StepFigures {
    let operations = row.operations;
    let of = |histogram: &kernel::histogram::Histogram| Times {
        p50_ms: ms(histogram.quantile(0.5)),
        p99_ms: ms(histogram.quantile(0.99)),
        p999_ms: ms(histogram.quantile(0.999)),
        max_ms: ms(histogram.max()),
    };
    StepFigures {
        sent: operations.sent,
        ok: operations.ok,
        failed: operations.failed,
        unknown: operations.unknown,
        schedule_error: of(&row.schedule_error_us),
        service: of(&row.service_us),
        response: of(&row.response_us),
    }
}

fn times(row: &Row) -> Option<Times> {
    (row.operations.sent > 0).then(|| step_figures(row).response)
}

fn ms(us: u64) -> f64 {
    us as f64 / 1e3
}

/// What a deployment is held to.
fn objectives(live: &Live) -> Vec<Objective> {
    let availability = Objective {
        name: "availability".to_owned(),
        value: Some(live.availability),
        half_width: None,
        unit: Unit::Share,
        target: format!(">= {}%", AVAILABILITY * 100.0),
        met: live.availability >= AVAILABILITY,
    };
    let p99 = live.place_order_p99_s;
    let order = Objective {
        name: "place_order_p99".to_owned(),
        value: p99,
        half_width: None,
        unit: Unit::Seconds,
        target: format!("<= {ORDER_P99_S}s"),
        met: p99.is_some_and(|p99| p99 <= ORDER_P99_S),
    };
    vec![availability, order]
}
