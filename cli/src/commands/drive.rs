//! `dastak drive`: a scenario's people against a live deployment.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use super::Which;
use crate::args::Global;
use crate::drive::{self, Length, Plan, Rate};
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupt;

/// Which deployment, how hard, for how long.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example, in two terminals:
  dastak serve
  dastak drive evening-peak --target http://127.0.0.1:8080

Installs the scenario's city there, hosts the payment and push providers, and plays every customer,
picker and rider; arrivals never wait for answers. The run folder holds the history, the providers'
ledger and the deployment's journal, so that `dastak audit RUN` proves it offline.
Ends with 0 when all is well, 10 when an objective was missed, 11 when an invariant is broken, 14
when the load was not delivered or evidence is missing, 20 when the target is down, 130 when it was
stopped, 2 when the target may not be driven or the command line is wrong.")]
pub(crate) struct Command {
    #[command(flatten)]
    which: Which,
    /// The deployment, such as http://127.0.0.1:8080; only loopback is driven. May be repeated for
    /// servers of one deployment: requests alternate
    #[arg(long, value_name = "URL", required = true)]
    target: Vec<String>,
    /// Orders that customers try to place: 100000/h, 1500/min, 28/s
    #[arg(long, value_name = "RATE", default_value = "100000/h")]
    rate: Rate,
    /// For how long: 20s, 10min, 1h
    #[arg(long, value_name = "TIME", default_value = "20s")]
    duration: Length,
    /// Lets the rate rise from nothing over the first quarter of that
    #[arg(long)]
    ramp: bool,
    /// How many times faster the physical world goes, and every limit of the business with it
    #[arg(long, value_name = "N", default_value = "60")]
    time_scale: NonZeroU32,
    /// How long orders may take to end after the last was placed
    #[arg(long, value_name = "TIME", default_value = "30s")]
    drain: Length,
    /// Where the providers are hosted that the deployment calls
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:18490")]
    providers: SocketAddr,
    /// What whoever runs the platform bears [default: DASTAK_ADMIN_TOKEN, if that is set]
    #[arg(long, value_name = "TOKEN")]
    admin_token: Option<String>,
    /// What the hosted providers sign their webhooks with, the same as the deployment's [default:
    /// DASTAK_WEBHOOK_SECRET, else the admin's token, else "loopback"]
    #[arg(long, value_name = "SECRET")]
    webhook_secret: Option<String>,
}

/// Drives it.
pub(crate) fn run(command: &Command, global: &Global) -> Result<Exit, Failure> {
    let interrupt = Interrupt::listen()?;
    let resolved = command.which.resolve(global, &[])?;
    let token = command.admin_token.clone().or_else(|| std::env::var(super::serve::TOKEN).ok());
    let token = token.filter(|token| !token.is_empty());
    let secret = super::serve::webhook_secret(command.webhook_secret.as_deref(), token.as_deref());
    let plan = Plan {
        targets: &command.target,
        rate: command.rate,
        duration: command.duration,
        ramp: command.ramp,
        time_scale: command.time_scale,
        drain: command.drain,
        providers: command.providers,
        admin_token: token,
        webhook_secret: secret,
    };
    drive::drive(&plan, &resolved, global, &interrupt)
}
