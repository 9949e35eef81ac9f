//! Whether the server lives, whether it can serve, and what it has counted.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shell::Cache;

use crate::api::{Api, Doc};
use crate::app::Shared;
use crate::auth::May;
use crate::backend::Backend;
use crate::problem::Problem;
use crate::wire::{Decimal, json};

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    let (may, ok) = (May::Anyone, StatusCode::OK);
    api.get("/livez", may, live, Doc::says("The process lives.").answers(ok, None))
        .get(
            "/readyz",
            may,
            ready::<B>,
            Doc::says("A world is installed and its database answers.").answers(ok, None),
        )
        .get(
            "/metrics",
            may,
            metrics::<B>,
            Doc::says("Counts, as OpenMetrics text.")
                .answers(ok, Some("application/openmetrics-text")),
        )
}

/// The process lives.
pub(crate) async fn live() -> StatusCode {
    std::future::ready(StatusCode::OK).await
}

/// Which world is served.
#[derive(Serialize)]
struct Ready {
    world: Decimal<u64>,
}

/// The server can serve: a world is installed, its database answers, and it is not about to stop.
/// Says which world.
pub(crate) async fn ready<B: Backend>(State(app): State<Shared<B>>) -> Result<Response, Problem> {
    if app.is_leaving() {
        return Err(Problem::unavailable("this server is about to stop"));
    }
    let world = app.world()?;
    world.load(&[]).await?;
    Ok(json(StatusCode::OK, &Ready { world: Decimal(world.number) }))
}

/// Counts, as OpenMetrics text, which Prometheus reads.
pub(crate) async fn metrics<B: Backend>(State(app): State<Shared<B>>) -> Response {
    let waiting = app.installed().map_or(0, |world| world.last_round().0);
    app.metrics.note_far(app.backend.cache().far());
    app.metrics.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let headers = [(axum::http::header::CONTENT_TYPE, kind)];
    std::future::ready((headers, app.metrics.text()).into_response()).await
}
