//! What stands in bodies, and how it becomes the domain's. Ids are decimal strings.

pub(crate) mod customer;
mod decimal;
pub(crate) mod goods;
pub(crate) mod inventory;
pub(crate) mod payment;
pub(crate) mod record;
pub(crate) mod rider;
pub(crate) mod store;
pub(crate) mod user;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use domain::place::Place;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use decimal::Decimal;

/// A position, in 1e-7 degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct WirePlace {
    lat_e7: i32,
    lon_e7: i32,
}

impl From<Place> for WirePlace {
    fn from(Place { lat_e7, lon_e7 }: Place) -> Self {
        Self { lat_e7, lon_e7 }
    }
}

impl From<WirePlace> for Place {
    fn from(WirePlace { lat_e7, lon_e7 }: WirePlace) -> Self {
        Self { lat_e7, lon_e7 }
    }
}

/// An answer of JSON.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("what is answered can be written as JSON");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
