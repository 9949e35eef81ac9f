//! The payment provider, over HTTP.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method as Verb, Request, StatusCode};
use domain::ids::OrderId;
use domain::outside::Effect;
use domain::payment::Word;
use domain::user::Phone;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use shell::{OutboxId, PortError, Provider};

use crate::token;
use crate::wire::payment::{Call, PasswordMessage, WordWire};

/// How long the provider has to answer. 10 s: NPCI response limit for status checks, April 2025.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How long connecting to it may take. 2 s, assumed, grade E.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How long sending a password may take: somebody waits for it. 5 s, assumed, grade E.
const SMS_LIMIT: Duration = Duration::from_secs(5);
/// Bytes that an answer may have.
const ANSWER_BYTES: usize = 16 << 10;

/// A client of those who work for us.
pub(crate) type Outward = Client<HttpConnector, Full<Bytes>>;

/// Makes a client that does not wait long for a connection.
pub(crate) fn client() -> Outward {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT_LIMIT));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
}

/// The provider at an address. It is asked again whatever it did not answer with success.
#[derive(Debug)]
pub(crate) struct HttpProvider {
    client: Outward,
    base: String,
}

impl HttpProvider {
    /// The provider whose paths begin with `base`, such as `http://127.0.0.1:18490`.
    pub(crate) fn new(base: &str) -> Self {
        Self { client: client(), base: base.trim_end_matches('/').to_owned() }
    }

    /// Has a one-time password sent. Nobody else is ever told it.
    ///
    /// # Errors
    /// [`PortError`]: then it may have been sent all the same.
    pub(crate) async fn send_password(
        &self,
        phone: Phone,
        password: &str,
    ) -> Result<(), PortError> {
        let message = PasswordMessage { phone: format!("+{}", phone.0), password };
        let body = serde_json::to_vec(&message).expect("a message can be written as JSON");
        let key = token::fresh();
        let sent = self.post("/sms/send", &key, body);
        let sent = tokio::time::timeout(SMS_LIMIT, sent).await;
        sent.unwrap_or(Err(PortError::TimedOut)).map(drop)
    }

    async fn call(&self, key: OutboxId, call: &Call) -> Result<Option<Word>, PortError> {
        let body = serde_json::to_vec(call).expect("a call can be written as JSON");
        let path = format!("/payment/{}", call.verb());
        let Some(body) = self.post(&path, &key.0.to_string(), body).await? else {
            return Ok(None);
        };
        let word: WordWire =
            serde_json::from_slice(&body).map_err(|error| PortError::Down(error.to_string()))?;
        word.word().map(Some).map_err(PortError::Down)
    }

    async fn asked(&self, key: OutboxId, effect: &Effect) -> Result<Option<Word>, PortError> {
        let Some(call) = Call::of(effect) else { return Ok(None) };
        let answer = tokio::time::timeout(ANSWER_LIMIT, self.call(key, &call)).await;
        answer.unwrap_or(Err(PortError::TimedOut))
    }

    /// Asks something under a key; the answer's body, if there is one.
    async fn post(&self, path: &str, key: &str, body: Vec<u8>) -> Result<Option<Bytes>, PortError> {
        let request = Request::builder()
            .method(Verb::POST)
            .uri(format!("{}{path}", self.base))
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", key)
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
        Ok((status != StatusCode::NO_CONTENT && !body.is_empty()).then_some(body))
    }
}

impl Provider for &HttpProvider {
    async fn ask(
        &self,
        key: OutboxId,
        _: OrderId,
        effect: &Effect,
    ) -> Result<Option<Word>, PortError> {
        #[cfg(feature = "mutants")]
        if let Some((instead, said)) = crate::mutant::instead(effect) {
            let answer = match &instead {
                Some(effect) => self.asked(key, effect).await,
                None => Ok(None),
            };
            return if said.is_some() { Ok(said) } else { answer };
        }
        self.asked(key, effect).await
    }
}
