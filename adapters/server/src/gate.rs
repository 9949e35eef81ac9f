//! What every request passes: a limit on how many at once, a deadline, and a count.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;
use tracing::Instrument;

use crate::app::{App, Shared};
use crate::backend::Backend;
use crate::problem::Problem;
use crate::trace::{self, TRACEPARENT};

/// How long a request may take, its body included. 10 s, assumed, grade E: a customer's patience.
const DEADLINE: Duration = Duration::from_secs(10);
/// The same where a whole world is sent.
const WORLD_DEADLINE: Duration = Duration::from_secs(60);

/// Paths that begin so are limited by the city's bucket: health and the admin always get through.
const LIMITED: &str = "/api/";

fn slot<B: Backend>(app: &App<B>) -> Result<SemaphorePermit<'_>, Problem> {
    app.slots.try_acquire().map_err(|_| Problem::unavailable("too many requests at once"))
}

/// A method's name, one of few: whoever makes up others shall not make counts of them.
fn method_of(method: &Method) -> &'static str {
    const KNOWN: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// Lets a request pass.
pub(crate) async fn pass<B: Backend>(
    State(app): State<Shared<B>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let trace = trace::id_of(request.headers());
    let method = method_of(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "none".to_owned());
    let deadline = if route == crate::routes::WORLD { WORLD_DEADLINE } else { DEADLINE };
    let span = tracing::info_span!(
        "request",
        trace_id = %trace,
        method,
        route = %route,
        city = app.installed().map(|world| world.business.city.0),
    );
    let passes = if route.starts_with(LIMITED) { app.limits.city() } else { Ok(()) };
    let mut response = match passes.and_then(|()| slot(&app)) {
        Ok(_held) => {
            let answer = next.run(request).instrument(span.clone());
            tokio::time::timeout(deadline, answer).await.unwrap_or_else(|_| {
                Problem::unavailable("not done within the deadline; it may have happened")
                    .into_response()
            })
        }
        Err(problem) => problem.into_response(),
    };
    let (status, took) = (response.status().as_u16(), began.elapsed());
    app.metrics.count(method, &route, status, took);
    let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if response.status().is_server_error() {
        tracing::warn!(parent: &span, status, took_us, "not answered");
    } else {
        tracing::debug!(parent: &span, status, took_us, "answered");
    }
    response.headers_mut().insert(TRACEPARENT, trace::header(&trace));
    // Whoever asks next asks another server. What becomes another protocol is no such connection.
    if app.is_leaving() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
