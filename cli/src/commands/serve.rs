//! `dastak serve`: the reference deployment, until somebody stops it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use clap::ValueEnum;
use domain::time::Millis;
use server::{Backend, ConnectError, InMemory, Locking, OverPostgres, Setup};
use tracing_subscriber::filter::LevelFilter;

use crate::args::Global;
use crate::console;
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupt;

/// How often it is looked whether somebody wants the server to stop.
const LOOK: Duration = Duration::from_millis(50);
/// Where the name of a bug on purpose can stand, and of a place to end at, for tests.
const FAULTS: [&str; 2] = ["DASTAK_MUTANT", "DASTAK_CRASH_AT"];
/// Where the admin's token can stand, so that it is not seen among the arguments.
pub(crate) const TOKEN: &str = "DASTAK_ADMIN_TOKEN";
/// Where the secret can stand under which providers sign.
const SECRET: &str = "DASTAK_WEBHOOK_SECRET";
/// The secret of a server that has no admin's token either, and that only this machine reaches.
const LOOPBACK_SECRET: &str = "loopback";

/// Serves the business over HTTP.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples: dastak serve --listen 127.0.0.1:8080 --store memory
          dastak serve --postgres postgres://me@127.0.0.1/dastak --redis redis://127.0.0.1

Any number of servers may serve from one PostgreSQL database, 15 or later, and should then share a
Redis database of their own, 7 or later: without it, or when it is gone, each limits callers by
itself and asks PostgreSQL for what it would have found there. Starts empty: PUT
/admin/world installs stores, SKUs, riders and pickers. Customers, riders and stores need sessions:
POST /api/sessions, or POST /admin/sessions for those who are played. Ctrl-C finishes what has
begun. On any but a loopback address it needs an admin's token.")]
pub(crate) struct Command {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the truth is kept
    #[arg(long, value_enum, default_value_t)]
    store: Store,
    /// Keep it in this PostgreSQL database, whose tables are made when they are missing
    #[arg(long, value_name = "URL", conflicts_with = "store")]
    postgres: Option<String>,
    /// How buyers of the same units keep out of each other's way there
    #[arg(long, value_enum, default_value_t, requires = "postgres")]
    locking: By,
    /// Keep copies, limits and riders' places in this Redis database, which all servers share
    #[arg(long, value_name = "URL", requires = "postgres")]
    redis: Option<String>,
    /// How old free units may be that are shown, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    availability_ttl: u32,
    /// Publish what happens to the broker of the Kafka API here, and follow it there; without one
    /// the journal is followed
    #[arg(long, value_name = "HOST:PORT", requires = "postgres", value_parser = address)]
    broker: Option<String>,
    /// Where the payment provider is
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:18490")]
    providers: String,
    /// What whoever runs the platform must bear [default: DASTAK_ADMIN_TOKEN, if that is set]
    #[arg(long, value_name = "TOKEN")]
    admin_token: Option<String>,
    /// What providers sign their webhooks with [default: DASTAK_WEBHOOK_SECRET, else the admin's
    /// token, else "loopback"]
    #[arg(long, value_name = "SECRET")]
    webhook_secret: Option<String>,
    /// Print the API as an OpenAPI document and end
    #[arg(long)]
    openapi: bool,
    /// How long a server that is to stop takes requests still and says that it is not ready, in
    /// seconds: as long as a balancer needs to notice
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=600))]
    linger: u32,
    /// What is logged, as lines of JSON on standard error
    #[arg(long, value_enum, default_value_t)]
    log: Log,
}

/// A host and a port, as they were typed.
fn address(text: &str) -> Result<String, String> {
    let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    let is_one = port.is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if is_one { Ok(text.to_owned()) } else { Err("it is no host and port".to_owned()) }
}

/// What is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Log {
    // Nothing.
    Off,
    // What could not be answered.
    Warn,
    // Orders, too.
    #[default]
    Info,
    // Every request.
    Debug,
}

impl Log {
    const fn level(self) -> LevelFilter {
        match self {
            Self::Off => LevelFilter::OFF,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
        }
    }
}

/// Where the truth is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Store {
    // This process's memory.
    #[default]
    Memory,
}

