//! A client as plain as can be.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

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
}

impl Client {
    /// A client of several servers, who asks one after the other.
    pub(crate) fn of(addresses: Vec<SocketAddr>) -> Self {
        let inner = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
        let bases = addresses.iter().map(|address| format!("http://{address}")).collect();
        Self { inner, bases, sent: Arc::default() }
    }

    /// The same client, who asks one server alone.
    pub(crate) fn only(&self, at: usize) -> Self {
        let bases = Arc::from([self.bases[at].clone()]);
        Self { inner: self.inner.clone(), bases, sent: Arc::default() }
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

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], body.to_string().into_bytes()).await
    }

    pub(crate) async fn post_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        let body = body.to_string().into_bytes();
        self.send("POST", path, &[("idempotency-key", key)], body).await
    }

    pub(crate) async fn put_world(&self, rows: &[Value]) -> Answer {
        let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
        let bearer = format!("Bearer {TOKEN}");
        let headers = [("authorization", bearer.as_str())];
        let body = lines.join("\n").into_bytes();
        let answer = self.send("PUT", "/admin/world", &headers, body).await;
        if answer.status == 200 {
            let world = &answer.json()["world"];
            for at in 0..self.bases.len() {
                self.only(at).until("/readyz", |ready| &ready["world"] == world).await;
            }
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
