//! Whether the server lives, whether it can serve, and what it has counted.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::api::{Api, Doc};
use crate::app::Shared;
use crate::auth::May;
use crate::backend::Backend;
use crate::metrics::line;
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
            Doc::says("Counts, as Prometheus text.").answers(ok, Some("text/plain")),
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

/// The server can serve: a world is installed and its database answers. Says which world.
pub(crate) async fn ready<B: Backend>(State(app): State<Shared<B>>) -> Result<Response, Problem> {
    let world = app.world()?;
    world.load(&[]).await?;
    Ok(json(StatusCode::OK, &Ready { world: Decimal(world.number) }))
}

/// Counts, as Prometheus text.
pub(crate) async fn metrics<B: Backend>(State(app): State<Shared<B>>) -> Response {
    let mut text = app.metrics.text();
    if let Some(world) = app.installed() {
        text += "# TYPE orders_waiting_for_rider gauge\n";
        line(&mut text, format_args!("orders_waiting_for_rider {}", world.last_round().0));
    }
    let kind = "text/plain; version=0.0.4";
    std::future::ready(([(axum::http::header::CONTENT_TYPE, kind)], text).into_response()).await
}
