//! Drives a deployment: builds the scenario's city, installs it, plays everybody in it, keeps the
//! evidence, judges it.

mod check;
mod evidence;
mod given;
mod profile;
mod seconds;
mod tell;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use load::agents::{self, Badges, Pressure, SESSIONS_PER_ORDER, STEPS, Script, Town};
use load::office::{Office, OfficeError};
use load::profile::Profile;
use load::providers::{self, Providers};
use load::target::Permit;
use load::verdict::Budgets;
use load::{Outcome, RunError, Target, Verdict};
use reports::folder::{HISTORY, LEDGER, Writer};
use scenarios::Resolved;

pub(crate) use given::{Length, Rate, Spike};

use crate::args::Global;
use crate::clock::{self, Processors, Stopwatch};
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
/// How often a rider's device tells where it is, µs of the wall clock: 5 s (live.md, G0).
const PING_US: u64 = 5_000_000;
/// Share of orders that their customer sends more than once.
const REPEAT_SHARE: f64 = 0.02;
/// Journeys under way at a time, at most: orders of minutes at a thousand a second.
const IN_FLIGHT_LIMIT: u64 = 100_000;
/// Schedule error that 99 of 100 requests do not exceed, µs. The core's default of 1 ms holds for a
/// driver with a processor of its own (0.1 ms for pings alone, 0.6 ms at 100 000 orders an hour from
/// memory), and not for one that shares two with what it drives: 1.5 ms with the whole funnel,
/// 2.4 ms beside two servers, PostgreSQL and Redis, 4.8 ms in the worst second. 10 ms is a hundredth
/// of the second that placing an order may take, so the driver's lateness cannot decide the verdict.
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
    /// When the rate is another.
    pub(crate) spikes: &'a [Spike],
    /// Whether those are played too who leave without an order.
    pub(crate) funnel: bool,
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
    /// How the deployment is spoken to, if it is not ours.
    pub(crate) profile: Option<&'a Path>,
    /// Whether one journey is played step by step, and nothing else.
    pub(crate) check: bool,
}

/// Whom to play, and when they come.
struct People {
    town: Arc<Town>,
    /// How a deployment is spoken to that is not ours.
    foreign: Option<Arc<Profile>>,
    arrivals: agents::Plan,
}

/// What came of driving.
struct Driven {
    town: Arc<Town>,
    /// Whether the deployment is not ours, and shows no journal.
    is_foreign: bool,
    outcome: Outcome,
    /// Orders that customers tried to place.
    customers: u64,
    /// Share of their time that all processors of this machine were busy.
    machine_busy_share: Option<f64>,
}

