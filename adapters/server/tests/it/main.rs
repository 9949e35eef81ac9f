//! A town: servers in this process and a small payment provider, over real HTTP. Every test runs
//! over one server that keeps everything in memory, and over two servers and PostgreSQL, requests
//! alternating.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod asking;
mod client;
mod duties;
mod goods;
mod lines;
mod observe;
mod order;
mod ownership;
mod provider;
mod stopping;
mod tracking;

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use backends::private::{PrivateError, PrivateServer};
use dastak_server::{Backend, InMemory, OverPostgres, Setup, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::provider::Bank;

/// The admin's token of every server here.
pub(crate) const TOKEN: &str = "open sesame";

/// The secret under which the provider signs.
pub(crate) const SECRET: &str = "between us";

/// What every server here is told.
pub(crate) fn setup(providers: String) -> Setup {
    let (admin_token, webhook_secret) = (Some(TOKEN.to_owned()), SECRET.to_owned());
    Setup { providers, admin_token, webhook_secret }
}

thread_local! {
    /// The database that the servers of the test on this thread share; none keep it in memory.
    static DATABASE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A server of a town.
pub(crate) struct Served {
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// Serves where the test keeps its data.
    pub(crate) async fn begin(listener: TcpListener, setup: Setup) -> Self {
        match DATABASE.with_borrow(Clone::clone) {
            None => Self::over(InMemory::default(), listener, setup),
            Some(url) => Self::over(OverPostgres::connect(&url).await.unwrap(), listener, setup),
        }
    }

    fn over(backend: impl Backend, listener: TcpListener, setup: Setup) -> Self {
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or(()) };
        Self { stop, server: tokio::spawn(serve(setup, backend, listener, stopped)) }
    }

    /// Ends the server as an operator would.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }

    /// Ends the server as a crash of its process would.
    pub(crate) async fn crash(self) {
        self.server.abort();
        let _ = self.server.await;
    }
}

/// Servers, and who talks to them.
pub(crate) struct Town {
    pub(crate) client: Client,
    pub(crate) bank: Bank,
    pub(crate) servers: Vec<Served>,
}

impl Town {
    /// Servers on ports of their own, without a world.
    pub(crate) async fn empty() -> Self {
        let count = if DATABASE.with_borrow(Option::is_some) { 2 } else { 1 };
        let mut listeners = Vec::new();
        for _ in 0..count {
            listeners.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
        }
        let addresses = listeners.iter().map(|listener| listener.local_addr().unwrap());
        let client = Client::of(addresses.collect());
        let bank = Bank::open(client.clone()).await;
        let mut servers = Vec::new();
        for listener in listeners {
            servers.push(Served::begin(listener, setup(bank.address())).await);
        }
        Self { client, bank, servers }
    }

    /// Servers with a world of one store.
    pub(crate) async fn new() -> Self {
        let town = Self::empty().await;
        let answer = town.client.put_world(&world()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        town
    }

    /// Ends the servers as an operator would.
    pub(crate) async fn stop(self) {
        for server in self.servers {
            server.stop().await;
        }
    }
}

/// Runs a test on one thread, over memory and then over PostgreSQL.
pub(crate) fn run(test: impl AsyncFn()) {
    run_alone(&test);
    run_replicas(test);
}

/// Runs a test on one thread over memory, where it does not matter what keeps the rows.
pub(crate) fn run_alone(test: impl AsyncFn()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        DATABASE.set(None);
        test().await;
    });
}

/// Runs a test on one thread over PostgreSQL, two servers. Where it is not installed it is
/// skipped, but not in CI.
pub(crate) fn run_replicas(test: impl AsyncFn()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match shared().await {
            Ok(server) => {
                DATABASE.set(Some(server.fresh().await.unwrap()));
                test().await;
            }
            Err(PrivateError::Missing) if std::env::var_os("CI").is_none() => {
                eprintln!("skipped over PostgreSQL: {}", PrivateError::Missing);
            }
            Err(error) => panic!("no server: {error:?}"),
        }
    });
}

/// The PostgreSQL server of the tests that run now; it ends with the last of them.
async fn shared() -> Result<Arc<PrivateServer>, PrivateError> {
    static SHARED: Mutex<Weak<PrivateServer>> = Mutex::const_new(Weak::new());
    let mut shared = SHARED.lock().await;
    if let Some(server) = shared.upgrade() {
        return Ok(server);
    }
    let server = Arc::new(PrivateServer::start().await?);
    *shared = Arc::downgrade(&server);
    Ok(server)
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
    for (sku, name) in ["Toned milk", "Oat milk", ""].into_iter().enumerate() {
        let sku = sku.to_string();
        rows.push(json!({
            "kind": "sku", "sku": sku, "name": name, "mrp_paise": 10_000, "price_paise": 9_000, "gst_bps": 500,
        }));
        rows.push(json!({"kind": "stock", "store": "0", "sku": sku, "units": 5}));
    }
    rows
}
