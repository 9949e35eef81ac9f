//! A payment provider that takes what it is asked to take: it says *authorised* by webhook, and
//! everything else at once. Money moves once under one key. It also takes pushes for people's
//! devices. It can be told to say nothing by itself, to lose its first answer to every refund, and
//! to give no answer to captures.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use dastak_server::sign;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::SECRET;
use crate::client::Client;

/// Everything the bank was asked, as `verb order attempt amount`.
type Asked = Arc<Mutex<BTreeSet<String>>>;
/// The passwords that were sent, by the phone.
type Sent = Arc<Mutex<Vec<(String, String)>>>;

/// What was taken and given back for each attempt, paise, by `order attempt`; and under which keys
/// each thing was asked, by `verb order attempt`, the last time by which server.
#[derive(Default)]
struct Books {
    taken: BTreeMap<String, i64>,
    given_back: BTreeMap<String, i64>,
    asked: BTreeMap<String, (BTreeSet<String>, usize)>,
}

impl Books {
    /// Notes what it was asked, and moves the money if it is the first time; whether it is.
    fn note(&mut self, verb: &str, key: &str, server: usize, call: &Value) -> bool {
        let of = format!("{} {}", call["order_id"].as_str().unwrap(), call["attempt"]);
        let (keys, by) = self.asked.entry(format!("{verb} {of}")).or_default();
        *by = server;
        let is_new = keys.insert(key.to_owned());
        let amount = call["amount_paise"].as_i64().filter(|_| is_new).unwrap_or_default();
        match verb {
            "capture" => *self.taken.entry(of).or_default() += amount,
            "refund" => *self.given_back.entry(of).or_default() += amount,
            _ => {}
        }
        is_new
    }
}

/// How it behaves.
#[derive(Default)]
struct Manner {
    is_silent: AtomicBool,
    loses_answers: AtomicBool,
    keeps_captures: AtomicBool,
}

#[derive(Clone)]
pub(crate) struct Bank {
    address: String,
    shop: Client,
    books: Arc<Mutex<Books>>,
    manner: Arc<Manner>,
    asked: Asked,
    sent: Sent,
    pushed: Asked,
}

#[derive(Clone)]
struct Desk {
    shop: Client,
    books: Arc<Mutex<Books>>,
    manner: Arc<Manner>,
    asked: Asked,
    pushed: Asked,
}