/// How buyers of the same units keep out of each other's way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum By {
    // Whoever commits later finds another version of the row, and decides again.
    #[default]
    Version,
    // Whoever comes later waits for the row's lock, and each decides once.
    Row,
}

impl From<By> for Locking {
    fn from(by: By) -> Self {
        match by {
            By::Version => Self::Version,
            By::Row => Self::Row,
        }
    }
}

/// Serves.
pub(crate) fn run(command: &Command, global: &Global) -> Result<Exit, Failure> {
    if command.openapi {
        console::print(&format!("{}\n", server::openapi()))?;
        return Ok(Exit::Ok);
    }
    let [mutant, crash_at] = FAULTS.map(|name| std::env::var(name).ok());
    let listed = server::faulty(mutant.as_deref(), crash_at.as_deref());
    if let Some(listed) = listed.map_err(|why| Failure::usage(anyhow::anyhow!(why)))? {
        console::print(&listed)?;
        return Ok(Exit::Ok);
    }
    let admin_token = command.admin_token.clone().or_else(|| std::env::var(TOKEN).ok());
    let admin_token = admin_token.filter(|token| !token.is_empty());
    if admin_token.is_none() && !command.listen.ip().is_loopback() {
        let why = anyhow::anyhow!("{} is not this machine alone", command.listen);
        return Err(Failure::usage(why.context(format!("set --admin-token or {TOKEN}"))));
    }
    if !command.providers.starts_with("http://") {
        let why = anyhow::anyhow!("--providers {} does not begin with http://", command.providers);
        return Err(Failure::usage(why));
    }
    // Lines of JSON, each with the spans it is within: trace, route, city.
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_max_level(command.log.level())
        .with_writer(std::io::stderr)
        .init();
    let interrupt = Interrupt::listen()?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = global.threads {
        runtime.worker_threads(threads.get());
    }
    let runtime = runtime.enable_all().build().context("cannot start threads")?;
    let webhook_secret = webhook_secret(command.webhook_secret.as_deref(), admin_token.as_deref());
    let setup = Setup {
        providers: command.providers.clone(),
        admin_token,
        webhook_secret,
        availability_ttl: Millis::from_s(command.availability_ttl),
        log: command.broker.clone(),
        linger: Duration::from_secs(command.linger.into()),
    };
    runtime.block_on(serve(command, setup, &interrupt))?;
    Ok(Exit::Ok)
}

/// What providers sign with: what was typed, else the environment's, else the admin's token.
pub(crate) fn webhook_secret(typed: Option<&str>, admin_token: Option<&str>) -> String {
    let secret = typed.map(str::to_owned).or_else(|| std::env::var(SECRET).ok());
    let secret = secret.filter(|secret| !secret.is_empty());
    secret.unwrap_or_else(|| admin_token.unwrap_or(LOOPBACK_SECRET).to_owned())
}

async fn serve(command: &Command, setup: Setup, interrupt: &Interrupt) -> Result<(), Failure> {
    let Some(url) = &command.postgres else {
        return match command.store {
            Store::Memory => Ok(listen(command, setup, InMemory::default(), interrupt).await?),
        };
    };
    let locking = command.locking.into();
    match &command.redis {
        None => {
            let backend = OverPostgres::connect(url, locking).await?;
            Ok(listen(command, setup, backend, interrupt).await?)
        }
        Some(redis) => {
            let backend = OverPostgres::with_redis(url, redis, locking).await?;
            Ok(listen(command, setup, backend, interrupt).await?)
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        match &error {
            ConnectError::Redis(_) => Self::usage(error),
            ConnectError::Postgres(_) => anyhow::Error::from(error).into(),
        }
    }
}

/// Serves until somebody wants it to stop.
async fn listen(
    command: &Command,
    setup: Setup,
    backend: impl Backend,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(command.listen).await;
    let listener = listener.with_context(|| format!("cannot listen on {}", command.listen))?;
    console::print(&format!("listening on http://{}\n", listener.local_addr()?))?;
    let stop = async {
        while !interrupt.is_asked() {
            tokio::time::sleep(LOOK).await;
        }
    };
    server::serve(setup, backend, listener, stop).await?;
    Ok(())
}
