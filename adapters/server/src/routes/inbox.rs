//! What customers were told of their orders.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use shell::log::Cursors;

use crate::api::{Api, Doc};
use crate::app::Shared;
use crate::auth::{Customer, May};
use crate::backend::Backend;
use crate::problem::Problem;
use crate::wire::customer::{NoteShown, NotesShown};
use crate::wire::json;

/// Notifications that are shown, the newest.
const SHOWN: usize = 100;

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    api.get(
        "/api/notifications",
        May::Customer,
        notes::<B>,
        Doc::says("What the customer was told of their orders, the newest first.")
            .gives::<NotesShown>(StatusCode::OK),
    )
}

/// `GET /api/notifications`.
async fn notes<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
) -> Result<Response, Problem> {
    let notes = app.world()?.shell.database().notes(customer, SHOWN).await?;
    let notifications = notes.iter().map(NoteShown::of).collect();
    Ok(json(StatusCode::OK, &NotesShown { notifications }))
}
