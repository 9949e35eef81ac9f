//! Plain calls to a deployment, apart from the load: what runs a world, and what providers say.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::request::Builder;
use axum::http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::target::Target;

/// How long a call may take. A world of a thousand stores takes seconds to be installed.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// How long a connection may rest and be used again. A server closes those that rest longer, and
/// nobody notices while nothing is asked.
const REST_LIMIT: Duration = Duration::from_secs(5);
/// Bytes of an answer: a page of a journal takes a few megabytes.
const ANSWER_BYTES: usize = 64 << 20;
/// Facts on a page of the journal.
const PAGE: usize = 10_000;
/// How often a page is asked for, and how long apart, of a deployment that does not answer now.
const READS_LIMIT: u32 = 20;
const READ_AGAIN: Duration = Duration::from_millis(250);

/// A call that was not answered as it should be.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// There is no answer.
    #[error("{what}: {why}")]
    Unanswered {
        /// What was asked.
        what: String,
        /// Why not.
        why: String,
    },
    /// The answer is a refusal.
    #[error("{what} was answered {status}: {body}")]
    Refused {
        /// What was asked.
        what: String,
        /// The status.
        status: u16,
        /// What it says.
        body: String,
    },
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Bytes,
}

impl Said {
    /// Whether it is a success that says just this.
    #[must_use]
    pub fn is(&self, body: &[u8]) -> bool {
        self.status.is_success() && self.body == body
    }
}

/// A desk from which a deployment is called.
#[derive(Clone, Debug)]
pub struct Office {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    token: Option<String>,
}

impl Office {
    /// Calls a target, bearing the admin's token if there is one.
    #[must_use]
    pub fn new(target: &Target, token: Option<String>) -> Self {
        let client =
            Client::builder(TokioExecutor::new()).pool_idle_timeout(REST_LIMIT).build_http();
        let base = format!("http://{}{}", target.authority(), target.base());
        Self { client, base, token }
    }

    /// Sends a request in our own manner, with one more header or none, and waits for the whole
    /// answer.
    ///
    /// # Errors
    /// [`OfficeError::Unanswered`].
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        header: Option<(&str, &str)>,
        body: Vec<u8>,
    ) -> Result<Said, OfficeError> {
        let json = ("content-type".to_owned(), "application/json".to_owned());
        let mut headers = vec![json];
        headers.extend(header.map(|(name, value)| (name.to_owned(), value.to_owned())));
        if let Some(token) = &self.token {
            headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        self.exchange(method, path, &headers, body).await
    }

    /// Sends a request with these headers and no others, and waits for the whole answer.
    ///
    /// # Errors
    /// [`OfficeError::Unanswered`].
    pub async fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Result<Said, OfficeError> {
        let what = format!("{method} {path}");
        let unanswered = |why: String| OfficeError::Unanswered { what: what.clone(), why };
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let with = |request: Builder, (name, value): &(String, String)| request.header(name, value);
        let request = headers.iter().fold(request, with);
        let request = request.body(Full::from(body)).map_err(|why| unanswered(why.to_string()))?;
        let answered = async {
            let answer = self.client.request(request).await.map_err(|why| why.to_string())?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
            let body = body.map_err(|why| why.to_string())?.to_bytes();
            Ok::<_, String>(Said { status, body })
        };
        let answer = tokio::time::timeout(ANSWER_LIMIT, answered).await;
        answer.unwrap_or_else(|_| Err("no answer in time".to_owned())).map_err(unanswered)
    }

    /// Sends a request that must succeed.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn ask(&self, method: &str, path: &str, body: Vec<u8>) -> Result<Bytes, OfficeError> {
        let Said { status, body } = self.send(method, path, None, body).await?;
        if status.is_success() {
            return Ok(body);
        }
        let what = format!("{method} {path}");
        let body = String::from_utf8_lossy(&body).into_owned();
        Err(OfficeError::Refused { what, status: status.as_u16(), body })
    }

    /// Installs a world.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn install(&self, rows: Vec<u8>) -> Result<(), OfficeError> {
        self.ask("PUT", "/admin/world", rows).await.map(drop)
    }

    /// Reads a path; again if it is not answered: a connection that rested may be of no use any
    /// more, and a deployment may be busy.
    async fn read(&self, path: &str) -> Result<Bytes, OfficeError> {
        let mut read = self.ask("GET", path, Vec::new()).await;
        for _ in 1..READS_LIMIT {
            let is_final = match &read {
                Err(OfficeError::Unanswered { .. }) => false,
                Err(OfficeError::Refused { status, .. }) => *status < 500,
                Ok(_) => true,
            };
            if is_final {
                break;
            }
            tokio::time::sleep(READ_AGAIN).await;
            read = self.ask("GET", path, Vec::new()).await;
        }
        read
    }

    /// Reads the whole journal, a line each, in the order the deployment keeps it.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn journal(&self, mut line: impl FnMut(&str)) -> Result<u64, OfficeError> {
        let mut after = 0;
        loop {
            let path = format!("/admin/audit/journal?after={after}&limit={PAGE}");
            let page = self.read(&path).await?;
            let text = String::from_utf8_lossy(&page);
            let mut lines = 0;
            for text in text.lines() {
                line(text);
                lines += 1;
            }
            after += lines;
            if lines < PAGE as u64 {
                return Ok(after);
            }
        }
    }
}
