//! A client as plain as can be.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::TOKEN;

/// Times that something that must come is looked for, 10 ms apart.
const LOOKS: u32 = 1_000;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Zero if nobody answered.
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

#[derive(Clone)]
pub(crate) struct Client {
    inner: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    bases: Arc<[String]>,
    sent: Arc<AtomicUsize>,
    /// Tokens of those it speaks for, by the beginning of the paths that they ask for.
    tokens: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Client {
    /// A client of several servers, who asks one after the other.
    pub(crate) fn of(addresses: Vec<SocketAddr>) -> Self {
        let inner = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
        let bases = addresses.iter().map(|address| format!("http://{address}")).collect();
        Self { inner, bases, sent: Arc::default(), tokens: Arc::default() }
    }

    /// The same client, who asks one server alone.
    pub(crate) fn only(&self, at: usize) -> Self {
        let bases = Arc::from([self.bases[at].clone()]);
        Self { bases, sent: Arc::default(), ..self.clone() }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let nth = self.sent.fetch_add(1, Ordering::Relaxed);
        let uri = format!("{}{path}", self.bases[nth % self.bases.len()]);
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = self.token(path).filter(|_| !has(headers, "authorization")) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Full::from(body)).unwrap();
        let Ok(answer) = self.inner.request(request).await else {
            return Answer { status: 0, kind: String::new(), body: "nobody answers".to_owned() };
        };
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap());
        let kind = kind.unwrap_or_default().to_owned();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        Answer { status, kind, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// Speaks for whoever has a token wherever a path begins so; an empty one speaks for nobody.
    pub(crate) fn speak_for(&self, paths: &str, token: &str) {
        self.tokens.lock().unwrap().insert(paths.to_owned(), token.to_owned());
    }

    /// Speaks for whomever another client speaks for.
    pub(crate) fn speak_like(&self, other: &Self) {
        let tokens = other.tokens.lock().unwrap().clone();
        *self.tokens.lock().unwrap() = tokens;
    }

    /// The token for the longest beginning of a path.
    fn token(&self, path: &str) -> Option<String> {
        let tokens = self.tokens.lock().unwrap();
        let found = tokens.iter().rfind(|(paths, _)| path.starts_with(*paths));
        found.map(|(_, token)| token.clone()).filter(|token| !token.is_empty())
    }

    /// Another client, that speaks for nobody.
    pub(crate) fn as_nobody(&self) -> Self {
        Self { tokens: Arc::default(), ..self.clone() }
    }

    /// Where a path is.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.bases[0])
    }

    /// Another client, that speaks for a customer.
    pub(crate) async fn as_customer(&self, customer: u32) -> Self {
        let token = self.session("customers", customer).await;
        let other = self.as_nobody();
        other.speak_for("/api/", &token);
        other
    }

    /// A session for an agent.
    pub(crate) async fn session(&self, agents: &str, number: u32) -> String {
        let asked = json!({"agents": agents, "from": number.to_string(), "count": 1});
        let answer = self.admin("POST", "/admin/sessions", asked.to_string()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["tokens"][0].as_str().unwrap().to_owned()
    }

    /// Asks as whoever runs the platform.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: String) -> Answer {
        let bearer = format!("Bearer {TOKEN}");
        let headers = [("authorization", bearer.as_str())];
        self.send(method, path, &headers, body.into_bytes()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], body.to_string().into_bytes()).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, &[], body.to_string().into_bytes()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], Vec::new()).await
    }

    /// Asks again while it is told that this is too often, but not for something that stays so.
    pub(crate) async fn post_patiently(&self, path: &str, body: &Value) -> Answer {
        for _ in 0..LOOKS {
            let answer = self.post(path, body).await;
            if answer.status != 429 || !answer.body.contains("too many ask") {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} is limited for ever");
    }

    /// A stream of events.
    pub(crate) async fn events(&self, path: &str) -> Events {
        let mut request = Request::builder().uri(self.url(path));
        if let Some(token) = self.token(path) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Full::default()).unwrap();
        let answer = self.inner.request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Events { body: answer.into_body(), read: String::new() }
    }

    pub(crate) async fn post_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        let body = body.to_string().into_bytes();
        self.send("POST", path, &[("idempotency-key", key)], body).await
    }

    /// Asks again while it is told to come again: it asked too often, or nobody can hear it now.
    pub(crate) async fn post_until_heard(&self, path: &str, body: &Value) -> Answer {
        for _ in 0..LOOKS {
            let answer = self.post(path, body).await;
            if !matches!(answer.status, 429 | 503) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} is not heard");
    }

    /// Installs a world, and speaks from then on for customer 7, and the first rider and store.
    pub(crate) async fn put_world(&self, rows: &[Value]) -> Answer {
        let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
        let answer = self.admin("PUT", "/admin/world", lines.join("\n")).await;
        if answer.status == 200 {
            let world = &answer.json()["world"];
            for at in 0..self.bases.len() {
                self.only(at).until("/readyz", |ready| &ready["world"] == world).await;
            }
            self.speak_for("/api/", &self.session("customers", 7).await);
            self.speak_for("/api/riders/0", &self.session("riders", 0).await);
            self.speak_for("/api/stores/0", &self.session("stores", 0).await);
        }
        answer
    }

    /// Reads something again and again until it is as it must become.
    pub(crate) async fn until(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let mut last = None;
        for _ in 0..LOOKS {
            let answer = self.get(path).await;
            if answer.status == 200 && is_so(&answer.json()) {
                return answer.json();
            }
            last = Some(answer);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} does not come to be so: {last:?}");
    }
}

/// A stream of events, each of JSON.
pub(crate) struct Events {
    body: hyper::body::Incoming,
    read: String,
}

impl Events {
    /// The next event.
    pub(crate) async fn next(&mut self, limit: Duration) -> Value {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                if let Some(text) = event.strip_prefix("data: ") {
                    return serde_json::from_str(text).unwrap();
                }
                continue;
            }
            let frame = tokio::time::timeout(limit, self.body.frame()).await;
            let frame = frame.expect("an event comes").expect("the stream goes on").unwrap();
            let bytes = frame.into_data().unwrap();
            self.read += std::str::from_utf8(&bytes).unwrap();
        }
    }
}

fn has(headers: &[(&str, &str)], name: &str) -> bool {
    headers.iter().any(|(other, _)| *other == name)
}
