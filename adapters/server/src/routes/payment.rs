//! What the payment provider says.

use axum::extract::State;
use axum::http::StatusCode;
use shell::{InputKey, Source};

use crate::app::Shared;
use crate::backend::Backend;
use crate::extract::Json;
use crate::problem::Problem;
use crate::wire::payment::Webhook;

/// `POST /api/providers/payment/webhook`. Anything but success asks the provider to say it again.
pub(crate) async fn webhook<B: Backend>(
    State(app): State<Shared<B>>,
    Json(said): Json<Webhook>,
) -> Result<StatusCode, Problem> {
    let world = app.world()?;
    let input = said.input().map_err(Problem::bad_request)?;
    let key = InputKey::numbered(Source::Provider, said.event_id.0);
    app.say(&world, key, &[input]).await?;
    Ok(StatusCode::NO_CONTENT)
}
