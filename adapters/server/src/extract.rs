//! What handlers take from requests: bodies, ids in paths, names of requests.

use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::api::SIGNATURE;
use crate::app::Shared;
use crate::backend::Backend;
use crate::problem::Problem;
use crate::token;

/// Bytes that the body of a request may have: the largest cart takes a tenth.
pub(crate) const BODY_LIMIT: usize = 64 << 10;
/// Bytes that a world may have: a thousand stores with two thousand SKUs each take half.
pub(crate) const WORLD_LIMIT: usize = 256 << 20;
/// How long a body may take to come, and one as long as a world: less than the request itself may
/// take, so that whoever sends it hears why. Assumed, grade E.
const BODY_TIME: Duration = Duration::from_secs(5);
const WORLD_TIME: Duration = Duration::from_secs(50);
/// Bytes of a client's name for a request.
const KEY_LIMIT: usize = 200;

/// A body of JSON.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        of_json(&read(request, BODY_LIMIT, BODY_TIME).await?).map(Self)
    }
}

fn of_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes)
        .map_err(|error| Problem::bad_request(format!("the body: {error}")))
}

/// A body of JSON that a provider has signed.
pub(crate) struct Signed<T>(pub(crate) T);

impl<T: DeserializeOwned, B: Backend> FromRequest<Shared<B>> for Signed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared<B>) -> Result<Self, Problem> {
        let signature = request.headers().get(SIGNATURE).cloned();
        let bytes = read(request, BODY_LIMIT, BODY_TIME).await?;
        let signature = signature.as_ref().map_or(&b""[..], |signature| signature.as_bytes());
        if !token::is_signed(&app.setup.webhook_secret, &bytes, signature) {
            let why = format!("{SIGNATURE} is not the body's signature under the webhook secret");
            return Err(Problem::new(StatusCode::UNAUTHORIZED, why));
        }
        of_json(&bytes).map(Self)
    }
}

/// A body as long as a world may be.
pub(crate) struct WorldBody(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for WorldBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request, WORLD_LIMIT, WORLD_TIME).await.map(Self)
    }
}

async fn read(request: Request, limit: usize, time: Duration) -> Result<Bytes, Problem> {
    let too_large = || {
        let detail = format!("a body here has at most {limit} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    };
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|text| text.parse().ok()).is_some_and(|bytes: usize| bytes > limit) {
        return Err(too_large());
    }
    let too_slow = |_| {
        let detail = format!("a body here comes within {} s", time.as_secs());
        Problem::new(StatusCode::REQUEST_TIMEOUT, detail)
    };
    let came = timeout(time, to_bytes(request.into_body(), limit)).await.map_err(too_slow)?;
    came.map_err(|error| {
        let is_long = std::error::Error::source(&error).is_some_and(|e| e.is::<LengthLimitError>());
        if is_long { too_large() } else { Problem::bad_request("the body broke off") }
    })
}

/// Ids in the path.
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(ids)| Self(ids)).map_err(|_| Problem::not_found("thing"))
    }
}

/// What stands behind the question mark.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(asked)| Self(asked)).map_err(|e| Problem::bad_request(e.body_text()))
    }
}

/// A client's own name for a request, if it gave one.
pub(crate) struct Key(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        match value.to_str() {
            Ok(text) if (1..=KEY_LIMIT).contains(&text.len()) => Ok(Self(Some(text.to_owned()))),
            _ => Err(Problem::bad_request(format!(
                "Idempotency-Key is text of 1 to {KEY_LIMIT} bytes"
            ))),
        }
    }
}
