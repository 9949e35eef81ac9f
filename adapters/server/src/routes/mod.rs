//! The routes, one file for each of those who use them.

mod admin;
mod customer;
pub(crate) mod goods;
mod health;
mod inbox;
mod inventory;
mod payment;
mod rider;
mod store;
mod track;
mod user;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use utoipa::openapi::OpenApi;

use crate::api::Api;
use crate::app::Shared;
use crate::backend::Backend;
use crate::gate;
use crate::problem::Problem;

/// Where a world is installed.
pub(crate) const WORLD: &str = "/admin/world";

/// All routes, and the document that lists them.
fn listed<B: Backend>(app: Shared<B>) -> (Router<Shared<B>>, OpenApi) {
    let api = health::routes(Api::new(app));
    let api = admin::routes(user::routes(api));
    let api = track::routes(customer::routes(goods::routes(api)));
    inbox::routes(inventory::routes(rider::routes(store::routes(payment::routes(api))))).done()
}

/// What the routes are, as an OpenAPI document in JSON.
pub(crate) fn document<B: Backend>(app: Shared<B>) -> String {
    let (_, document) = listed(app);
    document.to_pretty_json().expect("a document can be written as JSON")
}

/// All routes.
pub(crate) fn router<B: Backend>(app: Shared<B>) -> Router {
    let (router, document) = listed(app.clone());
    let document = document.to_json().expect("a document can be written as JSON");
    let document = axum::routing::get(move || {
        let kind = [(axum::http::header::CONTENT_TYPE, "application/json")];
        std::future::ready((kind, document.clone()))
    });
    router
        .route("/api/openapi.json", document)
        .fallback(|| std::future::ready(Problem::not_found("path")))
        .method_not_allowed_fallback(|| {
            let detail = "this path is asked otherwise";
            std::future::ready(Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail))
        })
        .layer(from_fn_with_state(app.clone(), gate::pass::<B>))
        .with_state(app)
}
