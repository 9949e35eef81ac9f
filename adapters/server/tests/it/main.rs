//! A town: servers in this process and a small payment provider, over real HTTP. Every test runs
//! over one server that keeps everything in memory, and over two servers, PostgreSQL and Redis,
//! requests alternating.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod asking;
mod cached;
mod client;
mod crashes;
mod duties;
mod flash;
mod goods;
mod lines;
mod logged;
mod observe;
mod order;
mod ownership;
mod provider;
mod races;
mod stopping;
mod tracking;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use backends::private::{PrivateBroker, PrivateError, PrivateRedis, PrivateServer};
use dastak_server::{Backend, InMemory, Locking, OverPostgres, Setup, serve};
use domain::time::Millis;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
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
    let (availability_ttl, log) = (AVAILABILITY_TTL.get(), BROKER.with_borrow(Clone::clone));
    let linger = Duration::ZERO;
    Setup { providers, admin_token, webhook_secret, availability_ttl, log, linger }
}

/// What the servers of a test share: where PostgreSQL is, and where Redis.
#[derive(Clone)]
pub(crate) struct Stores {
    pub(crate) postgres: String,
    pub(crate) redis: String,
}

thread_local! {
    /// What the servers of the test on this thread share; none keep everything in memory.
    static STORES: RefCell<Option<Stores>> = const { RefCell::new(None) };
    /// How old free units may be that they show: not at all, but in tests of that.
    static AVAILABILITY_TTL: Cell<Millis> = const { Cell::new(Millis::ZERO) };
    /// How they keep out of each other's way on shelves.
    static LOCKING: Cell<Locking> = const { Cell::new(Locking::Version) };
    /// The broker that has their log, if one has.
    static BROKER: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A server of a town, in threads of its own.
pub(crate) struct Served {
    at: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
    threads: Threads,
}

/// Threads that end at once when this is dropped, whatever they are at.
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(threads) = self.0.take() {
            threads.shutdown_background();
        }
    }
}

impl Served {
    /// Serves where the test keeps its data.
    pub(crate) fn begin(listener: TcpListener, setup: Setup) -> Self {
        match STORES.with_borrow(Clone::clone) {
            None => Self::over(std::future::ready(InMemory::default()), listener, setup),
            Some(Stores { postgres, redis }) => {
                let locking = LOCKING.get();
                let backend =
                    async move { OverPostgres::with_redis(&postgres, &redis, locking).await };
                Self::over(async { backend.await.unwrap() }, listener, setup)
            }
        }
    }

    fn over<B: Backend>(
        backend: impl Future<Output = B> + Send + 'static,
        listener: TcpListener,
        setup: Setup,
    ) -> Self {
        let threads = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (at, listener) = (listener.local_addr().unwrap(), listener.into_std().unwrap());
        let (stop, stopped) = oneshot::channel();
        let server = threads.spawn(async {
            let stopped = async { stopped.await.unwrap_or(()) };
            serve(setup, backend.await, TcpListener::from_std(listener)?, stopped).await
        });
        Self { at, stop, server, threads: Threads(Some(threads)) }
    }

    /// Ends the server as an operator would.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }

    /// Ends the server as a crash of its process would. Where it listened.
    pub(crate) async fn crash(self) -> SocketAddr {
        drop(self.threads);
        let _ = self.server.await;
        self.at
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
        let count = if STORES.with_borrow(Option::is_some) { 2 } else { 1 };
        let mut listeners = Vec::new();
        for _ in 0..count {
            listeners.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
        }
        let addresses = listeners.iter().map(|listener| listener.local_addr().unwrap());
        let client = Client::of(addresses.collect());
        let bank = Bank::open(client.clone()).await;
        let mut servers = Vec::new();
        for (at, listener) in listeners.into_iter().enumerate() {
            servers.push(Served::begin(listener, setup(bank.address(at))));
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

    /// Ends one of the servers as a crash of its process would, and begins it again.
    pub(crate) async fn crash(&mut self, nth: usize) {
        let at = self.servers.remove(nth).crash().await;
        // It still listens while its threads end.
        let listener = loop {
            match TcpListener::bind(at).await {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        self.servers.insert(nth, Served::begin(listener, setup(self.bank.address(nth))));
    }

    /// Ends the servers as an operator would.
    pub(crate) async fn stop(self) {
        for server in self.servers {
            server.stop().await;
        }
    }
}

/// Runs a test on one thread, over memory and then over PostgreSQL and Redis.
pub(crate) fn run(test: impl AsyncFn()) {
    run_alone(&test);
    run_replicas(test);
}

/// Runs a test on one thread over memory, where it does not matter what keeps the rows.
pub(crate) fn run_alone(test: impl AsyncFn()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        STORES.set(None);
        test().await;
    });
}

/// Runs a test on one thread over PostgreSQL and Redis, two servers. Where they are not installed
/// it is skipped, but not in CI.
pub(crate) fn run_replicas(test: impl AsyncFn()) {
    with_servers(async |servers| {
        let (postgres, redis) = (servers.postgres.fresh().await.unwrap(), servers.redis.fresh());
        STORES.set(Some(Stores { postgres, redis }));
        test().await;
    });
}

/// Runs a test with a Redis of its own, which it may hurt.
pub(crate) fn run_with_redis(test: impl AsyncFn(PrivateRedis, Stores)) {
    with_servers(async |servers| {
        let own = PrivateRedis::start().await.unwrap();
        let (postgres, redis) = (servers.postgres.fresh().await.unwrap(), own.fresh());
        let stores = Stores { postgres, redis };
        STORES.set(Some(stores.clone()));
        AVAILABILITY_TTL.set(Setup::AVAILABILITY_TTL);
        test(own, stores).await;
    });
}

/// Runs a test over two servers whose log a broker has, which the test may hurt.
pub(crate) fn run_with_broker(test: impl AsyncFn(PrivateBroker)) {
    with_servers(async |servers| {
        let broker = match PrivateBroker::start().await {
            Ok(broker) => broker,
            Err(error @ PrivateError::NotInstalled { .. }) if std::env::var_os("CI").is_none() => {
                eprintln!("skipped: {error}");
                return;
            }
            Err(error) => panic!("no broker: {error:?}"),
        };
        let (postgres, redis) = (servers.postgres.fresh().await.unwrap(), servers.redis.fresh());
        STORES.set(Some(Stores { postgres, redis }));
        BROKER.set(Some(broker.address()));
        test(broker).await;
        BROKER.set(None);
    });
}

fn with_servers(test: impl AsyncFnOnce(&Servers)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match shared().await {
            Ok(servers) => test(&servers).await,
            Err(error @ (PrivateError::Missing | PrivateError::NotInstalled { .. }))
                if std::env::var_os("CI").is_none() =>
            {
                eprintln!("skipped over PostgreSQL and Redis: {error}");
            }
            Err(error) => panic!("no server: {error:?}"),
        }
    });
}

/// The servers of the tests that run now; they end with the last of them.
struct Servers {
    postgres: PrivateServer,
    redis: PrivateRedis,
}

async fn shared() -> Result<Arc<Servers>, PrivateError> {
    static SHARED: Mutex<Weak<Servers>> = Mutex::const_new(Weak::new());
    let mut shared = SHARED.lock().await;
    if let Some(servers) = shared.upgrade() {
        return Ok(servers);
    }
    let (postgres, redis) = (PrivateServer::start().await?, PrivateRedis::start().await?);
    let servers = Arc::new(Servers { postgres, redis });
    *shared = Arc::downgrade(&servers);
    Ok(servers)
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