impl Bank {
    /// Opens a bank that speaks to a shop.
    pub(crate) async fn open(shop: Client) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Asked::default();
        let (pushed, sent) = (Asked::default(), Sent::default());
        let (books, manner) = (Arc::<Mutex<Books>>::default(), Arc::<Manner>::default());
        let desk = Desk {
            shop: shop.clone(),
            books: Arc::clone(&books),
            manner: Arc::clone(&manner),
            asked: Arc::clone(&asked),
            pushed: Arc::clone(&pushed),
        };
        let phones = Arc::clone(&sent);
        let send = move |body: String| {
            let message: Value = serde_json::from_str(&body).unwrap();
            let text = |name: &str| message[name].as_str().unwrap().to_owned();
            phones.lock().unwrap().push((text("phone"), text("password")));
            std::future::ready(())
        };
        let router = Router::new()
            .route("/{server}/payment/{verb}", post(ask))
            .route("/{server}/push", post(push))
            .with_state(desk)
            .route("/{server}/sms/send", post(send));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shop, books, manner, asked, sent, pushed }
    }

    /// Where a server finds it.
    pub(crate) fn address(&self, server: usize) -> String {
        format!("{}/{server}", self.address)
    }

    /// Says nothing by itself from now on.
    pub(crate) fn hush(&self) {
        self.manner.is_silent.store(true, Ordering::SeqCst);
    }

    /// Loses its first answer to each refund from now on, though the money has gone back.
    pub(crate) fn lose_answers(&self) {
        self.manner.loses_answers.store(true, Ordering::SeqCst);
    }

    /// Whether it takes what it is asked to take, and never says that it did.
    pub(crate) fn keep_captures(&self, keeps: bool) {
        self.manner.keeps_captures.store(keeps, Ordering::SeqCst);
    }

    /// Waits until it was asked something of an order's first attempt; which server asked last.
    pub(crate) async fn asker(&self, verb: &str, order: &str) -> usize {
        let what = format!("{verb} {order} 1");
        for _ in 0..1_000 {
            if let Some((_, server)) = self.books.lock().unwrap().asked.get(&what) {
                return *server;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("nobody asks: {what}");
    }

    /// Under how many keys it was asked something of an order's first attempt.
    pub(crate) fn keys(&self, verb: &str, order: &str) -> usize {
        let books = self.books.lock().unwrap();
        books.asked.get(&format!("{verb} {order} 1")).map_or(0, |(keys, _)| keys.len())
    }

    /// Says a word about an attempt until it is heard; `event` is the word's number.
    pub(crate) async fn says(&self, event: u64, order: &str, attempt: u8, word: &str) {
        let hook = json!({
            "event_id": event.to_string(), "order_id": order, "attempt": attempt, "word": word,
        });
        say(&self.shop, &hook).await;
    }

    /// What it keeps of a customer's money for an order, paise, by attempt.
    pub(crate) fn kept(&self, order: &str) -> Vec<i64> {
        let books = self.books.lock().unwrap();
        let of_order = books.taken.iter().filter(|(of, _)| of.split(' ').next() == Some(order));
        let back = |of: &str| books.given_back.get(of).copied().unwrap_or(0);
        of_order.map(|(of, taken)| taken - back(of)).collect()
    }

    /// The passwords that a phone got, the last one last.
    pub(crate) fn passwords(&self, phone: &str) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter(|(to, _)| to == phone).map(|(_, password)| password.clone()).collect()
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().cloned().collect()
    }

    /// Waits until something of each of these kinds was pushed to somebody.
    pub(crate) async fn until_pushed(&self, kinds: &[&str]) {
        for _ in 0..500 {
            if kinds.iter().all(|kind| self.pushed.lock().unwrap().contains(*kind)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{kinds:?} are not all among {:?}", self.pushed.lock().unwrap());
    }
}

/// People's devices.
async fn push(State(desk): State<Desk>, body: String) {
    let kind = |line: &str| serde_json::from_str::<Value>(line).unwrap()["kind"].to_string();
    desk.pushed.lock().unwrap().extend(body.lines().map(|line| kind(line).replace('"', "")));
}

async fn ask(
    State(desk): State<Desk>,
    Path((server, verb)): Path<(usize, String)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let key = headers.get("idempotency-key").expect("every question has a name");
    let call: Value = serde_json::from_str(&body).unwrap();
    let said = format!("{verb} {} {} {}", call["order_id"], call["attempt"], call["amount_paise"]);
    desk.asked.lock().unwrap().insert(said.replace('"', ""));
    let is_new = desk.books.lock().unwrap().note(&verb, key.to_str().unwrap(), server, &call);
    let word = match verb.as_str() {
        "create" => {
            if !desk.manner.is_silent.load(Ordering::SeqCst) {
                tokio::spawn(say_authorised(desk.shop, call));
            }
            json!({"word": "pending"})
        }
        "capture" => {
            if desk.manner.keeps_captures.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            json!({"word": "captured"})
        }
        "void" => json!({"word": "voided"}),
        "refund" => {
            if is_new && desk.manner.loses_answers.load(Ordering::SeqCst) {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            json!({"word": "refunded", "total_paise": call["total_paise"]})
        }
        _ => return String::new().into_response(),
    };
    word.to_string().into_response()
}

/// Calls the shop, twice, as providers do.
async fn say_authorised(shop: Client, call: Value) {
    let order = call["order_id"].as_str().unwrap();
    let hook = json!({
        "event_id": order, "order_id": order, "attempt": call["attempt"], "word": "authorised",
    });
    for _ in 0..2 {
        say(&shop, &hook).await;
    }
}

/// Calls the shop until it has heard.
async fn say(shop: &Client, hook: &Value) {
    let body = hook.to_string().into_bytes();
    let signature = sign(SECRET, &body);
    let headers = [("x-dastak-signature", signature.as_str())];
    let say = || shop.send("POST", "/api/providers/payment/webhook", &headers, body.clone());
    while say().await.status != 204 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
