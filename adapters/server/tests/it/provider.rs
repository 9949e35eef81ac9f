//! A payment provider that takes what it is asked to take: it says *authorised* by webhook, and
//! everything else at once. It also takes pushes for people's devices.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
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

pub(crate) struct Bank {
    address: String,
    asked: Asked,
    sent: Sent,
    pushed: Asked,
}

#[derive(Clone)]
struct Desk {
    shop: Client,
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
        let desk = Desk { shop, asked: Arc::clone(&asked), pushed: Arc::clone(&pushed) };
        let phones = Arc::clone(&sent);
        let send = move |body: String| {
            let message: Value = serde_json::from_str(&body).unwrap();
            let text = |name: &str| message[name].as_str().unwrap().to_owned();
            phones.lock().unwrap().push((text("phone"), text("password")));
            std::future::ready(())
        };
        let router = Router::new()
            .route("/payment/{verb}", post(ask))
            .route("/push", post(push))
            .with_state(desk)
            .route("/sms/send", post(send));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, asked, sent, pushed }
    }

    pub(crate) fn address(&self) -> String {
        self.address.clone()
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
    Path(verb): Path<String>,
    headers: HeaderMap,
    body: String,
) -> String {
    assert!(headers.contains_key("idempotency-key"), "every question has a name");
    let call: Value = serde_json::from_str(&body).unwrap();
    let said = format!("{verb} {} {} {}", call["order_id"], call["attempt"], call["amount_paise"]);
    desk.asked.lock().unwrap().insert(said.replace('"', ""));
    match verb.as_str() {
        "create" => {
            tokio::spawn(say_authorised(desk.shop, call));
            json!({"word": "pending"}).to_string()
        }
        "capture" => json!({"word": "captured"}).to_string(),
        "void" => json!({"word": "voided"}).to_string(),
        "refund" => json!({"word": "refunded", "total_paise": call["total_paise"]}).to_string(),
        _ => String::new(),
    }
}

/// Calls the shop, twice, as providers do.
async fn say_authorised(shop: Client, call: Value) {
    let order = call["order_id"].as_str().unwrap();
    let hook = json!({
        "event_id": order, "order_id": order, "attempt": call["attempt"], "word": "authorised",
    });
    let body = hook.to_string().into_bytes();
    let signature = sign(SECRET, &body);
    let headers = [("x-dastak-signature", signature.as_str())];
    for _ in 0..2 {
        let say = || shop.send("POST", "/api/providers/payment/webhook", &headers, body.clone());
        while say().await.status != 204 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
