//! What the payment provider says.

use axum::extract::State;
use axum::http::StatusCode;
use shell::{InputKey, Source};

use crate::api::{Api, Doc};
use crate::app::Shared;
use crate::auth::May;
use crate::backend::Backend;
use crate::extract::Signed;
use crate::problem::Problem;
use crate::wire::payment::Webhook;

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    api.post(
        "/api/providers/payment/webhook",
        May::Provider,
        webhook::<B>,
        Doc::says("What the payment provider says of an attempt; as often as it likes.")
            .takes::<Webhook>()
            .answers(StatusCode::NO_CONTENT, None),
    )
}

/// `POST /api/providers/payment/webhook`. Anything but success asks the provider to say it again.
async fn webhook<B: Backend>(
    State(app): State<Shared<B>>,
    Signed(said): Signed<Webhook>,
) -> Result<StatusCode, Problem> {
    let world = app.world()?;
    let input = said.input().map_err(Problem::bad_request)?;
    let key = InputKey::numbered(Source::Provider, said.event_id.0);
    app.say(&world, key, &[input]).await?;
    Ok(StatusCode::NO_CONTENT)
}
