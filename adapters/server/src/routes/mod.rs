//! The routes, one file for each of those who use them.

mod admin;
mod customer;
mod health;
mod payment;
mod rider;
mod store;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};

use crate::app::Shared;
use crate::backend::Backend;
use crate::gate;
use crate::problem::Problem;

/// Where a world is installed.
pub(crate) const WORLD: &str = "/admin/world";

/// All routes.
pub(crate) fn router<B: Backend>(app: Shared<B>) -> Router {
    let trip = "/api/riders/{rider}/trips/{trip}";
    let task = "/api/stores/{store}/tasks/{order}";
    let picker = "/api/stores/{store}/pickers/{picker}";
    Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready::<B>))
        .route("/metrics", get(health::metrics::<B>))
        .route(WORLD, put(admin::world::<B>))
        .route("/admin/audit/journal", get(admin::journal::<B>))
        .route("/api/quotes", post(customer::quote::<B>))
        .route("/api/orders", post(customer::order::<B>))
        .route("/api/orders/{order}", get(customer::show::<B>))
        .route("/api/orders/{order}/cancel", post(customer::cancel::<B>))
        .route("/api/orders/{order}/payment", post(customer::pay_again::<B>))
        .route("/api/providers/payment/webhook", post(payment::webhook::<B>))
        .route("/api/stores/{store}/tasks", get(store::tasks::<B>))
        .route("/api/stores/{store}/receive", post(store::receive::<B>))
        .route(&format!("{picker}/on"), post(store::on::<B>))
        .route(&format!("{picker}/off"), post(store::off::<B>))
        .route(&format!("{picker}/take"), post(store::take::<B>))
        .route(&format!("{task}/scan"), post(store::found::<B>))
        .route(&format!("{task}/short"), post(store::found::<B>))
        .route(&format!("{task}/pack"), post(store::pack::<B>))
        .route(&format!("{task}/put-back"), post(store::put_back::<B>))
        .route("/api/riders/{rider}", get(rider::show::<B>))
        .route("/api/riders/{rider}/offers", get(rider::offers::<B>))
        .route("/api/riders/{rider}/on", post(rider::on::<B>))
        .route("/api/riders/{rider}/off", post(rider::off::<B>))
        .route(&format!("{trip}/accept"), post(rider::accept::<B>))
        .route(&format!("{trip}/reject"), post(rider::reject::<B>))
        .route(&format!("{trip}/arrived"), post(rider::ridden::<B>))
        .route(&format!("{trip}/returned"), post(rider::ridden::<B>))
        .route(&format!("{trip}/picked-up"), post(rider::picked_up::<B>))
        .route(&format!("{trip}/delivered"), post(rider::delivered::<B>))
        .route(&format!("{trip}/failed"), post(rider::failed::<B>))
        .route(&format!("{trip}/lost"), post(rider::lost::<B>))
        .fallback(|| std::future::ready(Problem::not_found("path")))
        .method_not_allowed_fallback(|| {
            let detail = "this path is asked otherwise";
            std::future::ready(Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail))
        })
        .layer(from_fn_with_state(app.clone(), gate::pass::<B>))
        .with_state(app)
}
