//! Drives a deployment: builds the scenario's city, installs it, plays everybody in it, keeps the
//! evidence, judges it.

mod evidence;
mod given;
mod seconds;
mod tell;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use load::agents::{self, Badges, Pressure, STEPS, Script, Town};
use load::office::{Office, OfficeError};
use load::providers::Providers;
use load::verdict::Budgets;
use load::{Outcome, RunError, Target, Verdict};
use reports::folder::{HISTORY, LEDGER, Writer};
use scenarios::Resolved;

pub(crate) use given::{Length, Rate};

use crate::args::Global;
use crate::clock::{self, Stopwatch};
use crate::commands::run::{free_folder, told};
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupt;
use crate::{console, play, threads};
use evidence::Kept;
use seconds::Seconds;

/// What says which world a server serves.
const READY: &str = "/readyz";
/// How often the other servers are asked until they serve the installed world, and how long apart:
/// ten seconds in all.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);
/// How often a rider's device tells that it is there, µs of the wall clock: 5 s (live.md, G0).
const PING_US: u64 = 5_000_000;
/// Share of orders that their customer sends more than once.
const REPEAT_SHARE: f64 = 0.02;
/// Journeys under way at a time, at most: orders of minutes at a thousand a second.
const IN_FLIGHT_LIMIT: u64 = 100_000;
/// Schedule error that 99 of 100 requests do not exceed, µs: a hundredth of the second that placing
/// an order may take, so that the driver's own lateness cannot decide the verdict.
const LATE_US_P99: u64 = 10_000;
/// A customer waits so long for an answer, ms.
const TIME_OUT_MS: u32 = 5_000;

/// What to do.
pub(crate) struct Plan<'a> {
    /// The deployment.
    pub(crate) targets: &'a [String],
    /// Orders that customers try to place.
    pub(crate) rate: Rate,
    /// For how long.
    pub(crate) duration: Length,
    /// Whether the rate rises from nothing.
    pub(crate) ramp: bool,
    /// How many times faster the physical world goes.
    pub(crate) time_scale: NonZeroU32,
    /// How long orders may take to end.
    pub(crate) drain: Length,
    /// Where providers are hosted.
    pub(crate) providers: SocketAddr,
    /// What whoever runs the platform bears.
    pub(crate) admin_token: Option<String>,
    /// What the hosted providers sign with.
    pub(crate) webhook_secret: String,
}

/// What came of driving.
struct Driven {
    town: Arc<Town>,
    outcome: Outcome,
    /// Orders that customers tried to place.
    customers: u64,
}

/// Drives a deployment.
pub(crate) fn drive(
    plan: &Plan<'_>,
    resolved: &Resolved,
    global: &Global,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    let servers = servers(plan.targets)?;
    let (started_unix_s, clock) = (clock::unix_s(), Stopwatch::start());
    let town = Arc::new(town(plan, resolved, global, started_unix_s)?);
    let offices = servers.iter().map(|server| Office::new(server, plan.admin_token.clone()));
    let offices: Vec<Office> = offices.collect();
    let (shop, target) = (&offices[0], together(&servers));
    // A connection lives in the runtime that opened it, so the providers have an office of their own.
    let provider = Office::new(&servers[0], plan.admin_token.clone());
    let secret = plan.webhook_secret.clone();
    let signs = Arc::new(move |said: &[u8]| server::sign(&secret, said));
    let providers = Providers::open(plan.providers, Arc::clone(&town), provider, signs)
        .with_context(|| format!("cannot host the providers at {}", plan.providers))
        .map_err(Failure::usage)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start a runtime")?;
    runtime.block_on(install(&offices, &town)).map_err(refused)?;
    let arrivals = arrivals(plan, resolved, &town)?;
    let badges = runtime.block_on(Badges::open(shop, &town, arrivals.customers()));
    town.wear(badges.map_err(refused)?);
    let folder = folder(resolved, global)?;
    let mut writer = Writer::create(&folder).map_err(Failure::usage)?;
    writer.scenario(&resolved.toml).map_err(told)?;

    let history = Kept::begin(&writer, HISTORY)?;
    let driven = perform(plan, &arrivals, global, interrupt, &target, town, history.pen())?;
    history.complete(&mut writer)?;
    if driven.outcome.verdict == Verdict::TargetDown {
        let error = anyhow::anyhow!("{} failed everything for seconds on end", target.authority());
        return Err(Failure { exit: Exit::TargetDown, error });
    }
    let mut ledger = writer.begin(LEDGER).map_err(told)?;
    let paid = providers.close(&mut ledger).context("cannot write the providers' ledger")?;
    writer.complete(ledger).map_err(told)?;
    let heard = evidence::journal(&runtime, shop, &mut writer, &driven.town)?;
    let story = tell::Story { plan, resolved, driven: &driven, paid, started_unix_s, clock };
    story.tell(heard, writer, &folder, global)
}

/// The servers of the deployment. Who may not be driven, or is down, is told before anything else.
fn servers(urls: &[String]) -> Result<Vec<Target>, Failure> {
    let server = |url: &String| {
        let server = Target::parse(url, None).map_err(|error| failed(error.into()))?;
        server.check().map_err(|error| failed(error.into()))?;
        Ok(server)
    };
    urls.iter().map(server).collect()
}

