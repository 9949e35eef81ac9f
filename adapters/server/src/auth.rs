//! Who may do what: every route names who it is for, and nobody else reaches its handler.

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::ids::{CustomerId, RiderId, StoreId};
use domain::time::{Millis, Timestamp};
use shell::cache::{Use, keys};
use shell::clock::WallClock;
use shell::{Accounts, Clock, Session, SessionId, Subject};

use crate::app::App;
use crate::app::Shared;
use crate::backend::Backend;
use crate::problem::Problem;
use crate::token;

/// A session that was looked up is believed for so long: whoever is blocked is out everywhere
/// then. 60 s, assumed, grade E: a rider who pings every 5 s is looked up every twelfth time.
const SESSIONS: Use =
    Use { name: "session", max_age: Millis::from_s(60), near: Millis::from_s(60) };

/// Who a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum May {
    /// Anybody: what is shown is no secret, or there is no session yet.
    Anyone,
    /// A customer, who sees what is theirs.
    Customer,
    /// The rider whose number stands in the path.
    Rider,
    /// The store whose number stands in the path.
    Store,
    /// Whoever runs the platform.
    Admin,
    /// A provider, who signs what it says.
    Provider,
}

/// The customer whose session it is.
#[derive(Clone, Copy)]
pub(crate) struct Customer(pub(crate) CustomerId);

impl<S: Send + Sync> FromRequestParts<S> for Customer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Subject>() {
            Some(Subject::Customer(customer)) => Ok(Self(*customer)),
            Some(Subject::Rider(_) | Subject::Store(_)) | None => Err(not_yours()),
        }
    }
}

fn unknown() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "this needs a session: Authorization: Bearer TOKEN")
}

fn not_yours() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "this session is for something else")
}

/// Lets those through that a route is for.
pub(crate) async fn admit<B: Backend>(
    State((app, may)): State<(Shared<B>, May)>,
    path: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    let first = path.iter().next().and_then(|(_, id)| id.parse().ok());
    match who(&app, may, request.headers().get(AUTHORIZATION).map(|v| v.as_bytes()), first).await {
        Ok(Some(subject)) => {
            request.extensions_mut().insert(subject);
            next.run(request).await
        }
        Ok(None) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Who asks, if it matters.
async fn who<B: Backend>(
    app: &App<B>,
    may: May,
    header: Option<&[u8]>,
    first: Option<u32>,
) -> Result<Option<Subject>, Problem> {
    let borne = header.and_then(|said| said.strip_prefix(b"Bearer "));
    match may {
        May::Anyone | May::Provider => return Ok(None),
        May::Admin => return admin(app, borne.unwrap_or_default()).map(|()| None),
        May::Customer | May::Rider | May::Store => {}
    }
    let token = borne.and_then(|token| std::str::from_utf8(token).ok()).ok_or_else(unknown)?;
    let subject = subject(app, token).await?;
    app.limits.caller(subject)?;
    let is_theirs = match (may, subject) {
        (May::Customer, Subject::Customer(_)) => true,
        (May::Rider, Subject::Rider(rider)) => first == Some(rider.0),
        (May::Store, Subject::Store(store)) => first == Some(store.0),
        _ => false,
    };
    if is_theirs { Ok(Some(subject)) } else { Err(not_yours()) }
}

fn admin<B: Backend>(app: &App<B>, borne: &[u8]) -> Result<(), Problem> {
    let Some(expected) = &app.setup.admin_token else { return Ok(()) };
    if token::is_same(borne, expected.as_bytes()) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNAUTHORIZED, "this needs the admin's token"))
}

/// Whose session a token opens.
async fn subject<B: Backend>(app: &App<B>, token: &str) -> Result<Subject, Problem> {
    let id = token::session(token).ok_or_else(unknown)?;
    let session = match believed(app, id).await? {
        Some(session) => session,
        None => looked_up(app, id).await?,
    };
    if session.until <= WallClock.now() { Err(unknown()) } else { Ok(session.subject) }
}

/// A session that was looked up not long ago, by whichever server.
async fn believed<B: Backend>(app: &App<B>, id: SessionId) -> Result<Option<Session>, Problem> {
    let (world, keys) = (app.world()?, [keys::session(id.0)]);
    let found = app.copies(&world, SESSIONS, &keys).await.pop().flatten();
    Ok(found.and_then(|bytes| decoded(&bytes)))
}

async fn looked_up<B: Backend>(app: &App<B>, id: SessionId) -> Result<Session, Problem> {
    let (world, now) = (app.world()?, WallClock.now());
    let session = world.shell.database().session(id).await?.ok_or_else(unknown)?;
    let kept = [(keys::session(id.0), encoded(session))];
    world.copies.keep(app.backend.cache(), SESSIONS, &kept, now, true).await;
    Ok(session)
}

/// A session as a cache keeps it: whose, their number, and its end.
fn encoded(session: Session) -> Vec<u8> {
    let (kind, number) = match session.subject {
        Subject::Customer(CustomerId(customer)) => ("customer", customer),
        Subject::Rider(RiderId(rider)) => ("rider", rider),
        Subject::Store(StoreId(store)) => ("warehouse", store),
    };
    format!("{kind} {number} {}", session.until.0).into_bytes()
}

fn decoded(bytes: &[u8]) -> Option<Session> {
    let mut words = std::str::from_utf8(bytes).ok()?.split(' ');
    let (kind, number) = (words.next()?, words.next()?.parse().ok()?);
    let subject = match kind {
        "customer" => Subject::Customer(CustomerId(number)),
        "rider" => Subject::Rider(RiderId(number)),
        "warehouse" => Subject::Store(StoreId(number)),
        _ => return None,
    };
    Some(Session { subject, until: Timestamp(words.next()?.parse().ok()?) })
}
