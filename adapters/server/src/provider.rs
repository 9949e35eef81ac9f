//! The payment provider, over HTTP.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method as Verb, Request, StatusCode};
use domain::ids::OrderId;
use domain::outside::Effect;
use domain::payment::Word;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use shell::{OutboxId, PortError, Provider};

use crate::wire::payment::{Call, WordWire};

/// How long the provider has to answer. 10 s: NPCI response limit for status checks, April 2025.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How long connecting to it may take. 2 s, assumed, grade E.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// Bytes that an answer may have.
const ANSWER_BYTES: usize = 16 << 10;

/// The provider at an address. It is asked again whatever it did not answer with success.
#[derive(Debug)]
pub(crate) struct HttpProvider {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

impl HttpProvider {
    /// The provider whose paths begin with `base`, such as `http://127.0.0.1:18490`.
    pub(crate) fn new(base: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_LIMIT));
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { client, base: base.trim_end_matches('/').to_owned() }
    }

    async fn call(&self, key: OutboxId, call: &Call) -> Result<Option<Word>, PortError> {
        let body = serde_json::to_vec(call).expect("a call can be written as JSON");
        let request = Request::builder()
            .method(Verb::POST)
            .uri(format!("{}/payment/{}", self.base, call.verb()))
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", key.0.to_string())
            .body(Full::from(body))
            .map_err(|error| PortError::Down(error.to_string()))?;
        let answer = self.client.request(request).await;
        let answer = answer.map_err(|error| PortError::Down(error.to_string()))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(PortError::Down(format!("the provider answered {status}")));
        }
        let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| PortError::Down(error.to_string()))?.to_bytes();
        if status == StatusCode::NO_CONTENT || body.is_empty() {
            return Ok(None);
        }
        let word: WordWire =
            serde_json::from_slice(&body).map_err(|error| PortError::Down(error.to_string()))?;
        word.word().map(Some).map_err(PortError::Down)
    }
}

impl Provider for &HttpProvider {
    async fn ask(
        &self,
        key: OutboxId,
        _: OrderId,
        effect: &Effect,
    ) -> Result<Option<Word>, PortError> {
        let Some(call) = Call::of(effect) else { return Ok(None) };
        let answer = tokio::time::timeout(ANSWER_LIMIT, self.call(key, &call)).await;
        answer.unwrap_or(Err(PortError::TimedOut))
    }
}
