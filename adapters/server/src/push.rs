//! Pushes: what people are asked reaches their devices through the push provider.
//!
//! A push is a hint. One that is lost is not sent again, and nothing waits for it: rows say what is
//! to be done as soon as it was committed, so whoever missed a push sees the same when they look.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use domain::outside::Effect;
use http_body_util::{BodyExt, Full};
use shell::People;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use crate::app::Shared;
use crate::backend::Backend;
use crate::provider::{Outward, client};
use crate::run::Phase;
use crate::wire::record::line_of_effect;

/// Pushes that may wait; beyond that they are dropped. 10 000, assumed, grade E: a few seconds'
/// worth at a thousand orders a second.
const WAITING_LIMIT: usize = 10_000;
/// Pushes of one request.
const BATCH: usize = 500;
/// How long the push provider has to take a batch. 2 s, assumed, grade E.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// How long we leave a provider alone that took no batch. 500 ms, assumed, grade E.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// Pushes on their way.
#[derive(Debug)]
pub(crate) struct Pushes {
    waiting: Mutex<Vec<String>>,
    rings: Notify,
    client: Outward,
    url: String,
}

impl Pushes {
    /// Pushes by the provider whose paths begin with `base`.
    pub(crate) fn new(base: &str) -> Self {
        Self {
            waiting: Mutex::default(),
            rings: Notify::new(),
            client: client(),
            url: format!("{}/push", base.trim_end_matches('/')),
        }
    }

    fn add(&self, effect: &Effect) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_LIMIT {
            waiting.push(line_of_effect(effect));
            self.rings.notify_one();
        }
    }

    fn batch(&self) -> Vec<String> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let until = waiting.len().min(BATCH);
        waiting.drain(..until).collect()
    }

    /// Sends a batch; whether the provider took it.
    async fn send(&self, lines: &[String]) -> bool {
        let request = Request::builder()
            .method(Method::POST)
            .uri(&self.url)
            .header(CONTENT_TYPE, "application/x-ndjson")
            .body(Full::from(Bytes::from(lines.join("\n"))));
        let Ok(request) = request else { return false };
        let sent = async {
            let answer = self.client.request(request).await.ok()?;
            let is_taken = answer.status().is_success();
            answer.into_body().collect().await.ok().filter(|_| is_taken)
        };
        timeout(ANSWER_LIMIT, sent).await.is_ok_and(|taken| taken.is_some())
    }
}

/// Sends pushes until the server has stopped.
pub(crate) async fn push<B: Backend>(app: Shared<B>, mut phase: watch::Receiver<Phase>) {
    let pushes = &app.pushes;
    let sending = async {
        loop {
            let lines = pushes.batch();
            if lines.is_empty() {
                pushes.rings.notified().await;
            } else if !pushes.send(&lines).await {
                sleep(AFTER_FAILURE).await;
            }
        }
    };
    tokio::select! {
        () = sending => {}
        // The sender outlives background work, so this ends when the phase changes.
        _ = phase.wait_for(|phase| *phase == Phase::Flushing) => {}
    }
}

impl People for Pushes {
    fn tell(&self, hint: &Effect) {
        if has_device(hint) {
            self.add(hint);
        }
    }
}

/// Whether somebody with a device is asked something.
const fn has_device(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::AskCustomer { .. }
            | Effect::Collect { .. }
            | Effect::Pack { .. }
            | Effect::PutBack { .. }
            | Effect::AskRider { .. }
            | Effect::RideToStore { .. }
            | Effect::HandOver { .. }
            | Effect::RideToDoor { .. }
            | Effect::Knock { .. }
            | Effect::RideBack { .. }
    )
}
