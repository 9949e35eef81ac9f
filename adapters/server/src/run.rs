//! Serving, from the first request to the last.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::time::Millis;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::app::{App, Shared};
use crate::backend::{Backend, InMemory};
use crate::listen::listen;
use crate::{dispatch, duties, feed, push, relay, routes, settle, watch as look};

/// How long a server that starts looks for the world before it takes requests: without one they
/// would be turned away.
const FIRST_LOOK_LIMIT: Duration = Duration::from_secs(2);
/// How long requests that are under way may take when the server stops.
const FINISH_LIMIT: Duration = Duration::from_secs(10);
/// How long relays may take then to carry out what waits.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// What a server is told.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where the payment provider is, such as `http://127.0.0.1:18490`.
    pub providers: String,
    /// The token that whoever runs the platform bears; none lets everybody in, which is for
    /// servers that only this machine reaches.
    pub admin_token: Option<String>,
    /// The secret under which providers sign what they say.
    pub webhook_secret: String,
    /// How old free units may be that are shown.
    pub availability_ttl: Millis,
    /// The broker that has the log, `host:port`; without one the journal is the log.
    pub log: Option<String>,
    /// How long a server that is to stop takes requests still, and says that it is not ready: until
    /// whoever deals requests out has noticed.
    pub linger: Duration,
}

impl Setup {
    /// How old free units may be that are shown, if nobody says otherwise: 300 s, the source
    /// design's.
    pub const AVAILABILITY_TTL: Millis = Millis::from_s(300);
}

/// How far a server has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It takes requests.
    Serving,
    /// It takes no new connection and finishes what it has begun.
    Finishing,
    /// Only what waits in the outbox is carried out still.
    Flushing,
}

/// What the API is, as an OpenAPI document in JSON.
#[must_use]
pub fn openapi() -> String {
    let setup = Setup {
        providers: String::new(),
        admin_token: None,
        webhook_secret: String::new(),
        availability_ttl: Setup::AVAILABILITY_TTL,
        log: None,
        linger: Duration::ZERO,
    };
    routes::document(Arc::new(App::new(setup, InMemory::default())))
}

/// Serves until `stop` is done; then finishes requests that are under way, and flushes relays.
///
/// A world that is installed is served from the first request on. A server that is to stop is not
/// ready any more and closes each connection with its answer; after [`Setup::linger`] it takes no
/// new ones.
///
/// # Errors
/// When the listener fails, or a background task panicked: that is a bug, and the server stops.
pub async fn serve<B: Backend>(
    setup: Setup,
    backend: B,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let linger = setup.linger;
    let app = Arc::new(App::new(setup, backend));
    // A database that does not answer now is asked again by the duties.
    let _ = timeout(FIRST_LOOK_LIMIT, app.look()).await;
    let (phase, heard) = watch::channel(Phase::Serving);
    let mut background = background(&app, &heard);
    let router = routes::router(Arc::clone(&app));
    let mut server = tokio::spawn(listen(listener, router, heard));
    let stop = async {
        stop.await;
        app.leave();
        sleep(linger).await;
    };
    let ended = tokio::select! {
        () = stop => Ok(()),
        Some(ended) = background.join_next() => {
            Err(io::Error::other(format!("a background task ended: {ended:?}")))
        }
        served = &mut server => served.map_err(io::Error::other).and_then(|served| served),
    };
    app.leave();
    phase.send_replace(Phase::Finishing);
    if !server.is_finished() && timeout(FINISH_LIMIT, &mut server).await.is_err() {
        server.abort();
    }
    phase.send_replace(Phase::Flushing);
    let flush = async { while background.join_next().await.is_some() {} };
    let _ = timeout(FLUSH_LIMIT, flush).await;
    duties::give_back(&app).await;
    ended
}

fn background<B: Backend>(app: &Shared<B>, phase: &watch::Receiver<Phase>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(relay::relay(Arc::clone(app), phase.clone()));
    tasks.spawn(relay::ring(Arc::clone(app), phase.clone()));
    tasks.spawn(duties::keep(Arc::clone(app), phase.clone()));
    tasks.spawn(dispatch::rounds(Arc::clone(app), phase.clone()));
    tasks.spawn(settle::settle(Arc::clone(app), phase.clone()));
    tasks.spawn(look::look(Arc::clone(app), phase.clone()));
    tasks.spawn(push::push(Arc::clone(app), phase.clone()));
    tasks.spawn(feed::publish_all(Arc::clone(app), phase.clone()));
    tasks.spawn(feed::follow_all(Arc::clone(app), phase.clone()));
    tasks
}
