//! What a drive came to: the summary, the manifest, and what is told.

use std::collections::BTreeMap;
use std::path::Path;

use city::demand_digest;
use domain::facts::{CityDigest, RunDigest};
use load::Verdict;
use load::agents::ORDER;
use load::clock::ThreadTime;
use load::record::{Record, Row};
use reports::folder::Writer;
use reports::live::LiveError;
use reports::manifest::{CityJournal, Manifest, SCHEMA_VERSION, Timing};
use reports::summary::{
    About, Arrivals, Driver, Figures, Funnel, Judgements, Live, Objective, PhaseFigures, RunKind,
    StepFigures, Summary, Times, Unit,
};
use scenarios::Resolved;

use super::evidence::Heard;
use super::{Driven, Plan};
use crate::args::Global;
use crate::clock::Stopwatch;
use crate::commands::run::{exit_of, show, told};
use crate::exit::{Exit, Failure};
use crate::judgement::{forgive_stopping, rulings};
use crate::{evidence, host};

/// Share of requests that are answered as the API promises, at least (live.md, G0).
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
        let Heard { records, mut judgement, facts, unseen, orders } = heard;
        let outcome = &self.driven.outcome;
        // A run that was stopped, or whose target went down, is not whole.
        let is_partial = outcome.interrupted || outcome.verdict == Verdict::TargetDown;
        if is_partial {
            forgive_stopping(&mut judgement.verdict, &mut judgement.checks);
        }
        let mut figures = Figures::from(&judgement.counts);
        figures.orders = orders.unwrap_or(figures.orders);
        let rulings = rulings(&judgement.verdict, &judgement.checks, || records.iter().copied());
        let live = self.live(facts);
        let invalid = invalid(&outcome.verdict, unseen, figures.orders.placed);
        let about = About {
            kind: RunKind::Drive,
            scenario: scenario.name.clone(),
            seed: u64::from(scenario.seed.get()),
            journal_digest: RunDigest::of_run(&judgement.digests).to_string(),
            demand_digest: demand_digest(std::slice::from_ref(self.driven.town.demand()))
                .to_string(),
            invalid: invalid.filter(|_| !is_partial),
            partial: is_partial,
        };
        let judgements = Judgements {
            objectives: objectives(&live),
            invariants: evidence::invariants(rulings),
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
            orders: judgement.counts.placed,
        };
        writer.summary(&summary).map_err(told)?;
        writer.finish(self.manifest(&judgement.digests, &timing)).map_err(told)?;
        show(&summary, &timing, folder, global)?;
        Ok(exit_of(&summary))
    }

    fn manifest(&self, digests: &[CityDigest], timing: &Timing) -> Manifest {
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
            journal: digests.iter().map(CityJournal::from).collect(),
            ..Manifest::default()
        }
    }

    /// What only a live run has.
    fn live(&mut self, facts: BTreeMap<String, u64>) -> Live {
        let Driven { town, outcome, customers, .. } = self.driven;
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
        let driver = self.driver(placed);
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
            availability: all.availability(),
            passed_over: outcome.passed_over,
            place_order_p99_s: times(&record.counted(ORDER)).map(|times| times.p99_ms / 1e3),
            steps: steps.collect(),
            phases: phases(record),
            funnel: funnel(&counts, arrivals_s(outcome), &driver),
            counts,
            facts,
            driver,
        }
    }

    /// What the driver took, with so many orders placed.
    fn driver(&self, placed: u64) -> Driver {
        let outcome = &self.driven.outcome;
        let cpu_us: u64 = outcome.lanes.iter().map(|lane| lane.cpu_us).sum();
        let cpu_us = (cpu_us + outcome.writing.cpu_us) as f64;
        let most = |of: fn(&ThreadTime) -> u64| {
            let most = outcome.lanes.iter().map(of).max().unwrap_or(0);
            most as f64 / outcome.lasted_us.max(1) as f64
        };
        Driver {
            cpu_us_per_request: outcome.cpu_us_per_request(),
            cpu_us_per_order: cpu_us / placed.max(1) as f64,
            connections: outcome.connections,
            waiting_share: most(|lane| lane.waited_us),
            busy_share: most(|lane| lane.cpu_us),
            machine_busy_share: self.driven.machine_busy_share,
        }
    }
}

/// A thread, or a machine, that is busy for so much of its time has nothing left to give.
const BUSY: f64 = 0.9;

/// How long customers arrived, seconds.
fn arrivals_s(outcome: &load::Outcome) -> f64 {
    let phases = outcome.record.phases().all();
    let warm_us = phases.iter().find(|phase| !phase.counted).map_or(0, |phase| phase.until_us);
    let until_us = outcome.record.phases().until_us().min(outcome.lasted_us);
    until_us.saturating_sub(warm_us) as f64 / 1e6
}

/// How much of the sessions beside the orders was played; none if none were wanted.
fn funnel(counts: &BTreeMap<String, u64>, lasts_s: f64, driver: &Driver) -> Option<Funnel> {
    let wanted = counts.get("sessions wanted").copied()? as f64;
    let whole = counts.get("sessions whole").copied().unwrap_or(0) as f64;
    let percent = |share: f64| share * 100.0;
    let limited_by = match driver.machine_busy_share {
        _ if driver.busy_share >= BUSY => {
            format!("the driver, whose thread was {:.0} % busy", percent(driver.busy_share))
        }
        Some(machine) if machine >= BUSY => format!(
            "this machine's processors, {:.0} % busy; the driver's thread was so for {:.0} %",
            percent(machine),
            percent(driver.busy_share)
        ),
        _ => "the deployment".to_owned(),
    };
    let wanted_per_s = wanted / lasts_s.max(1.0);
    Some(Funnel { wanted_per_s, reached_share: whole / wanted.max(1.0), limited_by })
}

/// What is known of each phase.
fn phases(record: &Record) -> Vec<PhaseFigures> {
    let steps = |phase| {
        let steps = (0_u16..).zip(record.steps());
        let known = steps.filter_map(|(step, name)| {
            let row = record.row(load::Step(step), phase)?;
            (row.operations.sent > 0).then(|| (name.clone(), step_figures(row)))
        });
        known.collect()
    };
    let phases = record.phases().all().iter().enumerate();
    phases
        .map(|(number, phase)| PhaseFigures {
            name: phase.name.clone(),
            until_s: phase.until_us as f64 / 1e6,
            counted: phase.counted,
            steps: steps(number),
        })
        .collect()
}

/// Why a run proves nothing, if it does not.
fn invalid(verdict: &Verdict, unseen: Option<LiveError>, placed: u64) -> Option<String> {
    let mut reasons = Vec::new();
    if let Verdict::Invalid(all) = verdict {
        reasons.extend(all.iter().map(ToString::to_string));
    }
    reasons.extend(unseen.map(|error| error.to_string()));
    if placed == 0 {
        reasons.push("no order was placed".to_owned());
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
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
        answered: operations.answered,
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
