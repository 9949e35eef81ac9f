//! A sale: few units of one SKU, many buyers at once at two replicas. As many win as there are
//! units, whether buyers race for the shelf's row or queue for a lock in the database first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use dastak_backends::{Options, Postgres};
use domain::facts::Fact;
use domain::ids::{CityId, CustomerId, OrderId, SkuId, StoreId};
use domain::money::{Bps, Paise};
use domain::outside::Input;
use domain::payment::Method;
use domain::place::Place;
use domain::stock::{Event, Slot};
use domain::time::Timestamp;
use shell::clock::WallClock;
use shell::{Database, InputKey, Setup, Shell, ShellError, Source};
use tokio_postgres::{Client, NoTls};

use crate::with_server;

const SHELF: (StoreId, SkuId) = (StoreId(0), SkuId(0));
/// Buyers at a time.
const AT_ONCE: u32 = 16;
/// How one queues for the shelf before its row is loaded, and lets the next one in.
const QUEUE: &str = "SELECT pg_advisory_lock(1)";
const LEAVE: &str = "SELECT pg_advisory_unlock(1)";

/// How the shelf is guarded until a hold is committed.
#[derive(Clone, Copy, Debug)]
enum Guard {
    /// By its row's version: who was not quick enough decides again.
    Version,
    /// By a lock in the database, and its row's version.
    Lock,
}

/// What a sale came to.
#[derive(Debug, Default)]
struct Sale {
    attempts: AtomicU64,
    given_up: AtomicU64,
}

type Replica = Arc<Shell<Postgres, WallClock>>;

fn words(order: OrderId) -> ([Input; 2], Input) {
    let (store, sku) = SHELF;
    let (price, mrp, gst) = (Paise(5_000), Paise(6_000), Bps(500));
    let line = Input::CartLine { order, store, line: 0, sku, units: 1, price, mrp, gst };
    let promise_by = Timestamp(u64::MAX / 2);
    let quote = Input::Quote { order, raining: false, promise_by };
    let customer = CustomerId(u32::try_from(order.index()).unwrap());
    let (client_ref, door, method) = (order.0, Place::default(), Method::Cash);
    let place = Input::Place { order, client_ref, customer, door, method, served: true };
    ([line, quote], place)
}

async fn queue(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(async move { connection.await.ok() });
    client
}

/// Says words until they are heard; how often they were decided.
async fn says(replica: &Replica, key: InputKey, words: &[Input], sale: &Sale) {
    loop {
        match replica.hear(key, words).await {
            Ok(heard) => {
                sale.attempts.fetch_add(u64::from(heard.races_lost) + 1, Ordering::Relaxed);
                return;
            }
            // Who lost too many races comes again.
            Err(ShellError::Contended) => {
                sale.attempts.fetch_add(u64::from(shell::TRIES_LIMIT), Ordering::Relaxed);
                sale.given_up.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// A buyer gets a quote, or buys.
async fn comes(
    replica: &Replica,
    order: OrderId,
    buys: bool,
    guard: Guard,
    lock: &Client,
    sale: &Sale,
) {
    let (cart, place) = words(order);
    let key = |what| InputKey::numbered(Source::Client, order.0 * 2 + what);
    if !buys {
        replica.hear(key(0), &cart).await.unwrap();
        return;
    }
    if let Guard::Lock = guard {
        lock.batch_execute(QUEUE).await.unwrap();
    }
    says(replica, key(1), &[place], sale).await;
    if let Guard::Lock = guard {
        lock.batch_execute(LEAVE).await.unwrap();
    }
}

fn sells(units: u32, buyers: u32, guard: Guard) {
    with_server(async |server| {
        let url = server.fresh().await.unwrap();
        let options = Options { wait: Duration::from_secs(60), ..Options::default() };
        let mut replicas = Vec::new();
        for at in 0..2 {
            let database = Postgres::connect(&url, CityId(0), options).await.unwrap();
            if at == 0 {
                let slot = Slot { free_units: units, ..Slot::default() };
                database.install(&[], &[(SHELF, slot)], &[]).await.unwrap();
            }
            replicas.push(Arc::new(Shell::new(Setup::new(CityId(0)), database, WallClock)));
        }
        let sale = Arc::new(Sale::default());
        // Everybody has a quote before the first one buys.
        for buys in [false, true] {
            let next = Arc::new(AtomicU32::new(0));
            let mut tasks = Vec::new();
            for at in 0..AT_ONCE {
                let (replica, next) = (Arc::clone(&replicas[at as usize % 2]), Arc::clone(&next));
                let (sale, lock) = (Arc::clone(&sale), queue(&url).await);
                tasks.push(tokio::spawn(async move {
                    loop {
                        let nth = next.fetch_add(1, Ordering::SeqCst);
                        if nth >= buyers {
                            return;
                        }
                        comes(
                            &replica,
                            OrderId::new(CityId(0), nth as usize),
                            buys,
                            guard,
                            &lock,
                            &sale,
                        )
                        .await;
                    }
                }));
            }
            for task in tasks {
                task.await.unwrap();
            }
        }
        let mut winners = 0;
        let mut after = 0;
        loop {
            let page = replicas[0].database().journal(after, 10_000).await.unwrap();
            let holds =
                page.iter().filter(|one| matches!(one.fact, Fact::Stock(Event::Held { .. })));
            winners += holds.count();
            after += page.len() as u64;
            if page.is_empty() {
                break;
            }
        }
        assert_eq!(winners, units as usize, "{guard:?}: as many win as there are units");
        let (attempts, given_up) =
            (sale.attempts.load(Ordering::SeqCst), sale.given_up.load(Ordering::SeqCst));
        eprintln!(
            "{guard:?}: {units} units, {buyers} buyers, {winners} winners, {attempts} decisions, {:.2} \
             a buyer, {given_up} came again",
            attempts as f64 / f64::from(buyers)
        );
    });
}

#[test]
fn of_many_buyers_as_many_win_as_there_are_units() {
    sells(10, 100, Guard::Version);
    sells(10, 100, Guard::Lock);
}

/// `RUN_SLOW=1 cargo test -p dastak-backends --test it slow_five_hundred -- --nocapture`
#[test]
fn slow_five_hundred_of_twenty_thousand_win() {
    if std::env::var_os("RUN_SLOW").is_some() {
        sells(500, 20_000, Guard::Version);
        sells(500, 20_000, Guard::Lock);
    }
}
