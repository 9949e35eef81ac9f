//! The providers that a deployment calls: payments, and pushes to people's devices.
//!
//! They are outside both the deployment and the agents, and behave as the city's models say: they
//! decline, fall silent, authorise late, and say things twice. The payment provider keeps a ledger.

mod ledger;

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use city::behaviour::{Answer, Outcome};
use domain::payment::Method;
use kernel::chance::draw;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::agents::Town;
use crate::agents::wire::{Id, Notice, read};
use crate::clock::Clock;
use crate::office::Office;
use ledger::{Asked, Ledger, Reply};

/// Share of words that the provider says twice. 2 %, assumed, grade E: webhooks are delivered at
/// least once.
const TWICE_SHARE: f64 = 0.02;
/// What a draw about saying twice is for, apart from the purposes of a city's draws.
const TWICE: u32 = 0x5457_4943;
/// How often a word is said until it is heard, with a pause that doubles up to the longest.
const TRIES: u32 = 40;
const AGAIN: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// The providers, at work on a thread of their own.
#[derive(Debug)]
pub struct Providers {
    address: SocketAddr,
    ledger: Arc<Mutex<Ledger>>,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// How a provider signs what it says: bytes in, the value of [`SIGNATURE`] out.
pub type Signs = Arc<dyn Fn(&[u8]) -> String + Send + Sync>;

/// Where our own deployments hear what the payment provider says.
pub const WEBHOOK: &str = "/api/providers/payment/webhook";

/// The header that a signature stands in.
const SIGNATURE: &str = "x-dastak-signature";

/// A desk: what a provider answers from.
#[derive(Clone)]
struct Desk {
    town: Arc<Town>,
    ledger: Arc<Mutex<Ledger>>,
    clock: Clock,
    /// The deployment's own desk for what providers say.
    shop: Arc<Office>,
    signs: Signs,
    /// The path at which the deployment hears what providers say.
    webhook: Arc<str>,
}

/// What the payment provider is asked.
#[derive(Clone, Debug, Deserialize)]
struct Call {
    order_id: Id<u64>,
    attempt: u8,
    method: String,
    #[serde(default)]
    amount_paise: i64,
    #[serde(default)]
    total_paise: i64,
}

impl Providers {
    /// Opens them at an address, for a deployment that hears them at a path.
    ///
    /// # Errors
    /// When nothing can listen there.
    pub fn open(
        address: SocketAddr,
        town: Arc<Town>,
        shop: Office,
        signs: Signs,
        webhook: &str,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let (clock, shop) = (Clock::start_in(0), Arc::new(shop));
        let (ours, webhook) = (Arc::clone(&ledger), Arc::from(webhook));
        let desk = Desk { town, ledger: ours, clock, shop, signs, webhook };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("providers".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                let router = Router::new()
                    .route("/payment/{verb}", post(pays))
                    .route("/push", post(pushes))
                    .with_state(desk);
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { address, ledger, stop, thread })
    }

