//! A server in this process, with a database in memory and a small payment provider, over real
//! HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod asking;
mod client;
mod lines;
mod order;
mod provider;
mod stopping;

use std::future::Future;

use dastak_server::{InMemory, Setup, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::provider::Bank;

/// The admin's token of every server here.
pub(crate) const TOKEN: &str = "open sesame";

/// A server, and who talks to it.
pub(crate) struct Town {
    pub(crate) client: Client,
    pub(crate) bank: Bank,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Town {
    /// A server on a port of its own, without a world.
    pub(crate) async fn empty() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::of(listener.local_addr().unwrap());
        let bank = Bank::open(client.clone()).await;
        let admin_token = Some(TOKEN.to_owned());
        let setup = Setup { providers: bank.address(), admin_token };
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or(()) };
        let server = tokio::spawn(serve(setup, InMemory::default(), listener, stopped));
        Self { client, bank, stop, server }
    }

    /// A server with a world of one store.
    pub(crate) async fn new() -> Self {
        let town = Self::empty().await;
        let answer = town.client.put_world(&world()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        town
    }

    /// Ends the server as an operator would.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }
}

/// Runs a test on one thread.
pub(crate) fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

/// One store with three SKUs, one rider, one picker; rounds follow each other quickly.
pub(crate) fn world() -> Vec<Value> {
    let place = json!({"lat_e7": 190_000_000, "lon_e7": 730_000_000});
    let mut rows = vec![
        json!({"kind": "rules", "round_ms": 20, "speed_cap_m_per_h": 4_000_000_000_u32}),
        json!({"kind": "store", "store": "0", "place": place, "radius_m": 3_000}),
        json!({"kind": "rider", "rider": "0", "place": place}),
        json!({"kind": "picker", "picker": "0", "store": "0"}),
    ];
    for sku in 0..3 {
        let sku = sku.to_string();
        rows.push(json!({
            "kind": "sku", "sku": sku, "mrp_paise": 10_000, "price_paise": 9_000, "gst_bps": 500,
        }));
        rows.push(json!({"kind": "stock", "store": "0", "sku": sku, "units": 5}));
    }
    rows
}