/// The servers as one target.
fn together(servers: &[Target]) -> Target {
    let (first, others) = servers.split_first().expect("the command line asks for one at least");
    others.iter().fold(first.clone(), Target::with_replica)
}

/// Installs the world at the first server and waits until the others serve it.
async fn install(offices: &[Office], town: &Town) -> Result<(), OfficeError> {
    let Some((first, others)) = offices.split_first() else { return Ok(()) };
    first.install(load::world::rows(town)).await?;
    let world = first.ask("GET", READY, Vec::new()).await?;
    for other in others {
        let mut tries = 1;
        while !other.send("GET", READY, None, Vec::new()).await?.is(&world) && tries < TRIES {
            tokio::time::sleep(PAUSE).await;
            tries += 1;
        }
    }
    Ok(())
}

/// Who is played.
fn town(
    plan: &Plan<'_>,
    resolved: &Resolved,
    global: &Global,
    started_unix_s: u64,
) -> Result<Town, Failure> {
    let scenario = &resolved.scenario;
    let seed = u64::from(scenario.seed.get());
    let mut world = play::build(resolved, threads::count(global.threads))?;
    world.notes.iter().for_each(|note| console::note(global, note));
    if world.cities.len() > 1 {
        console::note(global, "one city is driven: the scenario's first");
    }
    let built = world.cities.swap_remove(0);
    let demand = built.demand(seed).into_owned();
    if demand.arrivals.is_empty() {
        return Err(Failure::usage(anyhow::anyhow!("nobody orders anything in this scenario")));
    }
    let setup = scenario.sim_setup(seed);
    Ok(Town::new(Script {
        city: built.city,
        seed,
        demand,
        behaviour: setup.behaviour,
        rules: setup.rules,
        time_scale: plan.time_scale.get(),
        repeat_share: REPEAT_SHARE,
        name: format!("d{started_unix_s}"),
    }))
}

/// Who comes when.
fn arrivals(plan: &Plan<'_>, resolved: &Resolved, town: &Town) -> Result<agents::Plan, Failure> {
    let pressure = Pressure {
        orders_per_s: plan.rate.per_s(),
        lasts_us: plan.duration.us(),
        ramp_us: if plan.ramp { plan.duration.us() / 4 } else { 0 },
        ping_us: PING_US,
    };
    let seed = u64::from(resolved.scenario.seed.get());
    agents::Plan::new(town, &pressure, seed).map_err(Failure::usage)
}

/// Plays everybody.
fn perform(
    plan: &Plan<'_>,
    arrivals: &agents::Plan,
    global: &Global,
    interrupt: &Interrupt,
    target: &Target,
    town: Arc<Town>,
    history: Box<dyn std::io::Write + Send>,
) -> Result<Driven, Failure> {
    let customers = arrivals.customers();
    let phases = arrivals.phases().clone();
    let setup = load::Setup {
        in_flight_limit: IN_FLIGHT_LIMIT,
        time_out_ms: TIME_OUT_MS,
        drain_us: plan.drain.us(),
        budgets: Budgets { schedule_error_us_p99: LATE_US_P99, ..Budgets::default() },
        ..load::Setup::new(target.clone(), STEPS, phases.clone(), arrivals.peak_per_s())
    };
    let mut seconds = Seconds::new(global.quiet, &phases, &town);
    let stop = setup.stop.clone();
    let plays = {
        let town = Arc::clone(&town);
        move |visit| agents::journey(Arc::clone(&town), visit)
    };
    let outcome = load::run(&setup, arrivals, plays, Some(history), |second| {
        if interrupt.is_asked() {
            stop.press();
        }
        seconds.show(second);
    });
    let outcome = outcome.map_err(failed)?;
    Ok(Driven { town, outcome, customers })
}

/// The run's folder.
fn folder(resolved: &Resolved, global: &Global) -> Result<PathBuf, Failure> {
    match &global.out {
        Some(dir) => Ok(dir.clone()),
        None => free_folder(&format!("{}-live", resolved.scenario.name)),
    }
}

/// A run that did not take place.
fn failed(error: RunError) -> Failure {
    let exit = match error.exit_code() {
        20 => Exit::TargetDown,
        2 => Exit::Usage,
        _ => Exit::Internal,
    };
    Failure { exit, error: error.into() }
}

/// A deployment that did not let itself be set up, or read.
fn refused(error: OfficeError) -> Failure {
    let exit = match &error {
        OfficeError::Unanswered { .. } => Exit::TargetDown,
        OfficeError::Refused { .. } => Exit::Usage,
    };
    let hint = match &error {
        OfficeError::Refused { status: 409, .. } => "it has orders already: start an empty one",
        OfficeError::Refused { status: 401 | 403, .. } => "set --admin-token or DASTAK_ADMIN_TOKEN",
        OfficeError::Unanswered { .. } | OfficeError::Refused { .. } => {
            "the deployment cannot be set up"
        }
    };
    Failure { exit, error: anyhow::Error::new(error).context(hint) }
}
