//! What every request passes: a limit on how many at once, a deadline, and a count.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;

use crate::app::{App, Shared};
use crate::backend::Backend;
use crate::problem::Problem;

/// How long a request may take, its body included. 10 s, assumed, grade E: a customer's patience.
const DEADLINE: Duration = Duration::from_secs(10);
/// The same where a whole world is sent.
const WORLD_DEADLINE: Duration = Duration::from_secs(60);

/// Paths that begin so are limited by the city's bucket: health and the admin always get through.
const LIMITED: &str = "/api/";

fn slot<B: Backend>(app: &App<B>) -> Result<SemaphorePermit<'_>, Problem> {
    app.slots.try_acquire().map_err(|_| Problem::unavailable("too many requests at once"))
}

/// Lets a request pass.
pub(crate) async fn pass<B: Backend>(
    State(app): State<Shared<B>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = request.method().as_str().to_owned();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "none".to_owned());
    let deadline = if route == crate::routes::WORLD { WORLD_DEADLINE } else { DEADLINE };
    let passes = if route.starts_with(LIMITED) { app.limits.city() } else { Ok(()) };
    let response = match passes.and_then(|()| slot(&app)) {
        Ok(_held) => tokio::time::timeout(deadline, next.run(request)).await.unwrap_or_else(|_| {
            Problem::unavailable("not done within the deadline; it may have happened")
                .into_response()
        }),
        Err(problem) => problem.into_response(),
    };
    app.metrics.count(&method, &route, response.status().as_u16(), began.elapsed());
    response
}
