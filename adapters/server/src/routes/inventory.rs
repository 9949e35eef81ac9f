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
use shell::Cache;
use shell::cache::keys;

use super::customer::order_row;
use crate::api::{Api, Doc};
use crate::app::Shared;
use crate::auth::May;
use crate::backend::Backend;
use crate::extract::{At, Json, Key};
use crate::problem::Problem;
use crate::wire::inventory::{HoldAsked, HoldShown, LowShelf, LowStock, RidersNear};
use crate::wire::json;

/// Shelves or riders that are shown.
const SHOWN: usize = 100;
/// Who is nearer to a store is near, metres: a few minutes' ride.
const NEAR_M: u32 = 3_000;

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
    .get(
        "/admin/inventory/low-stock",
        May::Admin,
        low_stock::<B>,
        Doc::says("Shelves that were seen to run low, as far as the cache remembers.")
            .gives::<LowStock>(StatusCode::OK),
    )
    .get(
        "/admin/stores/{store}/riders",
        May::Admin,
        riders_near::<B>,
        Doc::says("Riders who were heard of near a store, as far as the cache remembers.")
            .gives::<RidersNear>(StatusCode::OK),
    )
}

/// `GET /admin/inventory/low-stock`.
async fn low_stock<B: Backend>(State(app): State<Shared<B>>) -> Result<Response, Problem> {
    let lowest = app.backend.cache().lowest(keys::LOW_STOCK, SHOWN).await?;
    let shelves = lowest.iter().filter_map(LowShelf::of).collect();
    Ok(json(StatusCode::OK, &LowStock { shelves }))
}

/// `GET /admin/stores/{store}/riders`.
async fn riders_near<B: Backend>(
    State(app): State<Shared<B>>,
    At(store): At<u32>,
) -> Result<Response, Problem> {
    let world = app.world()?;
    let site = usize::try_from(store).ok().and_then(|at| world.catalogue.sites.get(at));
    let place = site.ok_or_else(|| Problem::not_found("store"))?.place;
    let rider_ids = app.backend.cache().near(keys::RIDERS, place, NEAR_M, SHOWN).await?;
    Ok(json(StatusCode::OK, &RidersNear { rider_ids }))
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
