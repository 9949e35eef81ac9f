//! What other services ask of the shelves, in the source design's words.
//!
//! An order's saga reserves and releases; here it is asked again to do so. Nothing is held without
//! an order, so nothing can be forgotten on a shelf.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::OrderId;
use domain::order::{Canceller, Stage};
use domain::outside::Input;

use super::customer::order_row;
use crate::api::{Api, Doc};
use crate::app::Shared;
use crate::auth::May;
use crate::backend::Backend;
use crate::extract::{Json, Key};
use crate::problem::Problem;
use crate::wire::inventory::{HoldAsked, HoldShown};
use crate::wire::json;

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    api.post(
        "/api/inventory/reserve",
        May::Admin,
        reserve::<B>,
        Doc::says("Holds the lines of an order that was placed, if its saga has not done so yet.")
            .keyed(false)
            .takes::<HoldAsked>()
            .gives::<HoldShown>(StatusCode::OK),
    )
    .post(
        "/api/inventory/release",
        May::Admin,
        release::<B>,
        Doc::says("Ends an order for the platform: what it holds goes back on the shelf.")
            .keyed(false)
            .takes::<HoldAsked>()
            .gives::<HoldShown>(StatusCode::OK),
    )
}

/// `POST /api/inventory/reserve`.
async fn reserve<B: Backend>(
    State(app): State<Shared<B>>,
    Key(key): Key,
    Json(HoldAsked { order_id }): Json<HoldAsked>,
) -> Result<Response, Problem> {
    let (world, order) = (app.world()?, OrderId(order_id.0));
    if order_row(&world, order).await?.saga.stage == Stage::Placed {
        let name = app.name(&format!("reserve\n{}", order.0), key.as_deref());
        app.say(&world, name, &[Input::Reserve { order }]).await?;
    }
    let row = order_row(&world, order).await?;
    Ok(json(StatusCode::OK, &HoldShown::of(order, &row)))
}

/// `POST /api/inventory/release`.
async fn release<B: Backend>(
    State(app): State<Shared<B>>,
    Key(key): Key,
    Json(HoldAsked { order_id }): Json<HoldAsked>,
) -> Result<Response, Problem> {
    let (world, order) = (app.world()?, OrderId(order_id.0));
    order_row(&world, order).await?;
    let name = app.name(&format!("release\n{}", order.0), key.as_deref());
    app.say(&world, name, &[Input::Cancel { order, canceller: Canceller::Platform }]).await?;
    let row = order_row(&world, order).await?;
    Ok(json(StatusCode::OK, &HoldShown::of(order, &row)))
}