/// Drives a deployment.
pub(crate) fn drive(
    plan: &Plan<'_>,
    resolved: &Resolved,
    global: &Global,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    load::go_first();
    let read = plan.profile.map(profile::read).transpose().map_err(Failure::usage)?;
    let profile = read.as_ref().map(|read| &read.profile);
    let servers = servers(plan.targets, profile.and_then(|profile| profile.permit.as_ref()))?;
    let (started_unix_s, clock) = (clock::unix_s(), Stopwatch::start());
    // One that says how to speak is of a deployment that is not ours.
    let foreign = profile.filter(|profile| !profile.steps.is_empty()).cloned().map(Arc::new);
    let town = Arc::new(town(plan, resolved, global, started_unix_s, foreign.is_none())?);
    if plan.check {
        let read = read.filter(|_| foreign.is_some());
        let read = read.context("--check plays a journey of a --profile that has steps");
        let read = read.map_err(Failure::usage)?;
        return check::journey(&read, &servers[0], &town);
    }
    let offices = servers.iter().map(|server| Office::new(server, plan.admin_token.clone()));
    let offices: Vec<Office> = offices.collect();
    let target = together(&servers);
    let arrivals = arrivals(plan, resolved, &town)?;
    let lasts_us = arrivals.phases().until_us();
    target.allow(arrivals.peak_per_s(), lasts_us).map_err(|error| failed(error.into()))?;
    let providers = hosted(plan, &servers[0], &town, foreign.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start a runtime")?;
    if foreign.is_none() {
        runtime.block_on(set_up(&offices, &town, arrivals.customers())).map_err(refused)?;
    }
    let folder = folder(resolved, global)?;
    let mut writer = Writer::create(&folder).map_err(Failure::usage)?;
    writer.scenario(&resolved.toml).map_err(told)?;

    let history = Kept::begin(&writer, HISTORY)?;
    let people = People { town, foreign, arrivals };
    let driven = perform(plan, people, global, interrupt, &target, history.pen())?;
    history.complete(&mut writer)?;
    let is_down = driven.outcome.verdict == Verdict::TargetDown;
    let mut ledger = writer.begin(LEDGER).map_err(told)?;
    let paid = providers.map(|providers| providers.close(&mut ledger)).transpose();
    let paid = paid.context("cannot write the providers' ledger")?.unwrap_or_default();
    writer.complete(ledger).map_err(told)?;
    evidence::latency(&driven.outcome, &mut writer)?;
    let heard = if driven.is_foreign {
        evidence::seen(&writer, &driven.town)
    } else {
        let read = evidence::journal(&runtime, &offices, is_down);
        match read {
            // What is down may show no journal: then there is what its clients saw.
            Err(_) if is_down => evidence::seen(&writer, &driven.town),
            read => evidence::judged(read?, &mut writer, &driven.town)?,
        }
    };
    let story = tell::Story { plan, resolved, driven: &driven, paid, started_unix_s, clock };
    let exit = story.tell(heard, writer, &folder, global)?;
    if is_down && exit != Exit::InvariantBroken {
        let error = anyhow::anyhow!("{} failed everything for seconds on end", target.authority());
        return Err(Failure { exit: Exit::TargetDown, error });
    }
    Ok(exit)
}

/// Hosts the providers; none for a deployment that is not ours and does not call them.
fn hosted(
    plan: &Plan<'_>,
    server: &Target,
    town: &Arc<Town>,
    foreign: Option<&Profile>,
) -> Result<Option<Providers>, Failure> {
    let asked = foreign.and_then(|profile| profile.provider.as_ref());
    if foreign.is_some() && asked.is_none() {
        return Ok(None);
    }
    // A connection lives in the runtime that opened it, so the providers have an office of their own.
    let office = Office::new(server, plan.admin_token.clone());
    let secret = plan.webhook_secret.clone();
    let signs = Arc::new(move |said: &[u8]| server::sign(&secret, said));
    let at = asked.and_then(|asked| asked.listen).unwrap_or(plan.providers);
    let heard_at = asked.and_then(|asked| asked.webhook.as_deref()).unwrap_or(providers::WEBHOOK);
    let opened = Providers::open(at, Arc::clone(town), office, signs, heard_at);
    opened
        .map(Some)
        .with_context(|| format!("cannot host the providers at {at}"))
        .map_err(Failure::usage)
}

/// The servers of the deployment. Who may not be driven, or is down, is told before anything else.
fn servers(urls: &[String], permit: Option<&Permit>) -> Result<Vec<Target>, Failure> {
    let server = |url: &String| {
        let server = Target::parse(url, permit).map_err(|error| failed(error.into()))?;
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

/// Installs the world, and lets everybody in.
async fn set_up(offices: &[Office], town: &Town, customers: u64) -> Result<(), OfficeError> {
    install(offices, town).await?;
    town.wear(Badges::open(&offices[0], town, customers).await?);
    Ok(())
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

/// Who is played: only customers where the staff is not ours.
fn town(
    plan: &Plan<'_>,
    resolved: &Resolved,
    global: &Global,
    started_unix_s: u64,
    with_staff: bool,
) -> Result<Town, Failure> {
    let scenario = &resolved.scenario;
    let seed = u64::from(scenario.seed.get());
    let mut world = play::build(resolved, threads::count(global.threads))?;
    world.notes.iter().for_each(|note| console::note(global, note));
    if world.cities.len() > 1 {
        console::note(global, "one city is driven: the scenario's first");
    }
    let mut built = world.cities.swap_remove(0);
    let demand = built.demand(seed).into_owned();
    if demand.arrivals.is_empty() {
        return Err(Failure::usage(anyhow::anyhow!("nobody orders anything in this scenario")));
    }
    let setup = scenario.sim_setup(seed);
    if !with_staff {
        built.city.riders.clear();
        built.city.pickers.clear();
    }
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
    let spike = |spike: &Spike| agents::Spike {
        orders_per_s: spike.rate.per_s(),
        from_us: spike.from.us(),
        until_us: spike.until.us(),
    };
    let pressure = Pressure {
        orders_per_s: plan.rate.per_s(),
        lasts_us: plan.duration.us(),
        ramp_us: if plan.ramp { plan.duration.us() / 4 } else { 0 },
        spikes: plan.spikes.iter().map(spike).collect(),
        sessions_per_order: if plan.funnel { SESSIONS_PER_ORDER } else { 0.0 },
        ping_us: PING_US,
    };
    let seed = u64::from(resolved.scenario.seed.get());
    agents::Plan::new(town, &pressure, seed).map_err(Failure::usage)
}

/// Plays everybody.
fn perform(
    plan: &Plan<'_>,
    people: People,
    global: &Global,
    interrupt: &Interrupt,
    target: &Target,
    history: Box<dyn std::io::Write + Send>,
) -> Result<Driven, Failure> {
    let People { town, foreign, arrivals } = people;
    let is_foreign = foreign.is_some();
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
        move |visit| plays(Arc::clone(&town), foreign.clone(), visit)
    };
    let before = Processors::now();
    let outcome = load::run(&setup, &arrivals, plays, Some(history), |second| {
        if interrupt.is_asked() {
            stop.press();
        }
        seconds.show(second);
    });
    let outcome = outcome.map_err(failed)?;
    let machine_busy_share = Processors::now().busy_share_since(before);
    Ok(Driven { town, is_foreign, outcome, customers, machine_busy_share })
}

/// What an arrival does.
async fn plays(town: Arc<Town>, foreign: Option<Arc<Profile>>, visit: load::Visit) {
    match foreign {
        Some(profile) => agents::shops(town, profile, visit).await,
        None => agents::journey(town, visit).await,
    }
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