    /// Where they listen.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes them and writes the payment provider's ledger; what was asked and said how often.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    ///
    /// # Panics
    /// If a provider did.
    pub fn close(self, out: &mut dyn Write) -> io::Result<std::collections::BTreeMap<String, u64>> {
        // Who is gone already needs no word.
        let _ = self.stop.send(());
        self.thread.join().expect("providers do not panic");
        let ledger = lock(&self.ledger);
        ledger.write(out)?;
        Ok(ledger.counts())
    }
}

fn lock(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    // The books are changed in one step each, whatever a panic stops.
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `POST /push`: notices for devices, a line each.
async fn pushes(State(desk): State<Desk>, body: Bytes) -> StatusCode {
    for line in body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match read::<Notice>(line) {
            Some(notice) => desk.town.notice(notice),
            None => desk.town.count("notices that make no sense"),
        }
    }
    std::future::ready(StatusCode::NO_CONTENT).await
}

/// `POST /payment/{verb}`.
async fn pays(State(desk): State<Desk>, Path(verb): Path<String>, body: Bytes) -> Response {
    let Some(call) = read::<Call>(&body) else {
        return (StatusCode::BAD_REQUEST, "no call").into_response();
    };
    let asked = Asked {
        order: call.order_id.0,
        attempt: call.attempt,
        amount_paise: call.amount_paise,
        total_paise: call.total_paise,
    };
    let now_us = desk.now_us();
    let hangs_us = desk.hangs_us(asked, &call.method);
    let (reply, silent_us) = {
        let mut ledger = lock(&desk.ledger);
        let reply = match verb.as_str() {
            "create" => {
                if ledger.create(now_us, asked) {
                    tokio::spawn(desk.clone().decides(asked, call.method));
                }
                Reply::Word("pending", None)
            }
            "status" => ledger.status(now_us, asked),
            "capture" => ledger.capture(now_us, asked, hangs_us),
            "void" => ledger.void(now_us, asked),
            "refund" => ledger.refund(now_us, asked),
            _ => return StatusCode::NOT_FOUND.into_response(),
        };
        let silent_us = if verb == "capture" { ledger.silent_us(now_us, asked) } else { 0 };
        (reply, silent_us)
    };
    if silent_us > 0 {
        desk.town.count("captures that were not answered at once");
        sleep(Duration::from_micros(silent_us)).await;
    }
    match said(reply) {
        Some(word) => axum::Json(word).into_response(),
        None => (StatusCode::CONFLICT, "the attempt is not so far").into_response(),
    }
}

/// A reply as JSON; none for a conflict.
fn said(reply: Reply) -> Option<Value> {
    Some(match reply {
        Reply::Word(word, None) => json!({ "word": word }),
        Reply::Word(word, Some(decline)) => json!({ "word": word, "decline": decline.text() }),
        Reply::Refunded(total) => json!({ "word": "refunded", "total_paise": total }),
        Reply::Conflict => return None,
    })
}

impl Desk {
    fn now_us(&self) -> u64 {
        self.clock.start_unix_us() + self.clock.now_us()
    }

    /// How long nothing is said of an attempt's capture, µs.
    fn hangs_us(&self, asked: Asked, method: &str) -> u64 {
        let method = Method::from_text(method).unwrap_or(Method::Upi);
        let luck = self.town.luck(asked.order);
        self.town.us(self.town.script.behaviour.hangs(luck, asked.attempt, method))
    }

    /// The bank and the customer take their time, then the word is said.
    async fn decides(self, asked: Asked, method: String) {
        let script = &self.town.script;
        let luck = self.town.luck(asked.order);
        let method = Method::from_text(&method).unwrap_or(Method::Upi);
        let provider = &script.behaviour.params.provider;
        let outcome: Outcome = script.behaviour.pays(luck, asked.attempt, method, provider);
        let after = match outcome.answer {
            Answer::Authorised { after } | Answer::Declined { after, .. } => after,
            Answer::Silent { late: Some(late) } => late,
            Answer::Silent { late: None } => return,
        };
        sleep(Duration::from_micros(self.town.us(after))).await;
        let reply = lock(&self.ledger).answered(self.now_us(), asked, &outcome);
        let Some(Value::Object(mut word)) = reply.and_then(said) else { return };
        // The number of a word is made of what it is about: a word said twice has it twice.
        let event = (asked.order << 8) | u64::from(asked.attempt);
        word.insert("event_id".to_owned(), json!(event.to_string()));
        word.insert("order_id".to_owned(), json!(asked.order.to_string()));
        word.insert("attempt".to_owned(), json!(asked.attempt));
        let mut twice = draw(script.seed, luck, TWICE, u32::from(asked.attempt));
        let times = if twice.chance(TWICE_SHARE) { 2 } else { 1 };
        let body = Value::Object(word).to_string();
        for _ in 0..times {
            self.calls(&body).await;
        }
    }

    /// Says a word until it is heard.
    async fn calls(&self, body: &str) {
        let signature = (self.signs)(body.as_bytes());
        for again in 0..TRIES {
            let body = body.to_owned().into_bytes();
            let signed = Some((SIGNATURE, signature.as_str()));
            let answer = self.shop.send("POST", &self.webhook, signed, body).await;
            if answer.is_ok_and(|answer| answer.status.is_success()) {
                return;
            }
            sleep(AGAIN.saturating_mul(1 << again.min(10)).min(LONGEST)).await;
        }
        self.town.count("words of providers not heard");
    }
}
