//! What there is to buy, what stores have of it, and the customer's cart.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::cart::{self, Command};
use domain::ids::{SkuId, StoreId};
use shell::{AccountError, Accounts};

use crate::api::{Api, Doc};
use crate::app::{Shared, World};
use crate::at_hand::{free_units_lately, tell_cart_of};
use crate::auth::{Customer, May};
use crate::backend::Backend;
use crate::extract::{Asked, At, Json};
use crate::problem::Problem;
use crate::wire::goods::{
    Availability, AvailabilityShown, CartShown, ProductShown, ProductsShown, Searched, UnitsAsked,
};
use crate::wire::{Decimal, json};

/// SKUs that one search finds, and how many when it is not said.
const FOUND_LIMIT: usize = 100;
const FOUND: usize = 20;
/// SKUs that a search with a store looks at: beyond that it should say more words.
const LOOKED_LIMIT: usize = 1_000;
/// SKUs whose availability is asked at once. Also those of a store's stream.
pub(crate) const SKUS_LIMIT: usize = 5_000;
/// Bytes of a search.
const WORDS_BYTES: usize = 200;

pub(super) fn routes<B: Backend>(api: Api<B>) -> Api<B> {
    api.get(
        "/api/products",
        May::Anyone,
        search::<B>,
        Doc::says("Finds SKUs by words of their names.")
            .asks::<Searched>()
            .gives::<ProductsShown>(StatusCode::OK),
    )
    .get(
        "/api/products/{sku}",
        May::Anyone,
        product::<B>,
        Doc::says("One SKU.").gives::<ProductShown>(StatusCode::OK),
    )
    .get(
        "/api/availability",
        May::Anyone,
        availability::<B>,
        Doc::says("What a store has free, as of a moment ago.")
            .asks::<Availability>()
            .gives::<AvailabilityShown>(StatusCode::OK),
    )
    .get(
        "/api/carts/mine",
        May::Customer,
        cart::<B>,
        Doc::says("The customer's cart.").gives::<CartShown>(StatusCode::OK),
    )
    .put(
        "/api/carts/mine/lines/{sku}",
        May::Customer,
        set_line::<B>,
        Doc::says("Has so many units of a SKU in the cart.")
            .takes::<UnitsAsked>()
            .gives::<CartShown>(StatusCode::OK),
    )
}

impl From<AccountError<cart::Refusal>> for Problem {
    fn from(error: AccountError<cart::Refusal>) -> Self {
        match error {
            AccountError::Port(error) => error.into(),
            AccountError::Contended => Self::unavailable(error.to_string()),
            AccountError::Refused(why) => Self::conflict(why.to_string()),
        }
    }
}

/// A store of the world.
///
/// # Errors
/// When there is no such.
pub(super) fn store_of<D>(
    world: &World<D>,
    Decimal(store): Decimal<u32>,
) -> Result<StoreId, Problem> {
    let store = StoreId(store);
    let is_known = store.index() < world.catalogue.sites.len();
    is_known.then_some(store).ok_or_else(|| Problem::not_found("store"))
}

/// `GET /api/products`.
async fn search<B: Backend>(
    State(app): State<Shared<B>>,
    Asked(asked): Asked<Searched>,
) -> Result<Response, Problem> {
    let world = app.world()?;
    if asked.q.len() > WORDS_BYTES {
        return Err(Problem::bad_request(format!("q has at most {WORDS_BYTES} bytes")));
    }
    let limit = asked.limit.unwrap_or(FOUND).min(FOUND_LIMIT);
    let catalogue = &world.catalogue;
    let found = world.index.find(&asked.q);
    let products = match asked.store {
        None => {
            let skus = found.take(limit);
            skus.filter_map(|sku| ProductShown::of(catalogue, sku, None)).collect()
        }
        Some(store) => {
            let store = store_of(&world, store)?;
            let skus: Vec<SkuId> = found.take(LOOKED_LIMIT).collect();
            let free = free_units_lately(&app, &world, store, &skus).await?;
            let free = free.into_iter().filter(|free| free.free_units > 0).take(limit);
            free.filter_map(|free| {
                ProductShown::of(catalogue, SkuId(free.sku_id.0), Some(free.free_units))
            })
            .collect()
        }
    };
    Ok(json(StatusCode::OK, &ProductsShown { products }))
}

/// `GET /api/products/{sku}`.
async fn product<B: Backend>(
    State(app): State<Shared<B>>,
    At(sku): At<u32>,
) -> Result<Response, Problem> {
    let shown = ProductShown::of(&app.world()?.catalogue, SkuId(sku), None);
    std::future::ready(shown.map(|shown| json(StatusCode::OK, &shown)))
        .await
        .ok_or_else(|| Problem::not_found("SKU"))
}

/// The SKUs that are asked for.
///
/// # Errors
/// When one is no number, is not known, or there are too many.
pub(super) fn skus_of<D>(world: &World<D>, skus: Option<&str>) -> Result<Vec<SkuId>, Problem> {
    let known = world.catalogue.skus.len();
    let Some(skus) = skus else {
        return Ok((0..known.min(SKUS_LIMIT)).map(SkuId::at).collect());
    };
    let mut asked = Vec::new();
    for text in skus.split(',') {
        let sku = text.parse().ok().map(SkuId).filter(|sku| sku.index() < known);
        asked.push(sku.ok_or_else(|| Problem::not_found("SKU"))?);
    }
    asked.sort_unstable();
    asked.dedup();
    if asked.len() > SKUS_LIMIT {
        return Err(Problem::bad_request(format!("at most {SKUS_LIMIT} SKUs at once")));
    }
    Ok(asked)
}

/// `GET /api/availability`.
async fn availability<B: Backend>(
    State(app): State<Shared<B>>,
    Asked(asked): Asked<Availability>,
) -> Result<Response, Problem> {
    let world = app.world()?;
    let store = store_of(&world, asked.store)?;
    let skus = skus_of(&world, asked.skus.as_deref())?;
    let free = free_units_lately(&app, &world, store, &skus).await?;
    Ok(json(StatusCode::OK, &AvailabilityShown::of(store, free)))
}

/// `GET /api/carts/mine`.
async fn cart<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
) -> Result<Response, Problem> {
    let world = app.world()?;
    let kept = world.shell.database().cart(customer).await?;
    Ok(json(StatusCode::OK, &CartShown::of(&world.catalogue, &kept.state)))
}

/// `PUT /api/carts/mine/lines/{sku}`.
async fn set_line<B: Backend>(
    State(app): State<Shared<B>>,
    Customer(customer): Customer,
    At(sku): At<u32>,
    Json(UnitsAsked { units }): Json<UnitsAsked>,
) -> Result<Response, Problem> {
    let (world, sku) = (app.world()?, SkuId(sku));
    if sku.index() >= world.catalogue.skus.len() {
        return Err(Problem::not_found("SKU"));
    }
    let command = Command::SetUnits { sku, units };
    let cart = tell_cart_of(&app, &world, customer, command).await?;
    Ok(json(StatusCode::OK, &CartShown::of(&world.catalogue, &cart)))
}
