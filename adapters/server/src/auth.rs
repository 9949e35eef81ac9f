//! Who may do what: every route names who it is for, and nobody else reaches its handler.

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::ids::{CustomerId, RiderId, StoreId};
use domain::time::{Millis, Timestamp};
use shell::cache::keys;
use shell::clock::WallClock;
use shell::{Accounts, Cache, Clock, Session, Subject};

use crate::app::App;
use crate::app::Shared;
use crate::backend::Backend;
use crate::problem::Problem;
use crate::{limits, token};

/// A session that was looked up is believed for so long: whoever is blocked is out everywhere
/// then. 60 s, assumed, grade E: a rider who pings every 5 s is looked up every twelfth time.
const BELIEVED: Millis = Millis::from_s(60);

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
    limits::let_pass(app, subject).await?;
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
    let (key, now) = (keys::session(id.0), WallClock.now());
    let cache = app.backend.cache();
    // A cache that fails is a cache that knows nothing.
    let believed = cache.get(&key).await.ok().flatten().and_then(|bytes| decoded(&bytes));
    let session = match believed {
        Some(session) => session,
        None => {
            let session = app.world()?.shell.database().session(id).await?.ok_or_else(unknown)?;
            let left = session.until.since(now).min(BELIEVED);
            if left > Millis::ZERO {
                let _ = cache.put(&key, &encoded(session), left).await;
            }
            session
        }
    };
    if session.until <= now { Err(unknown()) } else { Ok(session.subject) }
}

/// A session as a cache keeps it: whose, their number, and its end.
fn encoded(session: Session) -> [u8; 13] {
    let (kind, number) = match session.subject {
        Subject::Customer(CustomerId(customer)) => (0, customer),
        Subject::Rider(RiderId(rider)) => (1, rider),
        Subject::Store(StoreId(store)) => (2, store),
    };
    let mut bytes = [kind; 13];
    bytes[1..5].copy_from_slice(&number.to_be_bytes());
    bytes[5..].copy_from_slice(&session.until.0.to_be_bytes());
    bytes
}

fn decoded(bytes: &[u8]) -> Option<Session> {
    let (&kind, rest) = bytes.split_first()?;
    let (number, until) = rest.split_first_chunk()?;
    let number = u32::from_be_bytes(*number);
    let subject = match kind {
        0 => Subject::Customer(CustomerId(number)),
        1 => Subject::Rider(RiderId(number)),
        2 => Subject::Store(StoreId(number)),
        _ => return None,
    };
    let until = Timestamp(u64::from_be_bytes(until.try_into().ok()?));
    Some(Session { subject, until })
}
