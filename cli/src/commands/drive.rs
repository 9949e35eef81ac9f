//! `dastak drive`: a scenario's people against a live deployment.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use super::Which;
use crate::args::Global;
use crate::drive::{self, Length, Plan, Rate, Spike};
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupt;

/// Which deployment, how hard, for how long.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example, in two terminals:
  dastak serve
  dastak drive evening-peak --target http://127.0.0.1:8080

Installs the scenario's city there, hosts the payment and push providers, and plays every customer,
picker and rider; arrivals never wait for answers. At its end it judges the journal, what its
clients saw and what the payment provider wrote down; `dastak audit RUN` does so again offline.
Ctrl-C lets nobody arrive any more, and drains.
Ends with 0 when all is well, 10 when an objective was missed, 11 when an invariant is broken, 14
when the load was not delivered or evidence is missing, 20 when the target is down, with what there
is by then, 130 when it was stopped, 2 when the target may not be driven or the command line is
wrong.")]
pub(crate) struct Command {
    #[command(flatten)]
    which: Which,
    /// The deployment, such as http://127.0.0.1:8080; other hosts need a profile. May be repeated for
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
    /// A while at another rate, from and until counted from the first customer on; may be repeated
    #[arg(long, value_name = "RATE@FROM..UNTIL")]
    spike: Vec<Spike>,
    /// Plays those too who look around and leave without an order: about 12 sessions for each order
    #[arg(long)]
    funnel: bool,
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
    /// How a deployment that is not ours is spoken to, and who allows it to be driven
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Plays one journey of the profile step by step and explains the first thing that does not fit
    #[arg(long)]
    check: bool,
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
        spikes: &command.spike,
        funnel: command.funnel,
        time_scale: command.time_scale,
        drain: command.drain,
        providers: command.providers,
        admin_token: token,
        webhook_secret: secret,
        profile: command.profile.as_deref(),
        check: command.check,
    };
    drive::drive(&plan, &resolved, global, &interrupt)
}
